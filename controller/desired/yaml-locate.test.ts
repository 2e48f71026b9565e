import { describe, expect, test } from 'vitest';
import type { ValuePath } from '../api/index.ts';
import { readDocuments } from './yaml-documents.ts';
import { Locator, placesIn } from './yaml-locate.ts';

function locate(text: string, path: ValuePath, index = 0, locator = new Locator()): string {
  const placeOf = placesIn('a.yaml', text);
  const document = [...readDocuments(text, placeOf, [])][index];
  if (!document) throw new Error('no such document');
  const { line, col } = locator.of(text, document.start, document.end, placeOf)(path);
  return `${line}:${col}`;
}

const text = `# a comment
spec:
  name: x
  list:
    - a
    - key: b
      flow: {c: 1, d: [2, 3]}
  anchored: &n
    deep: 1
  alias: *n
  empty:
---
spec:
  name: second
`;

describe('a place in a document', () => {
  test.each<{ name: string; path: ValuePath; at: string; index?: number }>([
    { name: 'the document', path: [], at: '2:1' },
    { name: 'a value', path: ['spec', 'name'], at: '3:9' },
    { name: 'a map or list, by the key that holds it', path: ['spec', 'list'], at: '4:3' },
    { name: 'an item', path: ['spec', 'list', 0], at: '5:7' },
    { name: 'an item that is a map', path: ['spec', 'list', 1], at: '6:7' },
    { name: 'inside a flow', path: ['spec', 'list', 1, 'flow', 'd', 1], at: '7:27' },
    { name: 'inside an alias: where the value stands', path: ['spec', 'alias', 'deep'], at: '9:11' },
    { name: 'a value that is not there: its key', path: ['spec', 'empty'], at: '11:3' },
    { name: 'a field that was not written: what would hold it', path: ['spec', 'list', 1, 'missing', 'x'], at: '6:7' },
    { name: 'an item beyond the end: the list', path: ['spec', 'list', 7], at: '4:3' },
    { name: 'in a later document', path: ['spec', 'name'], at: '14:9', index: 1 },
  ])('$name', ({ path, at, index }) => {
    expect(locate(text, path, index)).toBe(at);
  });

  test('is the same with CRLF', () => {
    expect(locate(text.replaceAll('\n', '\r\n'), ['spec', 'name'], 1)).toBe('14:9');
  });

  test('is found again after the tree was dropped', () => {
    const locator = new Locator();
    const big = (n: number): string => `spec:\n  list:\n${'    - a\n'.repeat(12_000)}    - ${n}\n`;
    const finders = Array.from({ length: 7 }, (_, n) => {
      const each = big(n);
      const placeOf = placesIn(`${n}.yaml`, each);
      return locator.of(each, 0, each.length, placeOf);
    });
    for (const round of [1, 2]) {
      for (const [n, find] of finders.entries())
        expect(find(['spec', 'list', 12_000]), `round ${round}`).toEqual({ file: `${n}.yaml`, line: 12_003, col: 7 });
    }
  });
});
