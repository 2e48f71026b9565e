import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DHCPSubnetSpec, DHCPSubnetStatus } from '../../api/index.ts';
import { systemClock } from '../../lib/index.ts';
import { openStore, type Store } from '../../store/index.ts';
import type { DesiredFleet } from '../fleet/desired-fleet.ts';
import { followObjects } from '../object-cache.ts';
import { fleetLabel, type World } from '../world.ts';
import { goneSubnets, reconcileSubnet } from './reconcile-subnet.ts';

let folder: string;
let stop: AbortController;
let store: Store;
let world: World;
/** Names that were asked for, and not yet worked on. */
let asked: string[];

/** The operator of Frankfurt, with servers a and a2; b is New York's. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-subnets-'));
  stop = new AbortController();
  store = await openStore(folder);
  const { objects } = store;
  for (const [name, site] of Object.entries({ a: 'fra', a2: 'fra', b: 'nyc' }))
    await objects.create({ kind: 'Device', name, labels: { site, [fleetLabel]: 'lab' }, spec: {} });
  const follow = async (kind: string) => (await followObjects(objects, kind, stop.signal, () => undefined)).cache;
  asked = [];
  world = {
    fleet: 'lab',
    selector: { site: 'fra' },
    runtime: { objects, corridor: { clock: systemClock } },
    devices: await follow('Device'),
    subnets: await follow('DHCPSubnet'),
    lastJudged: new Map(),
    dhcp: new Map(),
    askSubnets: (names: readonly string[]) => void asked.push(...names),
  } as unknown as World;
});
afterEach(() => {
  stop.abort();
  store.close();
  rmSync(folder, { recursive: true });
});

const specOf = (servedBy: readonly string[]): DHCPSubnetSpec =>
  ({ family: 'IPv4', id: 10, servedBy, reservations: [{ hostname: 'printer' }] }) as unknown as DHCPSubnetSpec;

/** A revision with these subnets, each by its servers, as the operator of Frankfurt has it. */
function revision(wanted: Readonly<Record<string, readonly string[]>>): DesiredFleet {
  const found = Object.entries(wanted).map(([name, servers]) => [name, { metadata: { name, labels: {} }, spec: specOf(servers) }] as const);
  const devices = new Map(['a', 'a2'].map((name) => [name, {}]));
  return { state: { objects: { DHCPSubnet: new Map(found) } }, devices } as unknown as DesiredFleet;
}

/** A look at servers ended: all is as Git says. */
function judged(...names: string[]): void {
  for (const name of names) {
    world.lastJudged.set(name, 1);
    world.dhcp.set(name, { verdicts: new Map(), uses: undefined });
  }
}

/** Works on what was asked for, as the queue does. */
async function work(...names: string[]): Promise<void> {
  for (let next = names.shift(); next !== undefined; next = names.shift() ?? asked.shift()) await reconcileSubnet(world, next);
}

const stored = () => store.objects.list<DHCPSubnetSpec, DHCPSubnetStatus>('DHCPSubnet');
const left = async () => (await stored()).map(({ name }) => name);
/** Made before the operator began to look. */
const mirror = async (name: string, servers: readonly string[], fleet = 'lab') =>
  world.subnets.learn(
    (await store.objects.create({ kind: 'DHCPSubnet', name, labels: { [fleetLabel]: fleet }, spec: specOf(servers) })) as never,
  );

describe('a subnet in force', () => {
  it('is published when both of its servers were looked at, without its reservations, and written once', async () => {
    world.inForce = revision({ office: ['a', 'a2'] });
    judged('a');
    await work('office');
    expect(await stored()).toEqual([]);
    judged('a2');
    await work('office');
    const [first] = await stored();
    expect(first).toMatchObject({
      name: 'office',
      labels: { [fleetLabel]: 'lab' },
      spec: { reservations: [] },
      status: { reservations: 1, conditions: [{ status: 'True', reason: 'InSync' }] },
    });
    await work('office', 'office');
    expect(await stored()).toEqual([first]);
  });

  it('is not known as soon as a server is not', async () => {
    world.inForce = revision({ office: ['a'] });
    judged('a');
    world.dhcp.delete('a');
    await work('office');
    expect((await stored())[0]?.status?.conditions).toMatchObject([{ type: 'Ready', status: 'Unknown' }]);
  });

  it('is reported by the operator of its first server, and by no other', async () => {
    world.inForce = revision({ ours: ['a', 'b'], theirs: ['b', 'a'] });
    judged('a');
    await work('ours', 'theirs');
    expect((await stored()).map(({ name, status }) => [name, status?.servers.map(({ device }) => device)])).toEqual([['ours', ['a']]]);
  });

  it('goes again when it left Git while it was written', async () => {
    world.inForce = revision({ office: ['a'] });
    judged('a');
    const { objects } = world.runtime;
    const create: typeof objects.create = (object) => {
      world.inForce = revision({});
      return objects.create(object);
    };
    world.runtime = { ...world.runtime, objects: { ...objects, create, delete: (kind, name) => objects.delete(kind, name) } };
    await work('office');
    expect([await left(), asked]).toEqual([[], []]);
  });
});

describe('the mirror of a subnet', () => {
  it("goes when Git no longer has it, unless another region's operator reports it or another Fleet has it", async () => {
    for (const [name, servers] of Object.entries({ stays: ['a'], ours: ['a', 'b'], theirs: ['b', 'a'], 'of-nobody': ['gone'] }))
      await mirror(name, servers);
    await mirror('of-another-fleet', ['a'], 'other');
    world.inForce = revision({ stays: ['a'] });
    await work(...goneSubnets(world));
    expect(await left()).toEqual(['of-another-fleet', 'stays', 'theirs']);
  });

  it('stays while no revision is in force', async () => {
    await mirror('office', ['a']);
    world.inForce = undefined;
    await work('office', ...goneSubnets(world));
    expect(await left()).toEqual(['office']);
  });
});
