import { fillDeviceMetrics } from './device/device-figures.ts';
import { fillSubnetMetrics } from './dhcp/subnet-figures.ts';
import { fillFleetMetrics } from './fleet/fleet-figures.ts';
import { fillNetBoxMetrics } from './netbox/netbox-figures.ts';
import { changeFacts, fillChangeMetrics } from './plan/plan-figures.ts';
import { isOurs, type World } from './world.ts';

/** Fills every metric of what is known now: called when somebody scrapes, so what went leaves nothing behind. */
export function fillMetrics(world: World): void {
  const { metrics } = world.runtime;
  // A device that is another region's now is told of over there.
  const isTold = (device: string) => {
    const mirror = world.devices.get(device);
    return mirror !== undefined && isOurs(world, mirror.labels);
  };
  fillDeviceMetrics(metrics, new Map([...world.figures].filter(([device]) => isTold(device))));
  fillSubnetMetrics(metrics, world, isTold);
  fillFleetMetrics(metrics, world.fleets.list());
  fillNetBoxMetrics(metrics, world);
  fillChangeMetrics(metrics, changeFacts(world, isTold));
  metrics.plumbline_device_unpublished.reset();
  for (const device of world.unpublished.devices.keys()) metrics.plumbline_device_unpublished.set({ device }, 1);
  metrics.plumbline_mirrors_unpublished.set(world.unpublished.mirrors.size);
  metrics.plumbline_logins_stopped.set(world.logins.closed() ? 1 : 0);
}
