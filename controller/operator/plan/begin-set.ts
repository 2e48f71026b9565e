import { probeDevice } from '../../pipeline/index.ts';
import { letterOf, markProgress, type MayBegin, type SetResult, type Way } from '../../change/index.ts';
import { type DevicePlan, nameSession, resetOf, type SessionKey, type SetLetter } from '../../api/index.ts';
import type { World } from '../world.ts';
import { carrySet } from './carry-set.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { groupsOf } from './budgets.ts';
import { claimantOf, partnersOf, wishesFor } from './grants.ts';
import { isUp } from './is-up.ts';
import type { PlanPass } from './plan-pass.ts';
import { moveOn } from './plan-status.ts';
import type { Cleared } from './questions.ts';
import { workOnSet } from './work-on-set.ts';
import { amendPlan } from './write-plan.ts';

/** Takes the grants of a set, after its partners have been asked how they are: they carry its traffic meanwhile. */
export async function takeGrants(pass: PlanPass, plan: string, set: number, devices: readonly string[]): Promise<MayBegin> {
  const { world, fleet } = pass;
  const { corridor } = world.runtime;
  const partners = partnersOf(pass, devices).slice(0, mostPartners);
  const ill = await Promise.all(partners.map((name) => probeDevice(fleet.state, name, corridor, pass.running)));
  const unwell = partners.filter((_, k) => ill[k] !== undefined);
  const wishes = wishesFor(pass, devices).map((wish) => {
    const members = unwell.filter((name) => groupsOf(pass, name).some(({ group }) => group === wish.group));
    return { ...wish, unavailable: [...new Set([...wish.unavailable, ...members])] };
  });
  // Whatever becomes of the step: what is taken now and not begun is given back by the next pass.
  world.keptGrants = undefined;
  const answer = await corridor.store.grants.take(await claimantOf(pass, plan, set), wishes, corridor.clock.now());
  return answer.taken ? { ok: true } : { ok: false, code: 'BudgetExhausted', because: answer.judgement.because };
}

/** Of one redundancy group; they are few by nature. */
const mostPartners = 16;

/**
 * Carries a set out beside everything else. Its letter and its grants stand by now. Whatever goes wrong, the journal knows how far it came, and
 * the next pass goes by that.
 */
export function startSet(pass: PlanPass, object: ChangePlanObject, set: number, cleared: Cleared, whyNot: () => string | undefined): void {
  const { world, fleet, running } = pass;
  for (const plan of cleared.plan.devices) world.upBefore.set(plan.effect.device, sessionsThatStay(pass, plan));
  tellBegin(world, object.name, cleared);
  workOnSet(pass, object.name, set, cleared.plan.sets.flat(), async () => {
    const result = await carrySet(world, { name: object.name, uid: object.uid, set, way: 'forward', ...cleared, fleet, whyNot }, running);
    await endSet(pass, object.name, set, 'forward', result);
  });
}

/** Notes how a set ended. A device that nobody knows to be well keeps its place until it is. */
export async function endSet(pass: PlanPass, plan: string, set: number, way: Way, result: SetResult): Promise<void> {
  await noteEnd(pass.world, plan, set, letterOf(result.end, way, result.reason), result);
  if (settled.has(result.end)) await pass.world.runtime.corridor.store.grants.give(await claimantOf(pass, plan, set));
}

/** Neighbors that are up now, without those that the change takes down and Git does not expect to come back. */
function sessionsThatStay({ world, fleet }: PlanPass, { effect }: DevicePlan): readonly SessionKey[] {
  const neighbors = world.neighbors.get(effect.device) ?? [];
  const wanted = (fleet.devices.get(effect.device)?.ready?.sessions ?? []).filter(({ expect }) => expect === 'Established');
  const goes = (session: SessionKey) =>
    resetOf(effect, session) && !wanted.some(({ neighbor, vrf }) => neighbor === session.neighbor && vrf === session.vrf);
  const sessions = new Map(neighbors.map(({ address, vrf }) => [nameSession({ neighbor: address, vrf }), { neighbor: address, vrf }]));
  return [...sessions.values()].filter((session) => isUp(neighbors, session) && !goes(session));
}

/** Who, what and why, before anything is done. */
function tellBegin({ devices, runtime }: World, plan: string, { plan: cleared, because }: Cleared): void {
  for (const { effect, effectDigest } of cleared.devices) {
    const uid = devices.get(effect.device)?.uid;
    const message = `${plan}: ${effect.device} is changed, ${because}; effect ${effectDigest.slice(0, 19)}`;
    if (uid !== undefined) runtime.notify({ kind: 'Device', name: effect.device, uid, type: 'Normal', reason: 'Applying', message });
  }
}

/** Ends after which the devices are what they were, or what they should be: they need no place in a budget. */
const settled: ReadonlySet<SetResult['end']> = new Set(['Confirmed', 'RolledBack', 'NothingWritten', 'Skipped']);

/** The letter of a set that ended, and an event. */
export async function noteEnd(
  world: World,
  plan: string,
  set: number,
  letter: SetLetter,
  { devices, end, reason }: SetResult,
): Promise<void> {
  const { notify, corridor } = world.runtime;
  const isNoted = await amendPlan(world, plan, (_object, status) => {
    const { progress = '' } = status;
    // Settled by the journal: by another leader, or after the store failed in between.
    if (progress[set] !== 'a' && progress[set] !== 'b') return undefined;
    return moveOn(status, markProgress(progress, [set], letter), corridor.clock.now());
  });
  if (!isNoted) return;
  if (end === 'Skipped') return;
  const isGood = end === 'Confirmed';
  const said = reason === undefined || isGood ? '' : `: ${reason.message}${reason.next === undefined ? '' : `. ${reason.next}`}`;
  for (const device of devices) {
    const uid = world.devices.get(device)?.uid;
    if (uid !== undefined)
      notify({
        kind: 'Device',
        name: device,
        uid,
        type: isGood ? 'Normal' : 'Warning',
        reason: end,
        message: `${plan}: ${device} ${end}${said}`,
      });
  }
}
