import type { CheckedState, DesiredObject, Read, Rendered } from '../api/index.ts';
import { decideClosing, findClosing, questionOf, writeClosing } from '../change/index.ts';
import type { LeaseAnswer } from '../drivers/index.ts';
import { PlumblineError, sha256 } from '../lib/index.ts';
import type { Compared } from './compare-device.ts';
import type { Corridor } from './corridor.ts';
import { buildTarget } from './target.ts';

/**
 * What Git says of a DHCP server, and beside it, closed, the pools that Git no longer has and in which somebody may still hold a lease: verdict, plan
 * and apply all go by that. `says`: what waits. The same for every other device, without asking anybody.
 */
export async function keepLeased(
  state: CheckedState,
  device: DesiredObject<'Device'>,
  rendered: Rendered,
  read: Read,
  { intended: { tree, owners }, live }: Pick<Compared, 'intended' | 'live'>,
  { driver, secrets, timeoutMs, clock }: Pick<Corridor, 'driver' | 'secrets' | 'timeoutMs' | 'clock'>,
  signal: AbortSignal,
): Promise<{ rendered: Rendered; says: readonly string[] }> {
  const platform = driver(device.spec.platform);
  if (!device.spec.dhcp || !platform.leases) return { rendered, says: [] };
  const pools = findClosing(live, tree, read.closedPools);
  if (pools.length === 0) return { rendered, says: [] };
  const target = buildTarget(state, device, secrets);
  const answers: readonly LeaseAnswer[] =
    target instanceof PlumblineError
      ? pools.map(() => ({ known: false, why: target.message }))
      : await platform.leases(target, pools.map(questionOf), AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
  const { kept, says } = decideClosing(pools, answers, clock.now());
  if (kept.length === 0) return { rendered, says };
  const text = `${rendered.text}\n${writeClosing(kept, (root, subnet) => owners.get(`${root} > subnet ${subnet}`))}`;
  return { rendered: { ...rendered, text, digest: sha256(text) }, says };
}
