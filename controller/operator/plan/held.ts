import type { Hold } from '../device/device-status.ts';
import { driftHold, readHold, readResumed } from '../device/hold.ts';
import { pinHold } from '../device/pin.ts';
import type { World } from '../world.ts';

/**
 * Who holds a device now: somebody who said so a moment ago, whoever the last look found, or, by the mode that holds today, the change that
 * somebody made on it.
 */
export function holdOf(
  world: Pick<World, 'devices' | 'judgements' | 'runtime' | 'inForce' | 'changes' | 'pins'>,
  device: string,
): Hold | undefined {
  const { devices, judgements, runtime, inForce, changes } = world;
  const now = runtime.corridor.clock.now();
  const annotations = devices.get(device)?.annotations ?? {};
  const asked = readHold(annotations, now);
  if (asked) return asked;
  const judged = judgements.get(device);
  if (judged?.held?.where === 'Device') return judged.held;
  const resumed = readResumed(annotations, now);
  const pinned = pinHold(world.pins.get(device), resumed);
  if (pinned) return pinned;
  const verdict = judged?.proposal?.facts.verdict;
  const mode = inForce?.devices.get(device)?.mode ?? 'Report';
  return verdict && driftHold(verdict, { mode, holdMs: changes().humanHoldSeconds * 1000, resumed }, now);
}
