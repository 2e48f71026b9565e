import { z } from 'zod';
import { hasHostBits, isUnicast, parseAddress, parsePrefix } from '../lib/index.ts';
import { addressHint, interfaceAddressHint, prefixHint } from './address-hints.ts';

/** RFC 1123 label: what Kubernetes takes as a name, and never a path. */
export const Name = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, { error: 'write lower-case letters, digits and hyphens, up to 63, for example edge1-fra' });

/** A name that becomes that of a list or route-map. FRR takes digits alone for a numbered list, or refuses them (seen on 8.4.4). */
export const ListName = Name.refine((name) => !/^[0-9]*$/.test(name), {
  error: 'is a number to routers; write a name with a letter in it, for example set-100',
});

/** The name of a list or route-map where it is another one on the router than in Git, as in a network that existed before. */
export const DeviceListName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.:/+@%=~-]*$/, {
    error: 'write the name as the router prints it: one word of letters, digits and _ . : / + @ % = ~ -',
  })
  .refine((name) => !/^[0-9]*$/.test(name), {
    error: 'is a number, which routers take for a numbered list; keep such a list in a raw section',
  });

/** What stands behind the head of a line: no line breaks, nothing that would be a comment. */
export const ExtraLine = z
  .string()
  .min(1)
  .max(1000)
  // oxlint-disable-next-line no-control-regex
  .regex(/^[^\s!#\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$/, {
    error: 'write one line, without white space around it, not a comment',
  });

/** An interface as the router names it. */
export const InterfaceName = z
  .string()
  .min(1)
  .max(32)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]*$/, { error: 'write the name as the router prints it, for example eth0 or Ethernet1/1' });

/** A VRF as the router and its kernel name it. */
export const VrfName = z
  .string()
  .min(1)
  .max(15)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error: 'write the name of the VRF as the router prints it, for example CUSTOMERS' })
  .refine((name) => name !== 'default', { error: 'is where everything is that names no VRF; leave it out' });

/** 1 to 4294967294, without the numbers that RFC 7607, 6793 and 7300 reserve. */
export const Asn = z
  .int()
  .min(1)
  .max(4_294_967_294)
  .refine((asn) => asn !== 23_456 && asn !== 65_535, {
    error: 'is reserved; write an AS number that BGP can use',
  });

/** A 32-bit number, not zero, written as an IPv4 address. */
export const RouterId = z
  .string()
  .regex(/^[0-9.]+$/, { error: 'write four decimal numbers, for example 192.0.2.1' })
  .refine((text) => parseAddress(text)?.version === 4 && text !== '0.0.0.0', {
    error: 'write four decimal numbers, for example 192.0.2.1',
  });

/** One IPv4 or IPv6 address, kept in canonical form. */
export const Address = z
  .string()
  .max(45)
  .regex(/^[0-9a-fA-F:.]+$/, { error: addressHint })
  .refine((text) => parseAddress(text) !== undefined, { error: addressHint })
  .overwrite((text) => parseAddress(text)?.text ?? text);

/** An address that one router can have. */
export const HostAddress = Address.refine(isHost, { error: 'is no address of a host; write the address of one router' });

/** True for fe80::/10: such an address says nothing without the interface it is on. */
export function isLinkLocal(text: string): boolean {
  const address = parseAddress(text);
  return address?.version === 6 && address.value >> 118n === 0x3fan;
}

/** A network. Host bits are an error: `192.0.2.7/24` may mean two things. Kept in canonical form. */
export const Prefix = z
  .string()
  .max(49)
  .regex(/^[0-9a-fA-F:.]+\/[0-9]{1,3}$/, { error: prefixHint })
  .refine(isNetwork, { error: prefixHint })
  .overwrite((text) => parsePrefix(text)?.text ?? text);

/** An address with the length of its subnet. Kept in canonical form. */
export const InterfaceAddress = z
  .string()
  .max(49)
  .regex(/^[0-9a-fA-F:.]+\/[0-9]{1,3}$/, { error: interfaceAddressHint })
  .refine((text) => parsePrefix(text) !== undefined, { error: interfaceAddressHint })
  .refine(isHostInSubnet, { error: 'is no address of a host in its subnet; write the address of the interface' })
  .overwrite((text) => parsePrefix(text)?.text ?? text);

function isHost(text: string): boolean {
  const address = parseAddress(text);
  return address === undefined || isUnicast(address);
}

/** In IPv4 the first and last address of a subnet are no host's, except on /31 (RFC 3021) and /32. */
function isHostInSubnet(text: string): boolean {
  const prefix = parsePrefix(text);
  if (!prefix) return true;
  const isEdge =
    prefix.version === 4 && prefix.length < 31 && (prefix.address.value === prefix.first || prefix.address.value === prefix.last);
  return isUnicast(prefix.address) && !isEdge;
}

function isNetwork(text: string): boolean {
  const prefix = parsePrefix(text);
  return prefix !== undefined && !hasHostBits(prefix);
}

/** One line of text for people, not blank (FRR refuses a description without text): no line breaks, no control characters. The expression is one that RE2 reads as well. */
export const Line = z
  .string()
  .max(200)
  // oxlint-disable-next-line no-control-regex
  .regex(/^[^\x00-\x1f\x7f]*$/, { error: 'write one line without control characters' })
  .refine((text) => !/[\u0080-\u009f\u2028\u2029]/.test(text), { error: 'write one line without control characters' })
  .refine((text) => text.trim() !== '', { error: 'is blank; write some text, or remove the field' })
  .min(1);

/** The same, or nothing: a description of which the default is not wanted. */
export const LineOrNone = z
  .string()
  .max(1000)
  // oxlint-disable-next-line no-control-regex
  .regex(/^[^\x00-\x1f\x7f]*$/, { error: 'write one line without control characters' })
  .refine((text) => !/[\u0080-\u009f\u2028\u2029]/.test(text), { error: 'write one line without control characters' })
  .refine((text) => text === '' || text.trim() !== '', { error: "is blank; write some text, or '' for none" });

/** A file of the desired-state repository, relative to its root. */
export const RepositoryPath = z
  .string()
  .min(1)
  .max(400)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/, {
    error: 'write a path relative to the root of the repository, without "..", for example sections/snmp.conf',
  });

/** A template of the repository. One expression, not two: a CRD holds one pattern per field. */
export const TemplatePath = z
  .string()
  .min(1)
  .max(400)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*\.njk$/, {
    error: 'write the path of a template from the root of the repository, without "..", with .njk at its end',
  });

/** A reference to a secret value. The value itself never stands in Git. */
export const SecretKeyRef = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, { error: 'write the name of a secret: lower-case letters, digits, hyphens and dots' })
    .describe('Name of the secret.'),
  key: z
    .string()
    .min(1)
    .max(253)
    .regex(/^[A-Za-z0-9][-._A-Za-z0-9]*$/, { error: 'write a key of the secret: letters, digits, hyphens, underscores and dots' })
    .describe('Key inside the secret whose value is used.'),
});
export type SecretKeyRef = z.infer<typeof SecretKeyRef>;

/** The address families a session can carry. */
export const Family = z.enum(['ipv4-unicast', 'ipv6-unicast']);
export type Family = z.infer<typeof Family>;

export const PolicyAction = z.enum(['Permit', 'Deny']);
export type PolicyAction = z.infer<typeof PolicyAction>;
