/**
 * Replicas of the operator killed at random moments while people commit to Git and type on routers. What must come out is read from Git and
 * from the routers themselves, not from a model of what was done.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../lab/shell.ts';
import { loopbackOf } from '../../simulator/desired-state.ts';
import { type Network, readyOf, untilAllReady } from './network.ts';
import type { Replica } from './replica.ts';

export interface Killing {
  kills: number;
  /** The same seed: the same changes and the same choice of moments. */
  seed: number;
  say?: (line: string) => void;
}

export interface Killed {
  /** Kills of a leader; the others hit one that waited. */
  leaders: number;
  changes: number;
  /** From the last change until everything was as it must be. */
  settledMs: number;
}

const extraRoute = '198.18.99.0/24';
const lostNetwork = '198.18.3.0/24';

/** Kills as often as asked, from the first complete look on, then waits until what is published is the truth. Throws when it does not become true, or a replica ends by itself. */
export async function killAtRandom(network: Network, { kills, seed, say = () => undefined }: Killing): Promise<Killed> {
  const random = createRandom(seed);
  const people = createPeople(network, random);
  let started = 0;
  const startOne = () => network.start(`killed-${seed}-${started++}`);
  let replicas = [await startOne(), await startOne()];
  // Before, everything that differs is first contact.
  await untilAllReady(network, 600_000);
  const done: Killed = { leaders: 0, changes: 0, settledMs: 0 };
  for (let round = 1; round <= kills; round++) {
    const leader = await until('a leader', () => replicas.find((each) => each.leads()), 60_000);
    for (let changes = 1 + random.below(3); changes > 0; changes--) {
      say(`${round}: ${await people.change()}`);
      done.changes++;
    }
    const victim = random.below(5) === 0 ? (replicas.find((each) => each !== leader) ?? leader) : leader;
    await momentOf(network, leader, random);
    if (replicas.some((each) => !each.isRunning())) throw new Error('a replica ended by itself');
    victim.signal('SIGKILL');
    await victim.ended();
    say(`${round}: killed ${victim === leader ? 'the leader' : 'one that waits'}, ${victim.name}`);
    if (victim === leader) {
      done.leaders++;
      await network.freeLease(victim.identity() ?? '');
    }
    replicas = [...replicas.filter((each) => each !== victim), await startOne()];
  }
  await people.mend();
  const since = performance.now();
  let wrong: string[] = [];
  await until('the truth', async () => (wrong = await errorsOf(network, people.unreachable)).length === 0, 120_000).catch(
    (error: unknown) => {
      throw new Error(`not true after ${done.leaders} killed leaders (seed ${seed}):\n${wrong.slice(0, 20).join('\n')}`, { cause: error });
    },
  );
  done.settledMs = performance.now() - since;
  return done;
}

/** Waits for the moment of the next kill: some way into what the leader does now. */
async function momentOf(network: Network, leader: Replica, random: Random): Promise<void> {
  const places = [network.namespace, network.artifactNamespace];
  const writes = () => places.flatMap((place) => network.lab.writes(place)).filter(({ pod }) => pod === leader.name).length;
  const reads = async () => (await network.routers.counts()).reads;
  const [writesBefore, readsBefore] = [writes(), await reads()];
  const [moreWrites, moreReads] = [random.below(25), random.below(2 * network.names.length)];
  const byWrites = random.below(2) === 0;
  const isReached = async () => (byWrites ? writes() >= writesBefore + moreWrites : (await reads()) >= readsBefore + moreReads);
  // An idle leader writes nothing but its lease: then the moment is after so many seconds.
  await until('the moment', isReached, 8_000).catch(() => undefined);
}

/** What is published otherwise than Git and the routers say; empty when all is true. */
async function errorsOf(network: Network, unreachable: ReadonlySet<string>): Promise<string[]> {
  const head = network.git.git('rev-parse', 'HEAD');
  const [[fleet], devices, reports] = await Promise.all([
    network.objects('fleets'),
    network.objects('devices'),
    network.objects('driftreports'),
  ]);
  const wrong: string[] = [];
  const check = (what: string, is: unknown, must: unknown) => {
    if (JSON.stringify(is) !== JSON.stringify(must)) wrong.push(`${what}: ${JSON.stringify(is)}, not ${JSON.stringify(must)}`);
  };
  check('revision in force', fleet?.status?.revision, `main@sha1:${head}`);
  check(
    'devices',
    devices.map(({ metadata }) => metadata.name),
    network.names,
  );
  for (const device of devices) {
    const { name } = device.metadata;
    if (unreachable.has(name)) {
      check(name, [device.status?.verdict, readyOf(device)?.reason], ['Unknown', 'Unreachable']);
      continue;
    }
    const running = await network.routers.running(name);
    const must = [
      ...(running.includes(`network ${lostNetwork}`) ? [] : [`Drifted ${lostNetwork}`]),
      ...(deviceText(network, name).includes(extraRoute) ? [`Pending ${extraRoute}`] : []),
    ];
    const report = reports.find(({ metadata }) => metadata.name === name);
    const is = (report?.status?.differences ?? []).map(
      ({ verdict, path }) => `${verdict} ${/198\.18\.\d+\.0\/24/.exec(path.join(' '))?.[0] ?? path.join(' > ')}`,
    );
    check(`${name}: differences`, is.toSorted(), must);
    check(`${name}: Ready`, readyOf(device)?.status, must.length === 0 ? 'True' : 'False');
  }
  return wrong;
}

interface Random {
  /** A whole number from 0 to less than `limit`. */
  below(limit: number): number;
}

/** mulberry32: small, and the same everywhere. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    below: (limit) => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
    },
  };
}

interface People {
  /** Devices that were made unreachable. */
  unreachable: ReadonlySet<string>;
  /** Changes something, and says what. */
  change(): Promise<string>;
  /** Takes back what keeps a revision from coming into force. */
  mend(): Promise<void>;
}

function createPeople(network: Network, random: Random): People {
  const { git, routers, names } = network;
  const unreachable = new Set<string>();
  const edited = new Set<string>();
  let isBroken = false;
  const breakGit = (broken: boolean) => {
    isBroken = broken;
    git.commit({ 'broken.yaml': broken ? 'apiVersion: plumbline.dev/v1alpha1\nkind: Devise\n' : undefined });
    return broken ? 'a commit that does not parse' : 'a commit that mends it';
  };
  const changes: (() => Promise<string> | string)[] = [
    () => {
      const name = names[random.below(names.length)] ?? '';
      return commitRoute(network, name);
    },
    async () => {
      const name = names[random.below(names.length)] ?? '';
      const isGone = edited.has(name);
      if (isGone) edited.delete(name);
      else edited.add(name);
      const line = `  ${isGone ? '' : 'no '}network ${lostNetwork}`;
      await routers.edit(name, ['router bgp 64500', ' address-family ipv4 unicast', line]);
      return `${name}:${line}`;
    },
    async () => {
      const name = names[random.below(names.length)] ?? '';
      const isDown = unreachable.has(name);
      await routers.setFault(name, isDown ? undefined : { kind: 'down' });
      if (isDown) unreachable.delete(name);
      else unreachable.add(name);
      return `${name} is ${isDown ? 'back' : 'down'}`;
    },
  ];
  return {
    unreachable,
    change: async () => {
      if (random.below(6) === 0) return breakGit(!isBroken);
      return (await changes[random.below(changes.length)]?.()) ?? '';
    },
    mend: async () => {
      if (isBroken) breakGit(false);
    },
  };
}

function deviceFile(name: string): string {
  return `sites/site${String(Math.floor(Number(name.slice(1)) / 20)).padStart(4, '0')}/${name}.yaml`;
}

function deviceText({ git }: Network, name: string): string {
  return readFileSync(join(git.folder, deviceFile(name)), 'utf8');
}

/** Git wants a route more on the device, or no longer. */
function commitRoute(network: Network, name: string): string {
  const device = JSON.parse(deviceText(network, name)) as { spec: { staticRoutes: { prefix: string; nextHop: string }[] } };
  const { staticRoutes } = device.spec;
  const without = staticRoutes.filter(({ prefix }) => prefix !== extraRoute);
  const isMore = without.length === staticRoutes.length;
  device.spec.staticRoutes = isMore ? [...staticRoutes, { prefix: extraRoute, nextHop: loopbackOf(0) }] : without;
  network.git.commit({ [deviceFile(name)]: `${JSON.stringify(device, undefined, 1)}\n` });
  return `a commit: ${name} with${isMore ? '' : 'out'} the route ${extraRoute}`;
}
