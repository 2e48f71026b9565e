import type { Clock } from '../../lib/index.ts';
import { noteServedSubnets } from '../dhcp/served-subnets.ts';
import { noteRecord } from '../netbox/note-record.ts';
import type { World } from '../world.ts';
import { lookAtDevice } from './look.ts';
import { noteBrokenOff, noteJudgement } from './note-judgement.ts';
import { publishDevice } from './publish.ts';
import { unpinAgreed } from './pin.ts';
import { publishLeft, removeMirrors } from './release.ts';

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
  const touched = world.touched.get(name);
  const look = await noteBrokenOff(world, device, signal, () => lookAtDevice(world, fleet, device, signal));
  // A change of ours began or ended meanwhile: what was seen is neither what was nor what is.
  if (world.touched.get(name) !== touched) return { againMs: 0 };
  // It left Git while it was read: what was published is gone, and stays so.
  if (!isWatched(world, name)) return undefined;
  const { neighbors, runtime } = world;
  if (look.observed?.state === 'Read') neighbors.set(name, look.observed.neighbors);
  else neighbors.delete(name);
  noteJudgement(world, device, look);
  await unpinAgreed(world, name, look);
  const record = noteRecord(world, fleet, device, look);
  await publishDevice(world, device, fleet.revision, { ...look, record });
  world.askSessions(device.inputs.sessions.map(({ metadata }) => metadata.name));
  noteServedSubnets(world, device, look);
  world.askSubnets(device.inputs.subnets.map(({ metadata }) => metadata.name));
  if (!isWatched(world, name)) {
    await removeMirrors(world, name);
    return undefined;
  }
  const { clock } = runtime.corridor;
  const shortened = look.isTurnedAway ? Math.min(intervalMs, turnedAwayMs) : intervalMs;
  const ends = [look.held?.until, acknowledgedUntil(world, name)].flatMap((end) => end ?? []);
  return { againMs: nextLookMs(shortened, ends, clock) };
}

function isWatched({ inForce }: World, name: string): boolean {
  return inForce?.devices.has(name) ?? false;
}

/** Whoever was turned away while logins were stopped comes again this soon: it costs nothing, and no device waits an interval longer. */
const turnedAwayMs = 60_000;

function acknowledgedUntil({ drifts }: World, name: string): string | undefined {
  const report = drifts.get(name);
  return report?.status?.acknowledged || report?.status?.recordAcknowledged ? report.spec.acknowledgement?.expires : undefined;
}

/**
 * The interval with up to a tenth of jitter, so that a fleet that started at once is not read at once for ever; the end of a hold or of an
 * acknowledgement is met.
 */
export function nextLookMs(intervalMs: number, ends: readonly string[], clock: Clock): number {
  const jittered = intervalMs * (0.95 + Math.random() * 0.1);
  const now = clock.now().getTime();
  const left = ends.map((end) => Date.parse(end) - now).filter((ms) => ms > 0);
  return Math.min(jittered, ...left.map((ms) => Math.max(ms, 1000)));
}
