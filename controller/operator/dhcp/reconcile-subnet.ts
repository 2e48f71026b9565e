import type { DesiredObject, DHCPSubnetSpec, DHCPSubnetStatus } from '../../api/index.ts';
import type { StoredObject } from '../../store/index.ts';
import type { DesiredFleet } from '../fleet/desired-fleet.ts';
import { fleetLabel, isOurs, type World } from '../world.ts';
import { removeObject, writeObject } from '../write-object.ts';
import { subnetKey } from './served-subnets.ts';
import { describeSubnet, type ServerFacts } from './subnet-status.ts';

/**
 * Publishes a subnet after a look at a server of it, or takes the mirror of one away that Git no longer has. One of two servers waits until both were
 * looked at once. Nothing on a device is touched by it.
 */
export async function reconcileSubnet(world: World, name: string): Promise<void> {
  const fleet = world.inForce;
  const object = fleet?.state.objects.DHCPSubnet.get(name);
  if (fleet && object) {
    await publishSubnet(world, fleet, object);
    // While it was written another revision may have come into force, or the Fleet may have gone, and nobody knew of this mirror then.
    if (world.inForce !== fleet) world.askSubnets([name]);
    return;
  }
  const mirror = world.subnets.get(name);
  if (mirror && isGone(world, mirror)) await removeObject(world.runtime.objects, world.subnets, 'DHCPSubnet', name);
}

async function publishSubnet(world: World, fleet: DesiredFleet, { metadata, spec }: DesiredObject<'DHCPSubnet'>): Promise<void> {
  const { runtime, subnets, lastJudged, dhcp } = world;
  // Of a pair in two regions the operator of the first server reports, so that two never write one object.
  if (!fleet.devices.has(spec.servedBy[0] ?? '')) return;
  const ours = spec.servedBy.filter((device) => fleet.devices.has(device));
  if (ours.some((device) => !lastJudged.has(device))) return;
  const key = subnetKey(spec);
  const servers = ours.map((device): ServerFacts => {
    const served = dhcp.get(device);
    return { device, seen: served && { verdict: served.verdicts.get(key), uses: served.uses?.get(key) } };
  });
  const mirrored = mirrorOf(spec);
  await writeObject<DHCPSubnetSpec, DHCPSubnetStatus>(runtime.objects, subnets, {
    kind: 'DHCPSubnet',
    name: metadata.name,
    labels: { ...metadata.labels, [fleetLabel]: world.fleet },
    spec: mirrored,
    fresh: mirrored,
    status: ({ status, generation }) =>
      describeSubnet(servers, spec.reservations.length, status, { generation, at: runtime.corridor.clock.now() }),
  });
}

/** Without the reservations: 20,000 of them are more than an object of Kubernetes may hold. The same for the same spec, so that it is not compared anew. */
function mirrorOf(spec: DHCPSubnetSpec): DHCPSubnetSpec {
  const known = mirrors.get(spec);
  if (known) return known;
  const mirror = { ...spec, reservations: [] };
  mirrors.set(spec, mirror);
  return mirror;
}

const mirrors = new WeakMap<DHCPSubnetSpec, DHCPSubnetSpec>();

/** Names of mirrors of subnets that are to be taken away. */
export function goneSubnets(world: World): string[] {
  return world.subnets
    .list()
    .filter((mirror) => isGone(world, mirror))
    .map(({ name }) => name);
}

/** Git no longer has it. Not one that the operator of another region reports. */
function isGone(world: World, { name, labels, spec }: StoredObject<DHCPSubnetSpec>): boolean {
  const { inForce, devices, fleet } = world;
  const reporter = devices.get(spec.servedBy[0] ?? '');
  if (reporter !== undefined && !isOurs(world, reporter.labels)) return false;
  return inForce !== undefined && labels[fleetLabel] === fleet && !inForce.state.objects.DHCPSubnet.has(name);
}
