import { bitsOf, networkOf, parseAddress, parsePrefix } from '../lib/index.ts';

/** What is wrong with a text that should be one address, as "the fact; what to write". */
export function addressHint({ input }: { input?: unknown }): string {
  const text = String(input);
  const prefix = parsePrefix(text);
  if (prefix) return `has a length; write the address alone: ${prefix.address.text}`;
  return commonFault(text, (address) => address) ?? 'write an IPv4 or IPv6 address, for example 192.0.2.1 or 2001:db8::1';
}

/** The same for a network. */
export function prefixHint({ input }: { input?: unknown }): string {
  const text = String(input);
  const prefix = parsePrefix(text);
  if (prefix) return `has host bits set; write the network: ${networkOf(prefix)}`;
  const address = parseAddress(text);
  if (address?.value === 0n) return `has no length; write ${address.text}/0 for all addresses`;
  if (address) return `has no length; write ${address.text}/${bitsOf(address.version)} for this one address`;
  if (text === 'default') return 'is a word; write 0.0.0.0/0, or ::/0 for IPv6';
  const [, network, lengths] = /^([^ ]+) +(?=[gl]e )((?: ?[gl]e [0-9]{1,3})+)$/.exec(text) ?? [];
  if (network !== undefined && lengths !== undefined && parsePrefix(network))
    return `holds more than a network; write prefix: ${network}, ${lengths.replace(/([gl]e) ([0-9]+) ?/g, '$1: $2, ').slice(0, -2)}`;
  return commonFault(text, withLength) ?? 'write a network in CIDR form, for example 192.0.2.0/24 or 2001:db8::/32';
}

/** The same for the address of an interface. */
export function interfaceAddressHint({ input }: { input?: unknown }): string {
  const text = String(input);
  const address = parseAddress(text);
  if (address) return `lacks the length of its subnet; write for example ${address.text}/${address.version === 4 ? 31 : 64}`;
  return commonFault(text, withLength) ?? 'write an address with the length of its subnet, for example 192.0.2.1/31 or 2001:db8::1/64';
}

function withLength(address: string, length: string): string {
  return `${address}/${length}`;
}

/** What other tools and other habits write: masks, zones, leading zeros, lengths that no address has. */
function commonFault(text: string, show: (address: string, length: string) => string): string | undefined {
  const [, masked = '', mask = ''] = /^([0-9.]+)[ /]([0-9.]{7,15})$/.exec(text) ?? [];
  const length = lengthOfMask(mask);
  if (length !== undefined && parseAddress(masked)) return `has a mask; write ${show(masked, String(length))}`;
  if (/^[0-9a-f:]+%/i.test(text)) return 'has a zone; write the address without % and what follows';

  const [, address = '', zeros = '', bits = ''] = /^([^/ ]+?) ?(?:\/ ?(0*)([0-9]{1,9}))?$/.exec(text) ?? [];
  const plain = address.includes(':') ? address : address.replace(/(^|\.)0+(?=[0-9])/g, '$1');
  const parsed = parseAddress(plain);
  if (!parsed) {
    const tooLarge = /^[0-9]+(\.[0-9]+){3}$/.test(plain) ? plain.split('.').find((part) => Number(part) > 255) : undefined;
    return tooLarge === undefined ? undefined : `has the number ${tooLarge} in it; write numbers up to 255`;
  }
  if (Number(bits) > bitsOf(parsed.version))
    return `has a length that IPv${parsed.version} does not know; write one up to ${bitsOf(parsed.version)}`;
  if (plain !== address || zeros !== '') return `has a number with a leading zero; write ${bits === '' ? plain : show(plain, bits)}`;
  return text.includes(' ') ? `has a blank in it; write ${show(plain, bits)}` : undefined;
}

/** 24 for 255.255.255.0 and for 0.0.0.255, as Cisco's wildcards have it. */
function lengthOfMask(mask: string): number | undefined {
  const value = parseAddress(mask)?.value;
  if (value === undefined) return undefined;
  const bits = value.toString(2).padStart(32, '0');
  if (/^1+0*$/.test(bits)) return bits.lastIndexOf('1') + 1;
  return /^0+1+$/.test(bits) ? bits.indexOf('1') : undefined;
}
