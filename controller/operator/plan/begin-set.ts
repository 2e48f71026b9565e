import { probeDevice } from '../../pipeline/index.ts';
import { letterOf, markProgress, type SetResult } from '../../change/index.ts';
import type { SetLetter } from '../../api/index.ts';
import type { World } from '../world.ts';
import { carrySet } from './carry-set.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { groupsOf } from './budgets.ts';
import { claimantOf, holderOf, partnersOf, wishesFor } from './grants.ts';
import { isUp } from './is-up.ts';
import type { PlanPass } from './plan-pass.ts';
import { moveOn } from './plan-status.ts';
import type { Cleared } from './questions.ts';
import { writePlan } from './write-plan.ts';

/** Whether a set got what it needs of every budget. */
export type Granted = { ok: true } | { ok: false; code: string; because: string };

/** Takes the grants of a set, after its partners have been asked how they are: they carry its traffic meanwhile. */
export async function takeGrants(pass: PlanPass, plan: string, set: number, devices: readonly string[]): Promise<Granted> {
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
export function startSet(pass: PlanPass, object: ChangePlanObject, set: number, cleared: Cleared, because: string): void {
  const { world, fleet, running, wake, look } = pass;
  const devices = cleared.plan.sets.flat();
  const holder = holderOf(pass, object.name, set);
  for (const device of devices) {
    const neighbors = world.neighbors.get(device) ?? [];
    world.upBefore.set(
      device,
      [...new Set(neighbors.map(({ address }) => address))].filter((address) => isUp(neighbors, address)),
    );
  }
  world.touch(devices);
  tellBegin(world, object.name, cleared, because);
  const work = async () => {
    try {
      const result = await carrySet(
        world,
        { name: object.name, uid: object.uid, set, way: 'forward', ...cleared, fleet, because },
        running,
      );
      await noteEnd(world, object.name, set, letterOf(result.end, 'forward'), result);
      // A device that nobody knows to be well keeps its place until it is.
      if (settled.has(result.end)) await world.runtime.corridor.store.grants.give(await claimantOf(pass, object.name, set));
    } catch (error) {
      world.runtime.log.error({ plan: object.name, devices, err: error }, 'Change could not be followed to its end; the journal has it');
    } finally {
      world.atWork.delete(holder);
      world.touch(devices);
      look(devices);
      wake();
    }
  };
  world.atWork.set(holder, work());
}

/** Who, what and why, before anything is done. */
function tellBegin({ devices, runtime }: World, plan: string, { plan: cleared }: Cleared, because: string): void {
  for (const { effect, effectDigest } of cleared.devices) {
    const uid = devices.get(effect.device)?.uid;
    const message = `${plan}: ${effect.device} is changed, ${because}; effect ${effectDigest.slice(0, 19)}`;
    if (uid !== undefined) runtime.notify({ kind: 'Device', name: effect.device, uid, type: 'Normal', reason: 'Applying', message });
  }
}

/** Ends after which the devices are what they were, or what they should be: they need no place in a budget. */
export const settled: ReadonlySet<SetResult['end']> = new Set(['Confirmed', 'RolledBack', 'NothingWritten', 'Skipped']);

/** The letter of a set that ended, and an event. */
export async function noteEnd(
  world: World,
  plan: string,
  set: number,
  letter: SetLetter,
  { devices, end, reason }: SetResult,
): Promise<void> {
  const { notify } = world.runtime;
  for (let isWritten = false; !isWritten; ) {
    const object = world.plans.get(plan);
    const status = object?.status;
    const was = status?.progress?.[set];
    // Gone, or settled by the journal: by another leader, or after the store failed in between.
    if (!object || !status || (was !== 'a' && was !== 'b')) return;
    const progress = markProgress(status.progress ?? '', [set], letter);
    isWritten = (await writePlan(world, object, moveOn(status, progress, world.runtime.corridor.clock.now()))) !== undefined;
  }
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
