import type { DevicePlan, Effect } from '../../api/index.ts';
import { digestOf, secretToken } from '../../lib/index.ts';

/** `sha256:<64 hex>` of the effect alone. */
export function effectDigestOf(effect: Effect): string {
  return `sha256:${digestOf(effect)}`;
}

/** What people approve: devices with the very same change share it, so that it is shown and approved once. The name of the device does not count. */
export function groupDigestOf(effect: Effect): string {
  const known = groupDigests.get(effect);
  if (known !== undefined) return known;
  const { device: _device, ...rest } = effect;
  const digest = `sha256:${digestOf(rest)}`;
  groupDigests.set(effect, digest);
  return digest;
}

/** An effect never changes, and whoever plans thousands of devices asks for the same digests at every step. */
const groupDigests = new WeakMap<Effect, string>();

/** Plans by what they do, in the order in which each effect is first met. */
export function groupByEffect(plans: readonly DevicePlan[]): ReadonlyMap<string, readonly DevicePlan[]> {
  return Map.groupBy(plans, ({ effect }) => groupDigestOf(effect));
}

/** Tokens in commands or rollback that have no value behind them. A plan that has any can be read, not applied. */
export function unsetTokensOf({ commands, rollback }: Pick<Effect, 'commands' | 'rollback'>): readonly string[] {
  const tokens = [...commands, ...rollback].flatMap(({ path, text }) => [...path, text].flatMap((line) => line.match(secretToken) ?? []));
  return [...new Set(tokens)].filter((token) => token.startsWith('<secret:unset-'));
}
