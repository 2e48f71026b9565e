import { systemClock } from '../lib/index.ts';
import { errors } from './errors.ts';

/** What a look came to. `heard`: somebody lives who works on it, so that it may take its time. */
export type Answer<T> = { done: T } | 'heard' | 'silent';

/** Looks again and again until it is done. Throws `NotAnswered` when nobody has heard of it after so many seconds. */
export async function waitAnswered<T>(
  { what, seconds, signal }: { what: string; seconds: number; signal: AbortSignal },
  look: () => Promise<Answer<T>>,
): Promise<T> {
  const deadline = systemClock.monotonicMs() + seconds * 1000;
  for (;;) {
    const answer = await look();
    if (typeof answer !== 'string') return answer.done;
    if (answer === 'silent' && systemClock.monotonicMs() > deadline) throw errors.NotAnswered({ what, seconds });
    await systemClock.sleep(200, signal);
  }
}
