import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PrefixListIntent } from '../api/index.ts';
import { parsePrefix } from '../lib/index.ts';
import { compilePrefixList } from './prefix-matcher.ts';
import { readNetwork } from './route.ts';

type Entry = PrefixListIntent['entries'][number];

const network = (text: string) => {
  const read = readNetwork(text);
  if (!read) throw new Error(text);
  return read;
};

/** One entry after the other, as the manual of a router says it. */
function slowly(family: 'ipv4' | 'ipv6', entries: readonly Entry[], text: string): boolean {
  const asked = parsePrefix(text);
  for (const { prefix, ge, le, action } of entries) {
    const entry = parsePrefix(prefix);
    if (!asked || !entry || asked.version !== (family === 'ipv4' ? 4 : 6) || entry.version !== asked.version) continue;
    const longest = le ?? (ge === null ? entry.length : asked.version === 4 ? 32 : 128);
    const inside = entry.first <= asked.first && asked.last <= entry.last;
    if (inside && asked.length >= (ge ?? entry.length) && asked.length <= longest) return action === 'Permit';
  }
  return false;
}

const prefix4 = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 32 }))
  .map(([top, length]) => `${top * 64}.0.0.0/${length}`);
const prefix6 = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 128 }))
  .map(([top, length]) => `${(top * 0x4000).toString(16)}::/${length}`);
const entryOf = (prefix: fc.Arbitrary<string>): fc.Arbitrary<Entry> =>
  fc
    .record({ prefix, up: fc.option(fc.nat(20)), on: fc.option(fc.nat(20)), action: fc.constantFrom('Permit' as const, 'Deny' as const) })
    .map(({ prefix: text, up, on, action }) => {
      const { length = 0 } = parsePrefix(text) ?? {};
      const bits = text.includes(':') ? 128 : 32;
      const ge = up === null ? null : Math.min(length + up, bits);
      return { sequence: 10, action, prefix: text, ge, le: on === null ? null : Math.min((ge ?? length) + on, bits) };
    });

test.each([
  ['ipv4', prefix4],
  ['ipv6', prefix6],
] as const)('a table of %s answers as the list does, entry by entry', (family, prefix) => {
  fc.assert(
    fc.property(fc.array(entryOf(prefix), { maxLength: 8 }), fc.array(prefix, { maxLength: 8 }), (entries, asked) => {
      const matches = compilePrefixList({ family, entries });
      for (const text of asked) expect([text, matches(network(text))]).toEqual([text, slowly(family, entries, text)]);
    }),
    { numRuns: 500 },
  );
});

test('a prefix of the other family is in no list', () => {
  const matches = compilePrefixList({
    family: 'ipv4',
    entries: [{ sequence: 10, action: 'Permit', prefix: '0.0.0.0/0', ge: null, le: 32 }],
  });
  expect([matches(network('192.0.2.0/24')), matches(network('2001:db8::/32'))]).toEqual([true, false]);
});
