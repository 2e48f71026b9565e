import { z } from 'zod';
import { LocalAs, SessionEndFamily } from './bgp-session-end.ts';
import { SessionBfd } from './bfd-profile.ts';
import { Asn, DeviceListName, ExtraLine, LineOrNone, SecretKeyRef } from './scalars.ts';
import { SessionTtl } from './session-ttl.ts';
import { Timers } from './timers.ts';

/** What many neighbors of a router have in common, as a group that stands on the router under its name. */
export const PeerGroupSpec = z
  .strictObject({
    nameOnDevice: DeviceListName.optional().describe('Name of the group on routers. Default: the name of the object.'),
    asn: Asn.optional().describe('AS number of every member. Excludes type.'),
    type: z
      .enum(['Internal', 'External'])
      .optional()
      .describe(
        'Every member is in the own AS, or every one in another: routers then take any AS number of that kind from a member. Excludes asn. Without both, a member must show the AS number of its session.',
      ),
    description: LineOrNone.default('').describe('One line for people, shown on the group alone.'),
    auth: z
      .strictObject({ passwordRef: SecretKeyRef.describe('TCP MD5 password (RFC 2385) of members whose session has none, by reference.') })
      .optional()
      .describe('Authentication of the members. Default: that of each session.'),
    timers: Timers.optional().describe('Timers of members whose session has none.'),
    ttl: SessionTtl.optional().describe('How far away members may be whose session says nothing of it.'),
    updateSource: z
      .string()
      .min(1)
      .max(45)
      .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]*$/, { error: 'write the name of an interface, or an address, as the router prints it' })
      .optional()
      .describe('Interface or address that members are reached from when their end says no updateSource.'),
    passive: z.boolean().default(false).describe('Wait for members to connect.'),
    localAs: LocalAs.optional().describe('Another AS number towards members whose end says no localAs.'),
    bfd: SessionBfd.optional().describe(
      'Bidirectional Forwarding Detection towards members whose session says nothing of it; {} for the timers of the device.',
    ),
    lines: z
      .array(ExtraLine)
      .max(64)
      .default([])
      .describe('Further lines of the group in the words of the platform, for what no field expresses: advertisement-interval 5.'),
    families: z
      .strictObject({
        'ipv4-unicast': SessionEndFamily.optional().describe('Members carry IPv4 routes, with these policies and options.'),
        'ipv6-unicast': SessionEndFamily.optional().describe('Members carry IPv6 routes, with these policies and options.'),
      })
      .default({})
      .describe(
        'Policies and options per address family; {} for a family without any. What an end says itself goes before. A session carries its own spec.families.',
      ),
  })
  .refine((group) => group.asn === undefined || group.type === undefined, {
    error: 'asn says already whether members are internal; write either asn or type',
  })
  .meta({
    'x-kubernetes-validations': [{ rule: '!(has(self.asn) && has(self.type))', message: 'write either asn or type' }],
  });
export type PeerGroupSpec = z.infer<typeof PeerGroupSpec>;
