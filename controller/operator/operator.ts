import { isDeepStrictEqual } from 'node:util';
import {
  type BGPSessionSpec,
  type BGPSessionStatus,
  type DHCPSubnetSpec,
  type DHCPSubnetStatus,
  type ChangeApprovalSpec,
  type ChangePlanSpec,
  type ChangePlanStatus,
  type DeviceSpec,
  type DeviceStatus,
  type DriftReportSpec,
  type DriftReportStatus,
  type FleetSpec,
  type FleetStatus,
} from '../api/index.ts';
import { leaderEpoch } from '../change/index.ts';
import { createController, createQueue } from '../kube/index.ts';
import { createOrphanCollector, type StoredObject, type StoreEvent } from '../store/index.ts';
import { fillDeviceMetrics, recallFigures } from './device/device-figures.ts';
import { adoptAnnotation } from './device/adoption.ts';
import { holdAnnotation, requestAnnotations, resumedAnnotation } from './device/hold.ts';
import { createLoginGuards } from './device/login-guard.ts';
import { reconcileDevice } from './device/reconcile-device.ts';
import { createDecay } from './device/stale.ts';
import { releaseDevice, renameDevice } from './device/release.ts';
import { noteUnpublished } from './device/unpublished.ts';
import { fillFleetMetrics } from './fleet/fleet-figures.ts';
import { type FleetObject, reconcileFleet, releaseAnnotation } from './fleet/reconcile-fleet.ts';
import { keepPart } from './fleet/keep-part.ts';
import { keepSources } from './fleet/keep-sources.ts';
import type { FleetSource } from './fleet/source.ts';
import { fillNetBoxMetrics } from './netbox/netbox-figures.ts';
import { netboxHintAnnotation, readNetBoxHint } from './netbox/hint.ts';
import { netboxOf, readNetBox } from './netbox/read-netbox.ts';
import { newStanding } from './netbox/standing.ts';
import { capQueue } from './capped-queue.ts';
import { followObjects } from './object-cache.ts';
import { rolloutAnnotation } from './plan/order.ts';
import { beginCounting, changeFacts, fillChangeMetrics } from './plan/plan-figures.ts';
import { reconcilePlans } from './plan/reconcile-plans.ts';
import type { Runtime } from './runtime.ts';
import { fillSubnetMetrics } from './dhcp/subnet-figures.ts';
import { removeGoneSubnets } from './dhcp/publish-subnets.ts';
import { removeGoneSessions } from './session/publish-sessions.ts';
import { timed } from './timed.ts';
import { createTried } from './tried.ts';
import { fleetLabel, isOurs, regionOf, type World } from './world.ts';

export interface OperatorOptions {
  /** Opens what a Fleet names. Asked again when the spec of the Fleet moved; the old one is closed then. */
  openSource: (fleet: FleetObject) => Promise<FleetSource>;
  /** Most looks at devices at the same time, whatever the Fleet says in `reads.atOnce`. */
  workers: number;
  /** Of this leadership, raised as it began: that of the region. */
  epoch: number;
  /** False where nobody vouches for the groups of a person: on one machine. */
  knowsGroups: boolean;
  /** Labels of the devices that this operator looks at. Absent: all. */
  selector?: Readonly<Record<string, string>>;
  /** While logins are stopped, one device is tried this often. Default 60 000. */
  retryLoginsMs?: number;
  /** Between two looks for artifacts that nothing names. Default 6 h. */
  tidyMs?: number;
}

/** Plans are reconciled together: what one may begin depends on the others. */
const plansKey = 'plans';

/** From a hint of NetBox to the look. */
const hintMs = 1000;

/** One snapshot serves all devices. */
const netboxKey = 'netbox';

/** When the API server comes back after hours, nobody waits longer than this to go on. */
const backoff = { firstMs: 5, longestMs: 60_000 };

/** A running operator. */
export interface Operator {
  /** Settles when the signal was aborted and every worker is done; rejects when a watch broke for good. */
  done: Promise<void>;
  world: World;
  /** True when the Fleet, and every device in force, was looked at, or could not be three times in a row. */
  triedAll(): boolean;
  /** Fleets as they are now, good or bad. */
  fleets(): readonly FleetObject[];
  /** A webhook or a person hints that the source moved. */
  hint(): void;
  /** A webhook of NetBox hints that something moved there. An echo of what was written from here does not count. */
  hintNetBox(requestId: string | undefined): void;
}

/** Runs the corridor for ever: Fleets, their devices, and the plans that make them right. */
export async function startOperator(runtime: Runtime, options: OperatorOptions, signal: AbortSignal): Promise<Operator> {
  const { corridor, objects, metrics, log, registry } = runtime;
  const { clock } = corridor;
  const fleetQueue = createQueue({ name: 'fleet', clock, registry, backoff });
  const planQueue = createQueue({ name: 'plan', clock, registry, backoff });
  const deviceQueue = capQueue(createQueue({ name: 'device', clock, registry, backoff }));
  const netboxQueue = createQueue({ name: 'netbox', clock, registry, backoff });
  const netbox = newStanding();
  const hintNetBox = (requestId: string | undefined) => {
    if (requestId !== undefined && netbox.written.has(requestId)) return;
    // What is changed in bulk comes in many: one look serves those of a while, and a large NetBox is not read without end.
    netboxQueue.add(netboxKey, { afterMs: hintMs + 9 * netbox.tookMs });
  };
  const wake = (devices: readonly string[]) => {
    for (const device of devices) deviceQueue.add(device, { priority: 'high' });
  };

  const fleets = await followObjects<FleetSpec, FleetStatus>(objects, 'Fleet', signal, (event, before) => {
    if (event.type !== 'deleted' && before && differs(before, event.object, netboxHintAnnotation))
      hintNetBox(readNetBoxHint(event.object.annotations));
    if (event.type !== 'deleted' && before && !asksFleet(before, event.object)) return;
    fleetQueue.add(event.object.name, { priority: 'high' });
    // Another one may be in charge now.
    if (event.type === 'deleted') for (const { name } of fleets.cache.list()) fleetQueue.add(name, { priority: 'high' });
  });
  const devices = await followObjects<DeviceSpec, DeviceStatus>(objects, 'Device', signal, (event, before) => {
    if (asksDevice(event, before)) wake([event.object.name]);
  });
  const drifts = await followObjects<DriftReportSpec, DriftReportStatus>(objects, 'DriftReport', signal, (event, before) => {
    // What we took away ourselves is known no more when the watch tells of it.
    if (before && (event.type === 'deleted' || !isDeepStrictEqual(before.spec, event.object.spec))) wake([event.object.name]);
  });
  const askPlans = () => planQueue.add(plansKey);
  const plans = await followObjects<ChangePlanSpec, ChangePlanStatus>(objects, 'ChangePlan', signal, (event, before) => {
    if (!before || event.type === 'deleted' || differs(before, event.object, rolloutAnnotation)) askPlans();
  });
  const approvals = await followObjects<ChangeApprovalSpec, unknown>(objects, 'ChangeApproval', signal, askPlans);
  const sessions = await followObjects<BGPSessionSpec, BGPSessionStatus>(objects, 'BGPSession', signal, () => undefined);
  const subnets = await followObjects<DHCPSubnetSpec, DHCPSubnetStatus>(objects, 'DHCPSubnet', signal, () => undefined);

  const world: World = {
    fleet: '',
    runtime,
    inForce: undefined,
    told: undefined,
    suspended: false,
    reads: keepPart('reads', () => fleets.cache.get(world.fleet)?.spec),
    changes: keepPart('changes', () => fleets.cache.get(world.fleet)?.spec),
    loaded: undefined,
    recalled: undefined,
    selector: options.selector ?? {},
    releasing: new Set(),
    devices: devices.cache,
    drifts: drifts.cache,
    sessions: sessions.cache,
    subnets: subnets.cache,
    fleets: fleets.cache,
    plans: plans.cache,
    approvals: approvals.cache,
    knowsGroups: options.knowsGroups,
    judgements: new Map(),
    standings: new Map(),
    fullPlans: new Map(),
    drained: new Map(),
    openChanges: [],
    keptGrants: undefined,
    upBefore: new Map(),
    leadership: {
      epoch: leaderEpoch(corridor.store.epochOf(regionOf(options.selector ?? {})), options.epoch),
      atWork: new Set(),
      isOurs: (device) => isOurs(world, devices.cache.get(device)?.labels ?? {}),
    },
    atWork: new Map(),
    chores: new Map(),
    onJudged: askPlans,
    touched: new Map(),
    touch: (names) => {
      for (const name of names) {
        world.touched.set(name, (world.touched.get(name) ?? 0) + 1);
        world.judgements.delete(name);
      }
    },
    pins: new Map((await corridor.store.pins.list()).map((pin) => [pin.device, pin])),
    figures: new Map(),
    neighbors: new Map(),
    dhcp: new Map(),
    netbox,
    unattributed: new Map(),
    unpublished: new Map(),
    logins: createLoginGuards({
      limit: () => world.reads().refusedLogins,
      retryMs: options.retryLoginsMs ?? 60_000,
      clock,
    }),
    lastJudged: new Map(),
    routed: undefined,
  };
  for (const device of devices.cache.list())
    if (isOurs(world, device.labels)) world.figures.set(device.name, recallFigures(device, drifts.cache.get(device.name)?.status));
  beginCounting(metrics);
  const stopFilling = metrics.onScrape(() => {
    // A device that is another region's now is told of over there.
    const isTold = (device: string) => {
      const mirror = devices.cache.get(device);
      return mirror !== undefined && isOurs(world, mirror.labels);
    };
    fillDeviceMetrics(metrics, new Map([...world.figures].filter(([device]) => isTold(device))));
    fillSubnetMetrics(metrics, world, isTold);
    fillFleetMetrics(metrics, fleets.cache.list());
    fillNetBoxMetrics(metrics, world);
    fillChangeMetrics(metrics, changeFacts(world, isTold));
    metrics.plumbline_device_unpublished.reset();
    for (const device of world.unpublished.keys()) metrics.plumbline_device_unpublished.set({ device }, 1);
    metrics.plumbline_logins_stopped.set(world.logins.closed() ? 1 : 0);
  });
  const sources = keepSources(options.openSource);
  const tried = createTried();

  const netboxPass = { world, wake, tellFleet: () => fleetQueue.add(world.fleet, { priority: 'high' }) };
  const fleetController = createController({
    name: 'fleet',
    queue: fleetQueue,
    workers: 1,
    deadlineMs: 10 * 60_000,
    clock,
    log,
    registry,
    reconcile: async (name, passSignal) => {
      const pass = {
        world,
        fleets: fleets.cache,
        sourceOf: sources.of,
        dropSource: sources.drop,
        wake,
        release: (device: string) => releaseDevice(world, device),
        rename: (from: string, to: string) => renameDevice(world, from, to),
        readFacts: (each: AbortSignal) => readNetBox(netboxPass, each),
      };
      const work = () => timed(metrics, clock, 'Fleet', () => reconcileFleet(pass, name, passSignal));
      const again = await tried.note(name, fleetQueue, work);
      deviceQueue.setCap(Math.min(world.reads().atOnce, options.workers));
      if (world.inForce) {
        await removeGoneSessions(world, world.inForce);
        await removeGoneSubnets(world, world.inForce);
      }
      askPlans();
      askNetBox();
      return again ? { do: 'requeueAfter', ms: again.againMs } : { do: 'done' };
    },
  });
  // The spec of the Fleet named another one, or its Secret may have come: a look at the Fleet alone reads nothing.
  let askedNetBox = '';
  const askNetBox = () => {
    const now = JSON.stringify([world.fleet, world.suspended, netboxOf(world)]);
    if (now !== askedNetBox) netboxQueue.add(netboxKey);
    askedNetBox = now;
  };
  const netboxController = createController({
    name: 'netbox',
    queue: netboxQueue,
    workers: 1,
    deadlineMs: 10 * 60_000,
    clock,
    log,
    registry,
    reconcile: async (_key, passSignal) => {
      const again = await readNetBox(netboxPass, passSignal);
      return again ? { do: 'requeueAfter', ms: again.againMs } : { do: 'done' };
    },
  });
  const deviceController = createController({
    name: 'device',
    queue: deviceQueue,
    workers: options.workers,
    deadlineMs: () => world.reads().timeoutSeconds * 2000,
    clock,
    log,
    registry,
    reconcile: async (name, passSignal) => {
      const tell = () => fleetQueue.add(world.fleet, { priority: 'low', afterMs: 1000 });
      const publication = { device: name, failures: deviceQueue.failures(name), signal: passSignal, tell };
      const look = () =>
        noteUnpublished(world, publication, () => reconcileDevice(world, name, world.reads().intervalSeconds * 1000, passSignal));
      const again = await tried.note(name, deviceQueue, () => timed(metrics, clock, 'Device', look));
      return again ? { do: 'requeueAfter', ms: again.againMs, priority: 'low' } : { do: 'done' };
    },
  });

  const decayQueue = createQueue({ name: 'decay', clock, registry, backoff });
  const decay = createDecay(world, {
    intervalMs: () => (fleets.cache.get(world.fleet) ? world.reads().intervalSeconds * 1000 : undefined),
    wake: (names) => names.forEach((name) => deviceQueue.add(name, { priority: 'low' })),
  });
  const decayController = createController({
    name: 'decay',
    queue: decayQueue,
    workers: 1,
    deadlineMs: 60_000,
    clock,
    log,
    registry,
    reconcile: async () => ({ do: 'requeueAfter', ms: (await decay()).againMs }),
  });

  const tidyQueue = createQueue({ name: 'tidy', clock, registry, backoff });
  const collectOrphans = createOrphanCollector(objects);
  const tidyController = createController({
    name: 'tidy',
    queue: tidyQueue,
    workers: 1,
    deadlineMs: 10 * 60_000,
    clock,
    log,
    registry,
    reconcile: async () => {
      const gone = await collectOrphans();
      if (gone > 0) log.info({ gone }, 'Removed artifacts that nothing names');
      return { do: 'requeueAfter', ms: options.tidyMs ?? 6 * 3_600_000 };
    },
  });
  /** What cannot be had is not known: a plan says so. */
  const past = async (revision: string) => {
    const fleet = fleets.cache.get(world.fleet);
    if (!fleet) return undefined;
    try {
      return await (await sources.of(fleet)).past(revision);
    } catch (error) {
      log.info({ revision, err: error }, 'Could not read an earlier revision');
      return undefined;
    }
  };
  const planController = createController({
    name: 'plan',
    queue: planQueue,
    workers: 1,
    deadlineMs: 10 * 60_000,
    clock,
    log,
    registry,
    reconcile: async () => {
      const again = await reconcilePlans(world, { running: signal, wake: askPlans, look: wake, past });
      return again ? { do: 'requeueAfter', ms: again.againMs } : { do: 'done' };
    },
  });

  decayQueue.add('judgements');
  tidyQueue.add('artifacts', { priority: 'low' });
  // Also of Fleets that were deleted while nobody looked.
  const mirrors = [...devices.cache.list(), ...drifts.cache.list(), ...sessions.cache.list(), ...subnets.cache.list()];
  const known = [...fleets.cache.list().map(({ name }) => name), ...mirrors.flatMap(({ labels }) => labels[fleetLabel] ?? [])];
  for (const name of new Set(known)) fleetQueue.add(name, { priority: 'high' });
  const stop = async () => {
    await Promise.all([fleetQueue, deviceQueue, decayQueue, tidyQueue, planQueue, netboxQueue].map((queue) => queue.shutDown()));
    // What was begun comes to its end: confirmed when that was decided, else rolled back.
    await Promise.allSettled([...world.atWork.values(), ...world.chores.values()]);
    stopFilling();
    await sources.close();
  };
  const watches = Promise.all([fleets, devices, drifts, sessions, subnets, plans, approvals].map(({ ended }) => ended));
  const controllers = [fleetController, deviceController, decayController, tidyController, planController, netboxController];
  const done = Promise.all([...controllers.map((each) => each.run(signal)), watches]).then(stop, async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    done,
    world,
    triedAll: () =>
      fleets.cache.list().every(({ name }) => tried.has('fleet', name)) &&
      [...(world.inForce?.devices.keys() ?? [])].every((name) => tried.has('device', name)),
    fleets: () => fleets.cache.list(),
    hintNetBox,
    hint: () => fleets.cache.list().forEach(({ name }) => fleetQueue.add(name, { priority: 'high' })),
  };
}

/** The spec moved, or a person asked for something. A write of our own status asks for nothing. */
function asksFleet(before: StoredObject, now: StoredObject): boolean {
  return before.generation !== now.generation || [...requestAnnotations, releaseAnnotation].some((key) => differs(before, now, key));
}

/** A person asked for a look or a hold, or somebody changed or deleted the mirror: it is put right. */
function asksDevice({ type, object }: StoreEvent, before: StoredObject | undefined): boolean {
  if (!before) return false;
  if (type === 'deleted') return true;
  return (
    before.generation !== object.generation ||
    [...requestAnnotations, holdAnnotation, resumedAnnotation, adoptAnnotation].some((key) => differs(before, object, key))
  );
}

function differs(before: StoredObject, now: StoredObject, key: string): boolean {
  return before.annotations[key] !== now.annotations[key];
}
