import type { ChangeRecord, Plan } from '../../api/index.ts';
import { canonicalJson } from '../../lib/index.ts';
import type { ObjectStore, StoredObject } from '../contract.ts';
import { type KeptText, keepText, readText } from './kept-text.ts';

interface Pointer extends KeptText {
  createdAt: string;
  revision: string;
  devices: readonly string[];
}

/** Plans that are kept; the oldest go first, except those that an open change names. */
const keep = 200;

/** Plans by id. A plan is immutable: its id is a digest of what it would do. */
export interface Plans {
  /** Undefined also for one whose text was lost: a recovery then goes by what the targets say, as for a plan that was dropped. */
  get(id: string): Promise<Plan | undefined>;
  /**
   * Keeps the plan; the same effect planned again replaces the provenance, but not under an open change, which goes by what it began
   * with. Writes nothing when only the time of planning is another.
   */
  put(plan: Plan): Promise<void>;
}

export function openPlans(store: ObjectStore): Plans {
  return {
    get: async (id) => {
      const pointer = await store.get<Pointer>('Plan', id);
      const text = pointer && (await readText(store, pointer.spec));
      return text === undefined ? undefined : (JSON.parse(text) as Plan);
    },
    put: async (plan) => {
      const found = await store.get<Pointer>('Plan', plan.id);
      if (found) {
        const stored = await readText(store, found.spec);
        if (stored === canonicalJson({ ...plan, createdAt: found.spec.createdAt })) return;
        if (stored !== undefined && (await namedByOpen(store)).has(plan.id)) return;
      }
      const spec: Pointer = {
        ...(await keepText(store, canonicalJson(plan))),
        createdAt: plan.createdAt,
        revision: plan.revision,
        devices: plan.devices.map((d) => d.effect.device),
      };
      if (found) await store.update({ ...found, spec });
      else await store.create({ kind: 'Plan', name: plan.id, spec });
      if (found && found.spec.artifact !== spec.artifact) await drop(store, found.spec);
      await dropOldest(store, plan.id);
    },
  };
}

async function dropOldest(store: ObjectStore, latest: string): Promise<void> {
  const all = await store.list<Pointer>('Plan');
  if (all.length <= keep) return;
  const named = (await namedByOpen(store)).add(latest);
  const byAge = (a: StoredObject<Pointer>, b: StoredObject<Pointer>) => (a.spec.createdAt < b.spec.createdAt ? -1 : 1);
  const spare = all.filter(({ name }) => !named.has(name)).toSorted(byAge);
  for (const { name, spec } of spare.slice(0, all.length - keep)) {
    await store.delete('Plan', name);
    await drop(store, spec);
  }
}

/** A plan holds its id: nobody shares its text. */
async function drop(store: ObjectStore, { artifact, inline }: Pointer): Promise<void> {
  if (inline === undefined) await store.deleteArtifact(artifact);
}

/** Ids of plans that a change without an end goes by. */
async function namedByOpen(store: ObjectStore): Promise<Set<string>> {
  return new Set((await store.list<ChangeRecord>('ChangeRecord', { open: 'true' })).map(({ spec }) => spec.planId));
}
