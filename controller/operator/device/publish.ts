import type { DeviceStatus, DriftReportSpec, DriftReportStatus, Metadata, Observed, DeviceSpec } from '../../api/index.ts';
import { findCondition, shownDifferences } from '../../api/index.ts';
import { canonicalJson } from '../../lib/index.ts';
import type { StoredObject } from '../../store/index.ts';
import type { DesiredDevice } from '../fleet/desired-fleet.ts';
import type { World } from '../world.ts';
import { removeObject, writeObject } from '../write-object.ts';
import { type DeviceFacts, describeDevice } from './device-status.ts';
import { type Candidate, describeDrift, digestOfReported, isAcknowledged, reportedOf } from './drift-report.ts';
import { type DriftStanding, figuresOf } from './device-figures.ts';

export type DeviceObject = StoredObject<DeviceSpec, DeviceStatus>;
export type DriftObject = StoredObject<DriftReportSpec, DriftReportStatus>;

/** What a look at a device came to. */
export interface Look extends Pick<DeviceFacts, 'outcome' | 'held' | 'version' | 'requestedAt'> {
  observed: Observed | undefined;
  /** The baseline is lost in the store. */
  lost?: boolean;
  /** Asked for only when something new differs. */
  who: () => Promise<readonly Candidate[]>;
}

/** Publishes a look at a device: its mirror, its report, metrics, and a notice when its standing changed. Writes nothing when nothing moved. */
export async function publishDevice(world: World, device: DesiredDevice, revision: string, look: Look): Promise<void> {
  const { runtime, devices } = world;
  const at = runtime.corridor.clock.now();
  const before = devices.get(device.name)?.status;
  const { outcome } = look;
  const drift = 'verdict' in outcome && outcome.verdict !== 'Unknown' ? await publishDrift(world, outcome, look, at) : undefined;
  const object = await writeObject<DeviceSpec, DeviceStatus>(runtime.objects, devices, {
    kind: 'Device',
    name: device.name,
    labels: mirrorLabels(device.object.metadata, world.fleet),
    spec: asPlain(device.object.spec),
    fresh: asPlain(device.object.spec),
    status: ({ status, generation }) =>
      describeDevice({
        device: device.name,
        last: status,
        generation,
        at,
        outcome,
        digest: device.ready?.rendered.digest,
        revision,
        mode: device.mode,
        held: look.held,
        version: look.version,
        requestedAt: look.requestedAt ?? status?.lastHandledReconcileAt,
      }),
  });
  const { figures } = world;
  const known = figures.get(device.name);
  figures.set(device.name, figuresOf(device, object.status, look, drift, known));
  await tellTransition(world, object, before, drift?.moved ?? false);
}

interface Drift extends DriftStanding {
  /** Other lines differ than at the last look. */
  moved: boolean;
}

/** The report on a device: made, changed or taken away. */
async function publishDrift(
  { runtime, drifts, fleet }: World,
  judged: Parameters<typeof reportedOf>[0],
  look: Look,
  at: Date,
): Promise<Drift> {
  const { objects } = runtime;
  const reported = reportedOf(judged);
  const name = judged.device;
  const last = drifts.get(name);
  if (reported.length === 0) {
    await removeObject(objects, drifts, 'DriftReport', name);
    if (last?.status?.report !== undefined) await objects.deleteArtifact(last.status.report);
    return { acknowledged: false, who: [], moved: false };
  }
  const digest = digestOfReported(reported);
  const isNew = last?.status?.digest !== digest;
  const who = isNew ? await look.who() : (last.status?.who ?? []);
  // The object shows the first ones, and long lines cut; the artifact is the whole judgement.
  const isWhole = reported.length <= shownDifferences && reported.every((each) => JSON.stringify(each).length < 500);
  const report = isWhole ? undefined : isNew ? await objects.putArtifact(canonicalJson(judged)) : last.status?.report;
  const written = await writeObject<DriftReportSpec, DriftReportStatus>(objects, drifts, {
    kind: 'DriftReport',
    name,
    labels: { 'plumbline.dev/fleet': fleet },
    fresh: { device: name },
    status: ({ spec, status, generation }) =>
      describeDrift({ judged, reported, last: status, generation, at, acknowledged: isAcknowledged(spec, digest, at), who, report }),
  });
  const old = last?.status?.report;
  if (old !== undefined && old !== report) await objects.deleteArtifact(old);
  return { acknowledged: written.status?.acknowledged ?? false, who, moved: isNew };
}

/** A device that came to stand otherwise, or differs in other lines, is told once. First contact in sync is no news: a thousand of them would be a flood. */
async function tellTransition(
  { runtime }: World,
  { name, uid, status: now }: DeviceObject,
  before: DeviceStatus | undefined,
  moved: boolean,
): Promise<void> {
  const ready = findCondition(now?.conditions, 'Ready');
  const last = findCondition(before?.conditions, 'Ready');
  if (!ready || (last?.reason === ready.reason && !moved)) return;
  const good = ready.status === 'True';
  if (good && !last) return;
  runtime.notify({ kind: 'Device', name, uid, type: good ? 'Normal' : 'Warning', reason: ready.reason, message: ready.message });
  runtime.log.info({ device: name, reason: ready.reason }, 'Device changed its standing');
  await runtime.corridor.store.history.append({
    device: name,
    at: runtime.corridor.clock.now().toISOString(),
    event: ready.reason,
    message: ready.message.slice(0, 2000),
    ...(now?.revision !== undefined && { revision: now.revision }),
  });
}

function mirrorLabels(metadata: Metadata, fleet: string): Record<string, string> {
  return { ...metadata.labels, 'plumbline.dev/fleet': fleet };
}

/** Without undefined members, as it comes back from a store. */
function asPlain(spec: DeviceSpec): DeviceSpec {
  return JSON.parse(JSON.stringify(spec)) as DeviceSpec;
}
