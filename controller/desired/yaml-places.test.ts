import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { ValuePath } from '../api/index.ts';
import { readDocuments } from './yaml-documents.ts';
import { offsetOf, placesIn } from './yaml-locate.ts';
import { PlaceTable } from './yaml-places.ts';

/** Both answers for every path of a text and for paths that lead beyond, before and after the table is sealed. */
function compare(text: string): number {
  const placeOf = placesIn('a.yaml', text);
  const table = new PlaceTable('a.yaml');
  const documents = [...readDocuments(text, placeOf, [])].map(({ root, start }) => ({ root, start, find: table.add(root, placeOf) }));
  let compared = 0;
  for (const sealed of [false, true]) {
    if (sealed) table.seal();
    for (const { root, start, find } of documents) {
      if (!find) continue;
      for (const path of pathsOf(root?.toJSON())) {
        for (const asked of [path, [...path, 'missing'], [...path, 99], [...path, 0], [...path, 'missing', 'more']]) {
          expect([asked, find(asked)]).toEqual([asked, placeOf(offsetOf(root, asked) ?? start)]);
          compared += 1;
        }
      }
    }
  }
  return compared;
}

function pathsOf(value: unknown, path: ValuePath = []): ValuePath[] {
  if (value === null || typeof value !== 'object') return [path];
  const steps = Array.isArray(value) ? value.map((_, i) => i) : Object.keys(value);
  return [path, ...steps.flatMap((step) => pathsOf((value as Record<string | number, unknown>)[step], [...path, step]))];
}

describe('the table of places', () => {
  test('answers as the syntax trees do', () => {
    const text = `# a comment
spec:
  name: x
  "quoted": 'y'
  list:
    - a
    - key: b
      flow: {c: 1, d: [2, 3], e: {}}
    - - nested
  empty:
  last: |
    text
---
{"json": {"as": ["one", "line"]}}
---
- only
- a list
`;
    expect(compare(text)).toBeGreaterThan(100);
    expect(compare(text.replaceAll('\n', '\r\n'))).toBeGreaterThan(100);
  });

  test('answers as the syntax trees do, whatever is written', () => {
    const value = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 20 }),
      ),
    })).value;
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 3 }), fc.constantFrom('block', 'json'), (values, style) => {
        const documents = values.map((each) => (style === 'json' ? JSON.stringify(each, undefined, 1) : stringify(each)));
        compare(documents.join('\n---\n'));
      }),
      { numRuns: 200 },
    );
  });

  test('leaves a document with aliases, or with a line that is too long, to the syntax tree', () => {
    const add = (text: string) => {
      const placeOf = placesIn('a.yaml', text);
      const [document] = readDocuments(text, placeOf, []);
      return new PlaceTable('a.yaml').add(document?.root ?? null, placeOf);
    };
    expect(add('a: &x {b: 1}\nc: *x\n')).toBeUndefined();
    expect(add(`{a: ${'x'.repeat(5000)}, b: 1}\n`)).toBeUndefined();
    expect(add('a: &x {b: 1}\n')).toBeDefined();
  });

  test('keeps what stands of other documents when one does not fit', () => {
    const text = 'a: 1\n---\nb: &x 1\nc: *x\n---\nd:\n  e: 1\n';
    expect(compare(text)).toBeGreaterThan(10);
  });
});

test('tables that are equal are there once; large ones are not held for that when their files are gone', () => {
  const tables = (length: number) =>
    [1, 2].map(() => new PlaceTable('a.yaml', { numbers: new Uint32Array(length), roots: [] }).seal().numbers);
  const [small, same] = tables(300);
  const [large, equal] = tables(300_000);
  expect([small === same, large === equal]).toEqual([true, false]);
  expect(equal).toEqual(large);
});
