import type { Pin } from '../../api/index.ts';
import { canonicalJson } from '../../lib/index.ts';
import type { ObjectStore } from '../contract.ts';
import { isOutrun, untilNotOutrun } from './outrun.ts';

/** Devices that a person took back, and that stay so until Git agrees. */
export interface Pins {
  list(): Promise<readonly Pin[]>;
  put(pin: Pin): Promise<void>;
  /** Ends this one. False when the device has another one by now, which stays. */
  remove(pin: Pin): Promise<boolean>;
}

export function openPins(store: ObjectStore): Pins {
  return {
    list: async () => (await store.list<Pin>('Pin')).map(({ spec }) => spec),
    // Whoever was faster may have taken away the one before: a device that was taken back is never left without.
    put: (spec) =>
      untilNotOutrun(async () => {
        const found = await store.get<Pin>('Pin', spec.device);
        if (found) await store.update({ ...found, spec });
        else await store.create({ kind: 'Pin', name: spec.device, spec });
      }),
    remove: async (pin) => {
      const found = await store.get<Pin>('Pin', pin.device);
      if (!found) return true;
      if (!isSame(found.spec, pin)) return false;
      try {
        await store.delete('Pin', pin.device, found.resourceVersion);
        return true;
      } catch (error) {
        if (isOutrun(error)) return false;
        throw error;
      }
    },
  };
}

function isSame(a: Pin, b: Pin): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
