import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitParts, type Part } from './fit.ts';

const left = (count: number): string => `(${count} left out)`;
const part = (head: string, ...entries: Part['entries']): Part => ({ head, entries, left });

test('all of it stands where there is room', () => {
  expect(fitParts([part('a:', ['one'], ['two']), part('b:', ['three'])], 100)).toEqual({ text: 'a:onetwob:three', shortened: 0, left: 0 });
});

test('entries stand in their short form before any is left out, and the first are the whole ones', () => {
  const long = 'x'.repeat(50);
  const { text, ...counts } = fitParts([part('a:', [long, 'x'], [long, 'y'], [long, 'z'])], 75);
  expect(text).toBe(`a:${long}yz`);
  expect(counts).toEqual({ shortened: 2, left: 0 });
});

test('what comes later has room too', () => {
  const many = Array.from({ length: 1000 }, (): [string] => ['0123456789']);
  const { text } = fitParts([part('a:', ...many), part('b:', ...many), part('c:', ['last'])], 1000);
  expect(text).toMatch(/^a:(0123456789)+\(\d+ left out\)b:(0123456789)+\(\d+ left out\)c:last$/);
});

test('however long the text, it stays within the limit, and what is left out is counted', () => {
  const texts = fc.string({ unit: 'grapheme', maxLength: 60 });
  const parts = fc.array(fc.record({ head: texts, entries: fc.array(fc.tuple(texts, fc.string({ maxLength: 5 })), { maxLength: 30 }) }), {
    maxLength: 5,
  });
  fc.assert(
    fc.property(parts, fc.nat(3000), (made, extra) => {
      const all = made.map((each): Part => ({ ...each, left }));
      const least = all.map(({ head, entries }) => Buffer.byteLength(head + (entries.length > 0 ? left(entries.length) : '')));
      const limit = extra + least.reduce((sum, each) => sum + each, 0);
      const fitted = fitParts(all, limit);
      expect(Buffer.byteLength(fitted.text)).toBeLessThanOrEqual(limit);
      const said = [...fitted.text.matchAll(/\((\d+) left out\)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
      expect(said).toBe(fitted.left);
    }),
  );
});
