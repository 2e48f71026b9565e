import { type DeviceSpec, type DeviceStatus, type DriftReportSpec, type DriftReportStatus, setConditions } from '../../api/index.ts';
import type { World } from '../world.ts';
import { recallFigures } from './device-figures.ts';
import { amendObject, removeObject, writeObject } from '../write-object.ts';
import { holdAnnotation, readResumed } from './hold.ts';
import { pinHold } from './pin.ts';
import { removeReport } from './publish.ts';

/**
 * Lets a device go that Git no longer has: its objects and figures go, nothing on it is touched. The baseline stays, so that a device
 * which comes back is not met for the first time.
 */
export async function releaseDevice(world: World, name: string): Promise<void> {
  const { runtime } = world;
  const { clock, store } = runtime.corridor;
  const revision = world.devices.get(name)?.status?.revision;
  await removeMirrors(world, name);
  await store.history.append({
    device: name,
    at: clock.now().toISOString(),
    event: 'Released',
    message: 'Git no longer has the device: it is not watched any more, and nothing on it was touched',
    ...(revision !== undefined && { revision }),
  });
  runtime.log.info({ device: name }, 'Device released');
}

/**
 * Says of a device that left Git, and of which this process does not know what Git last said, that nobody looks at it: an old verdict must
 * not stand for a new one.
 */
export async function publishLeft(world: World, name: string): Promise<void> {
  const { runtime, devices } = world;
  const object = devices.get(name);
  if (!object?.status) return;
  const message = `Git no longer has ${name}; it is not looked at until a person decides. Next: put it back into Git, or plumb reconcile --release`;
  const written = await amendObject<DeviceSpec, DeviceStatus>(runtime.objects, devices, {
    kind: 'Device',
    name,
    status: ({ status, generation }) => ({
      ...status,
      observedGeneration: generation,
      verdict: 'Unknown',
      conditions: setConditions(status?.conditions ?? [], [{ type: 'Ready', status: 'Unknown', reason: 'ApprovalRequired', message }], {
        at: runtime.corridor.clock.now(),
        generation,
      }),
    }),
  });
  if (written) world.figures.set(name, recallFigures(written, world.drifts.get(name)?.status));
}

/** What is known of a device goes on under its new name: the baseline, what differed since when, and what people said of it. */
export async function renameDevice(world: World, from: string, to: string): Promise<void> {
  const { runtime } = world;
  const { clock, store } = runtime.corridor;
  const [baseline, known, seen] = await Promise.all([store.baselines.get(from), store.baselines.get(to), store.observations.get(from)]);
  if (baseline && !known) await store.baselines.put({ ...baseline, device: to });
  if (seen && !(await store.observations.get(to))) await store.observations.put({ ...seen, device: to });
  await handOverPin(world, from, to);
  await handOverMirror(world, from, to);
  await handOverReport(world, from, to);
  // The mirror goes last: as long as it stands, whoever comes after a crash does all of it again.
  const at = clock.now().toISOString();
  const message = `Known as ${from} before; its baseline came along`;
  await store.history.append({ device: to, at, event: 'Renamed', message, renamedFrom: from });
  await removeMirrors(world, from);
  runtime.log.info({ device: to, from }, 'Device renamed');
}

/** A device that a person took back stays so, whatever it is called. */
async function handOverPin({ runtime, pins, devices }: World, from: string, to: string): Promise<void> {
  const pin = pins.get(from);
  if (!pin) return;
  const { store, clock } = runtime.corridor;
  // That a person let it go stands in the object that goes.
  const isInForce = pinHold(pin, readResumed(devices.get(from)?.annotations ?? {}, clock.now())) !== undefined;
  if (isInForce && !pins.has(to)) {
    await store.pins.put({ ...pin, device: to });
    pins.set(to, { ...pin, device: to });
  }
  await store.pins.remove(pin);
  pins.delete(from);
}

/**
 * A hold of a person, and what NetBox fed it, stand in the mirror alone: the new name gets one before the old one goes, or whoever came after a
 * crash between the two would write to a device that is held, or take what vanished from NetBox for never said.
 */
async function handOverMirror({ runtime, devices }: World, from: string, to: string): Promise<void> {
  const old = devices.get(from);
  if (!old?.status || devices.get(to)) return;
  const { labels, annotations, spec, status } = old;
  const hold = annotations[holdAnnotation];
  await writeObject<DeviceSpec, DeviceStatus>(runtime.objects, devices, {
    kind: 'Device',
    name: to,
    labels,
    ...(hold !== undefined && { annotations: { [holdAnnotation]: hold } }),
    fresh: spec,
    status: ({ generation }) => ofGeneration(generation, status),
  });
}

/** An acknowledgement stands in the report alone, and so does who did what the log of the device does not reach back to. */
async function handOverReport({ runtime, drifts }: World, from: string, to: string): Promise<void> {
  const old = drifts.get(from);
  if (!old?.status || drifts.get(to)) return;
  const { labels, spec, status } = old;
  const { digest, report, ...shown } = status;
  await writeObject<DriftReportSpec, DriftReportStatus>(runtime.objects, drifts, {
    kind: 'DriftReport',
    name: to,
    labels,
    fresh: { ...spec, device: to },
    // The full text names the old device, and goes with it: without a digest the next look keeps it anew.
    status: ({ generation }) => ({ ...ofGeneration(generation, shown), ...(digest !== undefined && report === undefined && { digest }) }),
  });
}

/** A status in another object. */
function ofGeneration<Status extends Pick<DeviceStatus, 'conditions'>>(generation: number, status: Status): Status {
  const conditions = status.conditions.map((each) => ({ ...each, observedGeneration: generation }));
  return { ...status, observedGeneration: generation, conditions };
}

/** Takes away what is published of a device. */
export async function removeMirrors(world: World, name: string): Promise<void> {
  const { objects } = world.runtime;
  await removeReport(world, name);
  await removeObject(objects, world.devices, 'Device', name);
  world.figures.delete(name);
  world.neighbors.delete(name);
  world.netbox.told.delete(name);
  world.netbox.said.delete(name);
  world.lastJudged.delete(name);
  world.unpublished.devices.delete(name);
  world.judgements.delete(name);
}
