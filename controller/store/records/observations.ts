import type { Observation } from '../../api/index.ts';
import type { ObjectStore } from '../contract.ts';
import { isOutrun } from './outrun.ts';

/**
 * What was last seen of each device that was not in sync. A device that is, and of which nothing is news, has none: a whole fleet in sync
 * costs nothing. A poll that saw the same again writes nothing.
 */
export interface Observations {
  get(device: string): Promise<Observation | undefined>;
  list(): Promise<readonly Observation[]>;
  /**
   * Forgets the device when there is nothing to say of it any more. Two may look at once: what the other one stored meanwhile is as new as
   * this, and stands.
   */
  put(observation: Observation): Promise<void>;
}

export function openObservations(store: ObjectStore): Observations {
  return {
    get: async (device) => (await store.get<Observation>('Observation', device))?.spec,
    list: async () => (await store.list<Observation>('Observation')).map(({ spec }) => spec),
    put: async (spec) => {
      try {
        await write(store, spec);
      } catch (error) {
        if (!isOutrun(error)) throw error;
      }
    },
  };
}

async function write(store: ObjectStore, spec: Observation): Promise<void> {
  const found = await store.get<Observation>('Observation', spec.device);
  if (spec.verdict === 'InSync' && Object.keys(spec.differences).length === 0) {
    if (found) await store.delete('Observation', spec.device, found.resourceVersion);
  } else if (found) await store.update({ ...found, spec });
  else await store.create({ kind: 'Observation', name: spec.device, spec });
}
