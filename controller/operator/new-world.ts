import { leaderEpoch } from '../change/index.ts';
import { recallFigures } from './device/device-figures.ts';
import { createLastReads } from './device/last-reads.ts';
import { createLoginGuards } from './device/login-guard.ts';
import { keepPart } from './fleet/keep-part.ts';
import type { Runtime } from './runtime.ts';
import { isOurs, type Published, regionOf, type World } from './world.ts';

export interface WorldOptions {
  /** Of this leadership, raised as it began: that of the region. */
  epoch: number;
  /** False where nobody vouches for the groups of a person: on one machine. */
  knowsGroups: boolean;
  /** Labels of the devices that this operator looks at. Absent: all. */
  selector?: Readonly<Record<string, string>>;
  /** While logins are stopped, one device is tried this often. Default 60 000. */
  retryLoginsMs?: number;
  /** Keeps what devices hold, without secrets, to be given to plans in CI. */
  keepsReads?: boolean;
}

/** What an operator knows as it begins: what is published and kept, and nothing that has to be looked at. */
export async function newWorld(
  runtime: Runtime,
  published: Published,
  { epoch, knowsGroups, selector = {}, retryLoginsMs = 60_000, keepsReads = false }: WorldOptions,
  given: Pick<World, 'onJudged' | 'askSessions' | 'askSubnets' | 'netbox'>,
): Promise<World> {
  const { store, clock } = runtime.corridor;
  const { fleets, devices, drifts } = published;
  const world: World = {
    ...published,
    ...given,
    fleet: '',
    runtime,
    lastReads: keepsReads ? createLastReads() : undefined,
    inForce: undefined,
    told: undefined,
    suspended: false,
    reads: keepPart('reads', () => fleets.get(world.fleet)?.spec),
    changes: keepPart('changes', () => fleets.get(world.fleet)?.spec),
    loaded: undefined,
    recalled: undefined,
    selector,
    releasing: new Set(),
    knowsGroups,
    judgements: new Map(),
    standings: new Map(),
    fullPlans: new Map(),
    drained: new Map(),
    openChanges: [],
    keptGrants: undefined,
    upgraded: new Map(),
    upBefore: new Map(),
    leadership: {
      epoch: leaderEpoch(store.epochOf(regionOf(selector)), epoch),
      atWork: new Set(),
      isOurs: (device) => isOurs(world, devices.get(device)?.labels ?? {}),
    },
    atWork: new Map(),
    chores: new Map(),
    touched: new Map(),
    touch: (names) => {
      for (const name of names) {
        world.touched.set(name, (world.touched.get(name) ?? 0) + 1);
        world.judgements.delete(name);
      }
    },
    pins: new Map((await store.pins.list()).map((pin) => [pin.device, pin])),
    figures: new Map(),
    neighbors: new Map(),
    dhcp: new Map(),
    unattributed: new Map(),
    unpublished: { devices: new Map(), mirrors: new Map() },
    logins: createLoginGuards({ limit: () => world.reads().refusedLogins, retryMs: retryLoginsMs, clock }),
    lastJudged: new Map(),
    routed: undefined,
  };
  for (const device of devices.list())
    if (isOurs(world, device.labels)) world.figures.set(device.name, recallFigures(device, drifts.get(device.name)?.status));
  return world;
}
