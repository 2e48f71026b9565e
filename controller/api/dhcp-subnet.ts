import { z } from 'zod';
import { parsePrefix } from '../lib/index.ts';
import { DhcpLifetimes } from './dhcp-lifetimes.ts';
import { DhcpOptionValues } from './dhcp-option-value.ts';
import { DhcpReservation } from './dhcp-reservation.ts';
import { AddressRange, BootText, ClassName, IpVersion, LineId, WordName } from './dhcp-scalars.ts';
import { Address, InterfaceName, Name, Prefix, RepositoryPath } from './scalars.ts';

const Classes = z.array(ClassName).max(64).default([]);

const DhcpPool = z.strictObject({
  range: AddressRange.describe('Addresses given out, first and last included: FIRST-LAST or a network.'),
  clientClass: ClassName.optional().describe('Only clients in this class get an address of the pool. Default: all.'),
  additionalClasses: Classes.describe('Classes marked additional that are tried for clients of the pool.'),
  options: DhcpOptionValues.default([]).describe('Options for clients of the pool.'),
  optionSets: z.array(Name).max(16).default([]).describe('Option sets of the profile for clients of the pool.'),
});
export type DhcpPool = z.infer<typeof DhcpPool>;

const DhcpPrefixPool = z
  .strictObject({
    prefix: Prefix.describe('Network that delegated prefixes are cut from. It may lie outside the prefix of the subnet.'),
    delegatedLength: z.int().min(1).max(128).describe('Length of each delegated prefix, for example 56.'),
    excludedPrefix: Prefix.optional().describe('Part of each delegated prefix that the delegating router keeps (RFC 6603).'),
    clientClass: ClassName.optional().describe('Only clients in this class get a prefix of the pool. Default: all.'),
    additionalClasses: Classes.describe('Classes marked additional that are tried for clients of the pool.'),
    options: DhcpOptionValues.default([]).describe('Options for clients of the pool.'),
    optionSets: z.array(Name).max(16).default([]).describe('Option sets of the profile for clients of the pool.'),
  })
  .refine((pool) => pool.delegatedLength >= (parsePrefix(pool.prefix)?.length ?? 0), {
    error: 'is shorter than the prefix of the pool; write a length that fits into it',
    path: ['delegatedLength'],
  })
  .refine((pool) => pool.excludedPrefix === undefined || (parsePrefix(pool.excludedPrefix)?.length ?? 129) > pool.delegatedLength, {
    error: 'is not longer than delegatedLength; write a part of the delegated prefix, for example a /64',
    path: ['excludedPrefix'],
  });
export type DhcpPrefixPool = z.infer<typeof DhcpPrefixPool>;

const BootByClass = z.strictObject({
  clientClass: ClassName.describe('Class of a DeviceProfile of the servers.'),
  nextServer: Address.optional().describe('IPv4: server that these clients boot from.'),
  serverName: BootText.max(63).optional().describe('IPv4: name of the server that these clients boot from.'),
  bootFile: BootText.optional().describe('Boot file of these clients: a path, in IPv6 a URL.'),
});

/** One subnet as DHCP servers should serve it. */
export const DHCPSubnetSpec = z
  .strictObject({
    family: IpVersion.describe('IPv4 or IPv6: which server of a device serves the subnet.'),
    id: z
      .int()
      .min(1)
      .max(4_294_967_294)
      .describe('Subnet id on the servers. Leases carry it: it never changes, and is never used again for another prefix.'),
    prefix: Prefix.describe('Network in CIDR form, for example 192.0.2.0/24.'),
    servedBy: z
      .array(Name)
      .min(1)
      .max(8)
      .describe('Devices of platform kea that serve the subnet: one, or the two of a high-availability pair.'),
    sharedNetwork: WordName.optional().describe(
      'Shared network: subnets of one name are on one link, and clients get an address of any of them.',
    ),
    interface: InterfaceName.optional().describe('Interface of the servers that clients without a relay are on.'),
    interfaceId: LineId.optional().describe("IPv6: interface id that the relay sends for this link (option 18), as hex digits or 'text'."),
    relays: z
      .array(Address)
      .max(64)
      .default([])
      .describe('Addresses of relays whose clients belong to the subnet, where they are not in its prefix.'),
    clientClass: ClassName.optional().describe('Only clients in this class are served. Default: all.'),
    additionalClasses: Classes.describe('Classes marked additional that are tried for clients of the subnet.'),
    options: DhcpOptionValues.default([]).describe('Options for clients of the subnet.'),
    optionSets: z.array(Name).max(16).default([]).describe('Option sets of the profile. Of one option in two sets the first set wins.'),
    lifetimes: DhcpLifetimes.optional().describe('How long leases last. Default: as on the server.'),
    nextServer: Address.optional().describe('IPv4: server that clients boot from.'),
    serverName: BootText.max(63).optional().describe('IPv4: name of the server that clients boot from.'),
    bootFile: BootText.optional().describe('Boot file: a path, in IPv6 a URL.'),
    bootByClass: z
      .array(BootByClass)
      .max(32)
      .default([])
      .describe('What clients of a class boot instead, a class without boot fields of its own. Of several the first wins.'),
    pools: z.array(DhcpPool).max(1024).default([]).describe('Addresses given out to any client, in ranges. None: reserved addresses only.'),
    prefixPools: z.array(DhcpPrefixPool).max(256).default([]).describe('IPv6: networks that prefixes are delegated from.'),
    reservations: z.array(DhcpReservation).max(20_000).default([]).describe('What single clients always get.'),
    reservationsFile: RepositoryPath.optional().describe(
      'CSV file of the repository with more reservations. Its first line names the columns: hwAddress, addresses, hostname and so on.',
    ),
  })
  .refine((subnet) => subnet.interface === undefined || subnet.interfaceId === undefined, {
    error: 'interface (clients without a relay) and interfaceId (clients behind one) exclude each other; keep one of the two',
  });
export type DHCPSubnetSpec = z.infer<typeof DHCPSubnetSpec>;
