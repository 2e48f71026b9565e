import { type BudgetWish, type GrantClaimant, judgeBudget } from '../../api/index.ts';
import { wishesOf } from '../../change/index.ts';
import { regionOf } from '../world.ts';
import { groupsOf } from './budgets.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { isEnded } from './plan-status.ts';
import type { PlanPass } from './plan-pass.ts';

/** Names one set of one plan. */
export function holderOf({ world }: Pick<PlanPass, 'world'>, plan: string, set: number): string {
  return `${world.fleet}/${plan}/${set}`;
}

/** Whoever grants of a set are given to. Throws StaleEpoch when another process leads. */
export async function claimantOf(pass: Pick<PlanPass, 'world'>, plan: string, set: number): Promise<GrantClaimant> {
  return { holder: holderOf(pass, plan, set), ...(await leaderOf(pass)) };
}

async function leaderOf({ world }: Pick<PlanPass, 'world'>): Promise<Omit<GrantClaimant, 'holder'>> {
  return { region: regionOf(world.selector), epoch: await world.leadership.epoch.current() };
}

/** Sets that ended so keep their place until their devices are seen to be well: nobody knows that they are. */
const unsettled = 'auipbk';

/**
 * Gives back what sets hold that are done: those that an earlier leader began and nobody works on, and those that ended badly and whose devices
 * are in sync by now. Costs nothing while nothing ended.
 */
export async function giveBackGrants(pass: Pick<PlanPass, 'world' | 'fleet'>, plans: readonly ChangePlanObject[]): Promise<void> {
  const { world, fleet } = pass;
  // One that left Git is in no budget any more.
  // Nobody settles the letters of a plan that was ended amid the work of a process that died: what the journal has not closed is at work.
  const isOpen = (uid: string, set: number) => world.openChanges.some(({ cause }) => cause?.uid === uid && cause.set === set);
  const isWell = (device: string) => world.judgements.get(device)?.verdict === 'InSync' || !fleet.state.objects.Device.has(device);
  const kept = plans.flatMap(({ name, uid, status }) =>
    (status?.progress ?? '').split('').flatMap((letter, set) => {
      const devices = world.fullPlans.get(name)?.sets[set] ?? [];
      const isOver = 'uipk'.includes(letter) ? devices.every(isWell) : isEnded(status) && !isOpen(uid, set);
      return unsettled.includes(letter) && !isOver ? [holderOf(pass, name, set)] : [];
    }),
  );
  kept.push(...world.atWork.keys());
  const key = `${world.fleet} ${[...new Set(kept)].toSorted().join(' ')}`;
  if (key === world.keptGrants) return;
  await world.runtime.corridor.store.grants.giveAllBut(new Set(kept), await leaderOf(pass));
  world.keptGrants = key;
}

/**
 * What a set takes of each budget. Whoever is not known to be well counts as unavailable, whatever the reason: not read, down, drained or in
 * maintenance, held for a change of somebody else, or with sessions down that should be up.
 */
export function wishesFor(
  pass: PlanPass,
  set: readonly string[],
  unavailableIn: (group: string) => readonly string[] = pass.budgets.unavailableIn,
): readonly BudgetWish[] {
  return wishesOf(set, (device) => groupsOf(pass, device), unavailableIn);
}

/** Why a set does not get what it needs of every budget, by what was known when the pass began. */
export function whyNoPlace(
  pass: PlanPass,
  plan: string,
  set: number,
  devices: readonly string[],
): { because: string; unavailable: readonly string[] } | undefined {
  const claimant = { holder: holderOf(pass, plan, set), region: '', epoch: Infinity };
  for (const wish of wishesFor(pass, devices, pass.budgets.unavailableInPass)) {
    const judged = judgeBudget(wish, pass.grants.get(wish.group)?.holders ?? [], claimant);
    if (!judged.ok) return { because: judged.because, unavailable: wish.unavailable };
  }
  return undefined;
}

/** Other members of the redundancy groups of a set: they must be well at this very moment. */
export function partnersOf({ fleet }: PlanPass, set: readonly string[]): readonly string[] {
  const groups = new Set(set.flatMap((device) => fleet.state.objects.Device.get(device)?.spec.redundancyGroups ?? []));
  const members = [...fleet.state.objects.Device.values()].filter(({ spec }) => spec.redundancyGroups.some((group) => groups.has(group)));
  return members.map(({ metadata }) => metadata.name).filter((name) => !set.includes(name));
}
