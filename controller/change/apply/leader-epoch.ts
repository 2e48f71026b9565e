import { errors } from '../errors.ts';
import type { ApplyDeps } from './ports.ts';

/** The stored epoch as a leader needs it. See `store/records/epoch.ts`. */
export interface StoredEpoch {
  stored(): Promise<number>;
  replace(was: number, value: number): Promise<boolean>;
}

/**
 * One epoch for a leadership: `ours` was raised when it began. Every change asks anew: a stored one above ours means that another leader
 * was elected, and `StaleEpoch` is thrown before anything is sent. A target that has seen a higher one (somebody broke the glass) raises
 * ours above it, in the store first, and only when nobody else has.
 */
export function leaderEpoch(epoch: StoredEpoch, ours: number): ApplyDeps['epoch'] {
  let held = ours;
  let last: Promise<unknown> = Promise.resolve();
  const claim = async (found: number): Promise<number> => {
    const stored = await epoch.stored();
    const wanted = found > held ? found + 1 : held;
    const isOurs = stored === held && (wanted === held || (await epoch.replace(held, wanted)));
    if (!isOurs) throw errors.StaleEpoch({ epoch: held, stored: await epoch.stored() });
    return (held = wanted);
  };
  // One after the other: sets that begin at the same time must not take each other for another leader.
  const ask = (found = 0): Promise<number> => {
    const next = last.then(
      () => claim(found),
      () => claim(found),
    );
    last = next;
    return next;
  };
  return { current: ask, raise: ask };
}
