import type { Read, Rendered } from '../../controller/api/index.ts';
import {
  type ApplyDeps,
  type ClearedPlan,
  gate,
  type GateFacts,
  type InternalSession,
  makePlan,
  planDevice,
} from '../../controller/change/index.ts';
import type { Driver, Target } from '../../controller/drivers/index.ts';
import { sha256, systemClock } from '../../controller/lib/index.ts';
import { isProcessAlive, processIdentity, type Store } from '../../controller/store/index.ts';
import { limit, reveal } from '../driver/setup.ts';

/** Makes intended text of a running config. */
export type Wish = (device: string, config: string) => string;

/** What a process is told that applies one change and dies. `words` become a description, or the password of both ends. */
export interface Orders {
  prefix: string;
  folder: string;
  words: string;
  killedIn: string;
  afterMs: number;
  stopIn?: string;
  coupled?: boolean;
}

/** Everything an apply on real routers needs, over a real store. */
export function depsFor(store: Store, driver: Driver, targets: ReadonlyMap<string, Target>): ApplyDeps {
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
      return target && { driver, target, expected: [] };
    },
    reveal,
    owner: processIdentity(),
    isAlive: isProcessAlive,
  };
}

async function readAll(driver: Driver, targets: ReadonlyMap<string, Target>): Promise<ReadonlyMap<string, Read>> {
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
  targets: ReadonlyMap<string, Target>,
  wish: Wish,
  sessions: readonly InternalSession[] = [],
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
    config.replace(/(password ).*/, `$1${token}`);

export const session: InternalSession = {
  name: 'r1-r2',
  ends: [
    { device: 'r1', neighbor: '10.0.1.2' },
    { device: 'r2', neighbor: '10.0.1.1' },
  ],
};
