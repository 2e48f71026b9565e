import type { Plan } from '../../api/index.ts';
import { letterOf, type MayBegin, type SetResult } from '../../change/index.ts';
import { planWayBack } from '../../pipeline/index.ts';
import { noteEnd, settled } from './begin-set.ts';
import { carrySet } from './carry-set.ts';
import { clearWayBack, endBefore, preparedOf } from './way-back.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { claimantOf, holderOf } from './grants.ts';
import type { PlanPass } from './plan-pass.ts';

/**
 * Takes a confirmed set of a plan back after another one failed: a change of its own, from what its devices hold now. No window and no person
 * stands in its way; a hold and a budget do, and its places are taken by now. What cannot be taken back stays as it is, and is said.
 */
export function takeBackSet(pass: PlanPass, object: ChangePlanObject, full: Plan, set: number, mayGoOn: () => MayBegin): void {
  const { world, running, wake, look, fleet } = pass;
  const { corridor, log } = world.runtime;
  const devices = full.sets[set] ?? [];
  const holder = holderOf(pass, object.name, set);
  const shown = full.devices.filter(({ effect }) => devices.includes(effect.device));
  const work = async () => {
    try {
      const back = await planWayBack(preparedOf(fleet, devices), shown, corridor, running);
      // The read took a while.
      const now = mayGoOn();
      const cleared = now.ok ? clearWayBack(back, devices, fleet, corridor.clock.now()) : endBefore(devices, now.code, now.because);
      const result: SetResult =
        'result' in cleared
          ? cleared.result
          : await carrySet(
              world,
              { name: object.name, uid: object.uid, set, way: 'back', ...cleared, fleet, because: 'a set of the same plan failed' },
              running,
            );
      await noteEnd(world, object.name, set, letterOf(result.end, 'back'), result);
      if (settled.has(result.end)) await corridor.store.grants.give(await claimantOf(pass, object.name, set));
    } catch (err) {
      log.error({ plan: object.name, devices, err }, 'Change could not be taken back; the journal has how far it came');
    } finally {
      world.atWork.delete(holder);
      world.touch(devices);
      look(devices);
      wake();
    }
  };
  world.touch(devices);
  world.atWork.set(holder, work());
}
