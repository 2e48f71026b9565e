import { array, assert, integer, property, tuple } from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Row } from './dialect.ts';
import { mergeNumbers, normalized, numberCommands, printRanges, type Range, readRanges, without } from './numbers.ts';

const trunk: Row = {
  match: 'allowed vlan <vlans*>',
  numbers: { style: 'comma', head: 'allowed vlan', add: 'add', drop: 'remove', empty: 'none' },
};
const batch: Row = { match: 'vlan batch <vlans*>', numbers: { style: 'to', head: 'vlan batch', additive: true, perLine: 2 } };

describe('a list of numbers', () => {
  it.each([
    {
      written: '10,12-14',
      ranges: [
        [10, 10],
        [12, 14],
      ],
    },
    {
      written: '12 to 14 10',
      ranges: [
        [10, 10],
        [12, 14],
      ],
    },
    { written: '1-5,3-9,10', ranges: [[1, 10]] },
    { written: '', ranges: [] },
    { written: 'all', ranges: undefined },
    { written: '5-1', ranges: undefined },
  ])('reads "$written"', ({ written, ranges }) => {
    expect(readRanges(written.split(' '))).toEqual(ranges);
  });

  test('is printed as it is read, in either style', () => {
    const ranges: Range[] = [
      [1, 1],
      [3, 5],
    ];
    expect(printRanges(ranges).join(',')).toBe('1,3-5');
    expect(printRanges(ranges, 'to').join(' ')).toBe('1 3 to 5');
  });

  test('loses exactly what is taken from it', () => {
    const range = tuple(integer({ min: 1, max: 60 }), integer({ min: 0, max: 9 })).map(([first, more]): Range => [first, first + more]);
    const numbersIn = (ranges: readonly Range[]): number[] =>
      ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, n) => first + n));
    assert(
      property(array(range), array(range), (from, taken) => {
        const left = without(normalized(from), normalized(taken));
        const gone = new Set(numbersIn(taken));
        expect(numbersIn(left)).toEqual([...new Set(numbersIn(from))].filter((n) => !gone.has(n)).sort((a, b) => a - b));
      }),
    );
  });
});

describe('a line that holds a set', () => {
  it.each([
    { name: 'is replaced by a plain line', before: 'allowed vlan 1-5', line: 'allowed vlan 7', after: 'allowed vlan 7' },
    { name: 'grows by add', before: 'allowed vlan 1-5', line: 'allowed vlan add 6,9', after: 'allowed vlan 1-6,9' },
    { name: 'shrinks by remove', before: 'allowed vlan 1-5', line: 'allowed vlan remove 3', after: 'allowed vlan 1-2,4-5' },
    { name: 'says none when nothing is left', before: 'allowed vlan 3', line: 'allowed vlan remove 3', after: 'allowed vlan none' },
  ])('$name', ({ before, line, after }) => {
    expect(mergeNumbers(trunk, before, line.split(' '), false)).toBe(after);
  });

  it('goes with the last of what a negated line takes', () => {
    expect(mergeNumbers(batch, 'vlan batch 3 to 4', ['vlan', 'batch', '3', 'to', '4'], true)).toBeNull();
  });

  it('is changed by what goes and what comes, so many ranges to a command', () => {
    expect(numberCommands(trunk, 'allowed vlan 1-5', 'allowed vlan 2-5,8', 'no')).toEqual(['allowed vlan remove 1', 'allowed vlan add 8']);
    expect(numberCommands(batch, undefined, 'vlan batch 1 3 5', 'undo')).toEqual(['vlan batch 1 3', 'vlan batch 5']);
  });

  it('is sent as it stands when it is no list of numbers', () => {
    expect(numberCommands(trunk, 'allowed vlan 1-5', 'allowed vlan all', 'no')).toBeUndefined();
  });
});
