import { setTimeout as delay } from 'node:timers/promises';

/** Time as an input. The only place of the product that asks the machine for it. */
export interface Clock {
  /** Wall-clock time, for people and records. */
  now(): Date;
  /** Milliseconds on a clock that never jumps, for deadlines. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal ? { signal } : {});
  },
};
