import { z } from 'zod';
import { LargeCommunity, StandardCommunity } from './communities.ts';
import { Asn, Name, Prefix } from './scalars.ts';

const Session = {
  neighbor: Name.describe('Short name of the neighbor: external.name of its session.'),
  device: Name.optional().describe('Device that has the session. Default: any that has one with the neighbor.'),
};

/** What must be so with routes, whatever changes. Nothing of it reaches a device. */
export const RouteTestSpec = z
  .strictObject({
    prefixes: z
      .array(Prefix)
      .min(1)
      .max(256)
      .describe('Prefixes that it is about. The network originates them, unless received says otherwise.'),
    received: z
      .strictObject({
        ...Session,
        asPath: z.array(Asn).max(64).optional().describe('AS path of the routes. Default: the AS number of the neighbor.'),
        communities: z.array(StandardCommunity).max(64).default([]).describe('Standard communities on the routes.'),
        largeCommunities: z.array(LargeCommunity).max(64).default([]).describe('Large communities on the routes.'),
      })
      .optional()
      .describe('The routes come from this neighbor, with these attributes.'),
    announcedTo: z
      .array(
        z.strictObject({
          ...Session,
          communities: z.array(StandardCommunity).max(64).default([]).describe('Standard communities that they must carry, among others.'),
          largeCommunities: z.array(LargeCommunity).max(64).default([]).describe('Large communities that they must carry, among others.'),
          asPath: z.array(Asn).max(64).optional().describe('AS path that they must have. Default: any.'),
          med: z.int().min(0).max(4_294_967_295).optional().describe('MED that they must have. Default: any, or none.'),
        }),
      )
      .max(64)
      .default([])
      .describe('Neighbors that must get all of the prefixes.'),
    neverTo: z.array(z.strictObject(Session)).max(64).default([]).describe('Neighbors that must get none of the prefixes, by no session.'),
  })
  .refine((test) => test.announcedTo.length + test.neverTo.length > 0, {
    error: 'it asks for nothing; write announcedTo, neverTo or both',
  });
export type RouteTestSpec = z.infer<typeof RouteTestSpec>;
