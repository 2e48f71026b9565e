import {
  type DeviceSpec,
  type DeviceStatus,
  type DriftReportStatus,
  findCondition,
  type NeighborState,
  type ReportedRecord,
} from '../../api/index.ts';
import type { StoredObject } from '../../store/index.ts';
import type { DesiredDevice } from '../fleet/desired-fleet.ts';
import type { OperatorMetrics } from '../metrics.ts';
import type { Look } from './publish.ts';

/** What the metrics of one device are made of, as it was last published. */
export interface DeviceFigures {
  info: Readonly<Record<'site' | 'platform' | 'lifecycle' | 'mode' | 'verdict' | 'reason' | 'held' | 'version', string>>;
  acknowledged: boolean;
  /** Somebody looks after what NetBox says otherwise. */
  recordAcknowledged: boolean;
  lost: boolean;
  /** Who or what holds the device, and until when, in milliseconds. */
  hold?: { where: string; untilMs: number };
  /** Since when the device is not Ready, or not known, in milliseconds. */
  notReadySince?: number;
  /** What differs, as last judged; kept while the device is Unknown. */
  differences: readonly { verdict: string; severity: string; count: number }[];
  drift?: DriftFigures;
  /** What NetBox is beside the device, as last compared. */
  records: readonly { record: string; severity: string; count: number; since: number }[];
  /** The last believed read of this process; kept while the device is Unknown. */
  read?: ReadFigures;
}

interface ReadFigures {
  /** In milliseconds. */
  at: number;
  owned: number;
  unmanaged: number;
  neighbors: readonly NeighborState[];
}

/** What somebody changed on the device, as an alert tells it. */
interface DriftFigures {
  since: number;
  lines: number;
  reason: 'Drifted' | 'Diverged';
  severity: string;
  who: string;
  /** The first of them, the worst first, as a page tells them. */
  shown: readonly string[];
}

/** What the report on a device says beside its lines. */
export interface DriftStanding {
  acknowledged: boolean;
  /** Who may have changed the device, the likeliest first. */
  who: readonly { who: string }[];
}

/** The figures after a look. `drift` is undefined when the look could not tell: what was known before stays. */
export function figuresOf(
  { object }: { object: Pick<DesiredDevice['object'], 'metadata' | 'spec'> },
  status: DeviceStatus | undefined,
  { outcome, observed, lost }: Pick<Look, 'outcome' | 'observed' | 'lost'>,
  drift: DriftStanding | undefined,
  last: DeviceFigures | undefined,
  beside: { records?: readonly ReportedRecord[] | undefined; isSeenTo?: boolean; isRecordSeenTo: boolean } = { isRecordSeenTo: false },
): DeviceFigures {
  const { records } = beside;
  const judged = 'verdict' in outcome && outcome.verdict !== 'Unknown' ? outcome : undefined;
  const read = judged ? readFigures(judged, observed) : last?.read;
  return {
    ...standingOf(object.metadata.labels, object.spec, status),
    acknowledged: drift?.acknowledged ?? beside.isSeenTo ?? last?.acknowledged ?? false,
    recordAcknowledged: beside.isRecordSeenTo,
    lost: lost ?? false,
    records: records ? recordFigures(records) : (last?.records ?? []),
    ...(judged
      ? differing([...judged.differences, ...(judged.news ?? []).map((each) => ({ ...each, verdict: 'New' }))], drift?.who ?? [])
      : { differences: last?.differences ?? [], ...(last?.drift && { drift: last.drift }) }),
    ...(read && { read }),
  };
}

/**
 * The figures of a device as its objects tell them: before this process has read it. An alert must not resolve because another replica
 * took over. Of a long report the objects list the worst part: the next read counts them all.
 */
export function recallFigures(
  { labels, spec, status }: StoredObject<DeviceSpec, DeviceStatus>,
  report: DriftReportStatus | undefined,
): DeviceFigures {
  return {
    ...standingOf(labels, spec, status),
    acknowledged: report?.acknowledged ?? false,
    recordAcknowledged: report?.recordAcknowledged ?? false,
    lost: false,
    records: recordFigures(report?.records ?? []),
    ...differing(report?.differences ?? [], report?.who ?? []),
  };
}

function standingOf(
  labels: Readonly<Record<string, string>>,
  spec: DeviceSpec,
  status: DeviceStatus | undefined,
): Pick<DeviceFigures, 'info' | 'hold' | 'notReadySince'> {
  const ready = findCondition(status?.conditions, 'Ready');
  const held = status?.held;
  return {
    info: {
      site: labels['site'] ?? '',
      platform: spec.platform,
      lifecycle: spec.lifecycle,
      mode: status?.mode ?? 'Report',
      verdict: status?.verdict ?? 'Unknown',
      reason: ready?.reason ?? 'Unverified',
      held: held ? 'true' : 'false',
      version: status?.version ?? '',
    },
    ...(held && { hold: { where: held.where, untilMs: held.until === undefined ? Infinity : Date.parse(held.until) } }),
    ...(ready && ready.status !== 'True' && { notReadySince: Date.parse(ready.lastTransitionTime) }),
  };
}

function recordFigures(records: readonly ReportedRecord[]): DeviceFigures['records'] {
  return [...Map.groupBy(records, ({ record }) => record)].flatMap(([record, same]) =>
    same[0]
      ? [{ record, severity: same[0].severity, count: same.length, since: Math.min(...same.map(({ since }) => Date.parse(since))) }]
      : [],
  );
}

interface Differing {
  path: readonly string[];
  verdict: string;
  severity: string;
  since: string;
  desired?: string | undefined;
  live?: string | undefined;
}

function differing(all: readonly Differing[], who: DriftStanding['who']): Pick<DeviceFigures, 'differences' | 'drift'> {
  const groups = Map.groupBy(all, ({ verdict, severity }) => `${verdict} ${severity}`);
  const drift = driftFigures(all, namesOf(who));
  return {
    differences: [...groups.values()].flatMap(([first, ...rest]) =>
      first ? [{ verdict: first.verdict, severity: first.severity, count: rest.length + 1 }] : [],
    ),
    ...(drift && { drift }),
  };
}

function readFigures(judged: Extract<Look['outcome'], { differences: unknown }>, observed: Look['observed']): ReadFigures {
  return {
    at: Date.parse(judged.at),
    owned: judged.counts.owned,
    unmanaged: judged.counts.unmanaged,
    neighbors: observed?.state === 'Read' ? observed.neighbors : [],
  };
}

function driftFigures(differences: readonly Differing[], who: string): DriftFigures | undefined {
  const moved = differences.filter(({ verdict }) => verdict === 'Drifted' || verdict === 'Diverged');
  if (moved.length === 0) return undefined;
  return {
    since: moved.reduce((first, { since }) => Math.min(first, Date.parse(since)), Infinity),
    lines: moved.length,
    reason: moved.some(({ verdict }) => verdict === 'Diverged') ? 'Diverged' : 'Drifted',
    severity: severities.find((severity) => moved.some((each) => each.severity === severity)) ?? 'info',
    who,
    shown: moved
      .toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
      .slice(0, mostLines)
      .map(sayLine),
  };
}

/** Of one device: a page shows where to look, the report has all. */
const mostLines = 5;

function sayLine({ path, desired, live }: Differing): string {
  const line = [...path.slice(0, -1), live ?? `gone: ${desired ?? path.at(-1) ?? ''}`].join(' > ').replaceAll(/\p{Cc}/gu, ' ');
  return line.length <= 160 ? line : `${line.slice(0, 159)}…`;
}

/** From the worst on. */
const severities = ['critical', 'warning', 'info'];

/** A label is not the place for a story: at most three names. The report has all of them, and how they are known. */
function namesOf(candidates: DriftStanding['who']): string {
  const names = [...new Set(candidates.map(({ who }) => who.slice(0, 60)))];
  if (names.length === 0) return 'unknown';
  return `${names.slice(0, 3).join(' or ')}${names.length > 3 ? ' or others' : ''}`;
}

/** Of one device. Listen ranges let anybody who may connect become a neighbor. */
const mostNeighbors = 2_000;

/** Fills every metric of devices from their figures: called when somebody scrapes, so a device that went leaves nothing behind. */
export function fillDeviceMetrics(metrics: OperatorMetrics, figures: ReadonlyMap<string, DeviceFigures>): void {
  const gauges = [
    metrics.plumbline_device_info,
    metrics.plumbline_acknowledged,
    metrics.plumbline_record_acknowledged,
    metrics.plumbline_artifacts_lost,
    metrics.plumbline_held_until_timestamp_seconds,
    metrics.plumbline_differences,
    metrics.plumbline_record_differences,
    metrics.plumbline_record_since_timestamp_seconds,
    metrics.plumbline_drift_lines,
    metrics.plumbline_drift_line_info,
    metrics.plumbline_drift_since_timestamp_seconds,
    metrics.plumbline_not_ready_since_timestamp_seconds,
    metrics.plumbline_last_read_timestamp_seconds,
    metrics.plumbline_owned_lines,
    metrics.plumbline_unmanaged_lines,
  ];
  for (const gauge of gauges) gauge.reset();
  for (const [
    device,
    { info, acknowledged, recordAcknowledged, lost, hold, notReadySince, differences, records, drift, read },
  ] of figures) {
    const { site } = info;
    metrics.plumbline_device_info.set({ device, ...info }, 1);
    if (acknowledged) metrics.plumbline_acknowledged.set({ device }, 1);
    if (recordAcknowledged) metrics.plumbline_record_acknowledged.set({ device }, 1);
    if (lost) metrics.plumbline_artifacts_lost.set({ device }, 1);
    if (hold) metrics.plumbline_held_until_timestamp_seconds.set({ device, where: hold.where }, hold.untilMs / 1000);
    if (notReadySince !== undefined) metrics.plumbline_not_ready_since_timestamp_seconds.set({ device }, notReadySince / 1000);
    for (const { verdict, severity, count } of differences) metrics.plumbline_differences.set({ device, site, verdict, severity }, count);
    for (const { record, severity, count, since } of records) {
      metrics.plumbline_record_differences.set({ device, site, record, severity }, count);
      metrics.plumbline_record_since_timestamp_seconds.set({ device, record }, since / 1000);
    }
    if (drift) {
      const { since, lines, reason, severity, who, shown } = drift;
      metrics.plumbline_drift_lines.set({ device, site, reason, severity, who }, lines);
      for (const [k, line] of shown.entries()) metrics.plumbline_drift_line_info.set({ device, n: String(k + 1), line }, 1);
      metrics.plumbline_drift_since_timestamp_seconds.set({ device }, since / 1000);
    }
    if (!read) continue;
    metrics.plumbline_last_read_timestamp_seconds.set({ device }, read.at / 1000);
    metrics.plumbline_owned_lines.set({ device }, read.owned);
    metrics.plumbline_unmanaged_lines.set({ device }, read.unmanaged);
  }
  metrics.plumbline_bgp_neighbor_established.list(() => ofNeighbors(figures, ({ state }) => (state === 'Established' ? 1 : 0)));
  metrics.plumbline_bgp_neighbor_accepted_prefixes.list(() => ofNeighbors(figures, ({ accepted }) => accepted));
  metrics.plumbline_bgp_neighbor_advertised_prefixes.list(() => ofNeighbors(figures, ({ advertised }) => advertised));
}

/** Of ten thousand devices they are a quarter of a million lines. */
function* ofNeighbors(figures: ReadonlyMap<string, DeviceFigures>, valueOf: (neighbor: NeighborState) => number) {
  for (const [device, { read }] of figures) {
    for (const neighbor of read?.neighbors.slice(0, mostNeighbors) ?? []) {
      const { address, vrf, family } = neighbor;
      yield { labels: { device, vrf, neighbor: address, family }, value: valueOf(neighbor) };
    }
  }
}
