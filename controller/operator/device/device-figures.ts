import { type DeviceStatus, findCondition, type NeighborState } from '../../api/index.ts';
import type { DesiredDevice } from '../fleet/desired-fleet.ts';
import type { OperatorMetrics } from '../metrics.ts';
import type { Look } from './publish.ts';

/** What the metrics of one device are made of, as it was last published. */
export interface DeviceFigures {
  info: Readonly<Record<'site' | 'platform' | 'lifecycle' | 'mode' | 'verdict' | 'reason' | 'held' | 'version', string>>;
  acknowledged: boolean;
  lost: boolean;
  /** Since when the device is not Ready, or not known, in milliseconds. */
  notReadySince?: number;
  /** The last believed read; kept while the device is Unknown. */
  read?: ReadFigures;
}

interface ReadFigures {
  at: number;
  differences: readonly { verdict: string; severity: string; count: number }[];
  drift?: DriftFigures;
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
}

/** What the report on a device says beside its lines. */
export interface DriftStanding {
  acknowledged: boolean;
  /** Who may have changed the device, the likeliest first. */
  who: readonly { who: string }[];
}

/** The figures after a look. `drift` is undefined when the look could not tell: what was known before stays. */
export function figuresOf(
  { object }: DesiredDevice,
  status: DeviceStatus | undefined,
  { outcome, observed, lost }: Pick<Look, 'outcome' | 'observed' | 'lost'>,
  drift: DriftStanding | undefined,
  last: DeviceFigures | undefined,
): DeviceFigures {
  const read =
    'verdict' in outcome && outcome.verdict !== 'Unknown' ? readFigures(outcome, observed, namesOf(drift?.who ?? [])) : last?.read;
  const ready = findCondition(status?.conditions, 'Ready');
  return {
    info: {
      site: object.metadata.labels['site'] ?? '',
      platform: object.spec.platform,
      lifecycle: object.spec.lifecycle,
      mode: status?.mode ?? 'Report',
      verdict: status?.verdict ?? 'Unknown',
      reason: ready?.reason ?? 'Unverified',
      held: status?.held ? 'true' : 'false',
      version: status?.version ?? '',
    },
    acknowledged: drift?.acknowledged ?? last?.acknowledged ?? false,
    lost: lost ?? false,
    ...(ready && ready.status !== 'True' && { notReadySince: Date.parse(ready.lastTransitionTime) }),
    ...(read && { read }),
  };
}

function readFigures(judged: Extract<Look['outcome'], { differences: unknown }>, observed: Look['observed'], who: string): ReadFigures {
  const all = [...judged.differences, ...(judged.news ?? []).map(({ severity }) => ({ verdict: 'New', severity }))];
  const groups = Map.groupBy(all, ({ verdict, severity }) => `${verdict} ${severity}`);
  const drift = driftFigures(judged.differences, who);
  return {
    at: Date.parse(judged.at),
    differences: [...groups.values()].flatMap(([first, ...rest]) =>
      first ? [{ verdict: first.verdict, severity: first.severity, count: rest.length + 1 }] : [],
    ),
    ...(drift && { drift }),
    owned: judged.counts.owned,
    unmanaged: judged.counts.unmanaged,
    neighbors: observed?.state === 'Read' ? observed.neighbors : [],
  };
}

function driftFigures(
  differences: Extract<Look['outcome'], { differences: unknown }>['differences'],
  who: string,
): DriftFigures | undefined {
  const moved = differences.filter(({ verdict }) => verdict === 'Drifted' || verdict === 'Diverged');
  if (moved.length === 0) return undefined;
  return {
    since: moved.reduce((first, { since }) => Math.min(first, Date.parse(since)), Infinity),
    lines: moved.length,
    reason: moved.some(({ verdict }) => verdict === 'Diverged') ? 'Diverged' : 'Drifted',
    severity: severities.find((severity) => moved.some((each) => each.severity === severity)) ?? 'info',
    who,
  };
}

/** From the worst on. */
const severities = ['critical', 'warning', 'info'];

/** A label is not the place for a story: at most three names. The report has all of them, and how they are known. */
function namesOf(candidates: DriftStanding['who']): string {
  const names = [...new Set(candidates.map(({ who }) => who.slice(0, 60)))];
  if (names.length === 0) return 'unknown';
  return `${names.slice(0, 3).join(' or ')}${names.length > 3 ? ' or others' : ''}`;
}

/** Fills every metric of devices from their figures: called when somebody scrapes, so a device that went leaves nothing behind. */
export function fillDeviceMetrics(metrics: OperatorMetrics, figures: ReadonlyMap<string, DeviceFigures>): void {
  const gauges = [
    metrics.plumbline_device_info,
    metrics.plumbline_acknowledged,
    metrics.plumbline_artifacts_lost,
    metrics.plumbline_differences,
    metrics.plumbline_drift_lines,
    metrics.plumbline_drift_since_timestamp_seconds,
    metrics.plumbline_not_ready_since_timestamp_seconds,
    metrics.plumbline_last_read_timestamp_seconds,
    metrics.plumbline_owned_lines,
    metrics.plumbline_unmanaged_lines,
    metrics.plumbline_bgp_neighbor_established,
    metrics.plumbline_bgp_neighbor_accepted_prefixes,
    metrics.plumbline_bgp_neighbor_advertised_prefixes,
  ];
  for (const gauge of gauges) gauge.reset();
  for (const [device, { info, acknowledged, lost, notReadySince, read }] of figures) {
    metrics.plumbline_device_info.set({ device, ...info }, 1);
    if (acknowledged) metrics.plumbline_acknowledged.set({ device }, 1);
    if (lost) metrics.plumbline_artifacts_lost.set({ device }, 1);
    if (notReadySince !== undefined) metrics.plumbline_not_ready_since_timestamp_seconds.set({ device }, notReadySince / 1000);
    if (!read) continue;
    const { site } = info;
    for (const { verdict, severity, count } of read.differences)
      metrics.plumbline_differences.set({ device, site, verdict, severity }, count);
    if (read.drift) {
      const { since, lines, reason, severity, who } = read.drift;
      metrics.plumbline_drift_lines.set({ device, site, reason, severity, who }, lines);
      metrics.plumbline_drift_since_timestamp_seconds.set({ device }, since / 1000);
    }
    metrics.plumbline_last_read_timestamp_seconds.set({ device }, read.at / 1000);
    metrics.plumbline_owned_lines.set({ device }, read.owned);
    metrics.plumbline_unmanaged_lines.set({ device }, read.unmanaged);
    for (const { address, family, state, accepted, advertised } of read.neighbors) {
      const labels = { device, neighbor: address, family };
      metrics.plumbline_bgp_neighbor_established.set(labels, state === 'Established' ? 1 : 0);
      metrics.plumbline_bgp_neighbor_accepted_prefixes.set(labels, accepted);
      metrics.plumbline_bgp_neighbor_advertised_prefixes.set(labels, advertised);
    }
  }
}
