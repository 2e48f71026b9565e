import type { DevicePlan, Effect } from '../../api/index.ts';
import { digestOf, secretToken } from '../../lib/index.ts';

/** `sha256:<64 hex>` of the effect alone. */
export function effectDigestOf(effect: Effect): string {
  return `sha256:${digestOf(effect)}`;
}

/**
 * Digest of what is sent, without what becomes of routes and the risk of that: those depend on what else changes in the network, and what failed is
 * tried again by nobody because a neighbor has changed since.
 */
export function sentDigestOf(effect: Effect): string {
  const { routes: _routes, risk: _risk, riskReasons: _reasons, ...sent } = effect;
  return remembered(sentDigests, effect, sent);
}

/** What people approve: devices with the very same change share it, so that it is shown and approved once. The name of the device does not count. */
export function groupDigestOf(effect: Effect): string {
  const { device: _device, ...rest } = effect;
  return remembered(groupDigests, effect, rest);
}

/** An effect never changes, and whoever plans thousands of devices asks for the same digests at every step. */
const groupDigests = new WeakMap<Effect, string>();
const sentDigests = new WeakMap<Effect, string>();

function remembered(known: WeakMap<Effect, string>, effect: Effect, part: Partial<Effect>): string {
  const digest = known.get(effect) ?? `sha256:${digestOf(part)}`;
  known.set(effect, digest);
  return digest;
}

/** Plans by what they do, in the order in which each effect is first met. */
export function groupByEffect(plans: readonly DevicePlan[]): ReadonlyMap<string, readonly DevicePlan[]> {
  return Map.groupBy(plans, ({ effect }) => groupDigestOf(effect));
}

/** Tokens in commands or rollback that have no value behind them. A plan that has any can be read, not applied. */
export function unsetTokensOf({ commands, rollback }: Pick<Effect, 'commands' | 'rollback'>): readonly string[] {
  const tokens = [...commands, ...rollback].flatMap(({ path, text }) => [...path, text].flatMap((line) => line.match(secretToken) ?? []));
  return [...new Set(tokens)].filter((token) => token.startsWith('<secret:unset-'));
}
