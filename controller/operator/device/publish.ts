import type {
  DeviceSpec,
  DeviceStatus,
  DriftReportSpec,
  DriftReportStatus,
  HistoryEntry,
  Metadata,
  Observed,
  ReportedDifference,
  ReportedRecord,
  ToldSides,
} from '../../api/index.ts';
import { findCondition, shownDifferences } from '../../api/index.ts';
import type { Attribution, Utilisation } from '../../drivers/index.ts';
import { foreignReceipt } from '../../change/index.ts';
import { canonicalJson, digestOf } from '../../lib/index.ts';
import type { DeviceProposal } from '../../pipeline/index.ts';
import type { StoredObject } from '../../store/index.ts';
import type { DesiredDevice } from '../fleet/desired-fleet.ts';
import type { Notice, Runtime } from '../runtime.ts';
import type { DeviceRecord } from '../netbox/standing.ts';
import { reportRecords } from '../netbox/reported-records.ts';
import { fleetLabel, type World } from '../world.ts';
import { amendObject, removeObject, writeObject } from '../write-object.ts';
import { type DeviceFacts, describeDevice, revisionOf } from './device-status.ts';
import { describeDrift, describeRecords, digestOfReported, isAcknowledged, reportedOf, withoutAcknowledgement } from './drift-report.ts';
import { type DriftStanding, figuresOf } from './device-figures.ts';
import { type Candidate, nameWho } from './who.ts';

export type DeviceObject = StoredObject<DeviceSpec, DeviceStatus>;
export type DriftObject = StoredObject<DriftReportSpec, DriftReportStatus>;

/** What a look at a device came to. */
export interface Look extends Pick<DeviceFacts, 'outcome' | 'held' | 'version' | 'requestedAt'> {
  observed: Observed | undefined;
  /** What could be done about what differs, where policy may let it be done. */
  proposal?: DeviceProposal;
  /** How full the subnets of a DHCP server are. */
  use?: Utilisation;
  /** What the device says of itself. Absent: it was not even asked. */
  told?: ToldSides;
  /** What NetBox is beside the device. Absent: what was published stands. */
  record?: DeviceRecord | undefined;
  /** The baseline is lost in the store. */
  lost?: boolean;
  /** Logins are stopped: the device was not asked. */
  isTurnedAway?: boolean;
  /** Who may have changed the device since then. Asked for only when something new differs: it costs a command on the device. */
  who: (since: Date) => Promise<Attribution['candidates']>;
}

/** Publishes a look at a device: its mirror, its report, metrics, and a notice when its standing changed. Writes nothing when nothing moved. */
export async function publishDevice(world: World, device: DesiredDevice, revision: string, look: Look): Promise<void> {
  const { runtime, devices } = world;
  const at = runtime.corridor.clock.now();
  const before = devices.get(device.name)?.status;
  const { outcome } = look;
  const wanted = revisionOf(before, device.ready?.rendered.digest, revision);
  const judged = 'verdict' in outcome && outcome.verdict !== 'Unknown' ? outcome : undefined;
  const records = look.record && reportRecords(look.record.differences, world.drifts.get(device.name)?.status?.records, at);
  const record = look.record && records && { record: look.record.record, records };
  const drift = judged && (await publishDrift(world, judged, { look, record, at, revision: wanted }));
  if (!judged && record) await publishRecord(world, device.name, { ...record, at, revision: wanted });
  if (!judged) await endAcknowledgement(world, device.name, at);
  const object = await writeObject<DeviceSpec, DeviceStatus>(runtime.objects, devices, {
    kind: 'Device',
    name: device.name,
    labels: mirrorLabels(device.object.metadata, world.fleet),
    spec: device.object.spec,
    fresh: device.object.spec,
    status: ({ status, generation }) =>
      describeDevice({
        device: device.name,
        last: status,
        generation,
        at,
        outcome,
        digest: device.ready?.rendered.digest,
        revision,
        signers: device.signers,
        mode: device.mode,
        fed: device.fed,
        record: look.record ? look.record.record : status?.record,
        held: look.held,
        standing: world.standings.get(device.name),
        version: look.version,
        receipt: receiptOf(look.observed),
        requestedAt: look.requestedAt ?? status?.lastHandledReconcileAt,
      }),
  });
  const { figures, lastJudged } = world;
  lastJudged.set(device.name, runtime.corridor.clock.monotonicMs());
  const known = figures.get(device.name);
  const said = world.drifts.get(device.name)?.status;
  const seenTo = { isSeenTo: said?.acknowledged ?? false, isRecordSeenTo: said?.recordAcknowledged ?? false };
  figures.set(device.name, figuresOf(device, object.status, look, drift, known, { records, ...seenTo }));
  await noteUpgrade(world, object, before);
  await tellForeign(world, object, before, look.observed);
  const moved = drift?.moved ? { reported: reportedOf(drift.judged), who: drift.who.map(({ who }) => who).join(' or ') } : undefined;
  await tellTransition(world, object, before, moved);
}

/** Takes the report on a device away, with its full text: nobody else names that. */
export async function removeReport({ runtime, drifts, unattributed }: World, name: string): Promise<void> {
  unattributed.delete(name);
  const report = drifts.get(name)?.status?.report;
  await removeObject(runtime.objects, drifts, 'DriftReport', name);
  if (report !== undefined) await dropWhole(runtime, name, report);
}

/** The whole judgement, by digest. Undefined where it cannot be kept: what differs is told all the same, as far as the object shows it. */
async function keepWhole({ objects, log }: Runtime, judged: Drift['judged']): Promise<string | undefined> {
  try {
    return await objects.putArtifact(textOf(judged));
  } catch (err) {
    log.error({ device: judged.device, err }, 'Full report could not be kept');
    return undefined;
  }
}

/** What stays behind is named by nobody, and goes when such are looked for. */
async function dropWhole({ objects, log }: Runtime, device: string, digest: string): Promise<void> {
  await objects.deleteArtifact(digest).catch((err: unknown) => log.error({ device, err }, 'Full report could not be removed'));
}

interface Drift extends DriftStanding {
  judged: Parameters<typeof reportedOf>[0];
  /** Other lines differ than at the last look. */
  moved: boolean;
}

/** The report on a device: made, changed or taken away. */
async function publishDrift(
  world: World,
  judged: Parameters<typeof reportedOf>[0],
  { look, record, at, revision }: { look: Look; record: RecordStanding | undefined; at: Date; revision: string },
): Promise<Drift> {
  const { runtime, drifts, fleet } = world;
  const { objects } = runtime;
  const reported = reportedOf(judged);
  const name = judged.device;
  const last = drifts.get(name);
  if (reported.length === 0 && (record?.records ?? last?.status?.records ?? []).length === 0) {
    await removeReport(world, name);
    return { judged, acknowledged: false, who: [], moved: false };
  }
  const digest = digestOfReported(reported);
  const isNew = last?.status?.digest !== digest;
  const who = await whoDid(world, name, { reported, last: last?.status, isNew, look });
  // The object shows the first ones, and long lines cut; the artifact is the whole judgement.
  const isWhole = reported.length <= shownDifferences && reported.every((each) => JSON.stringify(each).length < 500);
  const known = isNew ? undefined : last.status?.report;
  const report = isWhole ? undefined : (known ?? (await keepWhole(runtime, judged)));
  const written = await writeObject<DriftReportSpec, DriftReportStatus>(objects, drifts, {
    kind: 'DriftReport',
    name,
    labels: { [fleetLabel]: fleet },
    fresh: { device: name },
    status: ({ spec, status, generation }) =>
      describeDrift({
        judged,
        revision,
        reported,
        last: status,
        generation,
        at,
        acknowledged: isAcknowledged(spec, digest, at),
        spec,
        who,
        report,
        isCut: !isWhole && report === undefined,
        record,
      }),
  });
  const old = last?.status?.report;
  if (old !== undefined && old !== report) await dropWhole(runtime, name, old);
  return { judged, acknowledged: written.status?.acknowledged ?? false, who, moved: isNew };
}

interface RecordStanding {
  record: DeviceStatus['record'];
  records: readonly ReportedRecord[];
}

/** Of a device that cannot be judged, only what NetBox is beside it: its lines stay as they were reported. */
async function publishRecord(
  world: World,
  name: string,
  { at, revision, ...record }: RecordStanding & { at: Date; revision: string },
): Promise<void> {
  const { runtime, drifts, fleet } = world;
  const last = drifts.get(name)?.status;
  if (record.records.length === 0 && (last?.total ?? 0) === 0) return removeReport(world, name);
  await writeObject<DriftReportSpec, DriftReportStatus>(runtime.objects, drifts, {
    kind: 'DriftReport',
    name,
    labels: { [fleetLabel]: fleet },
    fresh: { device: name },
    status: ({ spec, status, generation }) => describeRecords({ device: name, last: status, generation, at, spec, revision, ...record }),
  });
}

/** Of a device that cannot be judged an acknowledgement ends all the same when its time is over. */
async function endAcknowledgement({ runtime, drifts }: World, name: string, at: Date): Promise<void> {
  const report = drifts.get(name);
  if (!report?.status?.acknowledged || isAcknowledged(report.spec, report.status.digest ?? '', at)) return;
  await amendObject<DriftReportSpec, DriftReportStatus>(runtime.objects, drifts, {
    kind: 'DriftReport',
    name,
    status: ({ status }) => withoutAcknowledgement(status ?? { conditions: [], differences: [], who: [] }),
  });
}

/**
 * Asked for when the report shows something new, and once more at the next look when nobody was named then: a line of the device's log may
 * come later than the change that it is about.
 */
async function whoDid(
  world: World,
  name: string,
  {
    reported,
    last,
    isNew,
    look,
  }: { reported: readonly ReportedDifference[]; last: DriftReportStatus | undefined; isNew: boolean; look: Look },
): Promise<Candidate[]> {
  const { unattributed } = world;
  const open = unattributed.get(name);
  const since = open ?? (isNew ? lastUnchanged(world, name) : undefined);
  unattributed.delete(name);
  if (!isNew && !since) return last?.who ?? [];
  return nameWho(
    reported,
    last,
    async () => {
      const found = since ? await look.who(since) : [];
      if (isNew && since && found.length === 0) unattributed.set(name, since);
      return found;
    },
    open !== undefined,
  );
}

/** The whole judgement. Without its time: whoever failed or died before the report named it keeps the same text again, not another one. */
function textOf({ at: _at, ...judged }: Drift['judged']): string {
  return canonicalJson(judged);
}

/** The last moment at which nothing of what is new now was there. Undefined at first contact: nobody did anything. */
function lastUnchanged({ figures, devices }: World, name: string): Date | undefined {
  const read = figures.get(name)?.read;
  if (read) return new Date(read.at);
  // Another process looked last: when it was, nobody wrote down, but not before the device came to stand as it did then.
  const ready = findCondition(devices.get(name)?.status?.conditions, 'Ready');
  return ready && new Date(ready.lastTransitionTime);
}

/**
 * A device that came to stand otherwise is told once, and so are other lines in its report; `moved` are those, and who may
 * have changed them. First contact in sync is no
 * news: a thousand of them would be a flood.
 */
export async function tellTransition(
  { runtime }: World,
  { name, uid, spec, status: now }: DeviceObject,
  before: DeviceStatus | undefined,
  moved?: { reported: readonly ReportedDifference[]; who: string },
): Promise<void> {
  // It is not there yet: that nobody can look at it is what Git says.
  if (spec.lifecycle === 'Planned') return;
  const ready = findCondition(now?.conditions, 'Ready');
  const last = findCondition(before?.conditions, 'Ready');
  if (!ready || (last?.reason === ready.reason && !moved?.reported.length)) return;
  const isGood = ready.status === 'True';
  if (isGood && !last) return;
  const isNews = isGood && last?.reason === ready.reason;
  const reason = isNews ? 'New' : ready.reason;
  const message = isNews ? sayNews(name, moved?.reported ?? []) : ready.message;
  const type = isGood && !isNews ? 'Normal' : 'Warning';
  await tell(runtime, { kind: 'Device', name, uid, type, reason, message }, now?.revision, moved?.who);
}

/** Kept for the device; the Fleet tells of all that went the same way together. */
async function noteUpgrade({ runtime, upgraded }: World, { name, status }: DeviceObject, before: DeviceStatus | undefined): Promise<void> {
  const [was, now] = [before?.version, status?.version];
  if (was === undefined || now === undefined || was === now) return;
  const move = `${now}, and ran ${was}`;
  upgraded.set(move, (upgraded.get(move) ?? new Set()).add(name));
  await remember(runtime, { device: name, event: 'VersionChanged', message: `${name} runs ${move}` });
}

/** A change that nobody here made: the glass was broken, or another plumb has an account for the device. Told once, with who and why. */
async function tellForeign(
  { runtime }: World,
  { name, uid, status }: DeviceObject,
  before: DeviceStatus | undefined,
  observed: Observed | undefined,
): Promise<void> {
  const seen = observed?.state === 'Read' ? observed.receipt : undefined;
  if (!seen || status?.receipt === before?.receipt) return;
  // At first sight nobody knows whose the last change was; a broken glass says so itself.
  const isFirst = before?.receipt === undefined;
  const known = await runtime.corridor.store.history.list(name);
  const isOurs = known.some(({ event, effectDigest }) => event === 'Confirmed' && effectDigest === seen.effectDigest);
  if (isOurs || (isFirst && !seen.glass)) return;
  const foreign = foreignReceipt(name, seen);
  const message = `${foreign.message}. ${foreign.next}`;
  await tell(runtime, { kind: 'Device', name, uid, type: 'Warning', reason: foreign.code, message }, seen.revision);
}

function receiptOf(observed: Observed | undefined): string | undefined {
  return observed?.state === 'Read' && observed.receipt ? `sha256:${digestOf(observed.receipt)}` : undefined;
}

/**
 * Tells people, the log of the operator and the history of the device. The status stands by now, so nobody would tell it again: a history
 * that cannot be written stops nothing of what follows.
 */
async function tell(runtime: Runtime, notice: Notice, revision?: string, who = ''): Promise<void> {
  const { name, reason, message } = notice;
  runtime.notify(notice);
  runtime.log.info({ device: name, reason }, 'Device changed its standing');
  await remember(runtime, {
    device: name,
    event: reason,
    message: message.slice(0, 2000),
    ...(who !== '' && { actor: who.slice(0, 200) }),
    ...(revision !== undefined && { revision }),
  });
}

async function remember({ log, corridor }: Runtime, event: Omit<HistoryEntry, 'at'>): Promise<void> {
  const entry: HistoryEntry = { ...event, at: corridor.clock.now().toISOString() };
  await corridor.store.history.append(entry).catch((err: unknown) => log.error({ entry, err }, 'History could not be written'));
}

/** The verdict is InSync, so Ready does not speak of them. */
function sayNews(device: string, reported: readonly ReportedDifference[]): string {
  const [first] = reported;
  const count = reported.length === 1 ? '1 line that nothing in Git claims is' : `${reported.length} lines that nothing in Git claims are`;
  return `${device}: ${count} new or changed since adoption; first: ${(first?.live ?? '').slice(0, 300)}. Next: plumb why ${device}`;
}

function mirrorLabels(metadata: Metadata, fleet: string): Record<string, string> {
  return { ...metadata.labels, [fleetLabel]: fleet };
}
