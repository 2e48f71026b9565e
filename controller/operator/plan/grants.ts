import type { BudgetWish, GrantClaimant } from '../../api/index.ts';
import { type BudgetGroup, budgetsOf, wishesOf } from '../../change/index.ts';
import { isOurs, regionOf, type World } from '../world.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { holdOf } from './held.ts';
import { isUp } from './questions.ts';
import type { PlanPass } from './reconcile-plans.ts';

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
export async function giveBackGrants(pass: Pick<PlanPass, 'world'>, plans: readonly ChangePlanObject[]): Promise<void> {
  const { world } = pass;
  const isWell = (device: string) => world.judgements.get(device)?.verdict === 'InSync';
  const kept = plans.flatMap(({ name, status }) =>
    (status?.progress ?? '').split('').flatMap((letter, set) => {
      const devices = world.fullPlans.get(name)?.sets[set] ?? [];
      return unsettled.includes(letter) && !('uipk'.includes(letter) && devices.every(isWell)) ? [holderOf(pass, name, set)] : [];
    }),
  );
  const key = `${world.fleet} ${kept.toSorted().join(' ')}`;
  if (key === world.keptGrants) return;
  await world.runtime.corridor.store.grants.giveAllBut(new Set(kept), await leaderOf(pass));
  world.keptGrants = key;
}

/**
 * What a set takes of each budget. Whoever is not known to be well counts as unavailable, whatever the reason: not read, down, drained or in
 * maintenance, held for a change of somebody else, or with sessions down that should be up.
 */
export function wishesFor(pass: PlanPass, set: readonly string[]): readonly BudgetWish[] {
  const { fleet, limits } = pass;
  const groups = new Map(set.map((device) => [device, groupsOf(pass, device)]));
  const wanted = new Set([...groups.values()].flat().map(({ group }) => group));
  const unavailable = new Map<string, string[]>();
  for (const [name, object] of fleet.state.objects.Device) {
    const mine = budgetsOf({ redundancyGroups: object.spec.redundancyGroups, labels: object.metadata.labels }, limits);
    for (const { group } of mine) {
      if (wanted.has(group) && !isAvailable(pass, name)) unavailable.set(group, [...(unavailable.get(group) ?? []), name]);
    }
  }
  return wishesOf(
    set,
    (device) => groups.get(device) ?? [],
    (group) => unavailable.get(group) ?? [],
  );
}

/** Other members of the redundancy groups of a set: they must be well at this very moment. */
export function partnersOf({ fleet }: PlanPass, set: readonly string[]): readonly string[] {
  const groups = new Set(set.flatMap((device) => fleet.state.objects.Device.get(device)?.spec.redundancyGroups ?? []));
  const members = [...fleet.state.objects.Device.values()].filter(({ spec }) => spec.redundancyGroups.some((group) => groups.has(group)));
  return members.map(({ metadata }) => metadata.name).filter((name) => !set.includes(name));
}

/** The budgets that a device is a member of. */
export function groupsOf({ fleet, limits }: Pick<PlanPass, 'fleet' | 'limits'>, device: string): readonly BudgetGroup[] {
  const object = fleet.state.objects.Device.get(device);
  return object ? budgetsOf({ redundancyGroups: object.spec.redundancyGroups, labels: object.metadata.labels }, limits) : [];
}

function isAvailable({ world, fleet }: PlanPass, name: string): boolean {
  const object = fleet.state.objects.Device.get(name);
  if (object?.spec.lifecycle !== 'Active') return false;
  // What another region's operator looks at, it publishes.
  const verdict = isOurs(world, object.metadata.labels) ? world.judgements.get(name)?.verdict : world.devices.get(name)?.status?.verdict;
  if (verdict === undefined || verdict === 'Unknown' || verdict === 'Invalid') return false;
  if (isInHands(world, name)) return false;
  const expected = (fleet.devices.get(name)?.ready?.sessions ?? []).filter(({ expect }) => expect === 'Established');
  const neighbors = world.neighbors.get(name) ?? [];
  // Somebody else's router may be down for weeks; one that has no session left carries no traffic.
  return expected.length === 0 || expected.some(({ neighbor }) => isUp(neighbors, neighbor));
}

/** Somebody works on it: it is held, or they led its traffic away by hand. One that is only pinned after a rollback carries traffic. */
function isInHands(world: World, name: string): boolean {
  const held = isOurs(world, world.devices.get(name)?.labels ?? {}) ? holdOf(world, name) : world.devices.get(name)?.status?.held;
  if (held && held.where !== 'Rollback') return true;
  return world.drifts.get(name)?.status?.differences.some(({ live = '' }) => drains.test(live)) ?? false;
}

/** Lines that lead traffic away. Git does not know them: to the verdict they are somebody's addition. */
const drains = /\b(graceful-shutdown|max-med|bgp shutdown|overload)\b/;
