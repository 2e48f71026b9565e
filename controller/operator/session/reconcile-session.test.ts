import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BGPSessionSpec, BGPSessionStatus } from '../../api/index.ts';
import { systemClock } from '../../lib/index.ts';
import { openStore, type Store } from '../../store/index.ts';
import type { DesiredFleet } from '../fleet/desired-fleet.ts';
import { followObjects, type ObjectCache } from '../object-cache.ts';
import { fleetLabel, type World } from '../world.ts';
import { goneSessions, reconcileSession } from './reconcile-session.ts';

let folder: string;
let stop: AbortController;
let store: Store;
let devices: World['devices'];
let sessions: World['sessions'];
let world: World;
/** Names that were asked for, and not yet worked on. */
let asked: string[];

/** The operator of Frankfurt, with router a; b is New York's. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-sessions-'));
  stop = new AbortController();
  store = await openStore(folder);
  const { objects } = store;
  for (const [name, site] of Object.entries({ a: 'fra', a2: 'fra', b: 'nyc' }))
    await objects.create({ kind: 'Device', name, labels: { site, [fleetLabel]: 'lab' }, spec: {} });
  const follow = async <Spec, Status>(kind: string): Promise<ObjectCache<Spec, Status>> =>
    (await followObjects<Spec, Status>(objects, kind, stop.signal, () => undefined)).cache;
  await objects.create({ kind: 'Fleet', name: 'lab', spec: {} });
  await objects.create({ kind: 'Fleet', name: 'other', spec: {} });
  [devices, sessions] = [await follow('Device'), await follow('BGPSession')];
  asked = [];
  world = {
    fleet: 'lab',
    selector: { site: 'fra' },
    runtime: { objects, corridor: { clock: systemClock } },
    fleets: await follow('Fleet'),
    devices,
    sessions,
    lastJudged: new Map(),
    neighbors: new Map(),
    askSessions: (names: readonly string[]) => void asked.push(...names),
  } as unknown as World;
});
afterEach(() => {
  stop.abort();
  store.close();
  rmSync(folder, { recursive: true });
});

const address = '192.0.2.1';
const specOf = (ends: readonly string[]): BGPSessionSpec =>
  ({ ends: [...ends.map((device) => ({ device })), ...(ends.length < 2 ? [{ external: { address } }] : [])] }) as unknown as BGPSessionSpec;

/** A revision with these sessions, as the operator of Frankfurt has it. */
function revision(wanted: Readonly<Record<string, readonly string[]>>): DesiredFleet {
  const found = Object.entries(wanted).map(([name, ends]) => [name, { metadata: { name, labels: {} }, spec: specOf(ends) }] as const);
  const expected = (session: string) => ({ session, neighbor: address, vrf: 'default', addressFamilies: ['ipv4-unicast'] });
  const deviceOf = (device: string) => {
    const own = Object.entries(wanted).filter(([, ends]) => ends.includes(device));
    return [device, { ready: { sessions: own.map(([name]) => expected(name)) } }] as const;
  };
  return { state: { objects: { BGPSession: new Map(found) } }, devices: new Map(['a', 'a2'].map(deviceOf)) } as unknown as DesiredFleet;
}

/** A look at a device ended: all its neighbors are up. */
function judged(...names: string[]): void {
  for (const name of names) {
    world.lastJudged.set(name, 1);
    const up = { address, vrf: 'default', family: 'ipv4-unicast', remoteAs: 64496, state: 'Established' };
    world.neighbors.set(name, [{ ...up, upSeconds: 60, accepted: 1, advertised: 1 }]);
  }
}

/** Works on what was asked for, as the queue does. */
async function work(...names: string[]): Promise<void> {
  for (let next: string | undefined = names.shift(); next !== undefined; next = names.shift() ?? asked.shift())
    await reconcileSession(world, next);
}

const stored = () => store.objects.list<BGPSessionSpec, BGPSessionStatus>('BGPSession');
const left = async () => (await stored()).map(({ name }) => name);
const mirror = (name: string, ends: readonly string[], fleet = 'lab') =>
  store.objects.create({ kind: 'BGPSession', name, labels: { [fleetLabel]: fleet }, spec: specOf(ends) });
/** Made before the operator began to look. */
const mirrors = async (all: Readonly<Record<string, readonly string[]>>) => {
  for (const [name, ends] of Object.entries(all)) sessions.learn((await mirror(name, ends)) as never);
};

describe('a session in force', () => {
  it('is published when both of its ends were looked at, and written once', async () => {
    world.inForce = revision({ 'a-a2': ['a', 'a2'] });
    judged('a');
    await work('a-a2');
    expect(await stored()).toEqual([]);
    judged('a2');
    await work('a-a2');
    const [first] = await stored();
    expect(first).toMatchObject({
      name: 'a-a2',
      labels: { [fleetLabel]: 'lab' },
      status: { ends: [{ device: 'a' }, { device: 'a2' }], conditions: [{ status: 'True', reason: 'Established' }] },
    });
    await work('a-a2', 'a-a2');
    expect(await stored()).toEqual([first]);
  });

  it('is not known as soon as an end is not', async () => {
    world.inForce = revision({ 'a-a2': ['a', 'a2'] });
    judged('a', 'a2');
    world.neighbors.delete('a2');
    await work('a-a2');
    expect((await stored())[0]?.status?.conditions).toMatchObject([{ status: 'Unknown', message: 'a2 cannot be read' }]);
  });

  it('is reported by the operator of its first end, and by no other', async () => {
    world.inForce = revision({ 'a-b': ['a', 'b'], 'b-a': ['b', 'a'] });
    judged('a');
    await work('a-b', 'b-a');
    expect((await stored()).map(({ name, status }) => [name, status?.ends.map(({ device }) => device)])).toEqual([['a-b', ['a']]]);
  });
});

describe('the mirror of a session', () => {
  it("goes when Git no longer has it, unless another region's operator reports it or another Fleet has it", async () => {
    await mirrors({ stays: ['a'], ours: ['a', 'b'], theirs: ['b', 'a'], 'of-nobody': ['gone'] });
    sessions.learn((await mirror('of-another-fleet', ['a'], 'other')) as never);
    sessions.learn((await mirror('of-a-fleet-that-went', ['a'], 'went')) as never);
    world.inForce = revision({ stays: ['a'] });
    await work(...goneSessions(world));
    expect(await left()).toEqual(['of-another-fleet', 'stays', 'theirs']);
  });

  it("stays when another region's operator reports it, though one of ours was just looked at by a revision that had it", async () => {
    await mirrors({ 'b-a': ['b', 'a'] });
    world.inForce = revision({});
    await work('b-a');
    expect(await left()).toEqual(['b-a']);
  });

  it('stays while no revision is in force', async () => {
    await mirrors({ a: ['a'] });
    world.inForce = undefined;
    await work('a', ...goneSessions(world));
    expect(await left()).toEqual(['a']);
  });

  it.each<{ name: string; happens: () => Promise<void> }>([
    { name: 'a revision without it comes into force', happens: async () => void (world.inForce = revision({})) },
    {
      name: 'the Fleet is deleted',
      happens: async () => {
        world.inForce = undefined;
        world.fleet = '';
        world.fleets.forget('lab');
      },
    },
  ])('does not stay behind when $name while it is written', async ({ happens }) => {
    world.inForce = revision({ a: ['a'] });
    judged('a');
    const { objects } = store;
    const create: typeof objects.create = async (object) => {
      await happens();
      return objects.create(object);
    };
    Object.assign(world.runtime, { objects: { create, delete: (kind: string, name: string) => objects.delete(kind, name) } });
    await work('a');
    expect(await left()).toEqual([]);
  });
});
