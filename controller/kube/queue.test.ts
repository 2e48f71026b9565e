import fc from 'fast-check';
import { Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock, settle } from '../../test/kube/fake-clock.ts';
import { createDelayedKeys } from './delayed-keys.ts';
import { createQueue, type Queue } from './queue.ts';

let clock: FakeClock;
let queue: Queue;

beforeEach(() => {
  clock = createFakeClock();
  queue = createQueue({ name: 'test', clock });
});

/** Takes and finishes everything that is ready. */
async function takeAll(from: Queue = queue): Promise<string[]> {
  const taken: string[] = [];
  while (from.depth > 0) {
    const key = (await from.next()) ?? '';
    taken.push(key);
    from.done(key);
  }
  return taken;
}

describe('keys', () => {
  it('come in the order they were added, each once however often it is added', async () => {
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
    expect(await takeAll()).toEqual(['a', 'b', 'c']);
  });

  it('come again, once, when they are added while somebody works on them', async () => {
    queue.add('a');
    await queue.next();
    queue.add('a');
    queue.add('a');
    expect(queue.depth).toBe(0);
    queue.done('a');
    expect(await takeAll()).toEqual(['a']);
  });

  it('reach the worker who waited longest', async () => {
    const [first, second] = [queue.next(), queue.next()];
    queue.add('a');
    queue.add('b');
    expect(await Promise.all([first, second])).toEqual(['a', 'b']);
  });

  it('are not lost to a worker who gave up waiting', async () => {
    const abort = new AbortController();
    const gaveUp = queue.next(abort.signal);
    abort.abort();
    expect(await gaveUp).toBeUndefined();
    const waits = queue.next();
    queue.add('a');
    expect(await waits).toBe('a');
  });

  it('of low priority are held back from whoever waits and whoever comes, and keep their order', async () => {
    queue.add('first', { priority: 'low' });
    queue.holdLow(true);
    const waits = queue.next();
    queue.add('second', { priority: 'low' });
    queue.add('asked for');
    expect(await waits).toBe('asked for');
    expect(queue.depth).toBe(2);
    const [one, other] = [queue.next(), queue.next()];
    queue.holdLow(false);
    expect(await Promise.all([one, other])).toEqual(['first', 'second']);
  });

  it('of low priority that are held back are given out once somebody asks for them', async () => {
    queue.holdLow(true);
    queue.add('a', { priority: 'low' });
    queue.add('b', { priority: 'low' });
    const waits = queue.next();
    queue.add('b');
    expect(await waits).toBe('b');
    queue.done('b');
    queue.holdLow(false);
    expect(await takeAll()).toEqual(['a']);
  });

  it('of low priority that are held back do not keep a queue from its end', async () => {
    queue.holdLow(true);
    queue.add('a', { priority: 'low' });
    const waits = queue.next();
    await queue.shutDown();
    expect(await waits).toBeUndefined();
    queue.holdLow(false);
    expect(queue.depth).toBe(0);
  });

  it('that nobody holds may be done without harm', () => {
    queue.done('never taken');
    expect(queue.depth).toBe(0);
  });
});

describe('delays', () => {
  it('hold a key back until its time', async () => {
    queue.add('a', { afterMs: 1_000 });
    await clock.advance(999);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(await takeAll()).toEqual(['a']);
  });

  it('keep the earlier of two times, and the higher of two priorities', async () => {
    queue.add('a', { afterMs: 5_000, priority: 'high' });
    queue.add('a', { afterMs: 1_000, priority: 'low' });
    queue.add('a', { afterMs: 9_000 });
    queue.add('b', { afterMs: 500, priority: 'low' });
    await clock.advance(1_000);
    expect(await takeAll()).toEqual(['a', 'b']);
    await clock.advance(10_000);
    expect(queue.depth).toBe(0);
  });

  it('end when the key is taken earlier: the worker decides anew', async () => {
    queue.add('a', { afterMs: 5_000 });
    queue.add('a');
    expect(await takeAll()).toEqual(['a']);
    await clock.advance(5_000);
    expect(queue.depth).toBe(0);
    expect(queue.delayed).toBe(0);
  });

  it('do nothing to a key that waits already', async () => {
    queue.add('a');
    queue.add('a', { afterMs: 5_000 });
    expect(await takeAll()).toEqual(['a']);
    expect(queue.delayed).toBe(0);
  });

  it('let a key that is worked on come again', async () => {
    queue.add('a');
    await queue.next();
    queue.add('a', { afterMs: 1_000 });
    await clock.advance(1_000);
    queue.done('a');
    expect(await takeAll()).toEqual(['a']);
  });

  it('may be longer than any timer of Node', async () => {
    queue.add('a', { afterMs: 2 ** 33 });
    expect(clock.sleepers()).toEqual([2 ** 31 - 1]);
    await clock.advance(2 ** 33 - 1);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(queue.depth).toBe(1);
  });

  it('cost one timer for 10,000 keys, which come in the order of their times', async () => {
    for (let i = 0; i < 10_000; i++) queue.add(`device-${i}`, { afterMs: 1 + ((i * 7919) % 10_000) });
    expect(clock.sleepers()).toHaveLength(1);
    clock.stall(10_000);
    await clock.advance(0);
    const taken = await takeAll();
    expect(taken).toHaveLength(10_000);
    expect(taken.map((key) => (Number(key.slice(7)) * 7919) % 10_000)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
  });

  it('are kept in order for any times, put off and taken away', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 50 }), fc.boolean())), (steps) => {
        const keys = createDelayedKeys();
        const model = new Map<string, number>();
        for (const [id, at, remove] of steps) {
          const key = String(id);
          if (remove) {
            keys.delete(key);
            model.delete(key);
          } else {
            keys.set(key, at);
            model.set(key, Math.min(at, model.get(key) ?? Infinity));
          }
          expect(keys.firstAt()).toBe(model.size === 0 ? undefined : Math.min(...model.values()));
        }
        const due = [...model].filter(([, at]) => at <= 25).map(([key]) => key);
        expect(new Set(keys.takeDue(25))).toEqual(new Set(due));
        expect(keys.size).toBe(model.size - due.length);
      }),
    );
  });
});

describe('back-off', () => {
  it('doubles from 5 ms to 1,000 s, for each key alone', async () => {
    const delays = Array.from({ length: 20 }, () => queue.retry('a'));
    expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(delays.at(-1)).toBe(1_000_000);
    expect(queue.retry('b')).toBe(5);
    expect([queue.failures('a'), queue.failures('b')]).toEqual([20, 1]);
  });

  it('begins again once the key is forgotten', () => {
    queue.retry('a');
    queue.retry('a');
    queue.forget('a');
    expect(queue.retry('a')).toBe(5);
  });

  it('gives way to an event', async () => {
    for (let i = 0; i < 15; i++) queue.retry('a');
    queue.add('a');
    expect(await takeAll()).toEqual(['a']);
  });
});

describe('priorities', () => {
  it('take what somebody waits for first', async () => {
    queue.add('slow', { priority: 'low' });
    queue.add('fast');
    expect(await takeAll()).toEqual(['fast', 'slow']);
  });

  it('raise a key that waits, and never lower one', async () => {
    for (const key of ['a', 'b', 'c']) queue.add(key, { priority: 'low' });
    queue.add('c');
    queue.add('c', { priority: 'low' });
    expect(await takeAll()).toEqual(['c', 'a', 'b']);
  });

  it('starve nobody', async () => {
    queue.add('low', { priority: 'low' });
    for (let i = 0; i < 100; i++) queue.add(`high-${i}`);
    expect((await takeAll()).indexOf('low')).toBeLessThan(10);
  });

  it('of a key added while it is worked on is the highest of them', async () => {
    queue.add('a');
    await queue.next();
    queue.add('a', { priority: 'high' });
    queue.add('a', { priority: 'low' });
    queue.add('b', { priority: 'high' });
    queue.done('a');
    expect(await takeAll()).toEqual(['b', 'a']);
  });
});

describe('shut-down', () => {
  it('ends who waits, drops what waits, and waits for who works', async () => {
    queue.add('held');
    await queue.next();
    queue.add('waits');
    queue.add('later', { afterMs: 1_000 });
    const taken = await queue.next();
    const idle = queue.next();
    let ended = false;
    const down = queue.shutDown().then(() => {
      ended = true;
    });
    expect(await idle).toBeUndefined();
    queue.add('too late');
    expect(await queue.next()).toBeUndefined();
    expect(clock.sleepers()).toEqual([]);
    queue.done('held');
    await settle();
    expect(ended).toBe(false);
    queue.done(taken ?? '');
    await down;
    expect(queue.depth + queue.delayed).toBe(0);
  });

  it('is over at once when nobody works, and the second call says the same', async () => {
    await Promise.all([queue.shutDown(), queue.shutDown()]);
  });
});

it('never gives a key to two workers, and gives every added key', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), key: fc.nat(6), low: fc.boolean(), afterMs: fc.constantFrom(0, 0, 10, 30) }),
    fc.record({ do: fc.constant('take' as const) }),
    fc.record({ do: fc.constant('done' as const), key: fc.nat(6) }),
    fc.record({ do: fc.constant('advance' as const), ms: fc.nat(20) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const time = createFakeClock();
      const tested = createQueue({ name: 'any', clock: time });
      const held = new Set<string>();
      const owed = new Set<string>(); // added and not taken since
      for (const each of steps) {
        if (each.do === 'add') {
          tested.add(String(each.key), { priority: each.low ? 'low' : 'high', afterMs: each.afterMs });
          owed.add(String(each.key));
        } else if (each.do === 'advance') {
          time.stall(each.ms);
          await time.advance(0);
        } else if (each.do === 'done') {
          tested.done(String(each.key));
          held.delete(String(each.key));
        } else if (tested.depth > 0) {
          const key = (await tested.next()) ?? '';
          expect(held.has(key)).toBe(false);
          expect(owed.has(key)).toBe(true);
          held.add(key);
          owed.delete(key);
        }
      }
      for (const key of held) tested.done(key);
      await time.advance(30);
      for (const key of await takeAll(tested)) owed.delete(key);
      expect([...owed]).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

it('counts under the names of client-go', async () => {
  const registry = new Registry();
  queue = createQueue({ name: 'device', clock, registry });
  queue.add('a');
  queue.add('a');
  queue.add('b', { priority: 'low' });
  queue.add('c');
  queue.retry('d');
  await clock.advance(4);
  const held = await queue.next();
  await clock.advance(2_000);
  const text = await registry.metrics();
  const labels = 'name="device",controller="device"';
  expect(text).toContain(`workqueue_depth{${labels},priority="high"} 2`);
  expect(text).toContain(`workqueue_depth{${labels},priority="low"} 1`);
  expect(text).toContain(`workqueue_adds_total{${labels}} 4`);
  expect(text).toContain(`workqueue_retries_total{${labels}} 1`);
  expect(text).toContain(`workqueue_queue_duration_seconds_count{${labels}} 1`);
  expect(text).toContain(`workqueue_unfinished_work_seconds{${labels}} 2`);
  expect(text).toContain(`workqueue_longest_running_processor_seconds{${labels}} 2`);
  queue.done(held ?? '');
  expect(await registry.metrics()).toContain(`workqueue_work_duration_seconds_sum{${labels}} 2`);
});
