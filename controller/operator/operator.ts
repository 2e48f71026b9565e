import { createController, createQueue, type Queue } from '../kube/index.ts';
import { createBreather } from '../lib/index.ts';
import { createOrphanCollector } from '../store/index.ts';
import { capQueue } from './capped-queue.ts';
import { createDarkLane, wasDark } from './device/dark-lane.ts';
import { reconcileDevice } from './device/reconcile-device.ts';
import { releaseDevice, renameDevice } from './device/release.ts';
import { createDecay } from './device/stale.ts';
import { goneSubnets, reconcileSubnet } from './dhcp/reconcile-subnet.ts';
import { fillMetrics } from './fill-metrics.ts';
import { keepSources } from './fleet/keep-sources.ts';
import { type FleetObject, type FleetPass, reconcileFleet } from './fleet/reconcile-fleet.ts';
import type { FleetSource } from './fleet/source.ts';
import { followPublished } from './follow-published.ts';
import { netboxOf, readNetBox } from './netbox/read-netbox.ts';
import { newStanding } from './netbox/standing.ts';
import { newWorld, type WorldOptions } from './new-world.ts';
import { beginCounting } from './plan/plan-figures.ts';
import { reconcilePlans } from './plan/reconcile-plans.ts';
import { createRightOfWay } from './right-of-way.ts';
import type { Runtime } from './runtime.ts';
import { goneSessions, reconcileSession } from './session/reconcile-session.ts';
import { timed } from './timed.ts';
import { createTried } from './tried.ts';
import { noteUnpublished } from './unpublished.ts';
import { fleetLabel, type World } from './world.ts';

export interface OperatorOptions extends WorldOptions {
  /** Opens what a Fleet names. Asked again when the spec of the Fleet moved; the old one is closed then. */
  openSource: (fleet: FleetObject) => Promise<FleetSource>;
  /** Most looks at devices at the same time, whatever the Fleet says in `reads.atOnce`. */
  workers: number;
  /** Between two looks for artifacts that nothing names. Default 6 h. */
  tidyMs?: number;
}

/** What is reconciled as a whole has one key. Plans: what one may begin depends on the others. NetBox: one snapshot serves all devices. */
const theOne = 'all';

/** From a hint of NetBox to the look. */
const hintMs = 1000;

/** Most mirrors of a kind that are written at the same time: few, so that the verdicts of devices do not wait for them. */
const mirrorWorkers = 2;

/** What works on a whole network may take this long. */
const longMs = 10 * 60_000;

/** When the API server comes back after hours, nobody waits longer than this to go on. */
const backoff = { firstMs: 5, longestMs: 60_000 };

/** A running operator. */
export interface Operator {
  /** Settles when the signal was aborted and every worker is done; rejects when a watch broke for good. */
  done: Promise<void>;
  world: World;
  /** True when the Fleet, and every device in force, was looked at, or could not be three times in a row, and no session or subnet waits. */
  triedAll(): boolean;
  /** True when every Fleet was: what is said of them is of this process, not of one before it. */
  triedFleets(): boolean;
  /** Fleets as they are now, good or bad. */
  fleets(): readonly FleetObject[];
  /** What the devices in force held when they were last looked at, without secrets, as JSON in pieces; undefined while nothing is in force. */
  lastReads(): AsyncIterable<string> | undefined;
  /** A webhook or a person hints that the source moved. */
  hint(): void;
  /** A webhook of NetBox hints that something moved there. An echo of what was written from here does not count. */
  hintNetBox(requestId: string | undefined): void;
}

/** Runs the corridor for ever: Fleets, their devices, and the plans that make them right. */
export async function startOperator(runtime: Runtime, options: OperatorOptions, signal: AbortSignal): Promise<Operator> {
  const { corridor, objects, metrics, log, registry } = runtime;
  const { clock } = corridor;
  const newQueue = (name: string) => createQueue({ name, clock, registry, backoff });
  const [fleetQueue, planQueue, netboxQueue, sessionQueue, subnetQueue, decayQueue, tidyQueue] = [
    newQueue('fleet'),
    newQueue('plan'),
    newQueue('netbox'),
    newQueue('session'),
    newQueue('subnet'),
    newQueue('decay'),
    newQueue('tidy'),
  ];
  const deviceQueue = capQueue(newQueue('device'));

  const netbox = newStanding();
  const hintNetBox = (requestId: string | undefined) => {
    if (requestId !== undefined && netbox.written.has(requestId)) return;
    // What is changed in bulk comes in many: one look serves those of a while, and a large NetBox is not read without end.
    netboxQueue.add(theOne, { afterMs: hintMs + 9 * netbox.tookMs });
  };
  const askFleet = (name: string) => fleetQueue.add(name, { priority: 'high' });
  const askDevice = (name: string) => deviceQueue.add(name, { priority: 'high' });
  const askDevices = (names: readonly string[]) => names.forEach(askDevice);
  const askPlans = () => planQueue.add(theOne);
  const asks = { fleet: askFleet, device: askDevice, plans: askPlans, netbox: hintNetBox };
  const { published, ended: watches } = await followPublished(objects, asks, signal);
  const { fleets, devices, drifts, sessions, subnets } = published;
  const world = await newWorld(runtime, published, options, {
    netbox,
    onJudged: askPlans,
    askSessions: (names) => names.forEach((name) => sessionQueue.add(name)),
    askSubnets: (names) => names.forEach((name) => subnetQueue.add(name)),
  });
  beginCounting(metrics);
  const stopFilling = metrics.onScrape(() => fillMetrics(world));
  const sources = keepSources(options.openSource);
  const tried = createTried();
  const breathe = createBreather(clock);
  const intervalMs = () => world.reads().intervalSeconds * 1000;
  const places = () => Math.min(world.reads().atOnce, options.workers);
  const way = createRightOfWay(clock, deviceQueue);
  const dark = createDarkLane({ places, isDark: (device) => wasDark(devices.get(device)) });

  const netboxPass = { world, wake: askDevices, tellFleet: () => askFleet(world.fleet) };
  const fleetPass: FleetPass = {
    world,
    fleets,
    sourceOf: sources.of,
    dropSource: sources.drop,
    wake: askDevices,
    way,
    release: (device) => releaseDevice(world, device),
    rename: (from, to) => renameDevice(world, from, to),
    readFacts: (passSignal) => readNetBox(netboxPass, passSignal),
  };
  // The spec of the Fleet named another one, or its Secret may have come: a look at the Fleet alone reads nothing.
  let askedNetBox = '';
  const askNetBox = () => {
    const now = JSON.stringify([world.fleet, world.suspended, netboxOf(world)]);
    if (now !== askedNetBox) netboxQueue.add(theOne);
    askedNetBox = now;
  };
  /** What cannot be had is not known: a plan says so. */
  const past = async (revision: string) => {
    const fleet = fleets.get(world.fleet);
    if (!fleet) return undefined;
    try {
      return await (await sources.of(fleet)).past(revision);
    } catch (error) {
      log.info({ revision, err: error }, 'Could not read an earlier revision');
      return undefined;
    }
  };
  const decay = createDecay(world, {
    intervalMs: () => (fleets.get(world.fleet) ? intervalMs() : undefined),
    wake: (names) => names.forEach((name) => deviceQueue.add(name, { priority: 'low' })),
  });
  const collectOrphans = createOrphanCollector(objects);

  const tellFleet = () => fleetQueue.add(world.fleet, { priority: 'low', afterMs: 1000 });
  const mirrorWork = (queue: Queue, kind: string, reconcile: (world: World, name: string) => Promise<void>): Work => ({
    queue,
    workers: mirrorWorkers,
    deadlineMs: 60_000,
    reconcile: async (name, signal) => {
      const publication = { name: `${kind}/${name}`, failures: queue.failures(name), signal, tell: tellFleet };
      await noteUnpublished(world.unpublished.mirrors, publication, () => reconcile(world, name));
      // A server has thousands of subnets, and one that stands never waits for anything.
      await breathe();
      return undefined;
    },
  });

  const works: readonly Work[] = [
    {
      queue: fleetQueue,
      deadlineMs: longMs,
      reconcile: async (name, passSignal) => {
        const look = () => timed(metrics, clock, 'Fleet', () => reconcileFleet(fleetPass, name, passSignal));
        const again = await tried.note(name, fleetQueue, look);
        deviceQueue.setCap(places());
        world.askSessions(goneSessions(world));
        world.askSubnets(goneSubnets(world));
        askPlans();
        askNetBox();
        return again;
      },
    },
    {
      queue: deviceQueue,
      workers: options.workers,
      deadlineMs: () => world.reads().timeoutSeconds * 2000,
      priority: 'low',
      reconcile: async (name, passSignal) => {
        const publication = { name, failures: deviceQueue.failures(name), signal: passSignal, tell: tellFleet };
        const look = () =>
          noteUnpublished(world.unpublished.devices, publication, () => reconcileDevice(world, name, intervalMs(), passSignal));
        const place = dark.enter(name);
        if (!place) return { againMs: darkAgainMs() };
        return tried.note(name, deviceQueue, () => timed(metrics, clock, 'Device', look)).finally(() => place.leave());
      },
    },
    mirrorWork(sessionQueue, 'BGPSession', reconcileSession),
    mirrorWork(subnetQueue, 'DHCPSubnet', reconcileSubnet),
    { queue: decayQueue, deadlineMs: 60_000, reconcile: decay },
    {
      queue: tidyQueue,
      deadlineMs: longMs,
      reconcile: async () => {
        const gone = await collectOrphans();
        if (gone > 0) log.info({ gone }, 'Removed artifacts that nothing names');
        return { againMs: options.tidyMs ?? 6 * 3_600_000 };
      },
    },
    {
      queue: planQueue,
      deadlineMs: longMs,
      reconcile: () => reconcilePlans(world, { running: signal, wake: askPlans, look: askDevices, past }),
    },
    { queue: netboxQueue, deadlineMs: longMs, reconcile: (_key, passSignal) => readNetBox(netboxPass, passSignal) },
  ];

  decayQueue.add(theOne);
  tidyQueue.add(theOne, { priority: 'low' });
  // Also of Fleets that were deleted while nobody looked.
  const mirrors = [devices, drifts, sessions, subnets].flatMap((cache) => cache.list().flatMap(({ labels }) => labels[fleetLabel] ?? []));
  for (const name of new Set([...fleets.list().map((fleet) => fleet.name), ...mirrors])) askFleet(name);
  const stop = async () => {
    await Promise.all(works.map(({ queue }) => queue.shutDown()));
    // What was begun comes to its end: confirmed when that was decided, else rolled back.
    await Promise.allSettled([...world.atWork.values(), ...world.chores.values()]);
    stopFilling();
    await sources.close();
  };
  const done = Promise.all([...works.map((work) => runWork(runtime, work, signal)), watches]).then(stop, async (error: unknown) => {
    await stop();
    throw error;
  });
  const triedFleets = () => fleets.list().every(({ name }) => tried.has('fleet', name));
  return {
    done,
    world,
    triedFleets,
    triedAll: () =>
      triedFleets() &&
      [...(world.inForce?.devices.keys() ?? [])].every((name) => tried.has('device', name)) &&
      sessionQueue.depth + subnetQueue.depth === 0,
    fleets: () => fleets.list(),
    lastReads: () => {
      const { inForce, lastReads } = world;
      return inForce && lastReads?.text(clock.now(), (name) => inForce.devices.has(name));
    },
    hintNetBox,
    hint: () => fleets.list().forEach(({ name }) => askFleet(name)),
  };
}

/** When a dark device asks for a place again. Not all at the same moment. */
const darkAgainMs = () => 5000 + Math.random() * 10_000;

/** What is done with the keys of a queue. */
interface Work {
  queue: Queue;
  /** Default 1. */
  workers?: number;
  deadlineMs: number | (() => number);
  /** Of the next look that an answer asks for. Default `high`. */
  priority?: 'low';
  /** Milliseconds until the key comes again by itself, or undefined. */
  reconcile: (key: string, signal: AbortSignal) => Promise<{ againMs: number } | undefined>;
}

/** Works on a queue until the signal is aborted and every worker is done. */
function runWork({ corridor, log, registry }: Runtime, { queue, priority, reconcile, ...work }: Work, signal: AbortSignal): Promise<void> {
  const controller = createController({
    ...work,
    name: queue.name,
    queue,
    clock: corridor.clock,
    log,
    registry,
    reconcile: async (key, keySignal) => {
      const again = await reconcile(key, keySignal);
      return again ? { do: 'requeueAfter', ms: again.againMs, ...(priority && { priority }) } : { do: 'done' };
    },
  });
  return controller.run(signal);
}
