import { canonicalJson } from '../lib/index.ts';
import { type DrainPolicy, type ProbePolicy, RolloutPolicy } from './rollout-policy.ts';

/**
 * One rollout of several: of each field the most careful value. Waves count as a whole: those that are smaller where two lists first
 * differ. The defaults when there is none.
 */
export function carefulRollout(rollouts: readonly RolloutPolicy[]): RolloutPolicy {
  return rollouts.reduce<RolloutPolicy | undefined>((a, b) => (a ? moreCareful(a, b) : b), undefined) ?? RolloutPolicy.parse({});
}

function moreCareful(a: RolloutPolicy, b: RolloutPolicy): RolloutPolicy {
  return {
    canary: Math.max(a.canary, b.canary),
    waves: compareWaves(a.waves, b.waves) <= 0 ? a.waves : b.waves,
    bakeSeconds: Math.max(a.bakeSeconds, b.bakeSeconds),
    atOnce: Math.min(a.atOnce, b.atOnce),
    onFailure: a.onFailure === 'RollBack' ? a.onFailure : b.onFailure,
  };
}

/** Below zero when `a` is more careful. */
function compareWaves(a: readonly number[], b: readonly number[]): number {
  for (const [i, wave] of a.entries()) {
    const other = b[i] ?? 100;
    if (wave !== other) return wave - other;
  }
  return 0;
}

/** One drain of several: the wider scope, the longer wait, the fewer prefixes left. Undefined when there is none. */
export function carefulDrain(drains: readonly DrainPolicy[]): DrainPolicy | undefined {
  return drains.reduce<DrainPolicy | undefined>(
    (a, b) =>
      a && {
        scope: a.scope === 'Device' ? a.scope : b.scope,
        waitSeconds: Math.max(a.waitSeconds, b.waitSeconds),
        leftPrefixes: Math.min(a.leftPrefixes, b.leftPrefixes),
      },
    drains[0],
  );
}

/** The probes of all, each once, in the order in which they come. */
export function carefulProbes(probes: readonly ProbePolicy[]): ProbePolicy {
  return { pings: eachOnce(probes.flatMap(({ pings }) => pings)), commands: eachOnce(probes.flatMap(({ commands }) => commands)) };
}

function eachOnce<Probe extends object>(probes: readonly Probe[]): Probe[] {
  return [...new Map(probes.map((probe) => [canonicalJson(probe), probe])).values()];
}
