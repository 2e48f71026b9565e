import type { World } from '../world.ts';
import { removeObject } from '../write-object.ts';

/**
 * Lets a device go that Git no longer has: its objects and figures go, nothing on it is touched. The baseline stays, so that a device
 * which comes back is not met for the first time.
 */
export async function releaseDevice(world: World, name: string): Promise<void> {
  const { runtime } = world;
  const { clock, store } = runtime.corridor;
  const revision = world.devices.get(name)?.status?.revision;
  await removeObject(runtime.objects, world.drifts, 'DriftReport', name);
  await removeObject(runtime.objects, world.devices, 'Device', name);
  forgetFigures(world, name);
  await store.history.append({
    device: name,
    at: clock.now().toISOString(),
    event: 'Released',
    message: 'Git no longer has the device: it is not watched any more, and nothing on it was touched',
    ...(revision !== undefined && { revision }),
  });
  runtime.log.info({ device: name }, 'Device released');
}

/** What is known of a device goes on under its new name: the baseline, and what differed since when. */
export async function renameDevice(world: World, from: string, to: string): Promise<void> {
  const { runtime } = world;
  const { clock, store } = runtime.corridor;
  const [baseline, known, seen] = await Promise.all([store.baselines.get(from), store.baselines.get(to), store.observations.get(from)]);
  if (baseline && !known) await store.baselines.put({ ...baseline, device: to });
  if (seen && !(await store.observations.get(to))) await store.observations.put({ ...seen, device: to });
  await removeObject(runtime.objects, world.drifts, 'DriftReport', from);
  await removeObject(runtime.objects, world.devices, 'Device', from);
  forgetFigures(world, from);
  const at = clock.now().toISOString();
  await store.history.append({ device: to, at, event: 'Renamed', message: `Known as ${from} before; its baseline came along` });
  runtime.log.info({ device: to, from }, 'Device renamed');
}

function forgetFigures(world: World, name: string): void {
  world.figures.delete(name);
  world.neighbors.delete(name);
  world.lastJudged.delete(name);
}
