import type { Plan } from '../../api/index.ts';
import { onlySet, settleProgress } from '../../change/index.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { holderOf } from './grants.ts';
import type { PlanPass } from './reconcile-plans.ts';
import { isMadeSince } from '../made-since.ts';

/**
 * The progress of a plan, with what the journal knows of sets that were at work when a process ended, or whose outcome nobody had seen. What
 * this process works on now is its own business.
 */
export async function settleSets(pass: PlanPass, object: ChangePlanObject, full: Plan): Promise<string> {
  const { world } = pass;
  const progress = object.status?.progress ?? '.'.repeat(full.sets.length);
  const open = progress
    .split('')
    .flatMap((letter, set) => ('abu'.includes(letter) && !world.atWork.has(holderOf(pass, object.name, set)) ? [set] : []));
  if (open.length === 0) return progress;
  const { changes } = world.runtime.corridor.store;
  const byDevice = new Map(full.devices.map((plan) => [plan.effect.device, plan]));
  const records = new Map(
    await Promise.all(
      open.map(async (set) => {
        const devices = full.sets[set] ?? [];
        const entry = await changes.newestOf(devices);
        // An earlier plan has records of the same devices.
        if (!entry || !isMadeSince(entry.record.startedAt, object.createdAt)) return [set, undefined] as const;
        const way = entry.record.planId === onlySet(byDevice, devices, full).id ? ('forward' as const) : ('back' as const);
        return [set, { way, record: entry.record }] as const;
      }),
    ),
  );
  const settled = settleProgress(progress, (set) => records.get(set));
  // What this process works on was not asked about.
  return settled
    .split('')
    .map((letter, set) => (open.includes(set) ? letter : (progress[set] ?? letter)))
    .join('');
}
