import type { Queue } from '../kube/index.ts';

/** A queue that gives out only so many keys at a time, however many workers ask. */
export interface CappedQueue extends Queue {
  /** How many keys may be worked on at the same time. What is out already is not called back. */
  setCap(cap: number): void;
}

/** Keys wait in the queue, not with a worker: so one that matters more still comes first. Gives out one at a time until a cap is set. */
export function capQueue(queue: Queue): CappedQueue {
  let cap = 1;
  let taken = 0;
  const waiting: (() => void)[] = [];
  const admit = () => {
    while (taken < cap && waiting.length > 0) {
      taken++;
      waiting.shift()?.();
    }
  };
  const leave = () => {
    taken--;
    admit();
  };
  return {
    name: queue.name,
    add: (...args) => queue.add(...args),
    retry: (...args) => queue.retry(...args),
    forget: (key) => queue.forget(key),
    failures: (key) => queue.failures(key),
    holdLow: (isHeld) => queue.holdLow(isHeld),
    get depth() {
      return queue.depth;
    },
    get delayed() {
      return queue.delayed;
    },
    next: async (signal) => {
      const turn = Promise.withResolvers<void>();
      waiting.push(turn.resolve);
      admit();
      await turn.promise;
      const key = await queue.next(signal);
      if (key === undefined) leave(); // the end: each worker hears it in turn
      return key;
    },
    done: (key) => {
      queue.done(key);
      leave();
    },
    shutDown: () => queue.shutDown(),
    setCap: (next) => {
      cap = next;
      admit();
    },
  };
}
