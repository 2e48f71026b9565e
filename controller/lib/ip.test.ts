import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { containsAddress, hasHostBits, isUnicast, networkOf, parseAddress, parsePrefix } from './ip.ts';

describe('parseAddress', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:db8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::', '::'],
    ['::1', '::1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::FFFF:C000:0201', '::ffff:192.0.2.1'],
  ])('reads %s as %s', (text, canonical) => {
    expect(parseAddress(text)?.text).toBe(canonical);
  });

  test.each([
    '',
    ' ',
    '192.0.2',
    '192.0.2.256',
    '192.0.2.01',
    '0x7f.0.0.1',
    '192.0.2.1 ',
    '192.0.2.1/24',
    '3232235521',
    '1.2.3.4.5',
    '-1.2.3.4',
    '1..2.3',
    ':',
    ':::',
    '2001:db8',
    '2001:db8::1::2',
    '2001:db8::g',
    '2001:db8::12345',
    '1:2:3:4:5:6:7:8:9',
    'fe80::1%eth0',
    '[::1]',
    '::1/64',
    '2001:db8:::1',
    '１９２.0.2.1',
    '1:2:3:4:5:6:7',
    ':1:2:3:4:5:6:7',
    '::192.0.2.300',
  ])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test('is the identity on its own canonical form', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = parseAddress(text);
        expect(address).toBeDefined();
        expect(parseAddress(address?.text ?? '')).toEqual(address);
      }),
    );
  });

  test('reads no text that it did not understand', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789abcdef:./ x'.split('')), maxLength: 24 }), (text) => {
        const address = parseAddress(text);
        expect(address === undefined || /^[0-9a-f:.]+$/.test(address.text)).toBe(true);
      }),
    );
  });
});

describe('isUnicast', () => {
  test.each([
    ['0.0.0.0', false],
    ['0.1.2.3', false],
    ['1.0.0.0', true],
    ['127.0.0.1', true],
    ['223.255.255.255', true],
    ['224.0.0.1', false],
    ['239.1.1.1', false],
    ['240.0.0.1', true],
    ['255.255.255.255', false],
    ['::', false],
    ['::1', true],
    ['fe80::1', true],
    ['ff02::1', false],
  ] as const)('of %s is %s', (text, is) => {
    const address = parseAddress(text);
    expect(address && isUnicast(address)).toBe(is);
  });
});

describe('parsePrefix', () => {
  test.each([
    ['192.0.2.0/24', '192.0.2.0/24', false],
    ['192.0.2.7/24', '192.0.2.0/24', true],
    ['0.0.0.0/0', '0.0.0.0/0', false],
    ['192.0.2.1/32', '192.0.2.1/32', false],
    ['2001:DB8::/32', '2001:db8::/32', false],
    ['2001:db8::1/64', '2001:db8::/64', true],
    ['::/0', '::/0', false],
    ['2001:db8::1/128', '2001:db8::1/128', false],
  ])('%s lies in %s, host bits %s', (text, network, withHostBits) => {
    const prefix = parsePrefix(text);
    expect(prefix && networkOf(prefix)).toBe(network);
    expect(prefix && hasHostBits(prefix)).toBe(withHostBits);
  });

  test.each([
    '192.0.2.0',
    '192.0.2.0/',
    '/24',
    '192.0.2.0/33',
    '192.0.2.0/024',
    '192.0.2.0/+8',
    '192.0.2.0/8/8',
    '192.0.2.0/255.255.255.0',
    '2001:db8::/129',
    '192.0.2.0/1e1',
    '192.0.2.0/-1',
  ])('refuses %j', (text) => {
    expect(parsePrefix(text)).toBeUndefined();
  });

  test('contains exactly the addresses between first and last', () => {
    const within = (prefix: string, address: string): boolean => {
      const [network, parsed] = [parsePrefix(prefix), parseAddress(address)];
      return network !== undefined && parsed !== undefined && containsAddress(network, parsed);
    };
    expect(within('192.0.2.0/31', '192.0.2.1')).toBe(true);
    expect(within('192.0.2.0/31', '192.0.2.2')).toBe(false);
    expect(within('2001:db8::/127', '2001:db8::1')).toBe(true);
    expect(within('::/0', '192.0.2.1')).toBe(false);
  });
});
