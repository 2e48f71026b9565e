import type { ObjectStore, StoredObject } from '../contract.ts';
import { isOutrun, untilNotOutrun } from './outrun.ts';

/** What is stored of an epoch; nought before the first one. */
export interface EpochRecord {
  value: number;
  /** The value with which the last leadership began. Who raised it since, a command on the same store, leads nobody. */
  led: number;
}

/** A counter that only grows. A target refuses a writer with a lower one than it has seen, so a frozen ex-leader cannot write. */
export interface Epoch {
  /** The epoch to write with: the stored one, or `found` (the highest seen on a target) when that is higher. At least 1. */
  current(found?: number): Promise<number>;
  /** For whoever takes one change over: above the stored one and above `found`. A leader goes on above it. */
  raise(found?: number): Promise<number>;
  /** For whoever was elected: above the stored one. Who led before writes no more. */
  lead(): Promise<number>;
  stored(): Promise<EpochRecord>;
  /** For the leader: false, and nothing is written, when the value is not `was` any more. */
  replace(was: number, value: number): Promise<boolean>;
}

/**
 * Of a region, which has devices and leaders of its own: an election elsewhere must not end a leadership here. A device that comes from another
 * region has seen other epochs; who finds a higher one there rises above it.
 */
export function openEpoch(store: ObjectStore, region = ''): Epoch {
  const name = region === '' ? 'epoch' : `epoch ${region}`;
  return {
    current: (found = 0) => settle(store, name, ({ value, led }) => ({ value: Math.max(value, found, 1), led })),
    raise: (found = 0) => settle(store, name, ({ value, led }) => ({ value: Math.max(value, found) + 1, led })),
    lead: () => settle(store, name, ({ value }) => ({ value: value + 1, led: value + 1 })),
    stored: async () => recordOf(await store.get<EpochRecord>('Epoch', name)),
    replace: async (was, value) => {
      const found = await store.get<EpochRecord>('Epoch', name);
      const { value: now, led } = recordOf(found);
      if (now !== was) return false;
      try {
        await put(store, name, found, { value, led });
        return true;
      } catch (error) {
        if (isOutrun(error)) return false;
        throw error;
      }
    },
  };
}

function recordOf(found: StoredObject<EpochRecord> | undefined): EpochRecord {
  return { value: 0, led: 0, ...found?.spec };
}

async function settle(store: ObjectStore, name: string, next: (stored: EpochRecord) => EpochRecord): Promise<number> {
  return untilNotOutrun(async () => {
    const found = await store.get<EpochRecord>('Epoch', name);
    const record = next(recordOf(found));
    await put(store, name, found, record);
    return record.value;
  });
}

async function put(store: ObjectStore, name: string, found: StoredObject<EpochRecord> | undefined, spec: EpochRecord): Promise<void> {
  if (!found) await store.create({ kind: 'Epoch', name, spec });
  else await store.update({ ...found, spec });
}
