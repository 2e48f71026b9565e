import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Clock, systemClock } from './clock.ts';
import { isLocked, takeLock, withLock } from './file-lock.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lock-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const never = new AbortController().signal;

test('the second waits until the first is done, however often it has to look', async () => {
  const file = path.join(folder, 'lock');
  const order: string[] = [];
  const done = Promise.withResolvers<void>();
  let looks = 0;
  const clock: Clock = {
    ...systemClock,
    sleep: async () => {
      if (++looks === 5) done.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  const first = withLock(file, clock, never, async () => {
    await done.promise;
    order.push('first');
  });
  const second = withLock(file, clock, never, () => Promise.resolve(order.push('second')));
  await Promise.all([first, second]);
  expect(order).toEqual(['first', 'second']);
  expect(looks).toBeGreaterThanOrEqual(5);
});

test('waiting ends with the reason of the signal, and the lock stays with its holder', async () => {
  const file = path.join(folder, 'lock');
  const abort = new AbortController();
  const done = Promise.withResolvers<void>();
  const first = withLock(file, systemClock, never, () => done.promise);
  const second = withLock(file, systemClock, abort.signal, () => Promise.resolve());
  abort.abort(new Error('enough'));
  await expect(second).rejects.toThrow('enough');
  done.resolve();
  await first;
});

test('a failure gives the lock back', async () => {
  const file = path.join(folder, 'lock');
  await expect(withLock(file, systemClock, never, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await withLock(file, systemClock, never, () => Promise.resolve('yes'))).toBe('yes');
});

test('is taken at once, or not at all', () => {
  const file = path.join(folder, 'lock');
  const release = takeLock(file);
  expect([typeof release, takeLock(file)]).toEqual(['function', undefined]);
  release?.();
  takeLock(file)?.();
});

test('is seen by whoever only looks, who is no holder and makes no file', () => {
  const file = path.join(folder, 'lock');
  expect([isLocked(file), existsSync(file)]).toEqual([false, false]);
  const release = takeLock(file);
  expect(isLocked(file)).toBe(true);
  release?.();
  expect([isLocked(file), isLocked(file)]).toEqual([false, false]);
  takeLock(file)?.();
});

test('is refused to nobody because somebody looks', async () => {
  const file = path.join(folder, 'lock');
  takeLock(file)?.();
  const looks = `
    import { parentPort, workerData } from 'node:worker_threads';
    const { isLocked } = await import(workerData.module);
    parentPort.postMessage('looks');
    for (;;) isLocked(workerData.file);`;
  const module = new URL('./file-lock.ts', import.meta.url).href;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(looks)}`), { workerData: { file, module } });
  await once(worker, 'message');
  const tries = Array.from({ length: 300 }, () => {
    const release = takeLock(file);
    release?.();
    return release !== undefined;
  });
  await worker.terminate();
  expect(tries).not.toContain(false);
});
