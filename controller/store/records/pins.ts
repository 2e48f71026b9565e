import type { Pin } from '../../api/index.ts';
import type { ObjectStore } from '../contract.ts';
import { isOutrun } from './outrun.ts';

/** Devices that a person took back, and that stay so until Git agrees. */
export interface Pins {
  list(): Promise<readonly Pin[]>;
  put(pin: Pin): Promise<void>;
  /** True when there was one. */
  remove(device: string): Promise<boolean>;
}

export function openPins(store: ObjectStore): Pins {
  return {
    list: async () => (await store.list<Pin>('Pin')).map(({ spec }) => spec),
    put: async (spec) => {
      const found = await store.get<Pin>('Pin', spec.device);
      try {
        if (found) await store.update({ ...found, spec });
        else await store.create({ kind: 'Pin', name: spec.device, spec });
      } catch (error) {
        // Whoever was faster pinned it too.
        if (!isOutrun(error)) throw error;
      }
    },
    remove: (device) => store.delete('Pin', device),
  };
}
