import { Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock, settle } from '../../test/kube/fake-clock.ts';
import { type Log, silentLog } from '../lib/index.ts';
import { type ControllerOptions, createController, type Outcome } from './controller.ts';
import { createQueue, type Queue } from './queue.ts';

let clock: FakeClock;
let queue: Queue;
let registry: Registry;

beforeEach(() => {
  clock = createFakeClock();
  registry = new Registry();
  queue = createQueue({ name: 'device', clock, registry });
});

/** Runs a controller for the test; `stop` aborts its signal. */
function run(reconcile: ControllerOptions['reconcile'], options: Partial<ControllerOptions> = {}) {
  const stop = new AbortController();
  const controller = createController({ name: 'device', queue, deadlineMs: 30_000, clock, registry, reconcile, ...options });
  return { ended: controller.run(stop.signal), stop };
}

const value = async (line: string) => {
  const text = await registry.metrics();
  return Number(
    text
      .split('\n')
      .find((found) => found.startsWith(`${line} `))
      ?.split(' ')
      .at(-1),
  );
};

describe('outcomes', () => {
  it.each<{ name: string; outcome: Outcome; result: string; delayed: number; failures: number }>([
    { name: 'done rests', outcome: { do: 'done' }, result: 'success', delayed: 0, failures: 0 },
    { name: 'requeueAfter comes again', outcome: { do: 'requeueAfter', ms: 60_000 }, result: 'requeue_after', delayed: 1, failures: 0 },
    { name: 'retry comes again with back-off', outcome: { do: 'retry', error: new Error('x') }, result: 'error', delayed: 1, failures: 2 },
    { name: 'terminal rests', outcome: { do: 'terminal', error: new Error('x') }, result: 'error', delayed: 0, failures: 0 },
  ])('$name', async ({ outcome, result, delayed, failures }) => {
    queue.retry('edge1');
    const { stop, ended } = run(() => outcome);
    await clock.advance(5);
    expect({ delayed: queue.delayed, failures: queue.failures('edge1') }).toEqual({ delayed, failures });
    expect(await value(`controller_runtime_reconcile_total{controller="device",result="${result}"}`)).toBe(1);
    stop.abort();
    await ended;
  });

  it('come again at the time they said', async () => {
    const at: number[] = [];
    queue.add('edge1');
    const { stop, ended } = run(() => {
      at.push(clock.monotonicMs());
      return { do: 'requeueAfter', ms: 60_000 };
    });
    await clock.advance(180_000);
    expect(at).toEqual([0, 60_000, 120_000, 180_000]);
    stop.abort();
    await ended;
  });

  it('of a reconciler that throws are retries: the worker goes on', async () => {
    let calls = 0;
    queue.add('edge1');
    const { stop, ended } = run((key) => {
      calls++;
      if (calls < 3) throw new Error(`${key} has no such field`);
      return { do: 'done' };
    });
    await clock.advance(5 + 10);
    expect(calls).toBe(3);
    expect(await value('controller_runtime_reconcile_panics_total{controller="device"}')).toBe(2);
    expect(await value('controller_runtime_reconcile_errors_total{controller="device"}')).toBe(2);
    expect(queue.failures('edge1')).toBe(0);
    stop.abort();
    await ended;
  });

  it('count terminal errors apart', async () => {
    queue.add('edge1');
    const { stop, ended } = run(() => ({ do: 'terminal', error: new Error('x') }));
    await settle();
    expect(await value('controller_runtime_terminal_reconcile_errors_total{controller="device"}')).toBe(1);
    stop.abort();
    await ended;
  });
});

describe('workers', () => {
  it('are as many as asked for, and never two on one key', async () => {
    const running = new Map<string, number>();
    let most = 0;
    const release = Promise.withResolvers<void>();
    for (let i = 0; i < 10; i++) queue.add(`device-${i}`);
    const { stop, ended } = run(
      async (key) => {
        running.set(key, (running.get(key) ?? 0) + 1);
        most = Math.max(most, running.size);
        expect(running.get(key)).toBe(1);
        await release.promise;
        running.delete(key);
        return { do: 'done' };
      },
      { workers: 4 },
    );
    await settle();
    queue.add('device-0');
    await settle();
    expect(most).toBe(4);
    expect(await value('controller_runtime_active_workers{controller="device"}')).toBe(4);
    expect(await value('controller_runtime_max_concurrent_reconciles{controller="device"}')).toBe(4);
    release.resolve();
    await settle();
    expect(await value('controller_runtime_reconcile_total{controller="device",result="success"}')).toBe(11);
    stop.abort();
    await ended;
  });

  it('are not held up by one slow device', async () => {
    const never = Promise.withResolvers<Outcome>();
    const seen: string[] = [];
    queue.add('slow');
    for (let i = 0; i < 5; i++) queue.add(`fast-${i}`);
    const { stop, ended } = run(
      async (key) => {
        if (key === 'slow') return await never.promise;
        seen.push(key);
        return { do: 'done' };
      },
      { workers: 2 },
    );
    await settle();
    expect(seen).toHaveLength(5);
    never.resolve({ do: 'done' });
    stop.abort();
    await ended;
  });
});

describe('the deadline', () => {
  it('aborts the signal of the reconciliation, which is tried again', async () => {
    queue.add('edge1');
    const reasons: unknown[] = [];
    const { stop, ended } = run(async (_key, signal) => {
      await clock.sleep(3_600_000, signal).catch((error: unknown) => reasons.push(error));
      signal.throwIfAborted();
      return { do: 'done' };
    });
    await clock.advance(30_000);
    expect(reasons).toEqual([new Error('not done within 30 s')]);
    expect(queue.failures('edge1')).toBe(1);
    expect(await value('controller_runtime_reconcile_timeouts_total{controller="device"}')).toBe(1);
    expect((await value('controller_runtime_reconcile_panics_total{controller="device"}')) || 0).toBe(0);
    stop.abort();
    await ended;
  });

  it('gives the key to nobody else while the reconciler does not come back', async () => {
    queue.add('edge1');
    let calls = 0;
    const stuck = Promise.withResolvers<Outcome>();
    const { stop, ended } = run(
      async () => {
        calls++;
        return await stuck.promise;
      },
      { workers: 2 },
    );
    await clock.advance(30_000);
    queue.add('edge1');
    await clock.advance(30_000);
    expect(calls).toBe(1);
    expect(await value('workqueue_longest_running_processor_seconds{name="device",controller="device"}')).toBe(60);
    stuck.resolve({ do: 'done' });
    await settle();
    expect(calls).toBe(2);
    stop.abort();
    await ended;
  });

  it('leaves no timer and no listener behind', async () => {
    for (let i = 0; i < 100; i++) queue.add(`device-${i}`);
    const { stop, ended } = run(() => ({ do: 'done' }));
    await settle();
    expect(clock.sleepers()).toEqual([]);
    stop.abort();
    await ended;
  });
});

describe('the end', () => {
  it('lets what runs finish when the queue is shut down', async () => {
    queue.add('runs');
    queue.add('waits');
    const release = Promise.withResolvers<void>();
    const finished: string[] = [];
    const { ended } = run(async (key, signal) => {
      await release.promise;
      expect(signal.aborted).toBe(false);
      finished.push(key);
      return { do: 'requeueAfter', ms: 1 };
    });
    await settle();
    const down = queue.shutDown();
    release.resolve();
    await Promise.all([down, ended]);
    expect(finished).toEqual(['runs']);
    expect(clock.sleepers()).toEqual([]);
  });

  it('tells what runs when the signal aborts, counts it as nothing, and waits for it', async () => {
    queue.add('edge1');
    queue.add('edge2');
    const lost = new Error('lease lost');
    let back = false;
    const seen: string[] = [];
    const { stop, ended } = run(async (key, signal) => {
      seen.push(key);
      const reason = await clock.sleep(3_600_000, signal).catch((error: unknown) => error);
      expect(reason).toBe(lost);
      await settle();
      back = true;
      signal.throwIfAborted();
      return { do: 'done' };
    });
    await settle();
    stop.abort(lost);
    await ended;
    expect(back).toBe(true);
    expect(seen).toEqual(['edge1']);
    expect(queue.failures('edge1')).toBe(0);
    expect(await registry.metrics()).not.toMatch(/reconcile_errors_total\{.*\} 1/);
  });
});

it('gives every line of a reconciliation its id', async () => {
  const lines: Record<string, unknown>[] = [];
  const logWith = (fields: object): Log => ({
    ...silentLog,
    warn: (more, message) => lines.push({ ...fields, ...more, message }),
    info: (more, message) => lines.push({ ...fields, ...more, message }),
    child: (more) => logWith({ ...fields, ...more }),
  });
  queue.add('net/edge1');
  const { stop, ended } = run(
    (_key, _signal, { log, id }) => {
      log.info({ device: 'edge1' }, 'Read the device');
      return { do: 'retry', error: new Error(id) };
    },
    { log: logWith({}) },
  );
  await settle();
  stop.abort();
  await ended;
  expect(lines.map(({ message, object, controller }) => ({ message, object, controller }))).toEqual([
    { message: 'Read the device', object: 'net/edge1', controller: 'device' },
    { message: 'Could not reconcile', object: 'net/edge1', controller: 'device' },
  ]);
  expect(new Set(lines.map(({ reconcileID }) => reconcileID)).size).toBe(1);
});

it('ends with the error of a log that throws, and no key stays with a worker that is gone', async () => {
  const broken = () => {
    throw new Error('the disk is full');
  };
  const log: Log = { ...silentLog, warn: broken, child: () => log };
  const { ended } = run(() => ({ do: 'retry', error: new Error('x') }), { log });
  queue.add('edge1');
  await expect(ended).rejects.toThrow('the disk is full');
  await queue.shutDown();
});
