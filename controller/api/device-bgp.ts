import { z } from 'zod';
import { Asn, Family, Name, Prefix, RouterId } from './scalars.ts';

/** A BGP instance of a device, of the default VRF or of another. Neighbors are not here: they come from the BGPSessions that name the device. */
export const DeviceBGP = z.strictObject({
  asn: Asn.describe('AS number of the device, in plain decimal.'),
  routerId: RouterId.optional().describe(
    'BGP identifier, unique in the network, written as an IPv4 address. Without it the device takes one of its addresses, which may change: write it.',
  ),
  clusterId: RouterId.optional().describe('Route reflection cluster. Default: the router id.'),
  networks: z
    .array(
      z.strictObject({
        prefix: Prefix.describe('Network that this device originates, IPv4 or IPv6.'),
        policy: Name.optional().describe('RoutePolicy that sets attributes on it.'),
      }),
    )
    .max(4096)
    .default([])
    .describe('Originated networks. A device announces one only while it has the route, unless networkImportCheck is false.'),
  aggregates: z
    .array(
      z.strictObject({
        prefix: Prefix.describe('The aggregate.'),
        summaryOnly: z.boolean().default(false).describe('Announce the aggregate alone, not the routes inside it.'),
        asSet: z.boolean().default(false).describe('Collect the AS numbers of the routes inside into an AS_SET.'),
        policy: Name.optional().describe('RoutePolicy that sets attributes on the aggregate.'),
      }),
    )
    .max(1024)
    .default([])
    .describe('Aggregates announced while at least one route inside them exists.'),
  redistribute: z
    .array(
      z.strictObject({
        protocol: z.enum(['Connected', 'Static', 'Kernel', 'OSPF', 'ISIS']).describe('Where the routes come from.'),
        family: Family.describe('Address family they go into.'),
        policy: Name.optional().describe('RoutePolicy that says which routes.'),
        unfiltered: z
          .boolean()
          .default(false)
          .describe('True: no policy on purpose, every route of the protocol is taken. Otherwise policy is required.'),
      }),
    )
    .max(16)
    .default([])
    .describe('Routes of other protocols taken into BGP.'),
  maximumPaths: z
    .strictObject({
      external: z.int().min(0).max(256).default(1).describe('Equal paths from eBGP used side by side.'),
      internal: z.int().min(0).max(256).default(1).describe('Equal paths from iBGP used side by side.'),
    })
    .default({ external: 1, internal: 1 })
    .describe('Equal-cost multipath, in both address families. 1 means the best path only, 0 what the device does by itself.'),
  defaultIpv4Unicast: z
    .boolean()
    .default(false)
    .describe(
      'True: neighbors carry IPv4 unicast unless they are told otherwise, as FRR does by itself. Every session says its families either way.',
    ),
  ebgpRequiresPolicy: z
    .boolean()
    .optional()
    .describe(
      'True: an external neighbor without an import or export policy gets and gives nothing (RFC 8212). False: without a policy everything goes. Default: as the device has it; FRR has it on, except with `frr defaults datacenter`.',
    ),
  multipathRelax: z.boolean().default(false).describe('Treat paths of equal AS-path length through different ASes as equal.'),
  gracefulRestart: z.boolean().default(false).describe('Ask neighbors to keep routes while BGP restarts on this device.'),
  gracefulRestartTimers: z
    .strictObject({
      restartSeconds: z.int().min(0).max(4095).default(120).describe('What this device tells neighbors that its restart may take.'),
      stalePathSeconds: z.int().min(1).max(4095).default(360).describe('How long routes of a neighbor that restarts are kept.'),
      preserveForwarding: z.boolean().default(false).describe('Tell neighbors that packets are forwarded while BGP restarts.'),
    })
    .optional()
    .describe('Times of graceful restart. Default: 120 and 360 seconds.'),
  networkImportCheck: z.boolean().default(true).describe('Originate a network only while the device has a route for it.'),
  defaultLocalPreference: z.int().min(0).max(4_294_967_295).default(100).describe('LOCAL_PREF of routes that no policy sets one on.'),
  listen: z
    .strictObject({
      limit: z
        .int()
        .min(1)
        .max(65_535)
        .optional()
        .describe('Neighbors that may come by themselves at one time. Default: as the device has it, 100 on FRR.'),
      ranges: z
        .array(
          z.strictObject({
            prefix: Prefix.describe('Addresses from which neighbors may come.'),
            peerGroup: Name.describe('PeerGroup that they become members of. It needs asn or type.'),
          }),
        )
        .max(256)
        .default([])
        .describe('Where neighbors may come from.'),
    })
    .optional()
    .describe('Neighbors that no BGPSession names: whoever connects from these addresses and fits the group. Nobody expects them.'),
  logNeighborChanges: z.boolean().default(true).describe('Log every session that comes up or goes down.'),
});
export type DeviceBGP = z.infer<typeof DeviceBGP>;
