import { type ChangePlanSpec, type ChangePlanStatus, findCondition, type Plan } from '../../api/index.ts';
import { groupDigestOf, isPlanEnd, layOut, markProgress, type RolloutStep, stepRollout } from '../../change/index.ts';
import { policyOf } from '../device/policy-of.ts';
import { amendObject } from '../write-object.ts';
import { startSet, takeGrants } from './begin-set.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { type Order, readOrder } from './order.ts';
import { describePlanStatus } from './plan-status.ts';
import type { Standing } from './proposal.ts';
import { questionsOf } from './questions.ts';
import type { PlanPass } from './reconcile-plans.ts';
import { settleSets } from './settle-sets.ts';
import { takeBackSet } from './take-back.ts';

/** A budget is asked for again so often; whoever gives something back wakes us sooner. */
const againMs = 10_000;

/**
 * One step of a plan that has not ended: where it stands is written, then sets whose turn it is begin. Answers when to look again at the
 * latest.
 */
export async function stepPlan(pass: PlanPass, object: ChangePlanObject, standings: Map<string, Standing>): Promise<Date | undefined> {
  const { world, fleet } = pass;
  const { clock } = world.runtime.corridor;
  const full = world.fullPlans.get(object.name);
  if (!full) throw new Error(`the text of ${object.name} is not known`);
  const order = readOrder(object.annotations);
  const effects = new Map(full.devices.map(({ effect }) => [effect.device, groupDigestOf(effect)]));
  const { waveOf, policy } = layOut(full.sets, {
    policyOf: (device) => policyOf(fleet, device).rollout,
    effectOf: (device) => effects.get(device) ?? '',
    sharesOf: (device) => fleet.devices.get(device)?.object.spec.redundancyGroups ?? [],
  });
  const questions = questionsOf(pass, object, full);
  const step = stepRollout(
    {
      progress: await settleSets(pass, object, full),
      waveOf,
      phase: object.status?.phase ?? 'Proposed',
      wave: object.status?.wave,
      bakedUntil: object.status?.bakedUntil,
    },
    {
      at: clock.now(),
      plan: object.name,
      nameOf: (set) => (full.sets[set] ?? []).join(' + '),
      policy,
      ...(order && { order: order.ask === 'Rollback' ? 'Stop' : order.ask }),
      atOnceLeft: Math.max(0, pass.limits.atOnce - world.atWork.size),
      mayBegin: questions.mayBegin,
      mayTakeBack: questions.mayTakeBack,
      healthOf: questions.healthOf,
    },
  );
  const { begun, refused } = await takeAll(pass, object, full, step.begin);
  const marked = markProgress(markProgress(step.progress, begun, 'a'), step.takeBack, 'b');
  const said = refused !== undefined && begun.length === 0 ? waiting(step, refused) : { ...step, progress: marked };
  await publish(pass, object, full, said, { waveOf, order, approvedBy: questions.approvedBy() });
  for (const set of begun) startSet(pass, object, set, questions.clearedOf(set), becauseOf(object, questions.approvedBy()));
  for (const set of step.takeBack) takeBackSet(pass, object, full, set);
  // What it leaves is drafted anew.
  if (isPlanEnd(said.phase)) return clock.now();
  tellDevices(full, said, object.name, standings);
  const again = refused === undefined ? [] : [new Date(clock.now().getTime() + againMs)];
  return [...again, ...(step.nextAt ? [step.nextAt] : [])].toSorted((a, b) => a.getTime() - b.getTime())[0];
}

interface Refused {
  code: string;
  because: string;
}

/** Takes the grants of sets that may begin, one after the other. The first refusal is told. */
async function takeAll(
  pass: PlanPass,
  { name }: ChangePlanObject,
  full: Plan,
  sets: readonly number[],
): Promise<{ begun: readonly number[]; refused: Refused | undefined }> {
  const begun: number[] = [];
  let refused: Refused | undefined;
  for (const set of sets) {
    const answer = await takeGrants(pass, name, set, full.sets[set] ?? []);
    if (answer.ok) begun.push(set);
    else refused ??= answer;
  }
  return { begun, refused };
}

/** What was to begin and got no place: the plan waits, or goes on with what runs. */
function waiting(step: RolloutStep, { code, because }: Refused): RolloutStep {
  const hasBegun = /[^.]/.test(step.progress);
  return { ...step, phase: hasBegun ? step.phase : 'Waiting', code, message: `${step.message} Waits: ${because}.` };
}

function becauseOf({ spec }: ChangePlanObject, approvedBy: readonly string[]): string {
  return spec.mode === 'Enforce' ? 'as policy says' : `approved by ${approvedBy.join(', ')}`;
}

/** Writes where a plan stands, and tells people when that is another place than before. */
async function publish(
  { world }: PlanPass,
  { name, status: before }: ChangePlanObject,
  plan: Plan,
  step: RolloutStep,
  rest: { waveOf: readonly number[]; order: Order | undefined; approvedBy: readonly string[] },
): Promise<void> {
  const { runtime } = world;
  const written = await amendObject<ChangePlanSpec, ChangePlanStatus>(runtime.objects, world.plans, {
    kind: 'ChangePlan',
    name,
    status: ({ status, generation }) =>
      describePlanStatus({
        last: status,
        generation,
        at: runtime.corridor.clock.now(),
        plan,
        phase: step.phase,
        reason: reasonOf(step),
        message: step.message,
        progress: keepEnds(step.progress, status?.progress ?? ''),
        wave: step.wave,
        bakedUntil: step.bakedUntil,
        ...rest,
      }),
  });
  const last = findCondition(before?.conditions, 'Ready');
  const ready = findCondition(written?.status?.conditions, 'Ready');
  if (!written || !ready || (last?.reason === ready.reason && before?.phase === step.phase)) return;
  const isBad = step.phase === 'Failed' || step.code === 'OutcomeUnknown';
  runtime.log.info({ plan: name, phase: step.phase, reason: ready.reason }, step.message);
  runtime.notify({
    kind: 'ChangePlan',
    name,
    uid: written.uid,
    type: isBad ? 'Warning' : 'Normal',
    reason: ready.reason,
    message: `${name}: ${ready.message}`,
  });
}

/** A set may have ended while this step was made. */
function keepEnds(progress: string, written: string): string {
  const isWorking = (letter: string | undefined) => letter === 'a' || letter === 'b';
  return progress
    .split('')
    .map((letter, k) => (isWorking(letter) && written[k] !== undefined && !'.csab'.includes(written[k]) ? written[k] : letter))
    .join('');
}

function reasonOf({ phase, code }: RolloutStep): string {
  return code ?? phase;
}

/**
 * What the devices of a plan wait for. Those that were confirmed are looked at like any other. How far the others are is the plan's to say: a
 * device is not written for each of them.
 */
function tellDevices(full: Plan, { progress, code, message, phase }: RolloutStep, plan: string, standings: Map<string, Standing>): void {
  const reason = code ?? (phase === 'Running' ? 'Reconciling' : phase);
  const hasBegun = /[^.]/.test(progress);
  const waits = {
    reason,
    message: `${plan}${hasBegun ? ` has begun, and not with this device. Next: plumb plan show ${plan}` : `: ${message}`}`,
  };
  const working = { reason: 'Reconciling', message: `${plan} changes it now` };
  full.sets.forEach((set, k) => {
    const letter = progress[k] ?? '.';
    if (!'.a'.includes(letter)) return;
    for (const device of set) standings.set(device, letter === 'a' ? working : waits);
  });
}
