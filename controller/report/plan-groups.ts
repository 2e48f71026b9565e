import { type DevicePlan, heavier, type Plan, type Risk, weightOf } from '../api/index.ts';

/** Devices with the very same change, shown and approved once. */
export interface PlanGroup {
  devices: readonly string[];
  plan: DevicePlan;
}

/** Groups by what is sent, torn down and risked; the highest risk first, then the larger group. */
export function groupPlans(plan: Plan): readonly PlanGroup[] {
  const groups = Map.groupBy(plan.devices, ({ effect: { device: _device, ...rest } }) => JSON.stringify(rest));
  return [...groups.values()]
    .map((members) => ({ devices: members.map(({ effect }) => effect.device).toSorted(), plan: members[0] as DevicePlan }))
    .toSorted((a, b) => weightOf(b.plan.effect.risk) - weightOf(a.plan.effect.risk) || b.devices.length - a.devices.length);
}

/** The worst risk of a plan; low when it holds nothing. */
export function worstRisk(plan: Plan): Risk {
  return plan.devices.reduce<Risk>((worst, { effect }) => heavier(worst, effect.risk), plan.wholeRisk?.risk ?? 'low');
}
