import type { DevicePlan, Plan } from '../../api/index.ts';
import { digestOf } from '../../lib/index.ts';
import { coupleDevices, type InternalSession } from './couple.ts';

/** Puts device plans together: sets that change as one unit, and an id that says what is done and nothing else. */
export function makePlan(
  devices: readonly DevicePlan[],
  sessions: readonly InternalSession[],
  facts: { revision: string; createdAt: Date },
): Plan {
  const sorted = devices.toSorted((a, b) => (a.effect.device < b.effect.device ? -1 : 1));
  const sets = coupleDevices(sorted, sessions);
  return { id: idOf(sorted), createdAt: facts.createdAt.toISOString(), revision: facts.revision, sets, devices: sorted };
}

/** The plan without the other sets. It does something else than the whole, so it has an id of its own. */
export function cutPlan(plan: Plan, keeps: (set: readonly string[]) => boolean): Plan {
  const sets = plan.sets.filter(keeps);
  const kept = new Set(sets.flat());
  const devices = plan.devices.filter(({ effect }) => kept.has(effect.device));
  return { ...plan, id: idOf(devices), sets, devices };
}

/** The plan with other plans for its devices, in the same order: they do something else, so it has an id of its own. */
export function replaceDevices(plan: Plan, devices: readonly DevicePlan[]): Plan {
  return { ...plan, id: idOf(devices), devices };
}

/** One set of a plan as a plan of its own, with the devices' plans as they are now. */
export function onlySet(plans: ReadonlyMap<string, DevicePlan>, set: readonly string[], whole: Pick<Plan, 'createdAt' | 'revision'>): Plan {
  const devices = set.flatMap((device) => plans.get(device) ?? []);
  return { id: idOf(devices), createdAt: whole.createdAt, revision: whole.revision, sets: [set], devices };
}

/** The id that a plan has by what it does, whatever it says of itself. */
export function idOfPlan({ devices }: Pick<Plan, 'devices'>): string {
  return idOf(devices);
}

function idOf(sorted: readonly DevicePlan[]): string {
  return `plan-${digestOf(sorted.map(({ effectDigest }) => effectDigest)).slice(0, 12)}`;
}
