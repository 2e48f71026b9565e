import { findCondition, type Pin } from '../../api/index.ts';
import { rollbackCondition } from '../plan/ask-rollback.ts';
import { isEnded } from '../plan/plan-status.ts';
import type { World } from '../world.ts';
import type { Hold } from './device-status.ts';
import type { Look } from './publish.ts';
import { isMadeSince } from '../made-since.ts';

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
  await runtime.corridor.store.pins.remove(device);
  pins.delete(device);
  runtime.log.info({ device, plan: pin.plan }, 'Git agrees with what was taken back: the device is held no more');
}

function isTakenBack({ plans }: World, pin: Pin, at: string): boolean {
  const answer = findCondition(plans.get(pin.plan)?.status?.conditions, rollbackCondition);
  if (answer?.status === 'False') return true;
  const back = plans.list().filter(({ spec, createdAt }) => spec.asked?.of === pin.plan && isMadeSince(createdAt, pin.at));
  return back.length > 0 && back.every(({ status }) => isEnded(status) && at >= (status?.endedAt ?? ''));
}
