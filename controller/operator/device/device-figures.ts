import { type DeviceStatus, findCondition, type NeighborState } from '../../api/index.ts';
import type { DesiredDevice } from '../fleet/desired-fleet.ts';
import type { OperatorMetrics } from '../metrics.ts';
import type { Look } from './publish.ts';

/** What the metrics of one device are made of, as it was last published. */
export interface DeviceFigures {
  info: Readonly<Record<'site' | 'platform' | 'lifecycle' | 'mode' | 'verdict' | 'reason' | 'held' | 'version', string>>;
  acknowledged: boolean;
  lost: boolean;
  /** The last believed read; kept while the device is Unknown. */
  read?: ReadFigures;
}

interface ReadFigures {
  at: number;
  differences: readonly { verdict: string; severity: string; count: number }[];
  driftSince?: number;
  owned: number;
  unmanaged: number;
  neighbors: readonly NeighborState[];
}

/** The figures after a look. */
export function figuresOf(
  { object }: DesiredDevice,
  status: DeviceStatus | undefined,
  { outcome, observed, lost }: Pick<Look, 'outcome' | 'observed' | 'lost'>,
  acknowledged: boolean,
  last: DeviceFigures | undefined,
): DeviceFigures {
  const read = 'verdict' in outcome && outcome.verdict !== 'Unknown' ? readFigures(outcome, observed) : last?.read;
  return {
    info: {
      site: object.metadata.labels['site'] ?? '',
      platform: object.spec.platform,
      lifecycle: object.spec.lifecycle,
      mode: status?.mode ?? 'Report',
      verdict: status?.verdict ?? 'Unknown',
      reason: findCondition(status?.conditions, 'Ready')?.reason ?? 'Unverified',
      held: status?.held ? 'true' : 'false',
      version: status?.version ?? '',
    },
    acknowledged,
    lost: lost ?? false,
    ...(read && { read }),
  };
}

function readFigures(judged: Extract<Look['outcome'], { differences: unknown }>, observed: Look['observed']): ReadFigures {
  const all = [...judged.differences, ...(judged.news ?? []).map(({ severity }) => ({ verdict: 'New', severity }))];
  const groups = Map.groupBy(all, ({ verdict, severity }) => `${verdict} ${severity}`);
  const moved = judged.differences
    .filter(({ verdict }) => verdict === 'Drifted' || verdict === 'Diverged')
    .map(({ since }) => Date.parse(since));
  return {
    at: Date.parse(judged.at),
    differences: [...groups.values()].flatMap(([first, ...rest]) =>
      first ? [{ verdict: first.verdict, severity: first.severity, count: rest.length + 1 }] : [],
    ),
    ...(moved.length > 0 && { driftSince: Math.min(...moved) }),
    owned: judged.counts.owned,
    unmanaged: judged.counts.unmanaged,
    neighbors: observed?.state === 'Read' ? observed.neighbors : [],
  };
}

/** Fills every metric of devices from their figures: called when somebody scrapes, so a device that went leaves nothing behind. */
export function fillDeviceMetrics(metrics: OperatorMetrics, figures: ReadonlyMap<string, DeviceFigures>): void {
  const gauges = [
    metrics.plumbline_device_info,
    metrics.plumbline_acknowledged,
    metrics.plumbline_artifacts_lost,
    metrics.plumbline_differences,
    metrics.plumbline_drift_since_timestamp_seconds,
    metrics.plumbline_last_read_timestamp_seconds,
    metrics.plumbline_owned_lines,
    metrics.plumbline_unmanaged_lines,
    metrics.plumbline_bgp_neighbor_established,
    metrics.plumbline_bgp_neighbor_accepted_prefixes,
    metrics.plumbline_bgp_neighbor_advertised_prefixes,
  ];
  for (const gauge of gauges) gauge.reset();
  for (const [device, { info, acknowledged, lost, read }] of figures) {
    metrics.plumbline_device_info.set({ device, ...info }, 1);
    if (acknowledged) metrics.plumbline_acknowledged.set({ device }, 1);
    if (lost) metrics.plumbline_artifacts_lost.set({ device }, 1);
    if (!read) continue;
    const { site } = info;
    for (const { verdict, severity, count } of read.differences)
      metrics.plumbline_differences.set({ device, site, verdict, severity }, count);
    if (read.driftSince !== undefined) metrics.plumbline_drift_since_timestamp_seconds.set({ device }, read.driftSince / 1000);
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
