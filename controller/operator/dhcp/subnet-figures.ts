import type { OperatorMetrics } from '../metrics.ts';
import type { World } from '../world.ts';
import { namesOf } from './served-subnets.ts';

/** Fills the metrics of subnets from what servers last counted: called when somebody scrapes, so that what is gone leaves nothing behind. */
export function fillSubnetMetrics(
  metrics: OperatorMetrics,
  { dhcp, inForce }: Pick<World, 'dhcp' | 'inForce'>,
  isTold: (device: string) => boolean,
): void {
  const gauges = [metrics.plumbline_dhcp_pool_size, metrics.plumbline_dhcp_leases, metrics.plumbline_dhcp_declined];
  for (const gauge of gauges) gauge.reset();
  for (const [device, { uses }] of dhcp) {
    if (!uses || !isTold(device)) continue;
    const names = namesOf(inForce?.devices.get(device)?.inputs.subnets ?? []);
    for (const [key, counted] of uses) {
      const [family = '', id = ''] = key.split(' ');
      for (const { of, total, assigned, declined } of counted) {
        const labels = { device, family, id, subnet: names.get(key) ?? '', of };
        metrics.plumbline_dhcp_pool_size.set(labels, total);
        metrics.plumbline_dhcp_leases.set(labels, assigned);
        metrics.plumbline_dhcp_declined.set(labels, declined);
      }
    }
  }
}
