import type { Clock } from '../lib/index.ts';

/** A commit goes before the looks that come round by themselves: on a busy core each of them makes its verdict later. */
export interface RightOfWay {
  /** Something goes first from now on, until it says that it is through. */
  take(): { leave(): void };
  /** True while something does. */
  isTaken(): boolean;
}

/** A revision that changes every device takes minutes to render: nobody is kept waiting for longer than this. */
const longestMs = 2000;

export function createRightOfWay(clock: Pick<Clock, 'monotonicMs'>): RightOfWay {
  const all = new Set<{ sinceMs: number }>();
  return {
    take() {
      const one = { sinceMs: clock.monotonicMs() };
      all.add(one);
      return { leave: () => void all.delete(one) };
    },
    isTaken: () => all.values().some(({ sinceMs }) => clock.monotonicMs() - sinceMs < longestMs),
  };
}
