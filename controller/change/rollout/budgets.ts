import type { BudgetWish, FleetChanges } from '../../api/index.ts';
import type { PlumblineError } from '../../lib/index.ts';
import { errors } from '../errors.ts';

/** A group of devices of which only so many may be unavailable at the same time. */
export interface BudgetGroup {
  group: string;
  max: number;
}

/** What decides about the groups of a device. */
export interface BudgetMember {
  redundancyGroups: readonly string[];
  labels: Readonly<Record<string, string>>;
}

/** The groups that a device is a member of: its redundancy groups, of which one member may be unavailable, and the budgets of the Fleet. */
export function budgetsOf({ redundancyGroups, labels }: BudgetMember, { budgets }: Pick<FleetChanges, 'budgets'>): readonly BudgetGroup[] {
  const byLabel = budgets.flatMap(({ label, maxUnavailable }): BudgetGroup[] =>
    Object.hasOwn(labels, label) ? [{ group: `${label}=${labels[label]}`, max: maxUnavailable }] : [],
  );
  const all = [...redundancyGroups.map((name): BudgetGroup => ({ group: `redundancyGroup ${name}`, max: 1 })), ...byLabel];
  // The same label twice in the Fleet: the smaller number.
  return [...Map.groupBy(all, ({ group }) => group)].map(([group, same]) => ({ group, max: Math.min(...same.map(({ max }) => max)) }));
}

/** What a set takes of each group that it touches. `unavailableIn`: members that are unavailable now, or not known to be available. */
export function wishesOf(
  set: readonly string[],
  groupsOf: (device: string) => readonly BudgetGroup[],
  unavailableIn: (group: string) => readonly string[],
): readonly BudgetWish[] {
  const wishes = new Map<string, { group: string; max: number; devices: string[] }>();
  for (const device of set) {
    for (const { group, max } of groupsOf(device)) {
      const wish = wishes.get(group) ?? { group, max, devices: [] };
      wishes.set(group, { group, max: Math.min(max, wish.max), devices: [...wish.devices, device] });
    }
  }
  return [...wishes.values()].map((wish) => ({ ...wish, unavailable: unavailableIn(wish.group) }));
}

/** Sets that could never begin, because they alone are more than a group of theirs allows: said when the plan is made, with the way out. */
export function findMisfits(
  sets: readonly (readonly string[])[],
  groupsOf: (device: string) => readonly BudgetGroup[],
): readonly PlumblineError[] {
  return sets.flatMap((set) =>
    wishesOf(set, groupsOf, () => [])
      .filter(({ devices, max }) => devices.length > max)
      .map(({ group, max, devices }) => errors.BudgetTooSmall({ devices: devices.toSorted().join(', '), group, max })),
  );
}
