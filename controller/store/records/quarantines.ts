import type { Quarantine } from '../../api/index.ts';
import type { ObjectStore } from '../contract.ts';
import { isOutrun } from './outrun.ts';

/** Effects that failed and were rolled back, by effect digest. */
export interface Quarantines {
  get(effectDigest: string): Promise<Quarantine | undefined>;
  list(): Promise<readonly Quarantine[]>;
  /** Of two processes that saw the same change fail, one tells of it. */
  put(quarantine: Quarantine): Promise<void>;
  /** A person retries. True when there was something to release. */
  release(effectDigest: string): Promise<boolean>;
}

export function openQuarantines(store: ObjectStore): Quarantines {
  return {
    get: async (effectDigest) => (await store.get<Quarantine>('Quarantine', nameOf(effectDigest)))?.spec,
    list: async () => (await store.list<Quarantine>('Quarantine')).map(({ spec }) => spec),
    put: async (spec) => {
      const name = nameOf(spec.effectDigest);
      const found = await store.get<Quarantine>('Quarantine', name);
      try {
        if (found) await store.update({ ...found, spec });
        else await store.create({ kind: 'Quarantine', name, labels: { device: spec.device }, spec });
      } catch (error) {
        if (!isOutrun(error)) throw error;
      }
    },
    release: (effectDigest) => store.delete('Quarantine', nameOf(effectDigest)),
  };
}

/** `sha256:<hex>` as a name that Kubernetes takes too. */
function nameOf(effectDigest: string): string {
  return effectDigest.replace(':', '-');
}
