import type { CheckedState } from '../api/index.ts';

/**
 * The DHCP subnets of the last revision without errors. An id that moves to another prefix can only be seen beside what it stood for: leases carry it.
 * Give the same one to each load of a source that follows the last.
 */
export interface SubnetMemory {
  last: (Pick<CheckedState, 'revision'> & { subnets: CheckedState['objects']['DHCPSubnet'] }) | undefined;
}

export function createSubnetMemory(): SubnetMemory {
  return { last: undefined };
}
