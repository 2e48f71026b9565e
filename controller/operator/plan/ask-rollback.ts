import { type ConditionState, type DevicePlan, findCondition, type Plan, setConditions } from '../../api/index.ts';
import { planWayBack } from '../../pipeline/index.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { propose } from './keep-plans.ts';
import { type Order, readOrder } from './order.ts';
import { isEnded } from './plan-status.ts';
import type { PlanPass } from './plan-pass.ts';
import { makeWayBack, preparedOf } from './way-back.ts';
import { isMadeSince } from '../made-since.ts';
import { wholeRiskOf } from './whole-risk.ts';
import { workBeside } from './work-beside.ts';
import { amendPlan } from './write-plan.ts';

/**
 * When a person asked to take a plan back: reads its confirmed devices, and puts a plan of its own to people that inverts it against what they
 * hold now. The devices are pinned first: nothing of Git goes there until Git agrees.
 */
export function askRollback(pass: PlanPass, object: ChangePlanObject): void {
  const { world } = pass;
  const order = readOrder(object.annotations);
  const full = world.fullPlans.get(object.name);
  const key = `rollback of ${object.name}`;
  if (order?.ask !== 'Rollback' || !full || !isEnded(object.status) || world.chores.has(key) || isAnswered(object, order)) return;
  const work = async () => {
    await planRollback(pass, object, full, order);
    pass.wake();
  };
  const failed = (err: unknown) => world.runtime.log.error({ plan: object.name, err }, 'Rollback could not be planned; it is tried again');
  workBeside(world.chores, key, { work, failed });
}

/** On a plan that somebody wanted to be taken back: True names the plan that does it, False says why none does. */
export const rollbackCondition = 'Rollback';

/** Somebody said what became of the order. */
export function isAnswered({ status }: Pick<ChangePlanObject, 'status'>, { at }: Order): boolean {
  return status?.asked?.at === at && findCondition(status.conditions, rollbackCondition) !== undefined;
}

/** Says what became of the order, on the plan that is to be taken back. */
async function answer({ world }: PlanPass, { name }: ChangePlanObject, order: Order, state: Omit<ConditionState, 'type'>): Promise<void> {
  const { ask, by, reason, at } = order;
  await amendPlan(world, name, ({ generation }, status) => {
    const others = status.conditions.filter(({ type }) => type !== rollbackCondition);
    const states = [...others, { ...state, type: rollbackCondition }];
    const conditions = setConditions(status.conditions, states, { at: world.runtime.corridor.clock.now(), generation });
    return { ...status, conditions, asked: { what: ask, by, ...(reason !== undefined && { reason }), at } };
  });
}

async function planRollback(pass: PlanPass, object: ChangePlanObject, full: Plan, order: Order): Promise<void> {
  const { world, fleet, running } = pass;
  // Made by a process that died before it said so.
  const known = world.plans.list().find(({ spec, createdAt }) => spec.asked?.of === object.name && isMadeSince(createdAt, order.at));
  if (known) return answer(pass, object, order, { status: 'True', reason: 'Planned', message: `${known.name} takes it back` });
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
    const message = `${name} cannot be taken back: ${why}`;
    await answer(pass, object, order, { status: 'False', reason: 'RollbackRefused', message });
    notify({ kind: 'ChangePlan', name, uid: object.uid, type: 'Warning', reason: 'RollbackRefused', message });
    return;
  }
  const mode = devices.every((device) => fleet.devices.get(device)?.mode === 'Enforce') ? 'Enforce' : 'Approve';
  const asked = { by: order.by, reason: order.reason ?? 'plumb rollback', of: name };
  const made = await propose(world, plan, { mode, cause: 'Rollback', asked, judgeWhole: (whole) => wholeRiskOf(pass, whole) });
  await answer(pass, object, order, { status: 'True', reason: 'Planned', message: `${made.name} takes it back` });
}

/** What a plan changed: the devices of its confirmed sets. */
function confirmedOf(full: Plan, progress: string): DevicePlan[] {
  const confirmed = new Set(full.sets.filter((_, set) => progress[set] === 'c' || progress[set] === 's').flat());
  return full.devices.filter(({ effect }) => confirmed.has(effect.device));
}
