import { holderOf } from './grants.ts';
import type { PlanPass } from './plan-pass.ts';
import { workBeside } from './work-beside.ts';

/**
 * Works on the devices of a set beside the passes: what was seen of them before or meanwhile is not planned from, and they are looked at when it ended.
 * Whatever goes wrong, the journal knows how far it came, and the next pass goes by that.
 */
export function workOnSet(pass: PlanPass, plan: string, set: number, devices: readonly string[], work: () => Promise<void>): void {
  const { world, wake, look } = pass;
  world.touch(devices);
  workBeside(world.atWork, holderOf(pass, plan, set), {
    work,
    failed: (err) =>
      world.runtime.log.error({ plan, devices, err }, 'Change could not be followed to its end; the journal has how far it came'),
    ended: () => {
      world.touch(devices);
      look(devices);
      wake();
    },
  });
}
