import type { Baseline } from '../../api/index.ts';
import { canonicalJson, PlumblineError, sha256 } from '../../lib/index.ts';
import type { ObjectStore, StoredObject } from '../contract.ts';
import { errors } from '../errors.ts';

/** Small and listable; the items themselves are an artifact, since they may be megabytes. */
interface Pointer extends Omit<Baseline, 'items' | 'unmanaged' | 'unmanagedLines'> {
  artifact: string;
  items: number;
}

/** One baseline per device. Deleting other objects never loses what we know of a device. */
export interface Baselines {
  /** Throws `StoreDamaged` when the pointer is there and its artifact is not: that is a loss, not a first contact. */
  get(device: string): Promise<Baseline | undefined>;
  /** Replaces the baseline, whatever it is by now; writes nothing when it is what it was. */
  put(baseline: Baseline): Promise<void>;
  /**
   * Replaces the baseline that the new one was derived from; undefined means that there was none. False when another process has put
   * a different one meanwhile: nothing is written then, and what was derived is not true any more.
   */
  replace(was: Baseline | undefined, baseline: Baseline): Promise<boolean>;
  /** Forgets a device: the next contact is the first one. True when there was something to forget. */
  forget(device: string): Promise<boolean>;
}

export function openBaselines(store: ObjectStore): Baselines {
  return {
    get: async (device) => {
      const pointer = await store.get<Pointer>('Baseline', device);
      if (!pointer) return undefined;
      const text = await store.getArtifact(pointer.spec.artifact);
      if (text === undefined) throw errors.StoreDamaged({ folder: 'artifacts', what: `the baseline of ${device} is lost` });
      const { artifact: _artifact, items: _items, ...rest } = pointer.spec;
      return { ...rest, ...(JSON.parse(text) as Pick<Baseline, 'items' | 'unmanaged' | 'unmanagedLines'>) };
    },
    put: async (baseline) => {
      await write(store, baseline, await store.get<Pointer>('Baseline', baseline.device));
    },
    replace: async (was, baseline) => {
      const found = await store.get<Pointer>('Baseline', baseline.device);
      if (canonicalJson(found?.spec ?? null) !== canonicalJson(was ? toPointer(was).spec : null)) return false;
      try {
        await write(store, baseline, found);
        return true;
      } catch (error) {
        if (error instanceof PlumblineError && outrun.has(error.code)) return false;
        throw error;
      }
    },
    forget: async (device) => {
      const found = await store.get<Pointer>('Baseline', device);
      const gone = await store.delete('Baseline', device);
      if (found && gone) await dropArtifact(store, found.spec.artifact);
      return gone;
    },
  };
}

/** Another process wrote, made or forgot the pointer between our look and our write. */
const outrun: ReadonlySet<string> = new Set(['Conflict', 'AlreadyExists', 'NotFound']);

function toPointer({ items, unmanaged, unmanagedLines, ...rest }: Baseline): { spec: Pointer; text: string } {
  const text = canonicalJson({ items, unmanaged, ...(unmanagedLines && { unmanagedLines }) });
  return { spec: { ...rest, artifact: sha256(text), items: Object.keys(items).length }, text };
}

async function write(store: ObjectStore, baseline: Baseline, found: StoredObject<Pointer> | undefined): Promise<void> {
  const { spec, text } = toPointer(baseline);
  // The artifact first: a pointer never names text that is not there, however the process ends.
  await store.putArtifact(text);
  if (found) await store.update({ ...found, spec });
  else await store.create({ kind: 'Baseline', name: spec.device, spec });
  if (found && found.spec.artifact !== spec.artifact) await dropArtifact(store, found.spec.artifact);
}

/** Identical devices share an artifact: it goes with the last one. */
async function dropArtifact(store: ObjectStore, artifact: string): Promise<void> {
  const pointers = await store.list<Pointer>('Baseline');
  if (!pointers.some(({ spec }) => spec.artifact === artifact)) await store.deleteArtifact(artifact);
}
