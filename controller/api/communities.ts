import { z } from 'zod';
import { parseAddress } from '../lib/index.ts';
import { DeviceListName } from './scalars.ts';
import { SequenceStep } from './set-numbers.ts';

/** Well-known communities that routers take and print by name, with their values (RFC 1997, 3765, 7611, 7999, 8326). */
export const wellKnownCommunities: Readonly<Record<string, string>> = {
  'no-export': '65535:65281',
  'no-advertise': '65535:65282',
  'local-AS': '65535:65283',
  'no-peer': '65535:65284',
  blackhole: '65535:666',
  'graceful-shutdown': '65535:0',
  'accept-own': '65535:1',
  internet: '0:0',
};

const names = Object.keys(wellKnownCommunities);
const nameOfValue = new Map(Object.entries(wellKnownCommunities).map(([name, value]) => [value, name]));

const standard = new RegExp(`^([0-9]{1,5}:[0-9]{1,5}|${names.join('|')})$`);
const large = /^[0-9]{1,10}:[0-9]{1,10}:[0-9]{1,10}$/;
const extended = /^(rt|soo):([0-9]{1,10}|[0-9.]{7,15}):[0-9]{1,10}$/;
const anyForm = new RegExp(`${standard.source}|${large.source}|${extended.source}`);

export const StandardCommunity = z
  .string()
  .max(20)
  .regex(standard, { error: `write ASN:VALUE, both up to 65535, or one of ${names.join(', ')}` })
  .refine((text) => !text.includes(':') || numbersFit(text.split(':'), 65_535), {
    error: 'holds a number above 65535; write a large community (ASN:VALUE:VALUE) for a larger AS number',
  })
  .overwrite(canonical);

export const LargeCommunity = z
  .string()
  .max(32)
  .regex(large, { error: 'write ASN:VALUE:VALUE, three numbers up to 4294967295' })
  .refine((text) => numbersFit(text.split(':'), 4_294_967_295), { error: 'holds a number above 4294967295; write smaller ones' })
  .overwrite(canonical);

export const ExtendedCommunity = z
  .string()
  .max(32)
  .regex(extended, { error: 'write rt:ASN:VALUE (route target) or soo:ASN:VALUE (site of origin)' })
  .refine(fitsSixOctets, {
    error:
      'does not fit into an extended community; write VALUE up to 4294967295 behind an AS number up to 65535, up to 65535 behind a larger one or an IPv4 address',
  })
  .overwrite(canonical);

/** Any of the three forms. Which one must stand where is said by the type of the set. */
const Community = z
  .string()
  .max(32)
  .regex(anyForm, {
    error: `write ASN:VALUE, ASN:VALUE:VALUE (large), rt:ASN:VALUE (extended), or one of ${names.filter((name) => name !== 'internet').join(', ')}`,
  })
  // FRR takes 0:0 for internet, and internet in a list for every route (seen on 8.4.4): a deletion would remove all communities.
  .refine((text) => canonical(text) !== 'internet', {
    error: 'matches every route on FRR, not those that carry it; leave it out, a term without communitySet matches every route',
  })
  .overwrite(canonical);

function numbersFit(parts: readonly string[], max: number): boolean {
  return parts.every((part) => Number(part) <= max);
}

/** RFC 4360, 5668: two octets of AS number and four of value, or four of AS number or address and two of value. */
function fitsSixOctets(text: string): boolean {
  const [, administrator = '', value = ''] = text.split(':');
  if (administrator.includes('.')) return parseAddress(administrator)?.version === 4 && Number(value) <= 65_535;
  const asn = Number(administrator);
  return asn <= 4_294_967_295 && Number(value) <= (asn > 65_535 ? 65_535 : 4_294_967_295);
}

/** One spelling per community: no leading zeros, and the name where there is one. FRR prints large ones as they were written. */
function canonical(text: string): string {
  if (!anyForm.test(text)) return text;
  const plain = text.includes('.') ? text : text.replace(/(^|:)0+(?=[0-9])/g, '$1');
  return nameOfValue.get(plain) ?? plain;
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
    nameOnDevice: DeviceListName.optional().describe('Name of the list on routers. Default: the name of the set.'),
    sequenceStep: SequenceStep,
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
