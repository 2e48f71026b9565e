import type { CheckedState } from '../api/index.ts';

/**
 * The DHCP subnets and prefix sets of the last revision without errors. An id that moves to another prefix can only be seen beside what it stood for: leases
 * carry it. How much a set shrinks, too.
 * Give the same one to each load of a source that follows the last.
 */
export interface SubnetMemory {
  last:
    | (Pick<CheckedState, 'revision'> & {
        subnets: CheckedState['objects']['DHCPSubnet'];
        prefixSets: CheckedState['objects']['PrefixSet'];
      })
    | undefined;
}

export function createSubnetMemory(): SubnetMemory {
  return { last: undefined };
}

/** A memory of this revision, for one load; of none where there is none. */
export function rememberState(state: CheckedState | undefined): SubnetMemory {
  return { last: state && { revision: state.revision, subnets: state.objects.DHCPSubnet, prefixSets: state.objects.PrefixSet } };
}
