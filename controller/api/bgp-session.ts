import { z } from 'zod';
import { namesAddress, SessionEnd } from './bgp-session-end.ts';
import { SessionBfd } from './bfd-profile.ts';
import { Family, LineOrNone, SecretKeyRef } from './scalars.ts';
import { SessionTtl } from './session-ttl.ts';
import { Timers } from './timers.ts';

/** One BGP session. Both neighbors are rendered from it, so that they cannot disagree. */
export const BGPSessionSpec = z
  .strictObject({
    type: z
      .enum(['Internal', 'External'])
      .describe('Internal: both ends show the same AS (iBGP). External: they show different ones (eBGP).'),
    relationship: z
      .enum(['Customer', 'Peer', 'Transit', 'RouteServer', 'Internal', 'Unknown'])
      .optional()
      .describe(
        'What the other network is to us. Internal: our own network. Unknown: nobody has said yet, as after an import. Required on an external session.',
      ),
    transport: z
      .enum(['IPv4', 'IPv6'])
      .optional()
      .describe('IP version of the TCP session. Default: that of the addresses written here, else the only version both ends have.'),
    unnumbered: z
      .boolean()
      .default(false)
      .describe(
        'True: the ends find each other over the link-local IPv6 addresses of their interfaces, which each managed end names. IPv4 routes then have IPv6 next hops (RFC 8950).',
      ),
    ends: z.array(SessionEnd).length(2).describe('The two ends. At least one is a managed device.'),
    families: z.array(Family).min(1).max(2).describe('Address families that the session carries.'),
    adminState: z
      .enum(['Up', 'Shutdown', 'Drained'])
      .default('Up')
      .describe(
        'Shutdown: configured, kept down on purpose. Drained: up, but the last choice in both directions (RFC 8326): each managed end sends its routes with the community graceful-shutdown, and takes what it gets with local preference 0.',
      ),
    expect: z
      .enum(['Established', 'Configured'])
      .default('Established')
      .describe('What success means after a change. Configured: the neighbor may not be ready, a session that stays down is no failure.'),
    description: LineOrNone.optional().describe(
      "One line for people, shown on both neighbors. Default: the name of the session. '' for none.",
    ),
    auth: z
      .strictObject({
        passwordRef: SecretKeyRef.optional().describe('TCP MD5 password (RFC 2385), by reference. Both ends use the same.'),
        tcpAo: z
          .strictObject({
            keyRef: SecretKeyRef.describe('Master key, by reference.'),
            keyId: z.int().min(0).max(255).default(1).describe('Identifier of the key, the same at both ends.'),
          })
          .optional()
          .describe('TCP authentication option (RFC 5925), on platforms that have it. FRR 8.4 has not.'),
      })
      .refine((auth) => (auth.passwordRef === undefined) !== (auth.tcpAo === undefined), {
        error: 'it holds both or nothing; write either passwordRef or tcpAo',
      })
      .meta({
        'x-kubernetes-validations': [{ rule: 'has(self.passwordRef) != has(self.tcpAo)', message: 'write either passwordRef or tcpAo' }],
      })
      .optional()
      .describe('Authentication of the session. Default: none.'),
    bfd: SessionBfd.optional().describe(
      'Bidirectional Forwarding Detection (RFC 5882) on both ends; {} for the timers of the device. Default: none.',
    ),
    gracefulRestart: z
      .enum(['Full', 'HelperOnly', 'Disabled'])
      .optional()
      .describe(
        'Graceful restart (RFC 4724) on both ends. Full: keep routes while either end restarts. HelperOnly: while the other end restarts. Default: as the BGP instance says.',
      ),
    extendedNextHop: z
      .boolean()
      .default(false)
      .describe('IPv4 routes over this IPv6 session may have IPv6 next hops (RFC 8950). An unnumbered session does so anyway.'),
    timers: Timers.optional().describe('Timers on both ends. Default: those of the device profile.'),
    ttl: SessionTtl.optional().describe(
      'How far away the neighbor may be. Default: directly connected, or any distance on an internal session.',
    ),
  })
  .refine((session) => session.ends.some((end) => end.device !== undefined), {
    error: 'no end is a managed device; write device at one of them',
    path: ['ends'],
  })
  .refine(
    (session) => session.ends.every((end) => end.device === undefined || namesAddress(end)) || session.ends.some((end) => end.external),
    {
      error:
        'an end does not say which address of its device the session uses, and the other device needs it; write one of interface or loopback, or address',
      path: ['ends'],
    },
  )
  .refine((session) => session.ends.every((end) => !end.external || (end.external.address === undefined) === session.unnumbered), {
    error: 'the external end has an address exactly when the session is not unnumbered; write address in it, or unnumbered: true',
    path: ['ends'],
  })
  .refine((session) => !session.unnumbered || session.ends.every((end) => end.external !== undefined || isInterfaceAlone(end)), {
    error:
      'an unnumbered session goes from interface to interface; write interface at each managed end, and no loopback, address or updateSource',
    path: ['ends'],
  })
  .refine((session) => !session.unnumbered || (session.transport === undefined && session.ttl?.multihop === undefined), {
    error: 'an unnumbered session has one hop over IPv6; remove transport and ttl.multihop',
    path: ['unnumbered'],
  })
  .refine((session) => new Set(session.families).size === session.families.length, {
    error: 'an address family stands here twice; write each once',
    path: ['families'],
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: 'self.ends.exists(e, has(e.device))', message: 'at least one end must be a managed device' },
      {
        rule: 'self.ends.all(e, !has(e.device) || has(e.interface) || has(e.loopback) || has(e.address)) || self.ends.exists(e, has(e.external))',
        message: 'between two devices each end says which address it uses: one of interface or loopback, or address',
      },
      { rule: "self.type != 'External' || has(self.relationship)", message: 'an external session needs a relationship' },
    ],
  });

function isInterfaceAlone(end: z.infer<typeof SessionEnd>): boolean {
  return end.interface !== undefined && (end.address ?? end.updateSource) === undefined;
}
export type BGPSessionSpec = z.infer<typeof BGPSessionSpec>;
