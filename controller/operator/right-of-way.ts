import type { Queue } from '../kube/index.ts';
import type { Clock } from '../lib/index.ts';

/** A commit goes before the looks that come round by themselves: on a busy core each of them makes its verdict later. */
export interface RightOfWay {
  /** Something goes first from now on, until it says that it is through. */
  take(): { leave(): void };
}

/** A revision that changes every device takes minutes to render: nobody is kept waiting for longer than this. */
const longestMs = 2000;

/** Of `queue` what somebody asked for is given out as ever; the rest stays in it, and in its order. */
export function createRightOfWay(clock: Pick<Clock, 'sleep'>, queue: Pick<Queue, 'holdLow'>): RightOfWay {
  const all = new Set<AbortController>();
  return {
    take() {
      const one = new AbortController();
      const leave = () => {
        one.abort();
        if (all.delete(one) && all.size === 0) queue.holdLow(false);
      };
      all.add(one);
      queue.holdLow(true);
      clock.sleep(longestMs, one.signal).then(leave, () => undefined);
      return { leave };
    },
  };
}
