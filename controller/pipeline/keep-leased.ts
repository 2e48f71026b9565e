import type { CheckedState, DesiredObject, Read, Rendered } from '../api/index.ts';
import { type ClosingPool, decideClosing, findClosing, questionOf, writeClosing } from '../change/index.ts';
import type { LeaseAnswer } from '../drivers/index.ts';
import { PlumblineError, sha256 } from '../lib/index.ts';
import type { Compared } from './compare-device.ts';
import type { Corridor } from './corridor.ts';
import { buildTarget } from './target.ts';

/** What Git says of a server and what waits beside it. */
interface Kept {
  rendered: Rendered;
  /** What waits, and for what. */
  says: readonly string[];
}

/**
 * What Git says of a DHCP server, and beside it, closed, the pools that Git no longer has and in which somebody may still hold a lease: verdict, plan
 * and apply all go by that. The same for every other device, without asking anybody.
 */
export async function keepLeased(
  state: CheckedState,
  device: DesiredObject<'Device'>,
  rendered: Rendered,
  read: Read,
  compared: Compared,
  corridor: Pick<Corridor, 'driver' | 'secrets' | 'timeoutMs' | 'clock'>,
  signal: AbortSignal,
): Promise<Kept> {
  if (!corridor.driver(device.spec.platform).leases) return { rendered, says: [] };
  const pools = poolsToClose(device, read, compared);
  if (pools.length === 0) return { rendered, says: [] };
  const answers = await askClosing(state, device, pools, corridor, signal);
  return keep(pools, answers, rendered, compared, corridor.clock.now());
}

/** What the leases of a server say of pools that go; one answer for each. */
export async function askClosing(
  state: CheckedState,
  device: DesiredObject<'Device'>,
  pools: readonly ClosingPool[],
  { driver, secrets, timeoutMs }: Pick<Corridor, 'driver' | 'secrets' | 'timeoutMs'>,
  signal: AbortSignal,
): Promise<readonly LeaseAnswer[]> {
  if (pools.length === 0) return [];
  const target = buildTarget(state, device, secrets);
  if (target instanceof PlumblineError) return notKnown(pools, target.message);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const answers = await driver(device.spec.platform).leases?.(target, pools.map(questionOf), limit);
  return answers ?? notKnown(pools, 'its platform tells no leases');
}

/** The same for who asks nobody: what may hold a lease is closed. */
export function keepUnasked(device: DesiredObject<'Device'>, rendered: Rendered, read: Read, compared: Compared, now: Date): Kept {
  const pools = poolsToClose(device, read, compared);
  return pools.length === 0 ? { rendered, says: [] } : keep(pools, notKnown(pools, 'no server was asked'), rendered, compared, now);
}

function poolsToClose(
  device: DesiredObject<'Device'>,
  { closedPools }: Read,
  { live, intended, ownership }: Compared,
): readonly ClosingPool[] {
  if (!device.spec.dhcp) return [];
  const owned = () => new Set(ownership.owned.map(({ key }) => key));
  return findClosing(live, intended.tree, { owned, ...(closedPools && { until: closedPools }) });
}

function notKnown(pools: readonly ClosingPool[], why: string): readonly LeaseAnswer[] {
  return pools.map(() => ({ known: false, why }));
}

function keep(
  pools: readonly ClosingPool[],
  answers: readonly LeaseAnswer[],
  rendered: Rendered,
  { intended: { owners } }: Compared,
  now: Date,
): Kept {
  const { kept, says } = decideClosing(pools, answers, now);
  if (kept.length === 0) return { rendered, says };
  const text = `${rendered.text}\n${writeClosing(kept, (key) => owners.get(key))}`;
  return { rendered: { ...rendered, text, digest: sha256(text) }, says };
}
