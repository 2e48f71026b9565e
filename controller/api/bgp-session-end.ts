import { z } from 'zod';
import { Address, Asn, ExtraLine, HostAddress, InterfaceName, isLinkLocal, LineOrNone, Name, VrfName } from './scalars.ts';

const MaximumPrefixes = z
  .strictObject({
    limit: z.int().min(1).max(4_294_967_295).describe('Prefixes accepted from the neighbor in this address family.'),
    thresholdPercent: z.int().min(1).max(100).default(75).describe('Percent of limit at which the device logs a warning.'),
    action: z
      .enum(['Idle', 'Restart', 'Warn'])
      .default('Idle')
      .describe(
        'Beyond the limit. Idle: the session stays down until a person clears it. Restart: it comes back after restartMinutes. Warn: a log line only.',
      ),
    restartMinutes: z.int().min(1).max(65_535).optional().describe('Minutes until the session is tried again. With action Restart only.'),
  })
  .refine((max) => (max.action === 'Restart') === (max.restartMinutes !== undefined), {
    error: 'restartMinutes and action: Restart go together; write both, or neither',
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: "(has(self.action) && self.action == 'Restart') == has(self.restartMinutes)",
        message: 'restartMinutes goes with action Restart, and only with it',
      },
    ],
  });

const lines = z.array(ExtraLine).max(64).default([]);

/** What one end does with one address family of the session. What is not said is what the group of the end says, or no. */
export const SessionEndFamily = z.strictObject({
  unfiltered: z
    .boolean()
    .optional()
    .describe(
      'True: that import or export is missing is meant, also on an external session. FRR drops its routes unless it is told otherwise.',
    ),
  import: Name.optional().describe('RoutePolicy for what the neighbor sends. Required on an external session.'),
  export: Name.optional().describe('RoutePolicy for what is sent to the neighbor. Required on an external session.'),
  maximumPrefixes: MaximumPrefixes.optional().describe('Limit on what the neighbor may send. Default: none.'),
  nextHopSelf: z.boolean().optional().describe('Announce routes with this device as next hop.'),
  nextHopSelfForce: z.boolean().optional().describe('The same for reflected routes too. Implies nextHopSelf.'),
  routeReflectorClient: z.boolean().optional().describe('The other end is a route reflection client of this one. Internal sessions only.'),
  routeServerClient: z.boolean().optional().describe('The other end is a client of this route server. External sessions only.'),
  allowAsIn: z.int().min(1).max(10).optional().describe('Accept routes with the own AS up to this many times in the path. Default: never.'),
  removePrivateAs: z
    .enum(['Remove', 'RemoveAll', 'Replace', 'ReplaceAll'])
    .optional()
    .describe(
      'Private AS numbers in announced paths. Remove: when the path holds no others. RemoveAll: always. Replace: by the own AS. Default: left alone.',
    ),
  asOverride: z.boolean().optional().describe("Put the own AS in place of the neighbor's AS in announced paths. External sessions only."),
  defaultOriginate: z.boolean().optional().describe('Announce a default route to the neighbor.'),
  defaultOriginatePolicy: Name.optional().describe(
    'RoutePolicy that sets attributes on, or conditions for, the default route. With defaultOriginate only.',
  ),
  sendCommunity: z
    .array(z.enum(['Standard', 'Extended', 'Large']))
    .max(3)
    .optional()
    .describe('Kinds of communities sent to the neighbor. Default: all three.'),
  addPath: z
    .enum(['All', 'BestPerAs'])
    .optional()
    .describe(
      'Send more than the best path to a neighbor that takes them (RFC 7911). All: every path. BestPerAs: the best one of each neighboring AS. Default: the best path alone.',
    ),
  softReconfiguration: z.boolean().optional().describe('Keep what the neighbor sent before policy, for inspection. Costs memory.'),
  lines: lines.describe(
    'Further lines of this neighbor in the family, in the words of the platform and without neighbor and address, for what no field expresses: weight 100.',
  ),
});
export type SessionEndFamily = z.infer<typeof SessionEndFamily>;

/** Another AS number than that of the device. */
export const LocalAs = z
  .strictObject({
    asn: Asn.describe('AS number shown to this neighbor in place of the AS of the device.'),
    noPrepend: z.boolean().default(false).describe('Do not add this AS to routes received from the neighbor.'),
    replaceAs: z.boolean().default(false).describe('Announce paths with this AS alone, without the AS of the device. Needs noPrepend.'),
  })
  .refine((localAs) => !localAs.replaceAs || localAs.noPrepend, {
    error: 'has no effect without noPrepend; add noPrepend: true',
    path: ['replaceAs'],
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: '!has(self.replaceAs) || !self.replaceAs || (has(self.noPrepend) && self.noPrepend)', message: 'replaceAs needs noPrepend' },
    ],
  });

const ExternalEnd = z.strictObject({
  name: Name.describe('Short name of the neighbor, for reports.'),
  asn: Asn.describe('AS number of the neighbor.'),
  address: HostAddress.refine((text) => !isLinkLocal(text), {
    error: 'is link-local and says nothing without an interface; write the global address of the neighbor',
  })
    .optional()
    .describe('Address of the neighbor on the session. Required unless the session is unnumbered.'),
});

/** One of the two ends: a managed device, or a neighbor that somebody else configures. */
export const SessionEnd = z
  .strictObject({
    device: Name.optional().describe('Managed device. Either device or external.'),
    vrf: VrfName.optional().describe('VRF of the device that the session is in. Default: the default VRF. The two ends may differ.'),
    interface: InterfaceName.optional().describe('Interface of the device whose address the session uses: directly connected.'),
    loopback: InterfaceName.optional().describe('Loopback interface of the device whose address the session uses; reached by routing.'),
    address: Address.optional().describe(
      'Address of the device that the session uses. Alone, or to choose one of several on interface or loopback.',
    ),
    peerGroup: Name.optional().describe(
      'PeerGroup that the neighbor is a member of on this device. What is said here and in the session goes before what the group says.',
    ),
    external: ExternalEnd.optional().describe('A neighbor that Plumbline does not manage. Either external or device.'),
    localAs: LocalAs.optional().describe('Another AS number towards this neighbor.'),
    passive: z.boolean().optional().describe('Wait for the neighbor to connect.'),
    description: LineOrNone.optional().describe(
      "One line for people on this device alone. Default: the description of the session. '' for none.",
    ),
    updateSource: z
      .enum(['Address', 'Interface', 'None'])
      .optional()
      .describe(
        'How the device is told which address to use. Address, Interface: by that or by the name of its interface. None: it finds out. Default: Address on a loopback, None where the address of the subnet is clear.',
      ),
    lines: lines.describe(
      'Further lines of this neighbor in the words of the platform, without neighbor and address, for what no field expresses: advertisement-interval 5.',
    ),
    families: z
      .strictObject({
        'ipv4-unicast': SessionEndFamily.optional().describe('What this end does with IPv4 routes.'),
        'ipv6-unicast': SessionEndFamily.optional().describe('What this end does with IPv6 routes.'),
      })
      .default({})
      .describe('Policies and options of this end per address family. The session carries the families of spec.families, options or not.'),
  })
  .refine((end) => (end.device === undefined) !== (end.external === undefined), {
    error: 'it is neither a device nor external, or both; write device for a managed end, external for a neighbor of somebody else',
  })
  .refine((end) => end.interface === undefined || end.loopback === undefined, {
    error: 'it names two addresses of the device; write one of interface or loopback',
  })
  .refine(
    (end) =>
      end.external === undefined || !(namesAddress(end) || end.localAs || (end.peerGroup ?? end.vrf) !== undefined || end.lines.length > 0),
    {
      error:
        'an external end has no vrf, interface, loopback, address, localAs, peerGroup or lines of ours; write what is known of it inside external',
    },
  )
  .refine((end) => end.updateSource === undefined || end.updateSource === 'None' || namesAddress(end), {
    error: 'has nothing to name; write interface, loopback or address',
    path: ['updateSource'],
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: 'has(self.device) != has(self.external)', message: 'an end is either a device or external' },
      { rule: '!(has(self.interface) && has(self.loopback))', message: 'write one of interface or loopback' },
      {
        rule: '!has(self.external) || !(has(self.interface) || has(self.loopback) || has(self.address) || has(self.localAs) || has(self.peerGroup))',
        message: 'interface, loopback, address, localAs and peerGroup belong to a managed end',
      },
    ],
  });
export type SessionEnd = z.infer<typeof SessionEnd>;

interface AddressChoice {
  interface?: string | undefined;
  loopback?: string | undefined;
  address?: string | undefined;
}

/** Whether the end says which address of the device the session uses. */
export function namesAddress(end: AddressChoice): boolean {
  return (end.interface ?? end.loopback ?? end.address) !== undefined;
}

/** The direction in which a further line of a neighbor, in the words of the platform, names a route-map. */
export function routeMapIn(line: string): string | undefined {
  return /^route-map\s+\S+\s+(in|out)$/.exec(line)?.[1];
}
