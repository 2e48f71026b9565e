import { errors } from '../errors.ts';
import type { ApplyDeps } from './ports.ts';

/** The stored epoch as a leader needs it. See `store/records/epoch.ts`. */
export interface StoredEpoch {
  stored(): Promise<{ value: number; led: number }>;
  replace(was: number, value: number): Promise<boolean>;
}

const mostRounds = 100;

/**
 * One epoch for a leadership: `ours` was stored when it began. Every change asks anew: when another leadership has begun, `StaleEpoch` is thrown
 * before anything is sent. A command on the same store that took a change over has raised it, and leads nobody: the leader goes on with what
 * it finds. A target that has seen a higher one (somebody broke the glass) raises it above that, in the store first.
 */
export function leaderEpoch(epoch: StoredEpoch, ours: number): ApplyDeps['epoch'] {
  let last: Promise<unknown> = Promise.resolve();
  const claim = async (found: number): Promise<number> => {
    for (let round = 1; ; round++) {
      const { value, led } = await epoch.stored();
      // Commands may move it between our look and our write, but not for ever.
      if (led !== ours || round > mostRounds) throw errors.StaleEpoch({ epoch: ours, stored: value });
      if (found <= value) return value;
      if (await epoch.replace(value, found + 1)) return found + 1;
    }
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
