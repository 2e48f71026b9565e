import { type DeviceStatus, findCondition } from '../../api/index.ts';
import { PlumblineError } from '../../lib/index.ts';
import type { ObjectStore, StoredObject } from '../../store/index.ts';
import { describeStaleSubnet } from '../dhcp/subnet-status.ts';
import { describeStaleSession } from '../session/session-status.ts';
import { isOurs, type World } from '../world.ts';
import { figuresOf } from './device-figures.ts';
import { describeDevice } from './device-status.ts';
import { type DeviceObject, tellTransition } from './publish.ts';

/** A judgement holds so many intervals without a new look. */
const intervals = 3;
/** However short the interval: a look at a device that is slow, or has just started, takes some seconds. */
const leastMs = 10_000;
const longestPauseMs = 5000;
/** So many are written before somebody else may work: of thousands the rest follows at once. */
const atOnce = 200;

/**
 * Lets judgements decay that nobody could renew: of a process that starts while Git does not answer, of a queue that does not keep up. Call
 * it again after `againMs`. `intervalMs` is undefined while no Fleet is in charge; `wake` is told of devices that are to be read sooner than
 * was said.
 */
export function createDecay(
  world: World,
  { intervalMs, wake }: { intervalMs: () => number | undefined; wake: (devices: readonly string[]) => void },
): () => Promise<{ againMs: number }> {
  const { clock } = world.runtime.corridor;
  let interval = intervalMs();
  // Neither this process nor a new interval can make an old judgement older than it is known to be.
  let countsFrom = clock.monotonicMs();
  return async () => {
    const now = intervalMs();
    if (now !== interval) {
      if (interval !== undefined && now !== undefined && now < interval) wake([...(world.inForce?.devices.keys() ?? [])]);
      interval = now;
      countsFrom = clock.monotonicMs();
    }
    const limitMs = Math.max(intervals * (interval ?? 300_000), leastMs);
    const all = world.devices.list().filter((device) => isStale(world, device, countsFrom, limitMs));
    const gone = all.slice(0, atOnce);
    // Whoever was looked at while the others were written is not stale any more, though nothing of it moved.
    for (const device of gone) if (isStale(world, device, countsFrom, limitMs)) await publishStale(world, device, limitMs);
    const names = new Set(gone.map(({ name }) => name));
    if (gone.length > 0) await publishStaleSessions(world, names);
    if (gone.length > 0) await publishStaleSubnets(world, names);
    return { againMs: all.length > gone.length ? 0 : Math.min(longestPauseMs, limitMs / (2 * intervals)) };
  };
}

/** Says whether a device is said to be known that nobody has looked at. Those of other operators are not ours to say. */
function isStale(world: World, { name, labels, status }: DeviceObject, countsFrom: number, limitMs: number): boolean {
  if (status === undefined || (status.verdict ?? 'Unknown') === 'Unknown') return false;
  if (!isOurs(world, labels)) return false;
  return world.runtime.corridor.clock.monotonicMs() - Math.max(world.lastJudged.get(name) ?? 0, countsFrom) > limitMs;
}

async function publishStale(world: World, object: DeviceObject, limitMs: number): Promise<void> {
  const { runtime, devices, figures, neighbors } = world;
  const { name, status: last, generation } = object;
  const at = runtime.corridor.clock.now();
  const outcome = {
    device: name,
    verdict: 'Unknown' as const,
    at: at.toISOString(),
    revision: last?.revision ?? '',
    reason: 'Stale' as const,
    message: `${name} was not looked at for ${limitMs / 1000} s`,
    next: 'Look at the Fleet and at the log of the operator; the device is judged again as soon as it can be read',
  };
  const status: DeviceStatus = describeDevice({
    device: name,
    last,
    generation,
    at,
    outcome,
    digest: last?.digest,
    revision: last?.revision ?? '',
    signers: last?.signers,
    mode: last?.mode ?? 'Report',
    standing: undefined,
    receipt: undefined,
    held: last?.held,
    version: last?.version,
    requestedAt: last?.lastHandledReconcileAt,
  });
  // Whoever wrote meanwhile has looked, or takes the device away: both know more.
  const written = await updateUnmoved(runtime.objects, { ...object, status });
  if (!written) return;
  devices.learn(written);
  neighbors.delete(name);
  world.dhcp.delete(name);
  const device = { object: { metadata: { name, labels: object.labels, annotations: object.annotations }, spec: object.spec } };
  figures.set(name, figuresOf(device, status, { outcome, observed: undefined }, undefined, figures.get(name)));
  await tellTransition(world, written, last);
}

/** False again as soon as a look at the device was published. */
function isSaidStale(device: DeviceObject | undefined): boolean {
  return findCondition(device?.status?.conditions, 'Ready')?.reason === 'Stale';
}

/** What is said of a session rests on its ends. */
async function publishStaleSessions({ runtime, sessions, devices }: World, gone: ReadonlySet<string>): Promise<void> {
  for (const object of sessions.list()) {
    const { spec, status: last, generation } = object;
    const unseen = spec.ends.flatMap(({ device }) =>
      device !== undefined && gone.has(device) && isSaidStale(devices.get(device)) ? [device] : [],
    );
    if (!last || unseen.length === 0) continue;
    const status = describeStaleSession(last, unseen, { generation, at: runtime.corridor.clock.now() });
    const written = await updateUnmoved(runtime.objects, { ...object, status });
    if (written) sessions.learn(written);
  }
}

/** What is said of a subnet rests on its servers. */
async function publishStaleSubnets({ runtime, subnets, devices }: World, gone: ReadonlySet<string>): Promise<void> {
  for (const object of subnets.list()) {
    const { spec, status: last, generation } = object;
    const unseen = spec.servedBy.filter((device) => gone.has(device) && isSaidStale(devices.get(device)));
    if (!last || unseen.length === 0) continue;
    const status = describeStaleSubnet(last, unseen, { generation, at: runtime.corridor.clock.now() });
    const written = await updateUnmoved(runtime.objects, { ...object, status });
    if (written) subnets.learn(written);
  }
}

async function updateUnmoved<Spec, Status>(
  objects: ObjectStore,
  object: StoredObject<Spec, Status>,
): Promise<StoredObject<Spec, Status> | undefined> {
  try {
    return await objects.updateStatus<Spec, Status>(object);
  } catch (error) {
    if (error instanceof PlumblineError && (error.code === 'Conflict' || error.code === 'NotFound')) return undefined;
    throw error;
  }
}
