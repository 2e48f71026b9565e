import { expect, test } from 'vitest';
import { addressHint, interfaceAddressHint, prefixHint } from './address-hints.ts';

test.each<[hintOf: (issue: { input?: unknown }) => string, input: string, says: string]>([
  [addressHint, '192.0.2.1/24', 'has a length; write the address alone: 192.0.2.1'],
  [addressHint, '192.0.2.300', 'has the number 300 in it; write numbers up to 255'],
  [addressHint, '192.0.02.1', 'has a number with a leading zero; write 192.0.2.1'],
  [addressHint, 'fe80::1%eth0', 'has a zone; write the address without % and what follows'],
  [addressHint, '192.0.2.1 255.255.255.0', 'has a mask; write 192.0.2.1'],
  [addressHint, 'edge1', 'write an IPv4 or IPv6 address, for example 192.0.2.1 or 2001:db8::1'],
  [prefixHint, '192.0.2.1/24', 'has host bits set; write the network: 192.0.2.0/24'],
  [prefixHint, '192.0.2.0/33', 'has a length that IPv4 does not know; write one up to 32'],
  [prefixHint, '2001:db8::/129', 'has a length that IPv6 does not know; write one up to 128'],
  [prefixHint, '192.0.2.0 255.255.255.0', 'has a mask; write 192.0.2.0/24'],
  [prefixHint, '192.0.2.0/0.0.0.255', 'has a mask; write 192.0.2.0/24'],
  [prefixHint, '0.0.0.0', 'has no length; write 0.0.0.0/0 for all addresses'],
  [prefixHint, '::', 'has no length; write ::/0 for all addresses'],
  [prefixHint, '192.0.2.1', 'has no length; write 192.0.2.1/32 for this one address'],
  [prefixHint, 'default', 'is a word; write 0.0.0.0/0, or ::/0 for IPv6'],
  [prefixHint, '192.0.2.0/24 ge 25 le 32', 'holds more than a network; write prefix: 192.0.2.0/24, ge: 25, le: 32'],
  [interfaceAddressHint, '192.0.2.1', 'lacks the length of its subnet; write for example 192.0.2.1/31'],
  [interfaceAddressHint, '192.0.2.1/255.255.255.254', 'has a mask; write 192.0.2.1/31'],
  [interfaceAddressHint, '010.0.0.1/024', 'has a number with a leading zero; write 10.0.0.1/24'],
  [interfaceAddressHint, '192.0.2.1 /24', 'has a blank in it; write 192.0.2.1/24'],
])('hint %# tells what to write', (hintOf, input, says) => expect(hintOf({ input })).toBe(says));
