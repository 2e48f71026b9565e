import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../../test/kube/fake-clock.ts';
import {
  type BGPSessionSpec,
  type BGPSessionStatus,
  type DHCPSubnetSpec,
  type DHCPSubnetStatus,
  DeviceSpec,
  type DeviceStatus,
} from '../../api/index.ts';
import { silentLog } from '../../lib/index.ts';
import { openStore, type Store } from '../../store/index.ts';
import { operatorMetrics } from '../metrics.ts';
import { followObjects } from '../object-cache.ts';
import type { Notice } from '../runtime.ts';
import type { World } from '../world.ts';
import { createDecay } from './stale.ts';

const intervalMs = 60_000;
let folder: string;
let store: Store;
let clock: FakeClock;
let world: World;
let watching: AbortController;
let told: Notice[];
let woken: string[];
/** Undefined: no Fleet is in charge. */
let interval: number | undefined;
let decay: () => Promise<unknown>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumb-stale-'));
  clock = createFakeClock();
  store = await openStore(folder, clock);
  [told, woken, interval, watching] = [[], [], intervalMs, new AbortController()];
});
afterEach(() => {
  watching.abort();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const spec = DeviceSpec.parse({
  platform: 'frr',
  management: { address: '192.0.2.1', hostKeys: [`SHA256:${'a'.repeat(43)}`] },
  credentials: { observe: { name: 'routers' } },
});

/** What an operator before us left of some devices, and this one, which begins now. */
async function begin(left: Record<string, DeviceStatus['verdict'] | 'never judged'>, selector = {}): Promise<void> {
  for (const [name, verdict] of Object.entries(left)) {
    const object = await store.objects.create<DeviceSpec, DeviceStatus>({ kind: 'Device', name, spec, labels: { site: name.slice(0, 3) } });
    if (verdict === 'never judged') continue;
    const status = verdict === 'InSync' ? 'True' : verdict === 'Unknown' ? 'Unknown' : 'False';
    const reason = verdict === 'Unknown' ? 'Unreachable' : String(verdict);
    const ready = { type: 'Ready', status, reason, message: 'as it was found', lastTransitionTime: clock.now().toISOString() } as const;
    await store.objects.updateStatus({ ...object, status: { verdict, revision: 'main@sha1:1', digest: 'sha256:a', conditions: [ready] } });
  }
  const follow = <Spec, Status>(kind: string) => followObjects<Spec, Status>(store.objects, kind, watching.signal, () => undefined);
  world = {
    selector,
    runtime: {
      corridor: { clock, store },
      objects: store.objects,
      notify: (notice: Notice) => void told.push(notice),
      log: silentLog,
      metrics: operatorMetrics.on(new Registry()),
    },
    inForce: { devices: new Map(Object.keys(left).map((name) => [name, {}])) },
    devices: (await follow('Device')).cache,
    sessions: (await follow<BGPSessionSpec, BGPSessionStatus>('BGPSession')).cache,
    subnets: (await follow<DHCPSubnetSpec, DHCPSubnetStatus>('DHCPSubnet')).cache,
    dhcp: new Map(),
    figures: new Map(),
    neighbors: new Map(),
    lastJudged: new Map(),
  } as unknown as World;
  decay = createDecay(world, { intervalMs: () => interval, wake: (names) => woken.push(...names) });
}

const judgeNow = (name: string) => world.lastJudged.set(name, clock.monotonicMs());
const reasons = async () =>
  Object.fromEntries(
    (await store.objects.list<DeviceSpec, DeviceStatus>('Device')).map(({ name, status }) => [name, status?.conditions[0]?.reason]),
  );
/** Time goes by, as often as `decay` is asked. */
async function pass(intervals: number): Promise<void> {
  for (let k = 0; k < intervals; k++) {
    clock.stall(interval ?? 300_000);
    await decay();
  }
}

describe('a judgement of an operator that is gone', () => {
  it('holds for three intervals of the new one, and then is Stale', async () => {
    await begin({ 'fra-1': 'InSync', 'fra-2': 'Drifted' });
    await pass(3);
    expect(await reasons()).toEqual({ 'fra-1': 'InSync', 'fra-2': 'Drifted' });
    await pass(1);
    expect(await reasons()).toEqual({ 'fra-1': 'Stale', 'fra-2': 'Stale' });
    expect(told.map(({ name, reason }) => `${name} ${reason}`)).toEqual(['fra-1 Stale', 'fra-2 Stale']);
  });

  it('is told once, and written once', async () => {
    await begin({ 'fra-1': 'InSync' });
    await pass(4);
    const { resourceVersion } = (await store.objects.get('Device', 'fra-1')) ?? {};
    await pass(10);
    expect((await store.objects.get('Device', 'fra-1'))?.resourceVersion).toBe(resourceVersion);
    expect(told).toHaveLength(1);
  });

  it('keeps what is known of the device beside the verdict', async () => {
    await begin({ 'fra-1': 'InSync' });
    await pass(4);
    const { status } = (await store.objects.get<DeviceSpec, DeviceStatus>('Device', 'fra-1')) ?? {};
    expect(status).toMatchObject({ verdict: 'Unknown', revision: 'main@sha1:1', digest: 'sha256:a' });
    expect(status?.conditions[0]).toMatchObject({
      status: 'Unknown',
      message: expect.stringContaining('fra-1 was not looked at for 180 s') as string,
    });
  });

  it('is left alone where it claims nothing', async () => {
    await begin({ 'fra-1': 'Unknown', 'fra-2': 'never judged' });
    await pass(10);
    expect(await reasons()).toEqual({ 'fra-1': 'Unreachable', 'fra-2': undefined });
  });

  it('is left to the operator of its own region', async () => {
    await begin({ 'fra-1': 'InSync', 'lon-1': 'InSync' }, { site: 'fra' });
    await pass(4);
    expect(await reasons()).toEqual({ 'fra-1': 'Stale', 'lon-1': 'InSync' });
  });

  it('decays without any Fleet as well, after three times five minutes', async () => {
    interval = undefined;
    await begin({ 'fra-1': 'InSync' });
    await pass(3);
    expect(await reasons()).toEqual({ 'fra-1': 'InSync' });
    await pass(1);
    expect(await reasons()).toEqual({ 'fra-1': 'Stale' });
  });
});

describe('a judgement of our own', () => {
  it('holds as long as it is renewed, and three intervals after that', async () => {
    await begin({ 'fra-1': 'InSync' });
    for (let k = 0; k < 10; k++) {
      judgeNow('fra-1');
      await pass(1);
    }
    expect(await reasons()).toEqual({ 'fra-1': 'InSync' });
    await pass(3);
    expect(await reasons()).toEqual({ 'fra-1': 'Stale' });
  });

  it('holds for as long as a look may take, however short the interval', async () => {
    interval = 1000;
    await begin({ 'fra-1': 'InSync' });
    await pass(10);
    expect(await reasons()).toEqual({ 'fra-1': 'InSync' });
    await pass(1);
    expect(await reasons()).toEqual({ 'fra-1': 'Stale' });
  });

  it('that is written at this moment wins', async () => {
    await begin({ 'fra-1': 'InSync' });
    watching.abort();
    clock.stall(4 * intervalMs);
    const object = await store.objects.get<DeviceSpec, DeviceStatus>('Device', 'fra-1');
    if (!object?.status) throw new Error('no device');
    const [ready] = object.status.conditions;
    if (!ready) throw new Error('no condition');
    await store.objects.updateStatus({ ...object, status: { ...object.status, conditions: [{ ...ready, message: 'just looked at' }] } });
    await decay();
    expect(await reasons()).toEqual({ 'fra-1': 'InSync' });
  });
});

describe('a look that ends while others are told to be stale', () => {
  /** Calls back after each status that the decay writes. */
  const afterEachWrite = (then: (name: string) => Promise<void>) => {
    const { objects } = store;
    const updateStatus: typeof objects.updateStatus = async (object) => {
      const written = await objects.updateStatus(object);
      await then(object.name);
      return written;
    };
    Object.assign(world.runtime, {
      objects: new Proxy(objects, {
        get: (target, name: keyof typeof objects) =>
          name === 'updateStatus' ? updateStatus : (target[name] as () => unknown).bind(target),
      }),
    });
  };

  it('holds, though it saw the same and wrote nothing', async () => {
    await begin({ 'fra-1': 'InSync', 'fra-2': 'InSync' });
    afterEachWrite(async (name) => void (name === 'fra-1' && judgeNow('fra-2')));
    clock.stall(4 * intervalMs);
    await decay();
    expect(await reasons()).toEqual({ 'fra-1': 'Stale', 'fra-2': 'InSync' });
  });

  it('holds for its sessions too', async () => {
    const session = (name: string) => ({
      kind: 'BGPSession',
      name,
      spec: { ends: [{ device: 'fra-1' }] },
      status: { conditions: [], ends: [] },
    });
    for (const name of ['s1', 's2']) await store.objects.create(session(name));
    await begin({ 'fra-1': 'InSync' });
    const before = world.devices.get('fra-1');
    afterEachWrite(async (name) => {
      const now = world.devices.get('fra-1');
      if (name === 's1' && before?.status && now) world.devices.learn({ ...now, status: before.status });
    });
    clock.stall(4 * intervalMs);
    await decay();
    const said = async (name: string) =>
      (await store.objects.get<unknown, BGPSessionStatus>('BGPSession', name))?.status?.conditions[0]?.reason;
    expect([await said('s1'), await said('s2')]).toEqual(['Stale', undefined]);
  });
});

describe('a new interval', () => {
  it('that is shorter makes nothing old at once: all are looked at first', async () => {
    interval = 3_600_000;
    await begin({ 'fra-1': 'InSync', 'fra-2': 'InSync' });
    judgeNow('fra-1');
    await pass(1);
    interval = 5000;
    await decay();
    expect(woken).toEqual(['fra-1', 'fra-2']);
    expect(await reasons()).toEqual({ 'fra-1': 'InSync', 'fra-2': 'InSync' });
    await pass(4);
    expect(await reasons()).toEqual({ 'fra-1': 'Stale', 'fra-2': 'Stale' });
  });

  it('that is longer, or the first one, makes nobody look', async () => {
    interval = undefined;
    await begin({ 'fra-1': 'InSync' });
    interval = intervalMs;
    await decay();
    interval = 2 * intervalMs;
    await decay();
    expect(woken).toEqual([]);
  });
});
