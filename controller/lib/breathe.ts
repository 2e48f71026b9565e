import { setImmediate } from 'node:timers/promises';
import type { Clock } from './clock.ts';

/** Work that goes on for longer lets timers have their turn, the renewal of a lease among them. */
const breathMs = 20;

/** To be awaited between two pieces of long work: others have their turn when they have waited for 20 ms, else it goes on at once. */
export function createBreather(clock: Clock): () => Promise<void> | undefined {
  let breathedAt = clock.monotonicMs();
  return () => (clock.monotonicMs() - breathedAt > breathMs ? breathe() : undefined);

  async function breathe(): Promise<void> {
    await setImmediate();
    breathedAt = clock.monotonicMs();
  }
}
