import type { World } from '../world.ts';

/**
 * True when every device was looked at since what it should be last changed, or could not be: what is planned before would be planned again
 * with each device that follows. Those of plans that have begun are not waited for: nothing is planned for them before these ended.
 */
export function isSettled({ inForce, judgements }: Pick<World, 'inForce' | 'judgements'>, busy: ReadonlySet<string>): boolean {
  if (!inForce) return false;
  return [...inForce.devices.values()].every((device) => {
    const judged = judgements.get(device.name);
    return busy.has(device.name) || (judged !== undefined && judged.digest === device.ready?.rendered.digest);
  });
}
