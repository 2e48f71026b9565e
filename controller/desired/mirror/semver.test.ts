import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareVersions, parseRange, parseVersion, type Version } from './semver.ts';

const version = (text: string): Version => {
  const parsed = parseVersion(text);
  if (!parsed) throw new Error(`${text} is no version`);
  return parsed;
};

describe('a version', () => {
  test.each(['1.2.3', 'v1.2.3', '0.0.0', '1.0.0-rc.1', '1.0.0-alpha', '1.0.0+build.5', '1.0.0-x-y.7.z+b'])('%s is one', (text) => {
    expect(parseVersion(text)).toBeDefined();
  });

  test.each(['', '1', '1.2', '01.2.3', '1.2.3-', '1.2.3-01', '1.2.3-a..b', 'V1.2.3', '1.2.3.4', 'latest', '1.2.3 ', '1.2.9999999999'])(
    '%j is none',
    (text) => {
      expect(parseVersion(text)).toBeUndefined();
    },
  );

  // The order that semver.org gives as its example, section 11.
  const ordered = [
    '0.9.9',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
    '1.2.0',
    '1.10.0',
    '2.0.0',
  ];
  test('is ordered as the standard orders it', () => {
    expect(ordered.toReversed().sort((a, b) => compareVersions(version(a), version(b)))).toEqual(ordered);
  });
});

describe('a range', () => {
  test.each<[range: string, accepted: string[], refused: string[]]>([
    ['1.2.3', ['1.2.3', 'v1.2.3'], ['1.2.4', '1.2.2', '1.2.3-rc.1']],
    ['=1.2.3', ['1.2.3'], ['1.2.4']],
    ['1.2', ['1.2.0', '1.2.9'], ['1.3.0', '1.1.9', '1.2.0-rc.1']],
    ['1.2.x', ['1.2.0', '1.2.9'], ['1.3.0']],
    ['1', ['1.0.0', '1.9.9'], ['2.0.0', '0.9.9']],
    ['*', ['0.0.1', '9.9.9'], ['1.0.0-rc.1']],
    ['x', ['1.0.0'], []],
    ['~1.2.3', ['1.2.3', '1.2.9'], ['1.2.2', '1.3.0']],
    ['~1.2', ['1.2.0', '1.2.9'], ['1.3.0']],
    ['~1', ['1.0.0', '1.9.0'], ['2.0.0']],
    ['^1.2.3', ['1.2.3', '1.9.0'], ['1.2.2', '2.0.0']],
    ['^0.2.3', ['0.2.3', '0.2.9'], ['0.3.0', '0.2.2']],
    ['^0.0.3', ['0.0.3'], ['0.0.4']],
    ['^0', ['0.1.0', '0.9.9'], ['1.0.0']],
    ['>=1.0 <2.0', ['1.0.0', '1.9.9'], ['2.0.0', '0.9.9']],
    ['>=1.0, <2.0', ['1.5.0'], ['2.0.0']],
    ['>= 1.0.0 < 1.4', ['1.3.9'], ['1.4.0']],
    ['>1.2', ['1.3.0'], ['1.2.9']],
    ['>1.2.3', ['1.2.4'], ['1.2.3']],
    ['<=1.2', ['1.2.9', '0.1.0'], ['1.3.0']],
    ['!=1.2.3', ['1.2.4'], ['1.2.3']],
    ['1.0 - 1.4', ['1.0.0', '1.4.9'], ['1.5.0']],
    ['1.0.0 - 1.4.2', ['1.4.2'], ['1.4.3']],
    ['~1.2 || ^3', ['1.2.5', '3.4.0'], ['2.0.0', '1.3.0']],
    ['>=1.2.0-0', ['1.2.0-rc.1', '1.2.0', '2.0.0-a'], ['1.1.9']],
    ['^1.0.0-beta.2', ['1.0.0-beta.3', '1.0.0'], ['1.0.0-beta.1', '2.0.0']],
  ])('%s', (text, accepted, refused) => {
    const range = parseRange(text);
    expect([...accepted, ...refused].filter((each) => range?.accepts(version(each)))).toEqual(accepted);
  });

  test.each(['', 'latest', '1.2.3.4', '>', '||', '~~1', '1.2 ||', '=>1', 'v', '1..2', '>=1 <'])('%j is none', (text) => {
    expect(parseRange(text)).toBeUndefined();
  });

  test('accepts its own version, and never throws', () => {
    const number = fc.nat({ max: 50 });
    fc.assert(
      fc.property(number, number, number, fc.constantFrom('', '=', '>=', '<=', '~', '^'), (a, b, c, sign) => {
        const text = `${a}.${b}.${c}`;
        expect(parseRange(`${sign}${text}`)?.accepts(version(text))).toBe(true);
      }),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'0123456789.xv~^<>=|- ,'.split('')), maxLength: 30 }),
        (text) => void parseRange(text),
      ),
    );
  });
});
