import type { Clock } from '../lib/index.ts';

/**
 * Runs `work` with a signal that aborts with `parent`, or with the reason `late` after `ms`. Settles when the work does, never before it.
 * No listener stays on `parent`, which may live as long as the process.
 */
export async function within<T>(
  limit: { clock: Clock; ms: number; parent?: AbortSignal | undefined; late: () => Error },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const release = follow(controller, limit.parent);
  const ended = new AbortController();
  limit.clock.sleep(limit.ms, ended.signal).then(
    () => controller.abort(limit.late()),
    () => undefined,
  );
  try {
    controller.signal.throwIfAborted();
    return await work(controller.signal);
  } finally {
    ended.abort();
    release();
  }
}

/** Lets `controller` abort when `parent` does. The answer takes the listener away. */
export function follow(controller: AbortController, parent: AbortSignal | undefined): () => void {
  if (!parent) return () => undefined;
  const abort = () => controller.abort(parent.reason);
  if (parent.aborted) abort();
  else parent.addEventListener('abort', abort, { once: true });
  return () => parent.removeEventListener('abort', abort);
}

/** The promise's outcome, or the signal's reason when that comes first. What the promise does later is nobody's business. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason as Error);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
