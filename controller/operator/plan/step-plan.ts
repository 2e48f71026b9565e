import { findCondition, type Plan, type SetLetter } from '../../api/index.ts';
import {
  groupDigestOf,
  isPlanEnd,
  layOut,
  markProgress,
  type Refusal,
  type RolloutFacts,
  type RolloutState,
  type RolloutStep,
  stepRollout,
  withholdSets,
} from '../../change/index.ts';
import { policyOf } from '../device/policy-of.ts';
import { noteEnd, startSet, takeGrants } from './begin-set.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { claimantOf } from './grants.ts';
import { endLost } from './keep-plans.ts';
import { type Order, readOrder } from './order.ts';
import { describePlanStatus, moveOn } from './plan-status.ts';
import type { Standing } from './proposal.ts';
import { type Questions, questionsOf } from './questions.ts';
import { gatherPass, passNow, type PlanPass } from './plan-pass.ts';
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
  if (!full) {
    await endLost(world, object);
    return clock.now();
  }
  const order = readOrder(object.annotations);
  const effects = new Map(full.devices.map(({ effect }) => [effect.device, groupDigestOf(effect)]));
  const { waveOf: laidOut, policy } = layOut(full.sets, {
    policyOf: (device) => policyOf(fleet, device).rollout,
    effectOf: (device) => effects.get(device) ?? '',
    sharesOf: (device) => fleet.devices.get(device)?.object.spec.redundancyGroups ?? [],
  });
  // The waves are those that it began with: a policy that moves since must not make one of half done ones, or pass one over.
  const waveOf = begunLayout(object, full) ?? laidOut;
  const progress = await settleSets(pass, object, full);
  // Written before anything follows from it: whoever led before and has read the same object is refused from then on.
  if (object.status?.progress !== undefined && progress !== object.status.progress) {
    await writePlan(world, object, moveOn(object.status, progress, clock.now()));
    return clock.now();
  }
  const questions = questionsOf(pass, object, full);
  const state: RolloutState = {
    progress,
    waveOf,
    phase: object.status?.phase ?? 'Proposed',
    wave: object.status?.wave,
    bakedUntil: object.status?.bakedUntil,
  };
  const facts: RolloutFacts = {
    at: clock.now(),
    plan: object.name,
    nameOf: (set) => (full.sets[set] ?? []).join(' + '),
    policy,
    ...(order && { order: order.ask === 'Rollback' ? 'Stop' : order.ask }),
    atOnceLeft: Math.max(0, pass.limits.atOnce - world.atWork.size),
    mayBegin: questions.mayBegin,
    mayTakeBack: questions.mayTakeBack,
    healthOf: questions.healthOf,
  };
  const wanted = stepRollout(state, facts);
  const refused = await takeAll(pass, object, full, [...wanted.begin, ...wanted.takeBack]);
  const step = withholdSets(wanted, refused, state, facts);
  const { begin, takeBack } = step;
  const said = { ...step, progress: markProgress(markProgress(step.progress, begin, 'a'), takeBack, 'b') };
  if (!(await publish(pass, object, full, said, { waveOf, order, approvedBy: questions.approvedBy() }))) {
    for (const set of [...begin, ...takeBack]) await world.runtime.corridor.store.grants.give(await claimantOf(pass, object.name, set));
    return clock.now();
  }
  if (begin.length + takeBack.length > 0) await startSets(pass, object.name, full, { begin, takeBack });
  // What it leaves is drafted anew.
  if (isPlanEnd(said.phase)) return clock.now();
  tellDevices(full, said, object.name, standings);
  const lacksPlace = said.code === 'BudgetExhausted';
  if (lacksPlace) questions.lookAtBlockers();
  const again = lacksPlace || refused.size > 0 ? [new Date(clock.now().getTime() + againMs)] : [];
  return [...again, ...(step.nextAt ? [step.nextAt] : [])].toSorted((a, b) => a.getTime() - b.getTime())[0];
}

/** Waves as a plan that has begun was laid out. */
function begunLayout({ status }: ChangePlanObject, { sets }: Plan): readonly number[] | undefined {
  const { layout, progress = '' } = status ?? {};
  if (layout?.length !== sets.length || !/[^.]/.test(progress)) return undefined;
  return layout.split('').map((wave) => Number.parseInt(wave, 16));
}

/** Takes the grants of sets that may change, one after the other. Answers those that got none. */
async function takeAll(
  pass: PlanPass,
  { name }: ChangePlanObject,
  full: Plan,
  sets: readonly number[],
): Promise<ReadonlyMap<number, Refusal>> {
  const refused = new Map<number, Refusal>();
  for (const set of sets) {
    const answer = await takeGrants(pass, name, set, full.sets[set] ?? []);
    if (!answer.ok) refused.set(set, answer);
  }
  return refused;
}

/**
 * Lets sets begin whose places are taken and whose letters stand. Both took a while: what policy and people say is asked once more, and
 * nothing lies between that and the beginning. A set that may not any more waits again.
 */
async function startSets(
  pass: PlanPass,
  name: string,
  full: Plan,
  { begin, takeBack }: Pick<RolloutStep, 'begin' | 'takeBack'>,
): Promise<void> {
  const { world, wake } = pass;
  const now = await gatherPass(world, pass);
  const object = world.plans.get(name);
  const questions = now && asksToGoOn(now, full, name);
  const left: [set: number, letter: SetLetter][] = [];
  for (const set of begin) {
    if (!now || !object || !questions?.mayBegin(set).ok) left.push([set, '.']);
    else startSet(now, object, set, questions.clearedOf(set), () => whyNotNow(now, full, name, (asked) => asked.whyNotNow(set)));
  }
  for (const set of takeBack) {
    if (!now || !object || !questions?.mayTakeBack(set).ok) left.push([set, 's']);
    else takeBackSet(now, object, full, set, () => whyNotNow(now, full, name, (asked) => asked.whyNotTakeBack(set)));
  }
  for (const [set, letter] of left) {
    await noteEnd(world, name, set, letter, { devices: [], end: 'Skipped', notes: [], reads: new Map() });
    await world.runtime.corridor.store.grants.give(await claimantOf(pass, name, set));
  }
  if (left.length > 0) wake();
}

/** The questions of a plan at this moment; undefined when people or the Fleet let nothing of it begin. */
function asksToGoOn(pass: PlanPass, full: Plan, name: string): Questions | undefined {
  const object = pass.world.plans.get(name);
  const order = object && readOrder(object.annotations);
  return object && (order === undefined || order.ask === 'Continue') ? questionsOf(pass, object, full) : undefined;
}

/** For a set that has begun, in the last moment before something is written: why it may not go on. */
function whyNotNow(pass: PlanPass, full: Plan, name: string, ask: (questions: Questions) => string | undefined): string | undefined {
  const now = passNow(pass);
  const questions = now && asksToGoOn(now, full, name);
  return questions ? ask(questions) : 'nothing may begin, by the Fleet or by an order to the plan';
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
