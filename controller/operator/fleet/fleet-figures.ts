import { findCondition, FleetSpec, type FleetStatus } from '../../api/index.ts';
import type { StoredObject } from '../../store/index.ts';
import type { OperatorMetrics } from '../metrics.ts';

/** Fills every metric of Fleets from the objects, when somebody scrapes: a Fleet that went leaves nothing behind. */
export function fillFleetMetrics(metrics: OperatorMetrics, fleets: readonly StoredObject<FleetSpec, FleetStatus>[]): void {
  const gauges = [
    metrics.plumbline_fleet_info,
    metrics.plumbline_fleet_since_timestamp_seconds,
    metrics.plumbline_read_interval_seconds,
    metrics.plumbline_git_interval_seconds,
    metrics.plumbline_git_revision_info,
    metrics.plumbline_releases_waiting,
  ];
  for (const gauge of gauges) gauge.reset();
  for (const { name: fleet, spec, status } of fleets) {
    const ready = findCondition(status?.conditions, 'Ready');
    if (ready) {
      metrics.plumbline_fleet_info.set({ fleet, ready: ready.status, reason: ready.reason }, 1);
      metrics.plumbline_fleet_since_timestamp_seconds.set({ fleet }, Date.parse(ready.lastTransitionTime) / 1000);
    }
    // A Fleet that cannot be used has no intervals: its condition says so.
    const usable = FleetSpec.safeParse(spec);
    if (usable.success) {
      metrics.plumbline_read_interval_seconds.set({ fleet }, usable.data.reads.intervalSeconds);
      metrics.plumbline_git_interval_seconds.set({ fleet }, usable.data.git?.intervalSeconds ?? 60);
    }
    if (status?.revision !== undefined) metrics.plumbline_git_revision_info.set({ fleet, revision: status.revision }, 1);
    metrics.plumbline_releases_waiting.set({ fleet }, status?.releasing?.length ?? 0);
  }
}
