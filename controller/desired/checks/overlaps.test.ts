import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { findHolding, findOverlaps, sortIntervals } from './overlaps.ts';

const interval = fc
  .tuple(fc.bigInt({ min: 0n, max: 60n }), fc.bigInt({ min: 0n, max: 12n }))
  .map(([first, length]) => ({ first, last: first + length }));

test('tells of an interval exactly when it meets one that begins before it, and each once', () => {
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 30 }), (items) => {
      const told: unknown[] = [];
      findOverlaps(items, (later, earlier) => {
        expect(later.first <= earlier.last && earlier.first <= later.last).toBe(true);
        told.push(later);
      });
      expect(new Set(told).size).toBe(told.length);
      const sorted = sortIntervals(items);
      const meeting = sorted.filter((each, i) => sorted.slice(0, i).some((before) => each.first <= before.last));
      expect(told).toEqual(meeting);
    }),
  );
});

test('finds the interval that holds a number, where no two overlap', () => {
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 20 }), fc.bigInt({ min: 0n, max: 80n }), (items, value) => {
      const apart: typeof items = [];
      for (const each of sortIntervals(items)) if (each.first > (apart.at(-1)?.last ?? -1n)) apart.push(each);
      expect(findHolding(apart, value)).toBe(apart.find(({ first, last }) => first <= value && value <= last));
    }),
  );
});
