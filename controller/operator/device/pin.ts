import { findCondition, type Pin } from '../../api/index.ts';
import { isAnswered, rollbackCondition } from '../plan/ask-rollback.ts';
import { readOrder } from '../plan/order.ts';
import { isEnded } from '../plan/plan-status.ts';
import type { World } from '../world.ts';
import type { Hold } from './device-status.ts';
import type { Look } from './publish.ts';

/** A device that a person took back is held until Git says what it holds, or a person lets it go. */
export function pinHold(pin: Pin | undefined, resumed: Date | undefined): Hold | undefined {
  if (!pin || (resumed && resumed.getTime() > Date.parse(pin.at))) return undefined;
  return { by: pin.by, reason: `taken back by ${pin.plan}, until Git agrees: ${pin.reason}`.slice(0, 1000), where: 'Rollback' };
}

/**
 * Lets a pinned device go that is what Git says. Not before its way back has come to an end: until then it is what Git says because nothing was
 * taken back yet.
 */
export async function unpinAgreed(world: World, device: string, { outcome }: Look): Promise<void> {
  const { pins, runtime } = world;
  const pin = pins.get(device);
  if (!pin || !('verdict' in outcome) || outcome.verdict !== 'InSync' || !isTakenBack(world, pin, outcome.at)) return;
  // Somebody may take the device back again meanwhile: that one holds it.
  if (!(await runtime.corridor.store.pins.remove(pin)) || pins.get(device) !== pin) return;
  pins.delete(device);
  runtime.log.info({ device, plan: pin.plan }, 'Git agrees with what was taken back: the device is held no more');
}

/** `at`: when the device was seen to be what Git says. A plan that is gone, with what took it back, takes nothing back any more. */
export function isTakenBack({ plans }: { plans: Pick<World['plans'], 'get' | 'list'> }, pin: Pick<Pin, 'plan'>, at: string): boolean {
  const plan = plans.get(pin.plan);
  const order = plan && readOrder(plan.annotations);
  if (plan && order?.ask === 'Rollback' && !isAnswered(plan, order)) return false;
  if (findCondition(plan?.status?.conditions, rollbackCondition)?.status === 'False') return true;
  const back = plans.list().filter(({ spec }) => spec.asked?.of === pin.plan);
  return back.every(({ status }) => isEnded(status) && at >= (status?.endedAt ?? ''));
}
