/**
 * A random walk over eight real routers under `plumb up`: people commit, type on routers and approve, the operator is killed, a router's
 * management goes away. After every round no router holds a change that nothing would undo, and no session that was up is lost; at the end every
 * router is what Git says, and every change has an end that was told.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChangePlanStatus, ChangeRecord, DeviceStatus } from '../../controller/api/index.ts';
import { newRepository } from '../git/repository.ts';
import { writeSecret } from '../lab/example-network.ts';
import { type Lab, up } from '../lab/frr.ts';
import { stateFolder } from '../lab/people.ts';
import { until } from '../lab/shell.ts';
import { linkOf, loopbackOf, writeDesiredState } from '../simulator/desired-state.ts';
import { heldConfigs } from '../simulator/held-configs.ts';
import { nameOf } from '../simulator/identity.ts';
import { createRandom } from './kube/killing.ts';
import { deviceFile } from './plan-desk.ts';
import { openUpProcess, type UpProcess } from './up-process.ts';

export interface Walk {
  rounds: number;
  seed: number;
  /** No round begins after so long. */
  limitMs: number;
  say?: (line: string) => void;
}

export interface Walked {
  rounds: number;
  did: Readonly<Record<string, number>>;
  /** Changes by their end. */
  ends: Readonly<Record<string, number>>;
  seconds: number;
}

/** Twice the five minutes after which a wave that nobody can judge fails: its rest is planned anew only then. */
const mendMs = 600_000;

const shape = { devices: 8, sessionsPerDevice: 2 };
const names = Array.from({ length: shape.devices }, (_, i) => nameOf(i));

export async function walkOverRealRouters({ rounds, seed, limitMs, say = () => undefined }: Walk): Promise<Walked> {
  const since = performance.now();
  const lab = await up({
    prefix: `wlk${process.pid.toString(36)}`,
    routers: [
      ...heldConfigs(shape).map(({ name, config }, i) => ({ name, config, loopbacks: [`${loopbackOf(i)}/32`] })),
      { name: 'transit', config: transitConfig(), managed: false },
    ],
    links: names.map((name, i) => ({
      a: { router: name, interface: 'to-transit', addresses: [`${linkOf(i, 0, 1)}/31`] },
      b: { router: 'transit', interface: `to-${name}`, addresses: [`${linkOf(i, 0, 0)}/31`] },
    })),
  });
  let operator: UpProcess | undefined;
  try {
    await Promise.all(names.map((name) => lab.established(name, 1, 60_000)));
    const { places, commit, preference } = writeRepository(lab);
    operator = await openUpProcess(places);
    operator.start();
    await untilVerdicts(operator, 'InSync', 90_000);
    const random = createRandom(seed);
    const did: Record<string, number> = {};
    const people = createPeople(lab, operator, commit, (limit) => random.below(limit));
    let round = 0;
    for (; round < rounds && performance.now() - since < limitMs; round++) {
      for (let acts = 1 + random.below(2); acts > 0; acts--) {
        const [kind, words] = await people.act();
        did[kind] = (did[kind] ?? 0) + 1;
        say(`${round + 1}: ${words}`);
      }
      await delay(random.below(6_000)); // whatever is done meets something under way
      await holdsOnEveryRouter(lab, people.away, preference());
    }
    await people.mend();
    const running = operator;
    await until(
      'every router to be what Git says',
      async () => {
        did['approvals'] = (did['approvals'] ?? 0) + (await running.approveAll());
        return (await Promise.all(names.map((name) => preferenceOf(lab, name)))).every((each) => each === preference().newest);
      },
      mendMs,
    ).catch(async (error: unknown) => {
      throw new Error(await whatStands(running), { cause: error });
    });
    let left: string[] = [];
    await until('every change to be at its end', async () => (left = await running.unfinished()).length === 0, 240_000).catch(
      (error: unknown) => {
        throw new Error(left.join('; '), { cause: error });
      },
    );
    await untilVerdicts(operator, 'InSync', 60_000);
    await holdsOnEveryRouter(lab, new Set(), preference());
    const records = (await operator.store.objects.list<ChangeRecord>('ChangeRecord')).map(({ spec }) => spec.state);
    const ends: Record<string, number> = {};
    for (const state of records) ends[state] = (ends[state] ?? 0) + 1;
    return { rounds: round, did, ends, seconds: Math.round((performance.now() - since) / 1000) };
  } finally {
    await operator?.close();
    await lab.down();
  }
}

/** What must hold at any moment, whoever died and whatever is cut. Throws with what does not. */
async function holdsOnEveryRouter(lab: Lab, away: ReadonlySet<string>, allowed: Preferences): Promise<void> {
  await Promise.all(
    names.map(async (name) => {
      const now = await preferenceOf(lab, name);
      if (!allowed.all.has(now)) throw new Error(`${name} is neither old nor new: ${now}`);
      // Between two looks a change may move on: only what stays is wrong.
      await until(`${name} to hold no change without a timer`, async () => (await unguardedOn(lab, name)) === '', 10_000);
      if (!away.has(name)) await lab.established(name, 1, 30_000);
    }),
  );
}

/** A change that is neither saved nor undone, with no dead-man alive. */
async function unguardedOn(lab: Lab, name: string): Promise<string> {
  const script = `cd ${stateFolder}/default/changes 2>/dev/null || exit 0
for change in */; do
  case $(cat "$change/state" 2>/dev/null) in persisted | persist-failed | restored | restore-failed | '') continue ;; esac
  flock -n ../lock true && echo "$change $(cat "$change/state")"
done; true`;
  return (await lab.inside(name, ['sh', '-c', script])).stdout.trim();
}

interface Preferences {
  newest: number;
  /** Every one that Git ever wanted: an effect that waits for a person may be older than the last commit. */
  all: ReadonlySet<number>;
}

async function preferenceOf(lab: Lab, name: string): Promise<number> {
  const config = await lab.vtysh(name, 'show running-config no-header');
  return Number(/route-map transit-in permit 20\n(?: .*\n)*? set local-preference (\d+)/.exec(config)?.[1]);
}

/** For whoever reads of a walk that did not end: what is published of every device, plan and change that is not at its end. */
async function whatStands({ store }: UpProcess): Promise<string> {
  const devices = await store.objects.list<never, DeviceStatus>('Device');
  const plans = await store.objects.list<never, ChangePlanStatus>('ChangePlan');
  const changes = await store.objects.list<ChangeRecord>('ChangeRecord');
  return [
    ...devices.map(({ name, status }) => `${name} ${status?.verdict}: ${status?.conditions[0]?.reason} ${status?.conditions[0]?.message}`),
    ...plans.filter(({ status }) => status?.endedAt === undefined).map(({ name, status }) => `${name} ${JSON.stringify(status)}`),
    ...changes.slice(-20).map(({ name, spec }) => `${name} ${spec.state}`),
  ].join('\n');
}

async function untilVerdicts({ store }: UpProcess, verdict: string, limitMs: number): Promise<void> {
  let found: string[] = [];
  await until(
    `every router to be ${verdict}`,
    async () => {
      const devices = await store.objects.list<never, DeviceStatus>('Device');
      found = devices.map(({ name, status }) => `${name} ${status?.verdict}: ${status?.conditions[0]?.message}`);
      return devices.filter(({ status }) => status?.verdict === verdict).length === names.length;
    },
    limitMs,
  ).catch((error: unknown) => {
    throw new Error(found.join('; '), { cause: error });
  });
}

/** The desired state of the routers, with the addresses and keys of this lab; the first two wait for people, the others are enforced. */
function writeRepository(lab: Lab) {
  const folder = join(lab.facts.dir, 'desired-state');
  writeDesiredState(folder, { ...shape, port: 22, hostKey: 'SHA256:AAAA' });
  for (const name of names) {
    const path = join(folder, deviceFile(name));
    const device = JSON.parse(readFileSync(path, 'utf8')) as { spec: Record<string, unknown> };
    const { address, port, hostKey, machineId } = lab.router(name);
    Object.assign(device.spec, { management: { address, port, hostKeys: [hostKey] }, machineId });
    writeFileSync(path, JSON.stringify(device, undefined, 1));
  }
  const policy = (role: string, mode: string) => ({
    apiVersion: 'plumbline.dev/v1alpha1',
    kind: 'ReconcilePolicy',
    metadata: { name: role },
    spec: { selector: { matchLabels: { role } }, mode, rollout: { canary: 1, waves: [50, 100], bakeSeconds: 1 } },
  });
  writeFileSync(
    join(folder, 'reconcile.yaml'),
    [policy('core', 'Approve'), policy('edge', 'Enforce')].map((each) => JSON.stringify(each)).join('\n---\n'),
  );
  const places = { repository: folder, store: join(lab.facts.dir, 'store'), secrets: join(lab.facts.dir, 'secrets') };
  for (const [name, login] of [
    ['observe', lab.facts.users.observe],
    ['apply', lab.facts.users.apply],
  ] as const) {
    writeSecret(places, `routers-${name}`, 'username', login.user, `ssh-${name} for *`);
    writeSecret(places, `routers-${name}`, 'privateKey', readFileSync(login.key, 'utf8'), `ssh-${name} for *`);
  }
  const git = newRepository(folder);
  git.commit();
  let newest = 90;
  const all = new Set([newest]);
  return {
    places,
    preference: () => ({ newest, all }),
    commit: () => {
      const text = readFileSync(join(folder, 'policies.yaml'), 'utf8');
      git.commit({ 'policies.yaml': text.replace(`"localPreference": ${newest}`, `"localPreference": ${newest + 1}`) });
      all.add(++newest);
      return newest;
    },
  };
}

interface People {
  /** Routers whose management is cut. */
  away: ReadonlySet<string>;
  /** Does something, and says what: one word to count it by, and a line. */
  act(): Promise<[kind: string, words: string]>;
  /** Takes back what people did beside Git. */
  mend(): Promise<void>;
}

function createPeople(lab: Lab, operator: UpProcess, commit: () => number, below: (limit: number) => number): People {
  const away = new Set<string>();
  const drifted = new Set<string>();
  const pick = () => names[below(names.length)] ?? '';
  const describe = (name: string, words: string) =>
    lab.byHand(name, 'configure terminal', 'router bgp 64500', `neighbor ${linkOf(names.indexOf(name), 0, 0)} description ${words}`);
  const putBack = async (name: string) => {
    await describe(name, `${name}-transit`);
    await lab.vtysh(name, 'write');
    drifted.delete(name);
  };
  const comeBack = async (name: string) => {
    await lab.setLink(name, 'mgmt0', 'up');
    away.delete(name);
  };
  const acts: Record<string, () => Promise<string>> = {
    commits: async () => `a commit: preference ${commit()}`,
    kills: async () => {
      await operator.kill();
      operator.start();
      return 'the operator is killed, and started again';
    },
    drifts: async () => {
      const name = [...drifted][0] ?? pick();
      if (drifted.has(name)) {
        await putBack(name);
        return `${name}: put back by hand`;
      }
      await describe(name, 'by hand');
      drifted.add(name);
      return `${name}: changed by hand`;
    },
    outages: async () => {
      const [name] = away;
      if (name !== undefined) {
        await comeBack(name);
        return `${name} is back`;
      }
      const next = pick();
      await lab.setLink(next, 'mgmt0', 'down');
      away.add(next);
      return `${next} is away`;
    },
    approvals: async () => `approved: ${await operator.approveAll()}`,
  };
  const often = ['commits', 'commits', 'commits', 'kills', 'kills', 'drifts', 'outages', 'approvals', 'approvals'];
  let isFirst = true;
  return {
    away,
    act: async () => {
      const kind = isFirst ? 'commits' : (often[below(often.length)] ?? 'commits');
      isFirst = false;
      return [kind, (await acts[kind]?.()) ?? ''];
    },
    mend: async () => {
      for (const name of away) await comeBack(name);
      for (const name of drifted) await putBack(name);
    },
  };
}

/** Somebody else's router, with a session to each of ours. */
function transitConfig(): string {
  const peers = names.map((_, i) => linkOf(i, 0, 1));
  return `${[
    'frr defaults traditional',
    'hostname transit',
    'router bgp 64496',
    ' no bgp ebgp-requires-policy',
    ' no bgp default ipv4-unicast',
    ' no bgp network import-check',
    ...peers.flatMap((peer) => [` neighbor ${peer} remote-as 64500`, ` neighbor ${peer} timers 3 9`, ` neighbor ${peer} timers connect 1`]),
    ' address-family ipv4 unicast',
    '  network 192.88.99.0/24',
    ...peers.map((peer) => `  neighbor ${peer} activate`),
    ' exit-address-family',
    'exit',
  ].join('\n')}\n`;
}
