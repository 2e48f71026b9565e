import type { DevicePlan, Plan, Quarantine } from '../../api/index.ts';
import { sentDigestOf } from '../../change/index.ts';
import type { World } from '../world.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { plansOf } from './keep-plans.ts';
import { moveOn } from './plan-status.ts';
import { settleSets } from './settle-sets.ts';
import { writePlan } from './write-plan.ts';

/** True for a plan that failed and left devices that nobody has put right. */
export function isLeft({ status }: ChangePlanObject): boolean {
  return status?.phase === 'Failed' && status.settledAt === undefined;
}

/**
 * Notes of failed plans that their devices are right again: a device that goes dark or is changed by hand a week later is no news of theirs.
 */
export async function settleFailed(world: World): Promise<void> {
  const plans = plansOf(world);
  const left = plans.filter(isLeft);
  if (left.length === 0) return;
  const begun = lastBegun(plans, (plan) => world.fullPlans.get(plan));
  for (const plan of left) {
    const { name, status } = plan;
    if (status?.progress?.includes('u') && (await settleUnknown(world, plan))) continue;
    const isOver = (device: string) => isSettled(world, device) || ((begun.get(device) ?? name) !== name && !isDrained(world, device));
    if (!status?.failed.every(isOver)) continue;
    await writePlan(world, plan, { ...status, settledAt: world.runtime.corridor.clock.now().toISOString() });
  }
}

/** A plan that a person ended while nobody had seen how a set of it ended. True when that is known by now, and written. */
async function settleUnknown(world: World, plan: ChangePlanObject): Promise<boolean> {
  const full = world.fullPlans.get(plan.name);
  const { status } = plan;
  if (!full || !status) return false;
  const progress = await settleSets({ world }, plan, full);
  if (progress === status.progress) return false;
  await writePlan(world, plan, moveOn(status, progress, world.runtime.corridor.clock.now()));
  return true;
}

/** True for a device that is what Git says and carries traffic, that somebody looks after, or that is gone. */
export function isSettled(world: Pick<World, 'devices' | 'drifts' | 'drained'>, device: string): boolean {
  const mirror = world.devices.get(device);
  if (!mirror || world.drifts.get(device)?.status?.acknowledged) return true;
  return mirror.status?.verdict === 'InSync' && !isDrained(world, device);
}

/** True for a device that a way back left drained. */
function isDrained({ drained }: Pick<World, 'drained'>, device: string): boolean {
  return drained.get(device) === true;
}

/** The newest plan that began, by device. */
function lastBegun(plans: readonly ChangePlanObject[], fullOf: (plan: string) => Plan | undefined): ReadonlyMap<string, string> {
  const oldestFirst = plans
    .filter(({ status }) => status?.startedAt !== undefined)
    .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  return new Map(oldestFirst.flatMap(({ name }) => (fullOf(name)?.sets.flat() ?? []).map((device) => [device, name] as const)));
}

/**
 * Devices that a way back left drained, and whether they still are: until a whole read finds the drain gone. Nothing else tells: what Git does
 * not claim is no difference, so such a device is in sync.
 */
export function findDrained(
  { judgements, drifts, fullPlans, drained }: Pick<World, 'judgements' | 'drifts' | 'fullPlans' | 'drained'>,
  plans: readonly ChangePlanObject[],
  quarantines: readonly Quarantine[],
): ReadonlyMap<string, boolean> {
  const stuck = new Map(quarantines.filter(isStuck).map((each) => [each.effectDigest, Date.parse(each.at)]));
  const isStill = ({ device, drain }: DevicePlan['effect'], sinceMs: number): boolean => {
    const judged = judgements.get(device);
    if (!judged || judged.atMs <= sinceMs) return true;
    if (judged.verdict === 'Unknown' || judged.verdict === 'Invalid') return drained.get(device) ?? true;
    const lines = new Set(drain?.commands.map(({ path, text }) => [...path, text].join('\n')));
    const reported = judged.reported ?? drifts.get(device)?.status?.differences.map(({ path }) => path.join('\n')) ?? [];
    return reported.some((key) => lines.has(key));
  };
  const members = plans.filter(isLeft).flatMap(({ name }) => fullPlans.get(name)?.devices ?? []);
  return new Map(
    members.flatMap(({ effect }): [string, boolean][] => {
      const sinceMs = stuck.get(sentDigestOf(effect));
      return sinceMs === undefined ? [] : [[effect.device, isStill(effect, sinceMs)]];
    }),
  );
}

/** Of a set, the reason may be that of another member. */
function isStuck({ device, reason }: Quarantine): boolean {
  return reason.code === 'DrainStuck' && (reason.device ?? device) === device;
}
