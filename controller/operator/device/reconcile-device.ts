import type { Clock } from '../../lib/index.ts';
import { publishSessions } from '../session/publish-sessions.ts';
import type { World } from '../world.ts';
import { lookAtDevice } from './look.ts';
import { publishDevice } from './publish.ts';
import { publishLeft } from './release.ts';

/** Milliseconds until the next look, or undefined when the device is none of ours any more. */
export type Again = { againMs: number } | undefined;

/** One look at one device: read, judge, publish. */
export async function reconcileDevice(world: World, name: string, intervalMs: number, signal: AbortSignal): Promise<Again> {
  const fleet = world.inForce;
  const device = fleet?.devices.get(name);
  if (!fleet || !device) {
    if (world.releasing.has(name)) await publishLeft(world, name);
    return undefined;
  }
  const look = await lookAtDevice(world, fleet, device, signal);
  const { neighbors, lastJudged, runtime } = world;
  if (look.observed?.state === 'Read') neighbors.set(name, look.observed.neighbors);
  else neighbors.delete(name);
  await publishDevice(world, device, fleet.revision, look);
  await publishSessions(world, fleet, device.sessions);
  const { clock } = runtime.corridor;
  lastJudged.set(name, clock.monotonicMs());
  return { againMs: nextLookMs(intervalMs, look.held?.until, clock) };
}

/** The interval with up to a tenth of jitter, so that a fleet that started at once is not read at once for ever; the end of a hold is met. */
function nextLookMs(intervalMs: number, holdUntil: string | undefined, clock: Clock): number {
  const jittered = intervalMs * (0.95 + Math.random() * 0.1);
  if (holdUntil === undefined) return jittered;
  const left = Date.parse(holdUntil) - clock.now().getTime();
  return Math.min(jittered, Math.max(left, 1000));
}
