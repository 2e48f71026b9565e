import type { Plan } from '../../api/index.ts';
import { canonicalJson } from '../../lib/index.ts';
import type { ObjectStore } from '../contract.ts';

interface Pointer {
  artifact: string;
  createdAt: string;
  revision: string;
  devices: readonly string[];
}

/** Plans by id. A plan is immutable: its id is a digest of what it would do. */
export interface Plans {
  get(id: string): Promise<Plan | undefined>;
  /** Keeps the plan; the same effect planned again replaces provenance and time. */
  put(plan: Plan): Promise<void>;
}

export function openPlans(store: ObjectStore): Plans {
  return {
    get: async (id) => {
      const pointer = await store.get<Pointer>('Plan', id);
      const text = pointer && (await store.getArtifact(pointer.spec.artifact));
      return text === undefined ? undefined : (JSON.parse(text) as Plan);
    },
    put: async (plan) => {
      const artifact = await store.putArtifact(canonicalJson(plan));
      const spec: Pointer = {
        artifact,
        createdAt: plan.createdAt,
        revision: plan.revision,
        devices: plan.devices.map((d) => d.effect.device),
      };
      const found = await store.get<Pointer>('Plan', plan.id);
      // The newest provenance wins: the same effect may be planned again from another revision or another read.
      if (found) await store.update({ ...found, spec });
      else await store.create({ kind: 'Plan', name: plan.id, spec });
    },
  };
}
