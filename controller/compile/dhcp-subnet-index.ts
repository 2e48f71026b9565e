import type { CheckedState, DesiredObject } from '../api/index.ts';
import { compareText } from './order.ts';

type Subnet = DesiredObject<'DHCPSubnet'>;

const indexes = new WeakMap<CheckedState['objects']['DHCPSubnet'], ReadonlyMap<string, readonly Subnet[]>>();

/** The subnets that a device serves, by name of the object. The index of a state is made once, and again when one of them changed. */
export function subnetsOf(state: CheckedState, device: string): readonly Subnet[] {
  let index = indexes.get(state.objects.DHCPSubnet);
  if (index === undefined) {
    index = makeIndex(state);
    indexes.set(state.objects.DHCPSubnet, index);
  }
  return index.get(device) ?? none;
}

const none: readonly Subnet[] = [];

function makeIndex(state: CheckedState): Map<string, Subnet[]> {
  const index = new Map<string, Subnet[]>();
  for (const subnet of [...state.objects.DHCPSubnet.values()].sort((a, b) => compareText(a.metadata.name, b.metadata.name))) {
    for (const device of new Set(subnet.spec.servedBy)) {
      const subnets = index.get(device);
      if (subnets) subnets.push(subnet);
      else index.set(device, [subnet]);
    }
  }
  return index;
}
