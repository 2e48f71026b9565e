import { z } from 'zod';
import { ExtendedCommunity, LargeCommunity, StandardCommunity } from './communities.ts';
import { isUnicast, parseAddress } from '../lib/index.ts';
import { Asn, DeviceListName, ExtraLine, Family, isLinkLocal, LineOrNone, Name, PolicyAction } from './scalars.ts';

const u32 = z.int().min(0).max(4_294_967_295);

/**
 * Conditions of a term. All that are written must hold; none written means every route. The protocol that a route came from is
 * not among them: FRR's bgpd drops `match source-protocol` (seen on 8.4.4), and the entry would match every route.
 */
const PolicyMatch = z.strictObject({
  prefixSet: Name.optional().describe('PrefixSet that the route is in.'),
  communitySet: Name.optional().describe('CommunitySet that the route carries.'),
  asPathSet: Name.optional().describe('ASPathSet that the AS path is in.'),
  nextHopSet: Name.optional().describe('PrefixSet that the next hop is in.'),
  family: Family.optional().describe('Only routes of this address family. Default: both.'),
  rpki: z
    .enum(['Valid', 'Invalid', 'NotFound'])
    .optional()
    .describe('What the RPKI caches of the device say of prefix and origin AS (RFC 6811). The device needs rpki with caches.'),
  origin: z.enum(['IGP', 'EGP', 'Incomplete']).optional().describe('ORIGIN attribute.'),
  localPreference: u32.optional().describe('LOCAL_PREF of the route.'),
  med: z
    .int()
    .min(1, { error: 'FRR takes match metric 0 for every route (seen on 8.4.4); tell the routes by another condition' })
    .max(4_294_967_295)
    .optional()
    .describe('MULTI_EXIT_DISC of the route.'),
});

/** Changes of one kind of communities, carried out in this order: replace, delete, add. */
function communityChange(community: z.ZodString, kind: string) {
  return z.strictObject({
    replace: z
      .array(community)
      .max(64)
      .optional()
      .describe(`Put these ${kind} communities in place of all there are. An empty list removes all.`),
    add: z.array(community).max(64).default([]).describe(`Add these ${kind} communities to those there are.`),
    delete: Name.optional().describe(`Remove the ${kind} communities that are in this CommunitySet.`),
  });
}

/** Changes to a route that a term permits. */
export const PolicySet = z.strictObject({
  localPreference: u32.optional().describe('LOCAL_PREF, inside the own AS; higher wins.'),
  med: u32.optional().describe('MULTI_EXIT_DISC, a wish to the neighbor; lower wins.'),
  origin: z.enum(['IGP', 'EGP', 'Incomplete']).optional().describe('ORIGIN attribute.'),
  weight: z.int().min(0).max(65_535).optional().describe('Preference on this device alone; higher wins.'),
  nextHop: z
    .string()
    .max(45)
    .regex(/^([0-9a-fA-F:.]+|PeerAddress|Unchanged)$/, { error: nextHopHint })
    .refine((text) => text === 'PeerAddress' || text === 'Unchanged' || parseAddress(text) !== undefined, { error: nextHopHint })
    .refine(isNextHop, { error: 'is no address that routers take for a next hop; write the global address of one router' })
    .overwrite((text) => parseAddress(text)?.text ?? text)
    .optional()
    .describe('Next hop: an address, PeerAddress (that of the neighbor) or Unchanged.'),
  communities: communityChange(StandardCommunity, 'standard').optional().describe('Standard communities.'),
  largeCommunities: communityChange(LargeCommunity, 'large').optional().describe('Large communities (RFC 8092).'),
  extendedCommunities: z
    .strictObject({
      add: z.array(ExtendedCommunity).max(64).default([]).describe('Add these extended communities: rt:ASN:VALUE or soo:ASN:VALUE.'),
    })
    .optional()
    .describe('Extended communities.'),
  asPathPrepend: z.array(Asn).min(1).max(32).optional().describe('AS numbers put in front of the path, for example [65001, 65001].'),
});
export type PolicySet = z.infer<typeof PolicySet>;

/** FRR refuses the whole entry for any other (seen on 8.4.4). */
function isNextHop(text: string): boolean {
  const address = parseAddress(text);
  if (!address) return true;
  if (address.version === 4) return isUnicast(address) && address.value >> 28n !== 0xfn;
  return isUnicast(address) && address.value !== 1n && !isLinkLocal(text);
}

function nextHopHint(): string {
  return 'write an address, PeerAddress or Unchanged';
}

export const PolicyTerm = z
  .strictObject({
    name: Name.describe('Name of the term, unique in the policy. Reports use it.'),
    sequence: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe(
        'Stable number of the term; must grow from term to term. Write it in all terms or in none. Up to 65000, in layout Native to 65535. Default: 10, 20, 30 and so on.',
      ),
    action: PolicyAction.describe('Permit: the route is taken, with the changes of set. Deny: it is dropped.'),
    match: PolicyMatch.default({}).describe('Conditions; all must hold. Without any the term matches every route.'),
    set: PolicySet.default({}).describe('Changes to the route. With action Permit only.'),
    continue: z.boolean().default(false).describe('After this term go on with the next one instead of stopping. With action Permit only.'),
    description: LineOrNone.optional().describe(
      'One line for people, shown on routers. Default: the name of the term, none in layout Native.',
    ),
    lines: z
      .array(ExtraLine)
      .max(64)
      .default([])
      .describe(
        'Further lines of the entry in the words of the platform, for what no field expresses: match interface eth0. They are not evaluated.',
      ),
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: "self.action == 'Permit' || !has(self.continue) || !self.continue", message: 'continue goes with action Permit only' },
    ],
  });
export type PolicyTerm = z.infer<typeof PolicyTerm>;

/** What happens to routes on import, export or origination. */
export const RoutePolicySpec = z
  .strictObject({
    nameOnDevice: DeviceListName.optional().describe('Name on routers. Default: the name of the policy.'),
    layout: z
      .enum(['Managed', 'Native'])
      .default('Managed')
      .describe(
        'How it stands on routers. Managed: numbers for both address families, a last entry for the default. Native, as people write it: one entry for each term, with exactly its sequence, and no entry for the default, which must be Deny.',
      ),
    default: PolicyAction.describe(
      'What happens to a route that no term decides. Always written: platforms differ in what they do on their own.',
    ),
    terms: z.array(PolicyTerm).max(1000).default([]).describe('Tried in this order: the first that matches decides, unless it continues.'),
  })
  .refine((policy) => policy.layout === 'Managed' || policy.default === 'Deny', {
    error: 'is Permit, and in layout Native nothing is written for it; write Deny, and a last term that permits',
    path: ['default'],
  })
  .refine((policy) => policy.layout === 'Native' || policy.terms.every(({ sequence }) => (sequence ?? 0) <= 65_000), {
    error: 'has a term with a sequence above 65000, where the default stands; write smaller numbers',
    path: ['terms'],
  })
  .refine((policy) => policy.layout === 'Managed' || policy.terms.every((term) => term.sequence !== undefined), {
    error: 'has a term without sequence; write sequence in all terms, as layout Native needs it',
    path: ['terms'],
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: "!has(self.layout) || self.layout == 'Managed' || self.default == 'Deny'", message: 'layout Native goes with default Deny' },
    ],
  });
export type RoutePolicySpec = z.infer<typeof RoutePolicySpec>;
