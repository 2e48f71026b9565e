import { z } from 'zod';
import { DeviceBGP } from './device-bgp.ts';
import { DeviceDHCP, KeaApi } from './device-dhcp.ts';
import { InterfaceInventory } from './device-inventory.ts';
import { HostAddress, InterfaceAddress, InterfaceName, isLinkLocal, Line, Name, Prefix, VrfName } from './scalars.ts';
import { Section } from './section.ts';

export const Platform = z.enum(['frr', 'kea']);
export type Platform = z.infer<typeof Platform>;

/** How Plumbline reaches the device. */
const DeviceManagement = z
  .strictObject({
    address: HostAddress.describe('Address that the controller connects to.'),
    port: z.int().min(1).max(65_535).default(22).describe('TCP port of SSH.'),
    hostKeys: z
      .array(
        z
          .string()
          .max(100)
          .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, { error: 'write the fingerprint that ssh-keygen -lf prints: SHA256: and 43 characters' }),
      )
      .max(8)
      .default([])
      .describe(
        'SSH host keys of the device as SHA256 fingerprints. Any other key is refused: the box is not the one we mean. Required everywhere but where api leads to Kea.',
      ),
    legacyKeyExchange: z
      .boolean()
      .default(false)
      .describe('Also offer old key exchange (group14-sha1, ssh-rsa), for systems that know no other.'),
    api: KeaApi.optional().describe('Kea: its API over HTTP. Without it the control socket is reached through SSH.'),
  })
  .refine((management) => management.hostKeys.length > 0 || management.api !== undefined, {
    error: 'is empty; write the SSH host keys of the device, as ssh-keygen -lf prints them',
    path: ['hostKeys'],
  });

export const DeviceInterface = z.strictObject({
  name: InterfaceName.describe('Name as the device prints it.'),
  role: z
    .enum(['Link', 'Access', 'Loopback', 'Management', 'Anycast', 'Virtual'])
    .default('Link')
    .describe('Link: towards another router. Access: towards hosts. Anycast and Virtual (VRRP) may repeat an address on several devices.'),
  addresses: z.array(InterfaceAddress).max(64).default([]).describe('IPv4 and IPv6 addresses with the length of their subnet.'),
  description: Line.optional().describe('One line for people.'),
  mtu: z.int().min(68).max(65_535).optional().describe('Bytes, IP header included. Default: as the device has it.'),
  enabled: z.boolean().default(true).describe('False: administratively down.'),
  vrf: VrfName.optional().describe('VRF that the operating system has put the interface into. Default: the default VRF.'),
  inventory: InterfaceInventory.optional().describe('What NetBox is compared by besides. Nothing of it is sent to the device.'),
});
export type DeviceInterface = z.infer<typeof DeviceInterface>;

const StaticRoute = z
  .strictObject({
    prefix: Prefix.describe('Destination, IPv4 or IPv6.'),
    nextHop: HostAddress.optional().describe('Next hop of the same IP version as prefix.'),
    interface: InterfaceName.optional().describe('Outgoing interface; alone or beside nextHop.'),
    blackhole: z.boolean().default(false).describe('Drop what matches. Excludes nextHop and interface.'),
    vrf: VrfName.optional().describe('VRF that the route is in. Default: the default VRF.'),
    distance: z.int().min(1).max(255).default(1).describe('Administrative distance: the lowest wins.'),
  })
  .refine((route) => route.blackhole !== (route.nextHop !== undefined || route.interface !== undefined), {
    error: 'it leads nowhere, or to two places at once; write nextHop, interface or both, or blackhole: true alone',
  })
  .refine((route) => route.nextHop === undefined || route.nextHop.includes(':') === route.prefix.includes(':'), {
    error: 'is not of the IP version of prefix; write a next hop of the same version',
    path: ['nextHop'],
  })
  .refine((route) => route.nextHop === undefined || route.interface !== undefined || !isLinkLocal(route.nextHop), {
    error: 'is link-local and says nothing without an interface; add interface',
    path: ['nextHop'],
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: '(has(self.blackhole) && self.blackhole) != (has(self.nextHop) || has(self.interface))',
        message: 'say where the route leads: nextHop, interface or both, or blackhole alone',
      },
      {
        rule: "!has(self.nextHop) || self.nextHop.contains(':') == self.prefix.contains(':')",
        message: 'nextHop and prefix are of different IP versions',
      },
    ],
  });

const CredentialRef = z.strictObject({
  name: Name.describe(
    'Name of a secret with the keys username and password or privateKey; for an API over TLS also ca.crt, and tls.crt and tls.key.',
  ),
});

/** One device as Git wants it. Sessions are objects of their own (BGPSession). */
export const DeviceSpec = z
  .strictObject({
    platform: Platform.describe('Which driver, dialect and templates serve the device.'),
    profile: Name.optional().describe('DeviceProfile of the same platform with what many devices share.'),
    lifecycle: z
      .enum(['Planned', 'Active', 'Drained', 'Maintenance', 'Decommissioning'])
      .default('Active')
      .describe(
        'Planned: checked and rendered, never contacted. Drained: every session that is Up is drained at both ends, as adminState of a BGPSession says. Drained, Maintenance: alerts are quiet. Decommissioning: what we own is to be removed.',
      ),
    management: DeviceManagement.optional().describe('How the controller reaches the device. Required unless lifecycle is Planned.'),
    movedFrom: Name.optional().describe(
      'Earlier name of the device: its baseline and history come along. May stay or go after the rename.',
    ),
    machineId: z
      .string()
      .regex(/^[0-9a-f]{32}$/, { error: 'write the 32 hex digits of /etc/machine-id on the device' })
      .optional()
      .describe('Identity of the installed system. A device that shows another one is not written to.'),
    serial: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe(
        'Serial number of the hardware, unique in the network. FRR reports none: there machineId and hostKeys identify the device.',
      ),
    assetTag: z
      .string()
      .min(1)
      .max(50)
      .optional()
      .describe('Inventory number, unique in the network. NetBox is compared by it; nothing of it is sent to the device.'),
    credentials: z
      .strictObject({
        observe: CredentialRef.describe('Account that can only read.'),
        apply: CredentialRef.optional().describe('Account that can write. Without it the device is never changed.'),
      })
      .describe('Secrets with the accounts, by reference.'),
    redundancyGroups: z
      .array(Name)
      .max(16)
      .default([])
      .describe(
        'Groups of which no two members may be unavailable together, for example the route reflectors: a change of one waits for the others.',
      ),
    interfaces: z.array(DeviceInterface).max(4096).default([]).describe('Interfaces that sessions, checks and templates refer to.'),
    staticRoutes: z.array(StaticRoute).max(4096).default([]).describe('Static routes, IPv4 and IPv6.'),
    bgp: DeviceBGP.optional().describe('BGP in the default VRF. Required on a device that a BGPSession names.'),
    vrfs: z
      .array(
        z.strictObject({
          name: VrfName.describe('Name as the router prints it. The operating system makes the VRF and puts interfaces into it.'),
          bgp: DeviceBGP.optional().describe('BGP inside the VRF. Required when a BGPSession names the VRF at an end of this device.'),
        }),
      )
      .max(256)
      .default([])
      .describe('VRFs besides the default one.'),
    rpki: z
      .strictObject({
        caches: z
          .array(
            z.strictObject({
              address: HostAddress.describe('Address of the cache.'),
              port: z.int().min(1).max(65_535).default(323).describe('TCP port of RPKI-RTR (RFC 8210).'),
              preference: z.int().min(1).max(255).describe('Tried in this order, the lowest first; unique on the device.'),
            }),
          )
          .min(1)
          .max(32)
          .describe('Caches that tell which AS may originate which prefix. FRR needs its RPKI module: bgpd with -M rpki.'),
        pollingSeconds: z.int().min(1).max(86_400).default(3600).describe('How often a cache is asked for news.'),
      })
      .optional()
      .describe('Validation of where routes come from, for match.rpki of a RoutePolicy.'),
    dhcp: DeviceDHCP.optional().describe('The DHCP server of a device of platform kea.'),
    sections: z.array(Section).max(64).default([]).describe('Raw configuration that no kind expresses.'),
    keeps: z
      .strictObject({
        routePolicies: z.array(Name).max(4096).default([]).describe('RoutePolicies.'),
        prefixSets: z.array(Name).max(4096).default([]).describe('PrefixSets, each with the IP versions that it holds.'),
        communitySets: z.array(Name).max(4096).default([]).describe('CommunitySets.'),
        asPathSets: z.array(Name).max(4096).default([]).describe('ASPathSets.'),
        peerGroups: z.array(Name).max(1024).default([]).describe('PeerGroups.'),
      })
      .optional()
      .describe('What stands on the device although no session or policy of Git uses it there: raw lines do, or people.'),
  })
  .refine((device) => device.lifecycle === 'Planned' || device.management !== undefined, {
    error: 'is missing; write address and hostKeys, or lifecycle: Planned as long as nobody is to contact the device',
    path: ['management'],
  })
  .refine((device) => device.platform === 'kea' || device.management?.hostKeys.length !== 0, {
    error: 'is empty; write the SSH host keys of the device, as ssh-keygen -lf prints them',
    path: ['management', 'hostKeys'],
  })
  .refine((device) => device.platform === 'kea' || device.management?.api === undefined, {
    error: 'is of a DHCP server; remove it, or write platform: kea',
    path: ['management', 'api'],
  })
  .refine((device) => (device.platform === 'kea') === (device.dhcp !== undefined), {
    error: 'platform and dhcp do not fit; write dhcp (with ipv4, ipv6 or both) exactly on devices of platform kea',
  })
  .refine(
    (device) => device.platform !== 'kea' || (device.bgp === undefined && device.staticRoutes.length === 0 && device.vrfs.length === 0),
    {
      error: 'a DHCP server has no BGP and no routes of ours; remove bgp, vrfs and staticRoutes, or write another platform',
    },
  )
  .meta({
    'x-kubernetes-validations': [
      {
        rule: "(has(self.lifecycle) && self.lifecycle == 'Planned') || has(self.management)",
        message: 'management is required unless lifecycle is Planned',
      },
    ],
  });
export type DeviceSpec = z.infer<typeof DeviceSpec>;
