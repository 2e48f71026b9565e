import type { DesiredObject, DHCPSubnetSpec, DHCPSubnetStatus } from '../../api/index.ts';
import { createBreather } from '../../lib/index.ts';
import type { DesiredFleet } from '../fleet/desired-fleet.ts';
import { fleetLabel, isOurs, type World } from '../world.ts';
import { removeObject, writeObject } from '../write-object.ts';
import { subnetKey } from './served-subnets.ts';
import { describeSubnet, type ServerFacts } from './subnet-status.ts';

/** Publishes the subnets of a server after a look at it. A subnet of two servers waits until both were looked at once. */
export async function publishSubnets(world: World, fleet: DesiredFleet, subnets: readonly DesiredObject<'DHCPSubnet'>[]): Promise<void> {
  const breathe = createBreather(world.runtime.corridor.clock);
  for (const subnet of subnets) {
    await publishSubnet(world, fleet, subnet);
    await breathe();
  }
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

/** Takes the mirrors of subnets away that Git no longer has, but none that the operator of another region reports. Nothing on a device is touched. */
export async function removeGoneSubnets(world: World, fleet: DesiredFleet): Promise<void> {
  const { subnets, devices, runtime } = world;
  for (const { name, labels, spec } of subnets.list()) {
    const reporter = devices.get(spec.servedBy[0] ?? '');
    const isAnothers = reporter !== undefined && !isOurs(world, reporter.labels);
    if (labels[fleetLabel] !== world.fleet || fleet.state.objects.DHCPSubnet.has(name) || isAnothers) continue;
    await removeObject(runtime.objects, subnets, 'DHCPSubnet', name);
  }
}
