import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createInterner } from './interner.ts';

it('leaves every JSON value what it is', () => {
  const intern = createInterner();
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(JSON.stringify(intern(JSON.parse(text)))).toBe(text);
    }),
  );
});

it('leaves every JSON value what it is, of which parts are known already', () => {
  const intern = createInterner();
  // Few keys and few values: parts are often equal, or nearly.
  const near = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(
        '',
        'a',
        'ab',
        '1',
        ',',
        '1"a',
        '{}',
        '[]',
        'null',
        '__proto__',
        'a word of many letters',
        0,
        1,
        11,
        true,
        false,
        null,
      ),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', '1', '2', 'ab', '1:a', '__proto__', 'toString'), tie('value'), { maxKeys: 3 }),
    ),
  })).value;
  fc.assert(
    fc.property(near, (value) => {
      const text = JSON.stringify(value);
      expect(JSON.stringify(intern(JSON.parse(text)))).toBe(text);
    }),
    { numRuns: 2_000 },
  );
});

it('makes equal parts one, and no others', () => {
  const intern = createInterner();
  const session = (name: string, count: number) => ({ name, families: { 'ipv4-unicast': { import: 'customer-in', count } }, lines: [] });
  const [one, same, other] = intern([session('a', 1), session('b', 1), session('c', 2)]);
  expect(same?.families).toBe(one?.families);
  expect(other?.families).not.toBe(one?.families);
  expect(other?.lines).toBe(one?.lines);
  expect(same).not.toBe(one);
});

it('freezes what is shared: nobody changes it for all others', () => {
  const value = createInterner()({ lines: ['one'] });
  expect(() => value.lines.push('two')).toThrow(TypeError);
});

it('takes values that hold parts of another one', () => {
  const [first, second] = [createInterner(), createInterner()];
  second({ at: { name: 'a', lines: [] } });
  const value = { at: first({ of: { name: 'a', lines: [] } }).of };
  expect(second(value)).toEqual({ at: { name: 'a', lines: [] } });
});

it('shares nothing that is long', () => {
  const intern = createInterner();
  const long = () => ({ at: Array.from({ length: 200 }, (_, i) => i) });
  expect(intern(long()).at).not.toBe(intern(long()).at);
});

it('gives no value another prototype', () => {
  const intern = createInterner();
  const text = '{"__proto__":{"isAdmin":true}}';
  expect(Object.getPrototypeOf(intern(JSON.parse(text)))).toBe(Object.prototype);
  expect(Object.getPrototypeOf(intern(JSON.parse(text)))).toBe(Object.prototype);
});

it('knows strings up to a bound', () => {
  const intern = createInterner();
  for (let i = 0; i < 50_000; i++) expect(intern([`one string of many: ${i}`])).toEqual([`one string of many: ${i}`]);
});
