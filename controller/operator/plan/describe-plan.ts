import { type ChangePlanSpec, type DevicePlan, heavier, nameSession, type Plan, shownOfGroup, weightOf } from '../../api/index.ts';
import { groupByEffect } from '../../change/index.ts';

/** What is known of a plan beside the plan. */
export interface PlanOrigin extends Pick<ChangePlanSpec, 'cause' | 'authors' | 'asked'> {
  mode: 'Approve' | 'Enforce';
  /** Digest of the full plan in the artifact store. */
  artifact: string;
}

/** Groups that an object shows; the full plan has all. */
const shownGroups = 100;

/** The object that people see of a plan: counts, and the beginning of each list. */
export function describePlan(plan: Plan, { mode, artifact, cause, authors, asked }: PlanOrigin): ChangePlanSpec {
  const groups = groupsOf(plan);
  const { wholeRisk } = plan;
  return {
    planId: plan.id,
    plan: artifact,
    mode,
    cause,
    revision: plan.revision.slice(0, 200),
    ...(authors && { authors }),
    ...(asked && { asked }),
    devices: plan.devices.length,
    sets: plan.sets.length,
    risk: heavier(groups[0]?.risk ?? 'low', wholeRisk?.risk),
    ...(wholeRisk && { wholeRisk: { risk: wholeRisk.risk, riskReasons: firstOf(wholeRisk.riskReasons) } }),
    groups: groups.slice(0, shownGroups),
    groupCount: groups.length,
  };
}

/** The groups of a plan, the highest risk first, then the larger one. */
function groupsOf(plan: Plan): ChangePlanSpec['groups'] {
  return [...groupByEffect(plan.devices)]
    .map(([effectDigest, members]) => describeGroup(effectDigest, members))
    .toSorted((a, b) => weightOf(b.risk) - weightOf(a.risk) || b.devices - a.devices || (a.effectDigest < b.effectDigest ? -1 : 1));
}

function describeGroup(effectDigest: string, members: readonly DevicePlan[]): ChangePlanSpec['groups'][number] {
  const [first] = members;
  if (!first) throw new Error('a group has members');
  const { risk, riskReasons, drain, resets } = first.effect;
  const commands = [...(drain?.commands ?? []), ...first.effect.commands, ...(drain?.undo ?? [])];
  return {
    effectDigest,
    devices: members.length,
    examples: firstOf(members.map(({ effect }) => effect.device).toSorted()),
    risk,
    riskReasons: firstOf(riskReasons),
    commands: firstOf(commands.map(({ path, text }) => [...path, text].join(' > '))),
    total: commands.length,
    resets: firstOf(resets.map((reset) => `${nameSession(reset)}: ${reset.because}`)),
  };
}

function firstOf(lines: readonly string[]): string[] {
  return lines.slice(0, shownOfGroup).map((line) => line.slice(0, 500));
}
