import type { World } from '../world.ts';

/**
 * True when every device was looked at since what it should be last changed, or cannot be: what is planned before would be planned again
 * with each device that follows.
 */
export function isSettled({ inForce, judgements }: Pick<World, 'inForce' | 'judgements'>): boolean {
  if (!inForce) return false;
  return [...inForce.devices.values()].every((device) => {
    const judged = judgements.get(device.name);
    return judged !== undefined && judged.digest === device.ready?.rendered.digest;
  });
}
