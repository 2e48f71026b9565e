import type { Plan } from '../../api/index.ts';
import { planWayBack } from '../../pipeline/index.ts';
import { endSet } from './begin-set.ts';
import { carrySet } from './carry-set.ts';
import { clearWayBack, endBefore, preparedOf } from './way-back.ts';
import type { ChangePlanObject } from './full-plan.ts';
import type { PlanPass } from './plan-pass.ts';
import { workOnSet } from './work-on-set.ts';

/**
 * Takes a confirmed set of a plan back after another one failed: a change of its own, from what its devices hold now. No window and no person
 * stands in its way; a hold and a budget do, and its places are taken by now. What cannot be taken back stays as it is, and is said.
 */
export function takeBackSet(pass: PlanPass, object: ChangePlanObject, full: Plan, set: number, whyNot: () => string | undefined): void {
  const { world, running, fleet } = pass;
  const { corridor } = world.runtime;
  const { name, uid } = object;
  const devices = full.sets[set] ?? [];
  const shown = full.devices.filter(({ effect }) => devices.includes(effect.device));
  workOnSet(pass, name, set, devices, async () => {
    const back = await planWayBack(preparedOf(fleet, devices), shown, corridor, running);
    // The read took a while.
    const because = running.aborted ? 'the operator ends' : whyNot();
    const cleared =
      because === undefined ? clearWayBack(back, devices, fleet, corridor.clock.now()) : endBefore(devices, 'Withdrawn', because);
    const work = { name, uid, set, way: 'back' as const, fleet, because: 'a set of the same plan failed', whyNot };
    const result = 'result' in cleared ? cleared.result : await carrySet(world, { ...work, ...cleared }, running);
    await endSet(pass, name, set, 'back', result);
  });
}
