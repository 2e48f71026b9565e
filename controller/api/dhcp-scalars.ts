import { z } from 'zod';
import { hasHostBits, networkOf, parseAddress, parsePrefix, parseRange } from '../lib/index.ts';

export const IpVersion = z.enum(['IPv4', 'IPv6']);
export type IpVersion = z.infer<typeof IpVersion>;

/** Addresses of a pool: `FIRST-LAST`, or a network. Kept in canonical form. */
export const AddressRange = z
  .string()
  .max(95)
  .regex(/^[0-9a-fA-F:.]+( ?- ?[0-9a-fA-F:.]+|\/[0-9]{1,3})$/, { error: rangeHint })
  .refine((text) => parseRange(text) !== undefined, { error: rangeHint })
  .overwrite((text) => parseRange(text)?.text ?? text);

function rangeHint({ input }: { input?: unknown }): string {
  const text = String(input);
  const prefix = parsePrefix(text);
  if (prefix && hasHostBits(prefix)) return `has host bits set; write the network, ${networkOf(prefix)}, or FIRST-LAST`;
  if (parseAddress(text)) return `is one address; write ${text}-${text}`;
  const [first = '', last = ''] = text.split('-').map((part) => part.trim());
  const [from, to] = [parseAddress(first), parseAddress(last)];
  if (from && /^[0-9]{1,3}$/.test(last)) return `ends in a number; write both addresses: ${first}-${first.replace(/[0-9]+$/, last)}`;
  if (from && to && from.version !== to.version) return 'holds both IP versions; write two addresses of one version';
  if (from && to) return `runs backwards; write ${last}-${first}`;
  return 'write FIRST-LAST or a network, for example 192.0.2.100-192.0.2.199 or 192.0.2.128/25';
}

/** Six bytes of an Ethernet address in any of the usual forms; kept as `02:00:5e:00:53:01`. Up to twenty bytes for other media. */
export const HwAddress = z
  .string()
  .max(59)
  .regex(/^([0-9a-fA-F]{2}([:-]?[0-9a-fA-F]{2}){0,19}|[0-9a-fA-F]{4}\.[0-9a-fA-F]{4}\.[0-9a-fA-F]{4})$/, {
    error: 'write the hardware address as six pairs of hex digits, for example 02:00:5e:00:53:01',
  })
  .overwrite(colonHex);

/** A DUID or client id: bytes in hex. Kept as `00:01:…`. */
export const HexId = z
  .string()
  .max(383)
  .regex(/^[0-9a-fA-F]{2}([: -]?[0-9a-fA-F]{2}){0,127}$/, {
    error: 'write bytes as pairs of hex digits, with or without colons, for example 00:01:00:01:2a:3b:4c:5d',
  })
  .overwrite(colonHex);

/** What a relay says of a line: bytes in hex, or text in single quotes. Bytes are kept as `00:01:…`. */
export const LineId = z
  .string()
  .max(383)
  .regex(/^('[^'\\]{1,126}'|[0-9a-fA-F]{2}([: -]?[0-9a-fA-F]{2}){0,127})$/, {
    error: 'write bytes as pairs of hex digits, or text in single quotes inside double ones, for example "\'ge-0/0/1\'"',
  })
  .refine((text) => !text.startsWith("'") || /^[\x20-\x7e]*$/.test(text), {
    error: 'holds letters beyond ASCII; write the bytes in hex',
  })
  .overwrite((text) => (text.startsWith("'") ? text : colonHex(text)));

/** Pairs of hex digits with colons between them, in lower case: `02005E005301` gives `02:00:5e:00:53:01`. */
export function colonHex(text: string): string {
  const pairs = text
    .toLowerCase()
    .replace(/[^0-9a-f]/g, '')
    .match(/../g);
  return pairs?.join(':') ?? text;
}

/** A host name, or a name with its domain. */
export const HostName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9_]([-A-Za-z0-9_]{0,62})(\.[A-Za-z0-9_][-A-Za-z0-9_]{0,62})*\.?$/, {
    error: 'write a host name: letters, digits and hyphens, with dots between its parts',
  });

/** Name of a client class as Kea knows it: one of ours, or one that Kea or a hook gives, for example KNOWN. */
export const ClassName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9][-A-Za-z0-9_.:/@]*$/, { error: 'write the name of a client class: letters, digits, and - _ . : / between them' });

/** Name of an option, option space or shared network. */
export const WordName = z
  .string()
  .min(1)
  .max(127)
  .regex(/^[A-Za-z0-9][-A-Za-z0-9_.]*$/, { error: 'write letters, digits, hyphens, dots and underscores' });

/** Text for the fields of a DHCP message that hold paths and names: printable, without quotes that would end it. */
export const BootText = z
  .string()
  .min(1)
  .max(127)
  .regex(/^[\x20-\x7e]*$/, { error: 'write printable ASCII letters' });

export const LeaseSeconds = z.int().min(1).max(4_294_967_295);
