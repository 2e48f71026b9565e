import { type DesiredObject, type DhcpServer, type OptionNames, optionNamesOf, type ProfileDhcp } from '../../api/index.ts';
import type { CheckInput } from './input.ts';

type Subnet = DesiredObject<'DHCPSubnet'>;
export type DhcpFamily = 'ipv4' | 'ipv6';

/** One daemon of a device, with the profile that it gets classes and options from. */
export interface ServerOf {
  device: DesiredObject<'Device'>;
  server: DhcpServer;
  family: DhcpFamily;
  profile: DesiredObject<'DeviceProfile'> | undefined;
  names: OptionNames;
}

/** The desired state as its DHCP servers see it. Built once for all checks. */
export interface DhcpView {
  servers: readonly ServerOf[];
  /** The daemon of a device; undefined when it has none of the family. */
  serverOf(device: string, family: DhcpFamily): ServerOf | undefined;
  /** The daemons that serve a subnet, as far as they exist. */
  serversOf(subnet: Subnet): readonly ServerOf[];
  /** Subnets by daemon. */
  subnetsOf: ReadonlyMap<ServerOf, readonly Subnet[]>;
  namesOf(family: DhcpFamily, profile: ProfileDhcp | undefined): OptionNames;
}

export function familyOf({ spec }: Subnet): DhcpFamily {
  return spec.family === 'IPv4' ? 'ipv4' : 'ipv6';
}

export function viewDhcp({ objects }: Pick<CheckInput, 'objects'>): DhcpView {
  const namesOf = rememberNames();
  const index = new Map<string, ServerOf>();
  for (const device of objects.Device.values()) {
    const profile = objects.DeviceProfile.get(device.spec.profile ?? '');
    for (const family of ['ipv4', 'ipv6'] as const) {
      const server = device.spec.dhcp?.[family];
      if (server)
        index.set(`${device.metadata.name} ${family}`, { device, server, family, profile, names: namesOf(family, profile?.spec.dhcp) });
    }
  }
  const serverOf = (device: string, family: DhcpFamily): ServerOf | undefined => index.get(`${device} ${family}`);
  const serversOf = (subnet: Subnet): ServerOf[] =>
    [...new Set(subnet.spec.servedBy)].flatMap((device) => serverOf(device, familyOf(subnet)) ?? []);
  const subnetsOf = new Map<ServerOf, Subnet[]>();
  for (const subnet of objects.DHCPSubnet.values()) {
    for (const server of serversOf(subnet)) {
      const subnets = subnetsOf.get(server);
      if (subnets) subnets.push(subnet);
      else subnetsOf.set(server, [subnet]);
    }
  }
  return { servers: [...index.values()], serverOf, serversOf, subnetsOf, namesOf };
}

function rememberNames(): DhcpView['namesOf'] {
  const none: ProfileDhcp = { clientClasses: [], optionSets: [], optionDefinitions: [] };
  const known = new Map<ProfileDhcp, Partial<Record<DhcpFamily, OptionNames>>>();
  return (family, profile = none) => {
    const names = known.get(profile) ?? {};
    known.set(profile, names);
    return (names[family] ??= optionNamesOf(family, profile));
  };
}
