import type { DevicePlan, Plan } from '../../api/index.ts';
import { planWayBack } from '../../pipeline/index.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { propose, plansOf } from './keep-plans.ts';
import { type Order, readOrder } from './order.ts';
import { isEnded } from './plan-status.ts';
import type { PlanPass } from './reconcile-plans.ts';
import { makeWayBack, preparedOf } from './way-back.ts';

/**
 * When a person asked to take a plan back: reads its confirmed devices, and puts a plan of its own to people that inverts it against what they
 * hold now. The devices are pinned first: nothing of Git goes there until Git agrees.
 */
export function askRollback(pass: PlanPass, object: ChangePlanObject): void {
  const { world } = pass;
  const order = readOrder(object.annotations);
  const full = world.fullPlans.get(object.name);
  const key = `rollback of ${object.name}`;
  if (order?.ask !== 'Rollback' || !full || !isEnded(object.status) || world.atWork.has(key) || isAnswered(pass, object, order)) return;
  const work = async () => {
    try {
      await planRollback(pass, object, full, order);
    } catch (err) {
      world.runtime.log.error({ plan: object.name, err }, 'Rollback could not be planned; it is tried again');
    } finally {
      world.atWork.delete(key);
      pass.wake();
    }
  };
  world.atWork.set(key, work());
}

/** A later plan answers the order, or it was said that there is nothing to take back. */
function isAnswered({ world }: PlanPass, { name }: ChangePlanObject, { at }: Order): boolean {
  return world.answered.get(name) === at || plansOf(world).some(({ spec, createdAt }) => spec.asked?.of === name && createdAt >= at);
}

async function planRollback(pass: PlanPass, object: ChangePlanObject, full: Plan, order: Order): Promise<void> {
  const { world, fleet, running } = pass;
  const { corridor, notify } = world.runtime;
  const { name } = object;
  const confirmed = confirmedOf(full, object.status?.progress ?? '');
  const devices = confirmed.map(({ effect }) => effect.device);
  const at = corridor.clock.now();
  for (const device of devices) {
    const pin = { device, plan: name, by: order.by, reason: order.reason ?? 'plumb rollback', at: at.toISOString() };
    await corridor.store.pins.put(pin);
    world.pins.set(device, pin);
  }
  const back = await planWayBack(preparedOf(fleet, devices), confirmed, corridor, running);
  const said = [
    ...[...back.unknown].map(([device, why]) => `${device} is not known: ${why}`),
    ...back.problems.map(({ message }) => message),
  ];
  const plan = makeWayBack(back, fleet, at);
  const isSafe = said.length === 0 && plan.devices.length > 0;
  if (!isSafe) {
    const why = said.length > 0 ? said.join('; ') : 'its devices hold nothing of it any more';
    world.answered.set(name, order.at);
    notify({
      kind: 'ChangePlan',
      name,
      uid: object.uid,
      type: 'Warning',
      reason: 'RollbackRefused',
      message: `${name} cannot be taken back: ${why}`,
    });
    world.runtime.log.warn({ plan: name, why }, 'Rollback is not planned');
    return;
  }
  const mode = devices.every((device) => fleet.devices.get(device)?.mode === 'Enforce') ? 'Enforce' : 'Approve';
  const asked = { by: order.by, reason: order.reason ?? 'plumb rollback', of: name };
  await propose(world, plan, { mode, cause: 'Rollback', asked });
}

/** What a plan changed: the devices of its confirmed sets. */
function confirmedOf(full: Plan, progress: string): DevicePlan[] {
  const confirmed = new Set(full.sets.filter((_, set) => progress[set] === 'c' || progress[set] === 's').flat());
  return full.devices.filter(({ effect }) => confirmed.has(effect.device));
}
