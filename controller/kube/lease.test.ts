import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { devices, type FakeApi, startFakeApi, statusOf } from '../../test/kube/fake-api.ts';
import { createFakeClock, type FakeClock, runUntil, settle, until } from '../../test/kube/fake-clock.ts';
import { PlumblineError } from '../lib/index.ts';
import { type KubeClient, openKubeClient } from './client.ts';
import { createLease, type Leadership, type Lease } from './lease.ts';
import { microTime, recordOf } from './lease-record.ts';

/** One replica: its own clock, client and lease. */
interface Replica {
  clock: FakeClock;
  client: KubeClient;
  lease: Lease;
  registry: Registry;
  stop: AbortController;
}

let api: FakeApi;
let replicas: Replica[];

beforeEach(async () => {
  api = await startFakeApi();
  replicas = [];
});
afterEach(async () => {
  for (const { stop, client } of replicas) {
    stop.abort(new Error('the test is over'));
    await client.close();
  }
  await api.stop();
});

function replica(name: string, clock = createFakeClock(), random = () => 0): Replica {
  const registry = new Registry();
  const client = openKubeClient(api.kubeConfig({ token: name }), { manager: name, clock, random: () => 0 });
  const lease = createLease({ client, namespace: 'net', name: 'operator', holder: name, clock, registry, random });
  const made = { clock, client, lease, registry, stop: new AbortController() };
  replicas.push(made);
  return made;
}

const stored = () => {
  const found = api.object('net/operator');
  return found && recordOf(found);
};
const writes = (name: string) =>
  api.requests.filter(({ method, headers }) => method !== 'GET' && headers.authorization === `Bearer ${name}`);
/** Starts to acquire, without waiting for it. */
function acquiring({ lease, stop }: Replica): { leadership?: Leadership; failure?: unknown } {
  const state: { leadership?: Leadership; failure?: unknown } = {};
  lease.acquire(stop.signal).then(
    (leadership) => {
      state.leadership = leadership;
    },
    (error: unknown) => {
      state.failure = error;
    },
  );
  return state;
}

describe('taking the lease', () => {
  it('makes it when there is none, with times of six digits', async () => {
    const a = replica('a');
    const leadership = await a.lease.acquire(a.stop.signal);
    expect(leadership.transitions).toBe(0);
    expect(stored()).toEqual({
      holderIdentity: a.lease.identity,
      leaseDurationSeconds: 15,
      acquireTime: '2026-11-01T00:00:00.000000Z',
      renewTime: '2026-11-01T00:00:00.000000Z',
      leaseTransitions: 0,
    });
    leadership.check();
  });

  it('gives every process an identity of its own, even under one name', () => {
    expect(replica('a').lease.identity).not.toBe(replica('a').lease.identity);
  });

  it('is done by one of many who come at once', async () => {
    const clock = createFakeClock();
    const states = Array.from({ length: 5 }, (_, i) => acquiring(replica(`r${i}`, clock)));
    await runUntil(clock, () => states.some(({ leadership }) => leadership !== undefined));
    await clock.advance(30_000);
    expect(states.filter(({ leadership }) => leadership !== undefined)).toHaveLength(1);
  });

  it('waits 15 s from the last renewal it saw, whatever the clocks of the two say', async () => {
    const a = replica('a', createFakeClock('2036-01-01T00:00:00Z'));
    await a.lease.acquire(a.stop.signal);
    const b = replica('b', createFakeClock('2026-01-01T00:00:00Z'));
    const waiting = acquiring(b);
    await until(() => b.clock.sleepers().length === 1);
    await runUntil(b.clock, () => waiting.leadership !== undefined);
    expect(b.clock.monotonicMs()).toBeGreaterThanOrEqual(15_000);
    expect(b.clock.monotonicMs()).toBeLessThan(20_000);
    expect(stored()).toMatchObject({ holderIdentity: b.lease.identity, leaseTransitions: 1 });
  });

  it('never takes what is renewed, however long it waits', async () => {
    const clock = createFakeClock();
    const a = replica('a', clock);
    const leadership = await a.lease.acquire(a.stop.signal);
    const b = acquiring(replica('b', clock));
    await runUntil(clock, () => clock.monotonicMs() > 120_000);
    expect(b.leadership).toBeUndefined();
    leadership.check();
    expect(stored()?.renewTime).not.toBe(stored()?.acquireTime);
  });

  it('never takes it because its own wall clock jumped, and takes it no later for that', async () => {
    const [a, b] = [replica('a'), replica('b', createFakeClock())];
    await a.lease.acquire(a.stop.signal);
    const waiting = acquiring(b);
    await until(() => b.clock.sleepers().length === 1);
    b.clock.jump(3_600_000);
    await runUntil(b.clock, () => b.clock.monotonicMs() > 10_000);
    expect(waiting.leadership).toBeUndefined();
    b.clock.jump(-7_200_000);
    await runUntil(b.clock, () => waiting.leadership !== undefined);
    expect(b.clock.monotonicMs()).toBeGreaterThanOrEqual(15_000);
    expect(b.clock.monotonicMs()).toBeLessThan(20_000);
  });

  it('goes on when the API is away', async () => {
    const heal = api.intercept(() => ({ status: 500 }));
    const a = replica('a');
    const state = acquiring(a);
    await runUntil(a.clock, () => api.requests.length === 3);
    heal();
    await runUntil(a.clock, () => state.leadership !== undefined);
  });

  it('ends with the reason of its caller', async () => {
    const a = replica('a');
    await a.lease.acquire(a.stop.signal);
    const b = replica('b');
    const state = acquiring(b);
    await until(() => b.clock.sleepers().length === 1);
    b.stop.abort(new Error('shut down'));
    await until(() => state.failure !== undefined);
    expect(state.failure).toEqual(new Error('shut down'));
  });

  it('reads a lease without a holder, or with nonsense in it, as free', async () => {
    api.put({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'operator', namespace: 'net' },
      spec: { leaseDurationSeconds: 'x' },
    });
    const a = replica('a');
    await a.lease.acquire(a.stop.signal);
    expect(stored()?.holderIdentity).toBe(a.lease.identity);
  });
});

describe('holding it', () => {
  const reasonOf = (leadership: Leadership | undefined) => (leadership?.lost.reason as PlumblineError | undefined)?.message;

  it('renews every 2 s', async () => {
    const a = replica('a');
    await a.lease.acquire(a.stop.signal);
    await runUntil(a.clock, () => a.clock.monotonicMs() >= 20_000);
    expect(writes('a').length).toBeGreaterThanOrEqual(8);
    expect(writes('a').length).toBeLessThanOrEqual(11);
  });

  it('survives an API that is away for less than 10 s', async () => {
    const a = replica('a');
    const leadership = await a.lease.acquire(a.stop.signal);
    const heal = api.intercept(() => ({ status: 503 }));
    await runUntil(a.clock, () => a.clock.monotonicMs() >= 8_000);
    heal();
    await runUntil(a.clock, () => a.clock.monotonicMs() >= 60_000);
    leadership.check();
  });

  it.each<[string, () => () => void]>([
    ['answers with errors', () => api.intercept(() => ({ status: 503 }))],
    ['never answers', () => api.intercept(() => 'hang')],
    ['breaks every connection', () => api.intercept(() => 'cut')],
  ])('is lost 10 s after the last renewal when the API %s', async (_name, breakIt) => {
    const a = replica('a');
    const leadership = await a.lease.acquire(a.stop.signal);
    breakIt();
    await runUntil(a.clock, () => leadership.lost.aborted, 10);
    expect(a.clock.monotonicMs()).toBeGreaterThanOrEqual(10_000);
    expect(a.clock.monotonicMs()).toBeLessThan(10_100);
    expect(() => leadership.check()).toThrow(PlumblineError);
    expect(await a.registry.metrics()).toContain('leader_election_master_status{name="operator"} 0');
  });

  it('is lost at once when another holds it', async () => {
    const a = replica('a');
    const leadership = await a.lease.acquire(a.stop.signal);
    const found = api.object('net/operator');
    api.put({
      ...found,
      metadata: { name: 'operator', namespace: 'net' },
      spec: { ...(found?.spec as object), holderIdentity: 'somebody' },
    });
    await runUntil(a.clock, () => leadership.lost.aborted);
    expect(a.clock.monotonicMs()).toBeLessThan(4_000);
    expect(reasonOf(leadership)).toContain('somebody holds it');
  });

  it('goes on when somebody writes a label on the lease', async () => {
    const a = replica('a');
    const leadership = await a.lease.acquire(a.stop.signal);
    const found = api.object('net/operator');
    api.put({ ...found, metadata: { name: 'operator', namespace: 'net', labels: { seen: 'yes' } } });
    await runUntil(a.clock, () => a.clock.monotonicMs() >= 30_000);
    leadership.check();
    expect(api.object('net/operator')?.metadata.labels).toEqual({ seen: 'yes' });
  });

  it('makes the lease again when somebody deleted it', async () => {
    const a = replica('a');
    const leadership = await a.lease.acquire(a.stop.signal);
    api.remove('net/operator');
    await runUntil(a.clock, () => stored()?.holderIdentity === a.lease.identity);
    leadership.check();
  });

  it('goes on when a renewal got through and its answer was lost', async () => {
    const a = replica('a');
    const leadership = await a.lease.acquire(a.stop.signal);
    let lostAnswers = 0;
    api.intercept((request) => {
      if (request.method !== 'PUT' || lostAnswers > 0) return undefined;
      lostAnswers++;
      api.put({ ...api.object('net/operator'), ...request.body, metadata: { name: 'operator', namespace: 'net' } });
      return 'cut';
    });
    await runUntil(a.clock, () => a.clock.monotonicMs() >= 30_000);
    expect(lostAnswers).toBe(1);
    leadership.check();
  });
});

describe('a process that was stopped', () => {
  it('writes nothing when it wakes, even before a timer of it runs', async () => {
    const a = replica('a');
    const leadership = await a.lease.acquire(a.stop.signal);
    const guarded = openKubeClient(api.kubeConfig({ token: 'a' }), { manager: 'a', clock: a.clock, beforeWrite: () => leadership.check() });
    const device = await guarded.create(devices, { metadata: { name: 'edge1' } });

    a.clock.stall(30_000); // SIGSTOP, or an event loop that was busy
    const b = replica('b');
    const taken = acquiring(b);
    await runUntil(b.clock, () => taken.leadership !== undefined);

    const before = writes('a').length;
    expect(leadership.lost.aborted).toBe(false); // no timer has run
    for (const attempt of [
      guarded.update(devices, device),
      guarded.updateStatus(devices, { ...device, status: {} }),
      guarded.apply(devices, device),
      guarded.mergePatch(devices, 'edge1', {}),
      guarded.delete(devices, 'edge1'),
      guarded.create(devices, { metadata: { name: 'edge2' } }),
    ]) {
      await expect(attempt).rejects.toMatchObject({ code: 'LeaseLost' });
    }
    expect(leadership.lost.aborted).toBe(true);
    await a.clock.advance(60_000);
    expect(writes('a').length).toBe(before);
    expect(await guarded.get(devices, 'edge1')).toMatchObject({ metadata: { name: 'edge1' } });
    await guarded.close();
  });

  it('while a write waited to be sent again does not send it', async () => {
    const a = replica('a');
    const leadership = await a.lease.acquire(a.stop.signal);
    const guarded = openKubeClient(api.kubeConfig({ token: 'a' }), {
      manager: 'a',
      clock: a.clock,
      beforeWrite: () => leadership.check(),
      random: () => 0,
    });
    const heal = api.intercept(({ path }) =>
      path.endsWith('/devices') ? { status: 429, body: statusOf(429, 'TooManyRequests', 'wait', { retryAfterSeconds: 1 }) } : undefined,
    );
    const asked = guarded.create(devices, { metadata: { name: 'edge1' } }).catch((error: unknown) => error);
    await until(() => a.clock.sleepers().includes(1_000));
    heal();
    a.clock.stall(12_000);
    await a.clock.advance(0);
    expect(await asked).toMatchObject({ code: 'LeaseLost' });
    expect(api.keys()).not.toContain('net/edge1');
    await guarded.close();
  });

  it('between asking for a write and sending it does not send it', async () => {
    const a = replica('a');
    const leadership = await a.lease.acquire(a.stop.signal);
    let checks = 0;
    const guarded = openKubeClient(api.kubeConfig({ token: 'a' }), {
      manager: 'a',
      clock: a.clock,
      beforeWrite: () => {
        leadership.check();
        if (++checks === 1) a.clock.stall(16_000); // and the connection is still to be made
      },
    });
    await expect(guarded.create(devices, { metadata: { name: 'edge1' } })).rejects.toMatchObject({ code: 'LeaseLost' });
    expect(api.keys()).not.toContain('net/edge1');
    expect(writes('a')).toHaveLength(1); // of the lease itself
    await guarded.list(devices); // reading goes on
    await guarded.close();
  });

  it('has told the server how long its writes may take', async () => {
    const guarded = openKubeClient(api.kubeConfig({ token: 'a' }), {
      manager: 'a',
      clock: createFakeClock(),
      beforeWrite: () => undefined,
    });
    await guarded.create(devices, { metadata: { name: 'edge1' } });
    await guarded.list(devices);
    expect(api.requests.map(({ query }) => query['timeout'])).toEqual(['5s', undefined]);
    await guarded.close();
  });

  it('learns it from its timers when nothing is written', async () => {
    const a = replica('a');
    const leadership = await a.lease.acquire(a.stop.signal);
    a.clock.stall(10_000);
    const before = writes('a').length;
    await a.clock.advance(0);
    expect(leadership.lost.aborted).toBe(true);
    expect(writes('a').length).toBe(before);
  });

  it('does not trust a renewal whose answer it reads too late', async () => {
    const a = replica('a');
    const leadership = await a.lease.acquire(a.stop.signal);
    const before = api.requests.length;
    await a.clock.advance(1_999);
    api.intercept((request) => {
      if (request.method === 'PUT') a.clock.stall(11_000); // stopped while the answer is on its way
      return undefined;
    });
    await a.clock.advance(1);
    await until(() => api.requests.length > before);
    await until(() => leadership.lost.aborted);
  });

  it('while it took the lease does not lead with it', async () => {
    const a = replica('a');
    api.intercept((request) => {
      if (request.method === 'POST') a.clock.stall(16_000);
      return undefined;
    });
    const state = acquiring(a);
    await until(() => api.requests.some(({ method }) => method === 'POST'));
    await settle();
    expect(state.leadership).toBeUndefined();
  });

  it('is not fooled by a wall clock that jumps', async () => {
    const a = replica('a');
    const leadership = await a.lease.acquire(a.stop.signal);
    a.clock.jump(3_600_000);
    leadership.check();
    a.clock.jump(-7_200_000);
    await runUntil(a.clock, () => a.clock.monotonicMs() >= 20_000);
    leadership.check();
  });
});

describe('releasing it', () => {
  it('stops its own writes first, then lets another lead within a retry', async () => {
    const clock = createFakeClock();
    const a = replica('a', clock);
    const leadership = await a.lease.acquire(a.stop.signal);
    const b = acquiring(replica('b', clock));
    await runUntil(clock, () => clock.monotonicMs() >= 5_000);
    const from = clock.monotonicMs();
    await leadership.release();
    expect(() => leadership.check()).toThrow('released');
    expect(stored()?.holderIdentity).toBe('');
    await runUntil(clock, () => b.leadership !== undefined);
    expect(clock.monotonicMs() - from).toBeLessThan(3_000);
    expect(b.leadership?.transitions).toBe(1 + leadership.transitions);
  });

  it('leaves what another holds by now, and never rejects', async () => {
    const a = replica('a');
    const leadership = await a.lease.acquire(a.stop.signal);
    const found = api.object('net/operator');
    api.put({
      ...found,
      metadata: { name: 'operator', namespace: 'net' },
      spec: { ...(found?.spec as object), holderIdentity: 'somebody' },
    });
    await leadership.release();
    await leadership.release();
    expect(stored()?.holderIdentity).toBe('somebody');
  });

  it('never rejects when the API is away', async () => {
    const a = replica('a');
    const leadership = await a.lease.acquire(a.stop.signal);
    api.intercept(() => ({ status: 500 }));
    await leadership.release();
    expect(leadership.lost.aborted).toBe(true);
    expect(a.clock.sleepers()).toEqual([]);
  });
});

it('writes micro-times as the API wants them', () => {
  expect(microTime(new Date('2026-11-21T12:00:00.12Z'))).toBe('2026-11-21T12:00:00.120000Z');
});
