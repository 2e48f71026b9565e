import type { Baseline } from '../../api/index.ts';
import { canonicalJson } from '../../lib/index.ts';
import type { ObjectStore } from '../contract.ts';
import { errors } from '../errors.ts';

/** Small and listable; the items themselves are an artifact, since they may be megabytes. */
interface Pointer extends Omit<Baseline, 'items' | 'unmanaged'> {
  artifact: string;
  items: number;
}

/** One baseline per device. Deleting other objects never loses what we know of a device. */
export interface Baselines {
  /** Throws `StoreDamaged` when the pointer is there and its artifact is not: that is a loss, not a first contact. */
  get(device: string): Promise<Baseline | undefined>;
  /** Replaces the baseline; writes nothing when it is what it was. */
  put(baseline: Baseline): Promise<void>;
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
      return { ...rest, ...(JSON.parse(text) as Pick<Baseline, 'items' | 'unmanaged'>) };
    },
    put: async ({ items, unmanaged, ...rest }) => {
      // The artifact first: a pointer never names text that is not there, however the process ends.
      const artifact = await store.putArtifact(canonicalJson({ items, unmanaged }));
      const spec: Pointer = { ...rest, artifact, items: Object.keys(items).length };
      const found = await store.get<Pointer>('Baseline', rest.device);
      if (found) await store.update({ ...found, spec });
      else await store.create({ kind: 'Baseline', name: rest.device, spec });
      if (found && found.spec.artifact !== artifact) await dropArtifact(store, found.spec.artifact);
    },
    forget: async (device) => {
      const found = await store.get<Pointer>('Baseline', device);
      const gone = await store.delete('Baseline', device);
      if (found && gone) await dropArtifact(store, found.spec.artifact);
      return gone;
    },
  };
}

/** Identical devices share an artifact: it goes with the last one. */
async function dropArtifact(store: ObjectStore, artifact: string): Promise<void> {
  const pointers = await store.list<Pointer>('Baseline');
  if (!pointers.some(({ spec }) => spec.artifact === artifact)) await store.deleteArtifact(artifact);
}
