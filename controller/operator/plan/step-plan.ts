import type { ChangePlanSpec, ChangePlanStatus, Plan } from '../../api/index.ts';
import { isPlanEnd, layOut, markProgress, type RolloutStep, stepRollout } from '../../change/index.ts';
import { groupDigestOf } from '../../change/index.ts';
import { policyOf } from '../device/policy-of.ts';
import { amendObject } from '../write-object.ts';
import { beginSet, type Begun } from './begin-set.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { type Order, readOrder } from './order.ts';
import { describePlanStatus } from './plan-status.ts';
import type { Standing } from './proposal.ts';
import { questionsOf } from './questions.ts';
import type { PlanPass } from './reconcile-plans.ts';
import { settleSets } from './settle-sets.ts';

/**
 * One step of a plan that has not ended: sets whose turn it is begin, and where it stands is published. Answers when to look again at the
 * latest. What it says is written before anything of it is done.
 */
export async function stepPlan(pass: PlanPass, object: ChangePlanObject, standings: Map<string, Standing>): Promise<Date | undefined> {
  const { world, fleet } = pass;
  const { clock } = world.runtime.corridor;
  const full = world.fullPlans.get(object.name);
  if (!full) return end(pass, object);
  const order = readOrder(object.annotations);
  const effects = new Map(full.devices.map(({ effect }) => [effect.device, groupDigestOf(effect)]));
  const { waveOf, policy } = layOut(full.sets, {
    policyOf: (device) => policyOf(fleet, device).rollout,
    effectOf: (device) => effects.get(device) ?? '',
    sharesOf: (device) => fleet.devices.get(device)?.object.spec.redundancyGroups ?? [],
  });
  const progress = await settleSets(pass, object, full);
  const questions = questionsOf(pass, object, full);
  const step = stepRollout(
    { progress, waveOf, phase: object.status?.phase ?? 'Proposed', wave: object.status?.wave, bakedUntil: object.status?.bakedUntil },
    {
      at: clock.now(),
      plan: object.name,
      nameOf: (set) => (full.sets[set] ?? []).join(' + '),
      policy,
      ...(order && { order: order.ask }),
      atOnceLeft: Math.max(0, pass.limits.atOnce - world.atWork.size),
      mayBegin: questions.mayBegin,
      mayTakeBack: questions.mayTakeBack,
      healthOf: questions.healthOf,
    },
  );
  const refused = new Map<number, Begun & { ok: false }>();
  let marked = step.progress;
  const begun: number[] = [];
  for (const set of step.begin) {
    const answer = await beginSet(pass, object, full, set, questions.clearedOf(set));
    if (answer.ok) {
      marked = markProgress(marked, [set], 'a');
      begun.push(set);
    } else refused.set(set, answer);
  }
  const [first] = refused.values();
  const said: RolloutStep =
    first && begun.length === 0 && !marked.includes('a')
      ? { ...step, phase: step.phase === 'Running' && !/[^.]/.test(marked) ? 'Waiting' : step.phase, code: first.code, message: `${step.message} ${first.because}` }
      : step;
  await publish(pass, object, full, { ...said, progress: marked }, { waveOf, order, approvedBy: questions.approvedBy() });
  for (const set of begun) questions.start(set);
  if (!isPlanEnd(step.phase)) tellDevices(full, { ...said, progress: marked }, object.name, standings);
  const times = [step.nextAt, questions.nextAt(), refused.size > 0 ? new Date(clock.now().getTime() + retryMs) : undefined];
  return times.flatMap((time) => time ?? []).toSorted((a, b) => a.getTime() - b.getTime())[0];
}
