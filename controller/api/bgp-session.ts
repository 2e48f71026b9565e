import { z } from 'zod';
import { SessionEnd } from './bgp-session-end.ts';
import { Family, Line, SecretKeyRef } from './scalars.ts';
import { Timers } from './timers.ts';

/** How far away the neighbor may be. */
const SessionTtl = z
  .strictObject({
    multihop: z.int().min(2).max(255).optional().describe('External sessions: the neighbor is up to this many hops away.'),
    gtsmHops: z
      .int()
      .min(1)
      .max(254)
      .optional()
      .describe('Generalized TTL security (RFC 5082): packets from further away than this many hops are dropped.'),
  })
  .refine((ttl) => (ttl.multihop === undefined) !== (ttl.gtsmHops === undefined), {
    error: 'it holds both or nothing; write either multihop or gtsmHops',
  })
  .meta({
    'x-kubernetes-validations': [{ rule: 'has(self.multihop) != has(self.gtsmHops)', message: 'write either multihop or gtsmHops' }],
  });

/** One BGP session. Both neighbors are rendered from it, so that they cannot disagree. */
export const BGPSessionSpec = z
  .strictObject({
    type: z
      .enum(['Internal', 'External'])
      .describe('Internal: both ends show the same AS (iBGP). External: they show different ones (eBGP).'),
    relationship: z
      .enum(['Customer', 'Peer', 'Transit', 'RouteServer', 'Internal'])
      .optional()
      .describe('What the other network is to us. Internal: our own network. Required on an external session.'),
    transport: z
      .enum(['IPv4', 'IPv6'])
      .optional()
      .describe('IP version of the TCP session. Default: that of the addresses written here, else the only version both ends have.'),
    ends: z.array(SessionEnd).length(2).describe('The two ends. At least one is a managed device.'),
    families: z.array(Family).min(1).max(2).describe('Address families that the session carries.'),
    adminState: z.enum(['Up', 'Shutdown']).default('Up').describe('Shutdown: configured, kept down on purpose.'),
    expect: z
      .enum(['Established', 'Configured'])
      .default('Established')
      .describe('What success means after a change. Configured: the neighbor may not be ready, a session that stays down is no failure.'),
    description: Line.optional().describe('One line for people, shown on both neighbors. Default: the name of the session.'),
    auth: z
      .strictObject({ passwordRef: SecretKeyRef.describe('TCP MD5 password (RFC 2385), by reference. Both ends use the same.') })
      .optional()
      .describe('Authentication of the session. Default: none.'),
    timers: Timers.optional().describe('Timers on both ends. Default: those of the device profile.'),
    ttl: SessionTtl.optional().describe(
      'How far away the neighbor may be. Default: directly connected, or any distance on an internal session.',
    ),
  })
  .refine((session) => session.ends.some((end) => end.device !== undefined), {
    error: 'no end is a managed device; write device at one of them',
    path: ['ends'],
  })
  .refine((session) => new Set(session.families).size === session.families.length, {
    error: 'an address family stands here twice; write each once',
    path: ['families'],
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: 'self.ends.exists(e, has(e.device))', message: 'at least one end must be a managed device' },
      { rule: "self.type != 'External' || has(self.relationship)", message: 'an external session needs a relationship' },
    ],
  });
export type BGPSessionSpec = z.infer<typeof BGPSessionSpec>;
