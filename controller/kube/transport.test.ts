import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { devices, type FakeApi, startFakeApi, statusOf } from '../../test/kube/fake-api.ts';
import { createFakeClock, type FakeClock, until } from '../../test/kube/fake-clock.ts';
import { KubeApiError } from './api-error.ts';
import { type KubeClient, type KubeClientOptions, openKubeClient } from './client.ts';

let api: FakeApi;
let clock: FakeClock;
let client: KubeClient;
const opened: KubeClient[] = [];

function open(options: Partial<KubeClientOptions> = {}, kubeConfig = api.kubeConfig({ token: 'one' })): KubeClient {
  const made = openKubeClient(kubeConfig, { manager: 'test', clock, random: () => 0, ...options });
  opened.push(made);
  return made;
}

beforeEach(async () => {
  api = await startFakeApi();
  clock = createFakeClock();
  client = open();
});
afterEach(async () => {
  for (const made of opened.splice(0)) await made.close();
  await api.stop();
});

const device = { metadata: { name: 'a' } };
const reasonOf = async (promise: Promise<unknown>) =>
  await promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof KubeApiError ? error.reason : error),
  );

/** The waits between the tries of a call, until it settles. */
async function waitsOf(call: Promise<unknown>): Promise<number[]> {
  const waits: number[] = [];
  let isOver = false;
  void call.finally(() => (isOver = true)).catch(() => undefined);
  for (;;) {
    // One sleeper is the deadline of the call.
    await until(() => isOver || clock.sleepers().length === 2, 'a wait or the end');
    const [wait = 0] = clock.sleepers();
    if (isOver) return waits;
    waits.push(wait);
    await clock.advance(wait);
  }
}

describe('a server that puts off everybody', () => {
  it.each([
    ['429', statusOf(429, 'TooManyRequests'), 429],
    ['503', statusOf(503, 'ServiceUnavailable'), 503],
  ])('and says with %s to come back at once is asked more and more seldom', async (_name, body, status) => {
    api.intercept(() => ({ status, body, headers: { 'retry-after': '0' } }));
    const call = client.create(devices, device);
    expect(await waitsOf(call)).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800]);
    await expect(call).rejects.toMatchObject({ status });
    expect(api.requests).toHaveLength(9);
  });

  it('until a date is asked then, by its own clock', async () => {
    let isFirst = true;
    const headers = { date: 'Sun, 01 Nov 2026 07:00:00 GMT', 'retry-after': 'Sun, 01 Nov 2026 07:00:04 GMT' };
    api.intercept(() => {
      if (!isFirst) return undefined;
      isFirst = false;
      return { status: 429, body: statusOf(429, 'TooManyRequests'), headers };
    });
    const call = client.list(devices);
    expect(await waitsOf(call)).toEqual([4_000]);
    expect((await call).items).toEqual([]);
  });

  it('after it gave a write up is not sent that write again, which may have happened; a read is', async () => {
    let givenUp = 0;
    const body = statusOf(500, 'ServerTimeout', 'the operation cannot be fulfilled in time', { retryAfterSeconds: 1 });
    api.intercept(() => (givenUp++ === 0 ? { status: 500, body } : undefined));
    expect(await reasonOf(client.create(devices, device))).toBe('unavailable');
    expect(api.requests).toHaveLength(1);
    givenUp = 0;
    const read = client.list(devices);
    expect(await waitsOf(read)).toEqual([1_000]);
    expect(api.requests).toHaveLength(3);
  });
});

describe('an answer that breaks off in the middle', () => {
  const list = {
    kind: 'DeviceList',
    metadata: { resourceVersion: '7' },
    items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }],
  };

  it('is read again, and is never half a list', async () => {
    api.put({ metadata: { name: 'a', namespace: 'net' } });
    let torn = 0;
    api.intercept(() => (torn++ === 0 ? { status: 200, body: list, torn: true } : undefined));
    expect((await client.list(devices)).items).toHaveLength(1);
    api.intercept(() => ({ status: 200, body: list, torn: true }));
    expect(await reasonOf(client.list(devices))).toBe('unreachable');
  });

  it('of a write is not asked for again: it may have happened', async () => {
    api.intercept(() => ({ status: 201, body: device, torn: true }));
    expect(await reasonOf(client.create(devices, device))).toBe('unreachable');
    expect(api.requests).toHaveLength(1);
  });

  it('says what went wrong when it was a refusal', async () => {
    api.intercept(() => ({ status: 409, body: statusOf(409, 'Conflict'), torn: true }));
    expect(await reasonOf(client.update(devices, device))).toBe('unreachable');
  });
});

describe('a page of something in between', () => {
  it('is not the answer that an object is not there', async () => {
    api.intercept(() => ({ status: 404, body: '<html>no such site</html>' }));
    await expect(client.get(devices, 'a')).rejects.toMatchObject({ reason: 'brokenAnswer', message: '<html>no such site</html>' });
    await expect(client.delete(devices, 'a')).rejects.toMatchObject({ reason: 'brokenAnswer' });
  });
});

describe('connections', () => {
  const changed = (change: { caData?: string; proxyUrl?: string }) => {
    const config = api.kubeConfig({ token: 'one' });
    config.clusters = config.clusters.map((cluster) => ({ ...cluster, ...change }));
    return config;
  };
  /** A watch in the making; answers how it ended. */
  const watch = async (from: KubeClient) => {
    const ended = (async () => {
      for await (const event of from.watch(devices, { resourceVersion: '100' })) void event;
    })();
    await until(() => api.watches() === 1);
    return reasonOf(ended);
  };

  it('of before another CA go too when all is closed, with the watches on them', async () => {
    const rotating = open({ reload: async () => changed({ caData: Buffer.from('another').toString('base64') }) });
    const watched = watch(rotating);
    await until(() => api.watches() === 1);
    let refused = 0;
    api.intercept(({ query }) => (!query['watch'] && refused++ === 0 ? { status: 401, body: statusOf(401, 'Unauthorized') } : undefined));
    await rotating.list(devices);
    expect(api.watches()).toBe(1); // the new credentials break nothing that is open
    await rotating.close();
    expect(await watched).toBe('unreachable');
  });

  it('are made anew when another proxy is to be used', async () => {
    const other = await startFakeApi();
    const moving = open({ reload: async () => changed({ proxyUrl: other.url }) });
    let refused = 0;
    api.intercept(() => (refused++ === 0 ? { status: 401, body: statusOf(401, 'Unauthorized') } : undefined));
    await moving.list(devices);
    expect([api.requests.length, other.requests.length]).toEqual([1, 1]);
    await moving.close();
    await other.stop();
  });

  it('through a proxy carry no write that may not be sent any more when it is its turn, and every read', async () => {
    let isOver = false;
    let checks = 0;
    const beforeWrite = () => {
      if (isOver) throw new Error('the lease is lost');
      isOver = ++checks === 1; // while the connection is still to be made
    };
    const guarded = open({ beforeWrite }, changed({ proxyUrl: api.url }));
    await expect(guarded.create(devices, device)).rejects.toThrow('the lease is lost');
    expect(api.keys()).toEqual([]);
    expect(api.requests).toEqual([]);
    await guarded.list(devices);
    isOver = false;
    checks = 1;
    await guarded.create(devices, device);
    expect(api.keys()).toEqual(['net/a']);
  });
});
