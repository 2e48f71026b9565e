import { type ChangePlanStatus, type ConditionState, findCondition, type Plan, type PlanPhase, setConditions } from '../../api/index.ts';
import { isPlanEnd } from '../../change/index.ts';
import type { Order } from './order.ts';

/** What the status of a ChangePlan is made of. Same input, same status: nothing of it moves by itself. */
export interface PlanFacts {
  last: ChangePlanStatus | undefined;
  generation: number;
  at: Date;
  plan: Plan;
  phase: PlanPhase;
  /** Why it stands where it stands: a code of the closed list, and the fact with what to do. */
  reason: string;
  message: string;
  progress: string;
  waveOf: readonly number[];
  wave: number | undefined;
  bakedUntil: string | undefined;
  approvedBy: readonly string[];
  order: Order | undefined;
}

/** True for a plan that nobody works on any more. */
export function isEnded(status: ChangePlanStatus | undefined): boolean {
  return status?.phase !== undefined && isPlanEnd(status.phase);
}

/** True for a plan that has begun to write, or may have. */
export function isBegun(status: ChangePlanStatus | undefined): boolean {
  return status?.phase === 'Running' || status?.phase === 'Paused';
}

/** The status of a ChangePlan. Ready means: every device is what the plan says. */
export function describePlanStatus(facts: PlanFacts): ChangePlanStatus {
  const { last, at, plan, phase, progress, waveOf, order } = facts;
  const devicesAt = (letters: string) => plan.sets.flatMap((set, k) => (letters.includes(progress[k] ?? '.') ? set : []));
  const hasBegun = phase === 'Running' || phase === 'Paused' || last?.startedAt !== undefined;
  const stays =
    last?.phase === phase &&
    findCondition(last.conditions, 'Ready')?.reason === facts.reason &&
    (last.progress ?? progress) === progress &&
    last.bakedUntil === facts.bakedUntil;
  return {
    observedGeneration: facts.generation,
    conditions: setConditions(last?.conditions ?? [], conditionsOf(facts), { at, generation: facts.generation }),
    phase,
    ...(hasBegun && { progress }),
    ...(facts.wave !== undefined && hasBegun && { wave: facts.wave }),
    waves: plan.sets.length > 0 ? countWaves(waveOf) : (last?.waves ?? []),
    ...(hasBegun && plan.sets.length > 0 && { layout: waveOf.map((wave) => wave.toString(16)).join('') }),
    ...(facts.bakedUntil !== undefined && { bakedUntil: facts.bakedUntil }),
    ...(hasBegun && { confirmed: devicesAt('c').length }),
    failed: devicesAt('rnpiusk').slice(0, 50),
    // Whoever approved what is done by now is not asked about any more.
    approvedBy: [...new Set([...(hasBegun ? (last?.approvedBy ?? []) : []), ...facts.approvedBy])].toSorted().slice(0, 20),
    ...(order && {
      asked: { what: order.ask, by: order.by, ...(order.reason !== undefined && { reason: order.reason }), at: order.at },
    }),
    since: (stays ? last.since : undefined) ?? at.toISOString(),
    ...(hasBegun && { startedAt: last?.startedAt ?? at.toISOString() }),
    ...(isPlanEnd(phase) && { endedAt: last?.endedAt ?? at.toISOString() }),
  };
}

/** The status when sets came to stand otherwise, and nothing else. */
export function moveOn(status: ChangePlanStatus, progress: string, at: Date): ChangePlanStatus {
  return { ...status, progress, since: at.toISOString() };
}

function conditionsOf({ phase, reason, message }: PlanFacts): ConditionState[] {
  const ready: ConditionState = { type: 'Ready', status: phase === 'Succeeded' ? 'True' : 'False', reason, message };
  if (phase === 'Running') return [ready, { type: 'Reconciling', status: 'True', reason, message }];
  if (phase === 'Failed') return [ready, { type: 'Stalled', status: 'True', reason, message }];
  return [ready];
}

function countWaves(waveOf: readonly number[]): number[] {
  const waves = Math.max(0, ...waveOf) + 1;
  return Array.from({ length: waves }, (_, wave) => waveOf.filter((each) => each === wave).length);
}
