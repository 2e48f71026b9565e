import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../controller/lib/index.ts';

/** A clock that moves when a test says so. Whoever sleeps wakes in order of time. */
export interface FakeClock extends Clock {
  /** Moves on by `ms`; whoever wakes on the way runs until he sleeps or waits for something outside. */
  advance(ms: number): Promise<void>;
  /** Moves on at once, as for a process that was stopped: nobody wakes before `advance`, however late. */
  stall(ms: number): void;
  /** Moves the wall clock alone. */
  jump(ms: number): void;
  /** Milliseconds until each sleeper wakes, in order. */
  sleepers(): number[];
}

interface Sleeper {
  at: number;
  wake: () => void;
}

export function createFakeClock(start = '2026-11-01T00:00:00.000Z'): FakeClock {
  let elapsed = 0;
  let wall = Date.parse(start);
  const sleeping = new Set<Sleeper>();
  const inOrder = () => [...sleeping].sort((a, b) => a.at - b.at);

  return {
    now: () => new Date(wall),
    monotonicMs: () => elapsed,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      const awake = Promise.withResolvers<void>();
      const sleeper = { at: elapsed + ms, wake: awake.resolve };
      const abort = () => awake.reject(signal?.reason as Error);
      sleeping.add(sleeper);
      signal?.addEventListener('abort', abort, { once: true });
      try {
        await awake.promise;
      } finally {
        sleeping.delete(sleeper);
        signal?.removeEventListener('abort', abort);
      }
    },
    advance: async (ms) => {
      const until = elapsed + ms;
      await settle();
      for (let next = inOrder()[0]; next && next.at <= until; next = inOrder()[0]) {
        const step = Math.max(0, next.at - elapsed);
        elapsed += step;
        wall += step;
        sleeping.delete(next);
        next.wake();
        await settle();
      }
      wall += until - elapsed;
      elapsed = until;
      await settle();
    },
    stall: (ms) => {
      elapsed += ms;
      wall += ms;
    },
    jump: (ms) => {
      wall += ms;
    },
    sleepers: () => inOrder().map(({ at }) => at - elapsed),
  };
}

/** Lets everything run that waits for nothing outside this process. */
export async function settle(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await turn();
}

/** Waits until `check` holds or stops throwing: for what crosses a socket. Rejects with the last reason after 10 real seconds. */
export async function until(check: () => unknown, what = 'the condition'): Promise<void> {
  const end = performance.now() + 10_000;
  for (;;) {
    let why: unknown = new Error(`${what} did not come about`);
    try {
      if ((await check()) !== false) return;
    } catch (error) {
      why = error;
    }
    if (performance.now() > end) throw why;
    await turn();
  }
}

/** Lets time run in steps until `check` holds: for what waits both for a socket and for a time. Rejects after an hour of that time. */
export async function runUntil(clock: FakeClock, check: () => boolean | Promise<boolean>, stepMs = 100): Promise<void> {
  for (let elapsed = 0; !(await check()); elapsed += stepMs) {
    if (elapsed > 3_600_000) throw new Error('an hour went by and the condition did not come about');
    await clock.advance(stepMs);
  }
}
