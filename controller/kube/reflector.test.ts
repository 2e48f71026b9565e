import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { devices, type FakeApi, startFakeApi, statusOf } from '../../test/kube/fake-api.ts';
import { createFakeClock, type FakeClock, runUntil, settle, until } from '../../test/kube/fake-clock.ts';
import { type LogFields, silentLog } from '../lib/index.ts';
import { type KubeClient, openKubeClient } from './client.ts';
import { type Cache, createReflector, type ReflectorOptions } from './reflector.ts';

let api: FakeApi;
let clock: FakeClock;
let client: KubeClient;
let registry: Registry;
let stop: AbortController;
let caches: Cache[];

beforeEach(async () => {
  api = await startFakeApi();
  clock = createFakeClock();
  client = openKubeClient(api.kubeConfig({ token: 'one' }), { manager: 'test', clock, random: () => 0 });
  registry = new Registry();
  stop = new AbortController();
  caches = [];
});
afterEach(async () => {
  stop.abort();
  await Promise.all(caches.map(async ({ ended }) => await ended));
  if (clock.sleepers().length > 0) throw new Error('a timer was left behind');
  await client.close();
  await api.stop();
});

function reflect(options: Partial<ReflectorOptions> = {}): { cache: Cache; told: string[] } {
  const cache = createReflector(client, devices, { signal: stop.signal, clock, registry, random: () => 0, ...options });
  caches.push(cache);
  const told: string[] = [];
  cache.onChange(({ type, key }) => told.push(`${type} ${key}`));
  return { cache, told };
}

const put = (name: string, spec: unknown = {}) => api.put({ metadata: { name, namespace: 'net' }, spec });
const lists = () => api.requests.filter(({ query }) => !query['watch']);
const watches = () => api.requests.filter(({ query }) => query['watch']);
const watching = async () => await until(() => api.watches() === 1, 'an open watch');

describe('a quiet life', () => {
  it('lists, then watches from there', async () => {
    put('a');
    const { cache, told } = reflect();
    await cache.synced;
    await watching();
    put('b');
    put('a', { x: 1 });
    api.remove('net/b');
    await until(() => told.length === 4);
    expect(told).toEqual(['added net/a', 'added net/b', 'changed net/a', 'deleted net/b']);
    expect(cache.list().map(({ spec }) => spec)).toEqual([{ x: 1 }]);
    expect(lists()).toHaveLength(1);
  });

  it('is not synced before the list is whole', async () => {
    const heal = api.intercept(() => ({ status: 500 }));
    const { cache } = reflect();
    await runUntil(clock, () => api.requests.length === 3);
    expect(cache.isSynced).toBe(false);
    heal();
    await runUntil(clock, () => cache.isSynced);
    await cache.synced;
  });

  it('rejects synced when it is stopped before', async () => {
    api.intercept(() => 'hang');
    const { cache } = reflect();
    await until(() => api.requests.length === 1);
    stop.abort(new Error('shut down'));
    await expect(cache.synced).rejects.toThrow('shut down');
  });

  it('asks for another end of the watch each time, so that watches do not come back together', async () => {
    let turn = 0;
    reflect({ random: () => [0, 0.5, 0, 0.99][turn++ % 4] ?? 0 });
    await watching();
    await clock.advance(2_000);
    api.endWatches();
    await until(() => watches().length === 2);
    const seconds = watches().map(({ query }) => Number(query['timeoutSeconds']));
    expect(new Set(seconds).size).toBe(2);
    expect(seconds.every((each) => each >= 300 && each <= 600)).toBe(true);
  });

  it('selects by label', async () => {
    reflect({ selector: { labelSelector: 'site=fra' } });
    await watching();
    expect(api.requests.map(({ query }) => query['labelSelector'])).toEqual(['site=fra', 'site=fra']);
  });
});

describe('10,000 objects', () => {
  it('are read in pages, told once each, and found by index', async () => {
    for (let i = 0; i < 10_000; i++) put(`device-${i}`, { site: `site-${i % 100}` });
    const { cache, told } = reflect({ indexes: { site: ({ spec }) => [(spec as { site: string }).site] } });
    await cache.synced;
    expect(cache.size).toBe(10_000);
    expect(told).toHaveLength(10_000);
    expect(lists()).toHaveLength(20);
    expect(cache.byIndex('site', 'site-7')).toHaveLength(100);
  });

  it('are read again in one piece when a page expires twice', async () => {
    for (let i = 0; i < 10; i++) put(`device-${i}`);
    api.intercept(({ query }) => (query['continue'] ? { status: 410, body: statusOf(410, 'Expired') } : undefined));
    const { cache } = reflect({ pageSize: 4 });
    await cache.synced;
    expect(cache.size).toBe(10);
    expect(lists().at(-1)?.query['limit']).toBeUndefined();
  });

  it('lose none when a page fails in the middle of a later list', async () => {
    for (let i = 0; i < 10; i++) put(`device-${i}`);
    const { cache, told } = reflect({ pageSize: 4 });
    await cache.synced;
    await watching();
    told.length = 0;
    const heal = api.intercept(({ query }) => (query['continue'] ? { status: 500 } : undefined));
    api.compact();
    api.endWatches('broken');
    await runUntil(clock, () => lists().filter(({ query }) => query['continue']).length >= 5);
    expect({ size: cache.size, told }).toEqual({ size: 10, told: [] });
    heal();
    await runUntil(clock, () => api.watches() === 1);
    expect(told).toEqual([]);
  });
});

describe('a watch that ends', () => {
  it('goes on from the last version: nothing is listed again, nothing lost', async () => {
    const { told } = reflect();
    await watching();
    put('a');
    await until(() => told.length === 1);
    await clock.advance(2_000);
    api.endWatches();
    put('b');
    await until(() => told.length === 2);
    expect({ told, lists: lists().length }).toEqual({ told: ['added net/a', 'added net/b'], lists: 1 });
  });

  it('goes on from the last bookmark of a quiet resource, past a compaction', async () => {
    const { told } = reflect();
    await watching();
    for (let i = 0; i < 5; i++) api.put({ metadata: { name: `other-${i}`, namespace: 'elsewhere' } });
    api.compact();
    api.bookmark();
    await clock.advance(2_000);
    await settle();
    api.endWatches();
    await until(() => watches().length === 2);
    await watching();
    expect(lists()).toHaveLength(1);
    put('a');
    await until(() => told.includes('added net/a'));
  });

  it('lists again when the server has forgotten its version, and tells deletes that no watch told', async () => {
    put('stays');
    put('goes');
    const { cache, told } = reflect();
    await cache.synced;
    await watching();
    await clock.advance(2_000);
    api.removeUntold('net/goes');
    api.compact();
    api.endWatches();
    await until(() => told.includes('deleted net/goes'));
    expect(cache.list().map(({ metadata }) => metadata.name)).toEqual(['stays']);
    expect(lists()).toHaveLength(2);
  });

  it('lists again when the version expires as an answer instead of an event', async () => {
    reflect();
    await watching();
    await clock.advance(2_000);
    let once = true;
    api.intercept(({ query }) => {
      if (!query['watch'] || !once) return undefined;
      once = false;
      return { status: 410, body: statusOf(410, 'Gone') };
    });
    api.endWatches();
    await until(() => lists().length === 2);
    await watching();
  });

  it.each([
    ['an error of the server', `${JSON.stringify({ type: 'ERROR', object: statusOf(500, 'InternalError') })}\n`, 1],
    ['a line that is not JSON', 'oops\n', 2],
  ])('by %s is not swallowed: it goes on after a pause', async (_name, line, expectedLists) => {
    const { told } = reflect();
    await watching();
    api.tell(line);
    await until(() => api.watches() === 0);
    put('a');
    await runUntil(clock, () => told.includes('added net/a'));
    expect(lists()).toHaveLength(expectedLists);
    expect(await registry.metrics()).toContain('plumbline_kube_watch_restarts_total{resource="devices",why="error"} 1');
  });

  it('by a broken connection goes on where it was', async () => {
    const { told } = reflect();
    await watching();
    put('a');
    await until(() => told.length === 1);
    api.endWatches('broken');
    put('b');
    await runUntil(clock, () => told.length === 2);
    expect(lists()).toHaveLength(1);
  });
});

describe('patience', () => {
  it('grows from 0.8 to 30 s while the server is away, and begins again after a good watch', async () => {
    const waits: unknown[] = [];
    const log = { ...silentLog, child: () => ({ ...silentLog, warn: ({ retryMs }: LogFields) => waits.push(retryMs) }) };
    const { cache } = reflect({ random: () => 1, log });
    await watching();
    const heal = api.intercept(() => ({ status: 503 }));
    api.endWatches('broken');
    await runUntil(clock, () => waits.length === 8);
    expect(waits).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
    heal();
    put('a');
    await runUntil(clock, () => cache.size === 1);
    api.endWatches('broken');
    await until(() => waits.length === 9);
    expect(waits.at(-1)).toBe(800);
  });

  it('lasts five minutes at most, whatever number the server or something in between says', async () => {
    const heal = api.intercept(() => ({ status: 503, body: '', headers: { 'retry-after': '99999999999' } }));
    const { cache } = reflect();
    await until(() => clock.sleepers().length === 1 && clock.sleepers()[0] !== 30_000, 'the call to be over');
    expect(clock.sleepers()).toEqual([300_000]);
    expect(api.requests).toHaveLength(1);
    heal();
    await clock.advance(300_000);
    await cache.synced;
    await watching();
  });

  it('does not hammer a server that ends every watch at once', async () => {
    reflect();
    for (let i = 1; i < 4; i++) {
      await watching();
      api.endWatches();
      await until(() => clock.sleepers().some((ms) => ms >= 400 && ms <= 30_000));
      expect(watches()).toHaveLength(i);
      await runUntil(clock, () => watches().length === i + 1);
    }
  });

  it('keeps what it knows while the server is away', async () => {
    put('a');
    const { cache, told } = reflect();
    await cache.synced;
    await watching();
    api.intercept(() => ({ status: 503 }));
    api.endWatches('broken');
    await clock.advance(60_000);
    expect({ size: cache.size, told }).toEqual({ size: 1, told: ['added net/a'] });
    expect(cache.silentMs()).toBeGreaterThanOrEqual(60_000);
  });
});

describe('a server that lists and opens no watch', () => {
  const refuseWatches = (status: number, reason: string) =>
    api.intercept(({ query }) => (query['watch'] ? { status, body: statusOf(status, reason) } : undefined));

  it.each([
    [400, 'BadRequest'],
    [403, 'Forbidden'],
    [500, 'InternalError'],
    [504, 'Timeout'],
  ])('and answers %s %s is listed after some tries: what happened is told, and a delete too', async (status, reason) => {
    put('goes');
    const { cache, told } = reflect();
    await cache.synced;
    await watching();
    await clock.advance(2_000);
    refuseWatches(status, reason);
    api.endWatches('broken');
    api.removeUntold('net/goes');
    put('comes');
    await runUntil(clock, () => told.length === 3);
    expect(told).toEqual(['added net/goes', 'deleted net/goes', 'added net/comes']);
    expect({ watches: watches().length, lists: lists().length }).toEqual({ watches: 5, lists: 2 });
  });

  it('and then does not list either is counted each time: an alert looks at that', async () => {
    const { cache } = reflect();
    await cache.synced;
    await watching();
    api.intercept(() => ({ status: 403, body: statusOf(403, 'Forbidden') }));
    api.endWatches('broken');
    await runUntil(clock, () => lists().length === 6);
    const failed = watches().length + lists().length - 1; // all but the first list
    await until(async () => (await registry.metrics()).includes(`watch_restarts_total{resource="devices",why="error"} ${failed}\n`));
  });

  it('because it is away is not listed for that: a watch goes on where it was', async () => {
    reflect();
    await watching();
    const heal = refuseWatches(503, 'ServiceUnavailable');
    api.endWatches('broken');
    await runUntil(clock, () => watches().length === 8);
    heal();
    await runUntil(clock, () => api.watches() === 1);
    expect(lists()).toHaveLength(1);
  });

  it('is listed when the next list is due, however long that lasts', async () => {
    put('goes');
    const { cache, told } = reflect({ relistMs: 600_000 });
    await cache.synced;
    await watching();
    refuseWatches(503, 'ServiceUnavailable');
    api.endWatches('broken');
    api.removeUntold('net/goes');
    await runUntil(clock, () => told.includes('deleted net/goes'), 1_000);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(540_000);
    expect(clock.monotonicMs()).toBeLessThan(720_000);
  });
});

describe('a watch that lies', () => {
  it('by silence is taken for dead and opened again', async () => {
    reflect();
    await watching();
    await clock.advance(179_000);
    expect(watches()).toHaveLength(1);
    await clock.advance(1_000);
    await until(() => watches().length === 2);
    expect(await registry.metrics()).toContain('why="stale"} 1');
  });

  it('by silence, as from a version that a server put back from a backup has yet to reach, is followed by a list', async () => {
    put('a');
    put('b');
    const { cache, told } = reflect();
    await cache.synced;
    await watching();
    api.removeUntold('net/a'); // it was made after the backup
    await clock.advance(180_000);
    await until(() => told.includes('deleted net/a'));
    await watching();
    expect(watches().map(({ query }) => Number(query['resourceVersion']))).toEqual([102, 103]);
    put('c');
    await until(() => told.includes('added net/c'));
  });

  it('is not silent while bookmarks come', async () => {
    reflect({ relistMs: 0 });
    await watching();
    for (let minute = 0; minute < 4; minute++) {
      api.bookmark();
      await until(async () => (await registry.metrics()).includes(`type="BOOKMARK"} ${minute + 1}\n`));
      await clock.advance(60_000);
    }
    expect(watches()).toHaveLength(1);
  });

  it('past its own end is ended by us', async () => {
    reflect({ staleMs: 3_600_000 });
    await watching();
    await clock.advance(330_000);
    await until(() => watches().length === 2);
  });

  it('by leaving a delete out is caught by the next complete list', async () => {
    put('a');
    const { cache, told } = reflect({ relistMs: 600_000, staleMs: 3_600_000, random: () => 0.9 });
    await cache.synced;
    await watching();
    api.removeUntold('net/a');
    await clock.advance(900_000);
    await until(() => told.includes('deleted net/a'));
    expect(cache.size).toBe(0);
  });
});

it('goes on when a listener throws, and counts that', async () => {
  const { cache, told } = reflect();
  cache.onChange(() => {
    throw new Error('no such field');
  });
  await cache.synced;
  await watching();
  put('a');
  put('b');
  await until(() => told.length === 2);
  expect(await registry.metrics()).toContain('plumbline_kube_listener_errors_total{resource="devices"} 2');
});

it('reads a resource whose storage just begins', async () => {
  const heal = api.intercept(() => ({
    status: 429,
    body: statusOf(429, 'TooManyRequests', 'storage is (re)initializing', { retryAfterSeconds: 1 }),
  }));
  const { cache } = reflect();
  await until(() => clock.sleepers().includes(1_000));
  heal();
  await clock.advance(1_000);
  await cache.synced;
  await watching();
});
