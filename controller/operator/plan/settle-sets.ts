import type { Plan } from '../../api/index.ts';
import { settleProgress } from '../../change/index.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { holderOf } from './grants.ts';
import type { PlanPass } from './plan-pass.ts';

/**
 * The progress of a plan, with what the journal knows of sets that were at work when a process ended, or whose outcome nobody had seen. What
 * this process works on now is its own business.
 */
export async function settleSets(pass: Pick<PlanPass, 'world'>, object: ChangePlanObject, full: Plan): Promise<string> {
  const { world } = pass;
  const progress = object.status?.progress ?? '.'.repeat(full.sets.length);
  const open = progress
    .split('')
    .flatMap((letter, set) => ('abu'.includes(letter) && !world.atWork.has(holderOf(pass, object.name, set)) ? [set] : []));
  if (open.length === 0) return progress;
  const records = await world.runtime.corridor.store.changes.newestOfPlan(object.uid);
  const settled = settleProgress(progress, (set) => {
    const record = records.get(set);
    return record?.cause && { way: record.cause.way, record };
  });
  // What this process works on was not asked about.
  return settled
    .split('')
    .map((letter, set) => (open.includes(set) ? letter : (progress[set] ?? letter)))
    .join('');
}
