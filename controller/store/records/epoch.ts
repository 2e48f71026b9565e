import { PlumblineError } from '../../lib/index.ts';
import type { ObjectStore, StoredObject } from '../contract.ts';

/** A counter that only grows. A target refuses a writer with a lower one than it has seen, so a frozen ex-leader cannot write. */
export interface Epoch {
  /** The epoch to write with: the stored one, or `found` (the highest seen on a target) when that is higher. At least 1. */
  current(found?: number): Promise<number>;
  /** A take-over: above the stored one and above `found`. */
  raise(found?: number): Promise<number>;
  /** What is stored; 0 before the first one. */
  stored(): Promise<number>;
  /** For the one who holds `was`: false, and nothing is written, when another process has moved it since. */
  replace(was: number, value: number): Promise<boolean>;
}

/**
 * Of a region, which has devices and leaders of its own: an election elsewhere must not end a leadership here. A device that comes from another
 * region has seen other epochs; who finds a higher one there rises above it.
 */
export function openEpoch(store: ObjectStore, region = ''): Epoch {
  const name = region === '' ? 'epoch' : `epoch ${region}`;
  return {
    current: (found = 0) => settle(store, name, (stored) => Math.max(stored, found, 1)),
    raise: (found = 0) => settle(store, name, (stored) => Math.max(stored, found, 0) + 1),
    stored: async () => (await store.get<{ value: number }>('Epoch', name))?.spec.value ?? 0,
    replace: async (was, value) => {
      const found = await store.get<{ value: number }>('Epoch', name);
      return (found?.spec.value ?? 0) === was && (await put(store, name, found, value));
    },
  };
}

async function settle(store: ObjectStore, name: string, next: (stored: number) => number): Promise<number> {
  for (;;) {
    const found = await store.get<{ value: number }>('Epoch', name);
    const value = next(found?.spec.value ?? 0);
    // Another process moved it between read and write: each round means that somebody else made progress, so this ends.
    if (await put(store, name, found, value)) return value;
  }
}

/** False when another process moved it since it was read. */
async function put(store: ObjectStore, name: string, found: StoredObject<{ value: number }> | undefined, value: number): Promise<boolean> {
  try {
    if (!found) await store.create({ kind: 'Epoch', name, spec: { value } });
    else await store.update({ ...found, spec: { value } });
    return true;
  } catch (error) {
    if (error instanceof PlumblineError && (error.code === 'Conflict' || error.code === 'AlreadyExists')) return false;
    throw error;
  }
}
