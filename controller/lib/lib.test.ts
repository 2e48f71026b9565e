import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { canonicalJson, digestOf, sha256 } from './digest.ts';
import { nearest } from './nearest.ts';
import { comparePositions, formatPosition } from './position.ts';

describe('nearest', () => {
  const names = ['transit-in', 'transit-out', 'customer-in'];
  it.each([
    ['transit-inn', 'transit-in'],
    ['Transit-In', 'transit-in'],
    ['trnsit-out', 'transit-out'],
    ['costumer-in', 'customer-in'],
    ['something-else', undefined],
    ['x', undefined],
  ])('takes %s for %s', (word, expected) => expect(nearest(word, names)).toBe(expected));
});

describe('digestOf', () => {
  it('does not depend on the order of keys', () =>
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).toReversed());
        expect(digestOf(reversed)).toBe(digestOf(value));
      }),
    ));

  it('depends on the order of a list, and takes undefined for absent', () => {
    expect(digestOf([1, 2])).not.toBe(digestOf([2, 1]));
    expect(digestOf({ a: 1, b: undefined })).toBe(digestOf({ a: 1 }));
  });

  it('writes JSON that reads back', () =>
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    ));

  it('writes what JSON.stringify with sorted keys writes: digests that were kept stay true', () => {
    const slow = (value: unknown): string =>
      JSON.stringify(value, (_key, member: unknown) =>
        member !== null && typeof member === 'object' && !Array.isArray(member)
          ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
          : member,
      );
    const mixed = { b: undefined, 10: [undefined, Number.NaN], 9: new Date(0), '09': '\ud800', a: { d: 1, c: null } };
    expect(canonicalJson(mixed)).toBe(slow(mixed));
    fc.assert(
      fc.property(fc.object({ withDate: true, withNullPrototype: true }), (value) => {
        expect(canonicalJson(value)).toBe(slow(value));
      }),
    );
  });

  it('is SHA-256', () => expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'));
});

describe('positions', () => {
  it('print as editors read them', () => expect(formatPosition({ file: 'a.yaml', line: 3, col: 7 })).toBe('a.yaml:3:7'));
  it('sort by file, line and column', () => {
    const at = (file: string, line: number, col: number) => ({ file, line, col });
    const sorted = [at('b', 1, 1), at('a', 2, 1), at('a', 1, 9), at('a', 1, 2)].toSorted(comparePositions);
    expect(sorted.map(formatPosition)).toEqual(['a:1:2', 'a:1:9', 'a:2:1', 'b:1:1']);
  });
});

describe('the system clock', () => {
  it('rejects a sleep that is aborted, with its reason', async () => {
    const reason = new Error('enough');
    await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toMatchObject({ cause: reason });
  });
});
