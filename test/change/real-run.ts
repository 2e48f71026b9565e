import type { DrainPolicy, Read, Rendered } from '../../controller/api/index.ts';
import {
  type ApplyDeps,
  type ClearedPlan,
  gate,
  type GateFacts,
  type InternalSession,
  type SessionPeer,
  makePlan,
  planDevice,
} from '../../controller/change/index.ts';
import type { Driver, SshTarget } from '../../controller/drivers/index.ts';
import { sha256, systemClock } from '../../controller/lib/index.ts';
import { isProcessAlive, processIdentity, type Store } from '../../controller/store/index.ts';
import { limit, reveal } from '../driver/setup.ts';
import type { LabSpec } from '../lab/frr.ts';

/** Makes intended text of a running config. */
export type Wish = (device: string, config: string) => string;

/** What a process is told that applies one change and dies. `words` become a description of r1, or the password of all these devices. */
export interface Orders {
  prefix: string;
  folder: string;
  words: string;
  killedIn?: string;
  afterMs?: number;
  stopIn?: string;
  /** It stops itself as it enters this state, as a machine that hangs. */
  frozenIn?: string;
  coupled?: readonly string[];
  drain?: DrainPolicy;
}

/** Everything an apply on real routers needs, over a real store. */
export function depsFor(
  store: Store,
  driver: Driver,
  targets: ReadonlyMap<string, SshTarget>,
  sessions: readonly InternalSession[] = [],
): ApplyDeps {
  return {
    clock: systemClock,
    changes: store.changes,
    epoch: store.epoch,
    quarantines: store.quarantines,
    history: store.history,
    baselines: store.baselines,
    plans: store.plans,
    knows: (device) => targets.has(device),
    reach: (device) => {
      const target = targets.get(device);
      if (!target) return undefined;
      const peers = sessions.flatMap(({ ends: [a, b] }): SessionPeer[] => {
        const [own, other] = a.device === device ? [a, b] : [b, a];
        const there = targets.get(other.device);
        if (own.device !== device || !there) return [];
        return [
          {
            device: other.device,
            driver,
            target: there,
            neighbor: own.neighbor,
            vrf: 'default',
            knownAs: other.neighbor,
            vrfThere: 'default',
          },
        ];
      });
      return { driver, target, expected: [], peers };
    },
    reveal,
    owner: processIdentity(),
    isAlive: isProcessAlive,
  };
}

async function readAll(driver: Driver, targets: ReadonlyMap<string, SshTarget>): Promise<ReadonlyMap<string, Read>> {
  const reads = await Promise.all([...targets.values()].map((target) => driver.observe(target, {}, limit())));
  return new Map(
    reads.map((read) => {
      if (read.state === 'Unknown') throw new Error(`${read.device}: ${read.reason}: ${read.message}`);
      return [read.device, read];
    }),
  );
}

/** Reads every target and plans what the wish changes, past the gate. */
export async function planWish(
  driver: Driver,
  targets: ReadonlyMap<string, SshTarget>,
  wish: Wish,
  sessions: readonly InternalSession[] = [],
  drain?: DrainPolicy,
): Promise<ClearedPlan> {
  const planned = [...(await readAll(driver, targets))].flatMap(([device, read]) => {
    const text = wish(device, read.config);
    const rendered: Rendered = { device, platform: 'frr', text, secrets: [], digest: sha256(text) };
    const management = { address: targets.get(device)?.address ?? '' };
    const { plan, problems } = planDevice({
      rendered,
      read,
      baseline: undefined,
      exactContainers: new Set(),
      revision: 'main@sha1:1',
      templatesDigest: '',
      management,
      ...(drain && { drain }),
    });
    if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '));
    return plan ?? [];
  });
  const plan = makePlan(planned, sessions, { revision: 'main@sha1:1', createdAt: systemClock.now() });
  const facts: GateFacts = {
    verdict: { device: '', verdict: 'Pending', at: '', revision: '', differences: [], counts: { owned: 0, inSync: 0, unmanaged: 0 } },
    mode: 'Approve',
    because: [],
    removals: { owned: 0, removed: [] },
    startupDiffers: false,
    quarantine: undefined,
    problems: [],
  };
  const { cleared, refusals } = gate(plan, new Map(plan.devices.map(({ effect }) => [effect.device, facts])), { approved: true });
  if (refusals.length > 0) throw new Error(refusals.map(({ message }) => message).join('; '));
  return cleared;
}

/** The neighbor of r1 gets another description: harmless, and seen in the running config. */
export const describeAs =
  (words: string): Wish =>
  (_device, config) =>
    config.replace(/( neighbor 10\.0\.1\.2 )(remote-as \d+)\n( neighbor 10\.0\.1\.2 description .*\n)?/, `$1$2\n$1description ${words}\n`);

/** Both ends of the session get another password: one alone would break it. */
export const passwordAs =
  (token: string): Wish =>
  (_device, config) =>
    config.replace(/(password ).*/g, `$1${token}`);

export const session = sessionOf(['r1', '10.0.1.2'], ['r2', '10.0.1.1']);
/** Each of three with each. */
export const triangle = [session, sessionOf(['r1', '10.0.2.2'], ['r3', '10.0.2.1']), sessionOf(['r2', '10.0.3.2'], ['r3', '10.0.3.1'])];

function sessionOf(...ends: readonly [readonly [string, string], readonly [string, string]]): InternalSession {
  const [a, b] = ends;
  const endOf = ([device, neighbor]: readonly [string, string]) => ({ device, neighbor, vrf: 'default' });
  return { name: `${a[0]}-${b[0]}`, ends: [endOf(a), endOf(b)] };
}

/** Routers with the sessions of `triangle`, one password for all. */
export function threeRouters(prefix: string): LabSpec {
  const [r12, r13, r23] = [1, 2, 3].map((link) => [`10.0.${link}.1`, `10.0.${link}.2`] as const) as [Link, Link, Link];
  const router = (number: number, neighbors: readonly (readonly [string, number])[]) => ({
    name: `r${number}`,
    loopbacks: [`192.0.2.${number}/32`],
    config: [
      `frr defaults traditional\nhostname r${number}\nrouter bgp 6450${number}\n no bgp ebgp-requires-policy`,
      ...neighbors.flatMap(([address, other]) =>
        [`remote-as 6450${other}`, 'password first-Secret', 'timers 1 3', 'timers connect 1'].map(
          (words) => ` neighbor ${address} ${words}`,
        ),
      ),
      ` address-family ipv4 unicast\n  network 192.0.2.${number}/32\n exit-address-family\n`,
    ].join('\n'),
  });
  const link = (a: number, b: number, [atA, atB]: Link) => ({
    a: { router: `r${a}`, interface: `to-r${b}`, addresses: [`${atA}/30`] },
    b: { router: `r${b}`, interface: `to-r${a}`, addresses: [`${atB}/30`] },
  });
  return {
    prefix: `${prefix}${process.pid.toString(36)}`,
    routers: [
      router(1, [
        [r12[1], 2],
        [r13[1], 3],
      ]),
      router(2, [
        [r12[0], 1],
        [r23[1], 3],
      ]),
      router(3, [
        [r13[0], 1],
        [r23[0], 2],
      ]),
    ],
    links: [link(1, 2, r12), link(1, 3, r13), link(2, 3, r23)],
  };
}

type Link = readonly [string, string];
