import { findCondition, type Plan } from '../../api/index.ts';
import { groupDigestOf, isPlanEnd, layOut, markProgress, type RolloutStep, stepRollout } from '../../change/index.ts';
import { policyOf } from '../device/policy-of.ts';
import { startSet, takeGrants } from './begin-set.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { claimantOf } from './grants.ts';
import { type Order, readOrder } from './order.ts';
import { describePlanStatus } from './plan-status.ts';
import type { Standing } from './proposal.ts';
import { questionsOf } from './questions.ts';
import type { PlanPass } from './reconcile-plans.ts';
import { settleSets } from './settle-sets.ts';
import { takeBackSet } from './take-back.ts';
import { writePlan } from './write-plan.ts';

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
  const progress = await settleSets(pass, object, full);
  // Written before anything follows from it: whoever led before and has read the same object is refused from then on.
  if (object.status?.progress !== undefined && progress !== object.status.progress) {
    await writePlan(world, object, { ...object.status, progress });
    return clock.now();
  }
  const questions = questionsOf(pass, object, full);
  const step = stepRollout(
    {
      progress,
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
  const { begun, refused } = await takeAll(pass, object, full, [...step.begin, ...step.takeBack]);
  const forward = begun.filter((set) => step.begin.includes(set));
  const back = begun.filter((set) => step.takeBack.includes(set));
  const marked = markProgress(markProgress(step.progress, forward, 'a'), back, 'b');
  const said = refused !== undefined && begun.length === 0 ? waiting(step, refused) : { ...step, progress: marked };
  if (!(await publish(pass, object, full, said, { waveOf, order, approvedBy: questions.approvedBy() }))) {
    for (const set of begun) await world.runtime.corridor.store.grants.give(await claimantOf(pass, object.name, set));
    return clock.now();
  }
  for (const set of forward) startSet(pass, object, set, questions.clearedOf(set), becauseOf(object, questions.approvedBy()));
  for (const set of back) takeBackSet(pass, object, full, set);
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

/** Takes the grants of sets that may change, one after the other. The first refusal is told. */
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

/** Writes where a plan stands, and tells people when that is another place than before. False: it moved since the step was made. */
async function publish(
  { world }: PlanPass,
  object: ChangePlanObject,
  plan: Plan,
  step: RolloutStep,
  rest: { waveOf: readonly number[]; order: Order | undefined; approvedBy: readonly string[] },
): Promise<boolean> {
  const { runtime } = world;
  const { name, status: before, generation } = object;
  const status = describePlanStatus({
    last: before,
    generation,
    at: runtime.corridor.clock.now(),
    plan,
    phase: step.phase,
    reason: reasonOf(step),
    message: step.message,
    progress: step.progress,
    wave: step.wave,
    bakedUntil: step.bakedUntil,
    ...rest,
  });
  const written = await writePlan(world, object, status);
  if (!written) return false;
  const last = findCondition(before?.conditions, 'Ready');
  const ready = findCondition(status.conditions, 'Ready');
  if (!ready || (last?.reason === ready.reason && before?.phase === step.phase)) return true;
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
  return true;
}

function reasonOf({ phase, code }: RolloutStep): string {
  return code ?? phase;
}

/**
 * What the devices of a plan wait for. Those that were confirmed are looked at like any other. How far the others are is the plan's to say: a
 * device is not written for each of them.
 */
function tellDevices(full: Plan, { progress, code, message, phase }: RolloutStep, plan: string, standings: Map<string, Standing>): void {
  const hasBegun = /[^.]/.test(progress);
  // A plan holds still while its last wave is looked at; nobody holds the device for that.
  const why = hasBegun && code === 'Held' ? undefined : code;
  const reason = why ?? (phase === 'Running' ? 'Reconciling' : phase);
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
