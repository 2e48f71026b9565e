import { z } from 'zod';

/** Well-known communities that routers take by name (RFC 1997, 3765, 7611, 7999, 8326). */
export const wellKnownCommunities = [
  'no-export',
  'no-advertise',
  'local-AS',
  'no-peer',
  'blackhole',
  'graceful-shutdown',
  'accept-own',
  'internet',
] as const;

const standard = new RegExp(`^([0-9]{1,5}:[0-9]{1,5}|${wellKnownCommunities.join('|')})$`);
const large = /^[0-9]{1,10}:[0-9]{1,10}:[0-9]{1,10}$/;
const extended = /^(rt|soo):([0-9]{1,10}|[0-9.]{7,15}):[0-9]{1,10}$/;

export const StandardCommunity = z
  .string()
  .max(20)
  .regex(standard, { error: `write ASN:VALUE, both up to 65535, or one of ${wellKnownCommunities.join(', ')}` })
  .refine((text) => !text.includes(':') || numbersFit(text.split(':'), 65_535), {
    error: 'holds a number above 65535; write a large community (ASN:VALUE:VALUE) for a larger AS number',
  });

export const LargeCommunity = z
  .string()
  .max(32)
  .regex(large, { error: 'write ASN:VALUE:VALUE, three numbers up to 4294967295' })
  .refine((text) => numbersFit(text.split(':'), 4_294_967_295), { error: 'holds a number above 4294967295; write smaller ones' });

export const ExtendedCommunity = z
  .string()
  .max(32)
  .regex(extended, { error: 'write rt:ASN:VALUE (route target) or soo:ASN:VALUE (site of origin)' });

/** Any of the three forms. Which one must stand where is said by the type of the set. */
const Community = z
  .string()
  .max(32)
  .regex(new RegExp(`${standard.source}|${large.source}|${extended.source}`), {
    error: `write ASN:VALUE, ASN:VALUE:VALUE (large), rt:ASN:VALUE (extended), or one of ${wellKnownCommunities.join(', ')}`,
  });

function numbersFit(parts: readonly string[], max: number): boolean {
  return parts.every((part) => Number(part) <= max);
}

/** The community type that a text has the form of. */
export function communityTypeOf(text: string): 'Standard' | 'Large' | 'Extended' | undefined {
  if (StandardCommunity.safeParse(text).success) return 'Standard';
  if (LargeCommunity.safeParse(text).success) return 'Large';
  return ExtendedCommunity.safeParse(text).success ? 'Extended' : undefined;
}

/** A named set of communities of one type, for matching and deleting. */
export const CommunitySetSpec = z
  .strictObject({
    type: z
      .enum(['Standard', 'Large', 'Extended'])
      .describe('Which kind of communities the set holds. One kind per set: routers keep them in different lists.'),
    match: z.enum(['Any', 'All']).default('Any').describe('Any: a route with one of them matches. All: it must carry every one.'),
    communities: z
      .array(Community)
      .max(4096)
      .describe('Standard: ASN:VALUE or a well-known name. Large: ASN:VALUE:VALUE. Extended: rt:ASN:VALUE or soo:ASN:VALUE.'),
    allowEmpty: z.boolean().default(false).describe('True: an empty set is meant. It matches nothing.'),
  })
  .describe('A named set of communities.');
export type CommunitySetSpec = z.infer<typeof CommunitySetSpec>;
