import { isDeepStrictEqual } from 'node:util';
import type { ChangePlanSpec, ChangePlanStatus } from '../../api/index.ts';
import { PlumblineError } from '../../lib/index.ts';
import type { World } from '../world.ts';
import type { ChangePlanObject } from './full-plan.ts';

/**
 * Writes where a plan stands, at the very version that this was decided on; undefined when somebody was faster: decide anew. The epoch is asked
 * for in between. So who was replaced as a leader finds another epoch (and throws StaleEpoch), or writes before its successor has read, or is
 * refused, and never writes what it knew over what its successor did. `test/change/rollout` walks this.
 */
export async function writePlan(world: World, object: ChangePlanObject, status: ChangePlanStatus): Promise<ChangePlanObject | undefined> {
  const { objects } = world.runtime;
  const { name } = object;
  if (isDeepStrictEqual(object.status, status)) return object;
  await world.leadership.epoch.current();
  try {
    const written = await objects.updateStatus<ChangePlanSpec, ChangePlanStatus>({ ...object, status });
    world.plans.learn(written);
    return written;
  } catch (error) {
    if (!(error instanceof PlumblineError && (error.code === 'Conflict' || error.code === 'NotFound'))) throw error;
    const now = await objects.get<ChangePlanSpec, ChangePlanStatus>('ChangePlan', name);
    if (now) world.plans.learn(now);
    else world.plans.forget(name);
    return undefined;
  }
}

/** The same for what holds wherever the plan stands by now: again when somebody was faster, until `next` has nothing to say of it. */
export async function amendPlan(
  world: World,
  name: string,
  next: (object: ChangePlanObject, status: ChangePlanStatus) => ChangePlanStatus | undefined,
): Promise<boolean> {
  for (;;) {
    const object = world.plans.get(name);
    const status = object?.status && next(object, object.status);
    if (!object || !status) return false;
    if (await writePlan(world, object, status)) return true;
  }
}
