import type { Observation } from '../../api/index.ts';
import type { ObjectStore } from '../contract.ts';

/** What was last seen of each device. A poll that saw the same again writes nothing. */
export interface Observations {
  get(device: string): Promise<Observation | undefined>;
  list(): Promise<readonly Observation[]>;
  put(observation: Observation): Promise<void>;
}

export function openObservations(store: ObjectStore): Observations {
  return {
    get: async (device) => (await store.get<Observation>('Observation', device))?.spec,
    list: async () => (await store.list<Observation>('Observation')).map(({ spec }) => spec),
    put: async (spec) => {
      const found = await store.get<Observation>('Observation', spec.device);
      if (found) await store.update({ ...found, spec });
      else await store.create({ kind: 'Observation', name: spec.device, spec });
    },
  };
}
