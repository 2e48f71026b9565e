import { expect, test } from 'vitest';
import { compilePathPattern } from './as-path-pattern.ts';

/** Each was asked of FRR 8.4.4 too; `test/policy` asks it random ones. */
test.each<[expression: string, holds: readonly string[], not: readonly string[]]>([
  ['^$', [''], ['64496']],
  ['_64496_', ['64496', '64497 64496', '64496 64497', '{64496,64497}', '(64496) 1'], ['', '164496', '644960']],
  ['^(64511_)+$', ['64511', '64511 64511'], ['', '64511 64510', '6451164511']],
  ['^64496(_[0-9]+)*$', ['64496', '64496 1 2'], ['644960']],
  ['_(64496|64511)$', ['64511', '1 64496'], ['64496 1']],
  ['[^0]_', ['1', '10 2'], ['10', '']],
  ['1{,2}0', ['0', '110'], ['1', '']],
  ['1{2}{2}', ['1111'], ['111']],
  ['1**', ['', '2'], []],
  ['[0-2-]', ['1', '-'], ['3']],
  ['a$|^$', [''], ['64496']],
  ['1$2', [], ['12', '1 2']],
  ['()', ['', '1'], []],
])('%s', (expression, holds, not) => {
  const pattern = compilePathPattern(expression);
  expect([holds.filter((path) => !pattern(path)), not.filter((path) => pattern(path))]).toEqual([[], []]);
});

test('takes time linear in the path, whatever the expression', () => {
  const pattern = compilePathPattern('(1*)*(1|11)*(1*1*)*2');
  const start = performance.now();
  expect(pattern('1 '.repeat(20_000))).toBe(false);
  expect(performance.now() - start).toBeLessThan(2_000);
});
