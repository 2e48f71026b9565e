import type { OperatorMetrics } from '../metrics.ts';
import type { World } from '../world.ts';
import { netboxOf } from './read-netbox.ts';

/** What is known of NetBox, when somebody scrapes: a Fleet that names none leaves nothing behind. */
export function fillNetBoxMetrics(metrics: OperatorMetrics, world: World): void {
  const { fleet, netbox } = world;
  for (const gauge of [metrics.plumbline_netbox_info, metrics.plumbline_netbox_interval_seconds, metrics.plumbline_netbox_objects])
    gauge.reset();
  const wanted = netboxOf(world);
  if (!wanted) return;
  const { facts, problem } = netbox;
  metrics.plumbline_netbox_info.set({ fleet, version: facts?.version ?? '', reason: problem?.code ?? (facts ? 'ok' : 'Unread') }, 1);
  metrics.plumbline_netbox_interval_seconds.set({ fleet }, wanted.intervalSeconds);
  if (facts)
    metrics.plumbline_netbox_objects.set(
      { fleet },
      Object.values(facts.objects).reduce((sum, list) => sum + list.length, 0),
    );
}
