import type { CheckedState } from '../api/index.ts';
import type { DeviceFacts, NamesOfDevice } from './sessions.ts';

/** What Git knows of a device that neighbors are looked at with. */
export function factsInGit(state: CheckedState, device: string): DeviceFacts {
  return {
    ...namesInGit(state),
    interfaces: (state.objects.Device.get(device)?.spec.interfaces ?? []).map(({ name, role, addresses, vrf }) => ({
      name,
      isLoopback: role === 'Loopback',
      addresses,
      vrf,
    })),
  };
}

/** Names in Git of what devices know by names of their own. */
export function namesInGit({ objects }: CheckedState): NamesOfDevice {
  const policies = byNameOnDevice(objects.RoutePolicy);
  const profiles = byNameOnDevice(objects.BFDProfile);
  const groups = byNameOnDevice(objects.PeerGroup);
  return {
    policyOf: (map) => policies.get(map),
    profileOf: (profile) => profiles.get(profile),
    groupOf: (group) => {
      const name = groups.get(group);
      const spec = objects.PeerGroup.get(name ?? '')?.spec;
      return name === undefined || !spec ? undefined : { name, spec };
    },
  };
}

/** Names of objects by the names that devices know them by. */
export function byNameOnDevice(objects: ReadonlyMap<string, { spec: { nameOnDevice?: string | undefined } }>): Map<string, string> {
  return new Map([...objects].map(([name, { spec }]) => [spec.nameOnDevice ?? name, name]));
}
