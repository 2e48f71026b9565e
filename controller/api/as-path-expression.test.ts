import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explainExpression } from './as-path-expression.ts';

/** bash hands an expression to the regcomp of the C library, as bgpd does: true where it compiles. Undefined without bash. */
function compileAll(expressions: readonly string[]): boolean[] | undefined {
  const script = 'while IFS= read -r re; do [[ "" =~ $re ]]; [ $? = 2 ] && echo no || echo yes; done';
  const input = expressions.map((text) => `${text.replaceAll('_', '(^|[,{}() ]|$)')}\n`).join('');
  const { status, stdout } = spawnSync('bash', ['-c', script], { input, encoding: 'utf8', env: { LC_ALL: 'C' }, timeout: 20_000 });
  return status === 0
    ? stdout
        .trimEnd()
        .split('\n')
        .map((line) => line === 'yes')
    : undefined;
}

const hasGlibc = process.platform === 'linux' && compileAll(['1{2', '_1_'])?.join() === 'false,true';

const good = [
  '^64496$', '_64496_', '^64496(_[0-9]+)*$', '^(64496|64497)+$', '.*', '^$', '^()$', '(1||2)', '|1', '[{]1[}]', '}1', '1}', '1{2,}', '1{,3}',
  '1{0,255}', '1{1}{2}', '1**', '.*?', '[1-]', '[-1]', '[^0-9]', '_*', '^^1', '1$2', '[)(]', '[*+?]', '1{20000}', '(_1)?',
]; // biome-ignore format: one list

const bad = [
  '1{2', '^1{1,99999}', '1{32768}', '[]', '[^]', '{1}', '1{3,2}', '1{}', '1{ 2}', '[9-0]', '[1-3-5]', '(1', '((1)', '[0-9', '*1', '+',
  '?1', '(*1)', '(?1)', '1|*2', '^*1', '^+', '$*', '(^*)', '^{1}', '{', '1 {',
]; // biome-ignore format: one list

/** What regcomp takes, but not for what was meant. */
const misleading = ['1)', ')', '[_1]', '[]1]', '[[]', '[--1]', '((1{255}){255}){2}'];

/** What FRR 8.4.4 takes for something else: `test/policy` compares the rest with it. */
const mistaken = ['(1_){2}', '_{1,2}', '(^1|$){2,}', ' 1', '1 ', '1  2', '(1| 2)'];

test.each(good)('%s is an expression', (text) => expect(explainExpression(text)).toBeUndefined());

test.each([...bad, ...misleading, ...mistaken])('%s is refused, with what to write', (text) => {
  expect(explainExpression(text)).toMatch(/^(has|repeats) .*; \w/);
});

describe.skipIf(!hasGlibc)('beside the regcomp of glibc (needs Linux and bash)', () => {
  test('the tables above are what it takes and refuses', () => {
    expect(compileAll(good)).toEqual(good.map(() => true));
    expect(compileAll(bad)).toEqual(bad.map(() => false));
    expect(compileAll(misleading.slice(0, -1))).toEqual(misleading.slice(0, -1).map(() => true));
  });

  test('every expression that passes compiles, and every one that compiles passes but the misleading', () => {
    const sign = fc.constantFrom(...'01_^$.*+?|()[]-{},', '[0-9]', '{1,2}', '{3}', '()', '[^1]');
    const expression = fc.array(sign, { minLength: 1, maxLength: 9 }).map((signs) => signs.join(''));
    // A repetition of a repetition of _, which may be empty: glibc looks for its match in minutes or never.
    const isSlow = (text: string): boolean => text.includes('_') && /[*+?}][*+?{]/.test(text);
    const sample = fc.sample(expression, 10_000).filter((text) => !isSlow(text));
    const compiled = compileAll(sample);
    if (!compiled) throw new Error('bash gave no answer in time');
    const disagreements = sample.filter((text, i) => {
      const why = explainExpression(text);
      return why === undefined
        ? !compiled[i]
        : compiled[i] && !/closing parenthesis|square brackets|empty, open or inside|by a count|has a blank/.test(why);
    });
    expect(disagreements).toEqual([]);
  });
});
