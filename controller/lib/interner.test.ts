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

it('knows strings up to a bound', () => {
  const intern = createInterner();
  for (let i = 0; i < 50_000; i++) expect(intern([`one string of many: ${i}`])).toEqual([`one string of many: ${i}`]);
});
