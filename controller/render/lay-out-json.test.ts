import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { layOutJson } from './lay-out-json.ts';

test('indents by depth, drops blank lines and the comma behind the last of a list or map', () => {
  const printed = '{\n"a": [\n\n  1,\n2,\n],\n      // plumbline:from Device/d a.yaml:1\n"b": { "c": [ 1, 2 ], },\n"d": {\n"e": "x,\n',
    text = `${printed.replace('"x,\n', '"[{",\n')}},\n}\n`;
  expect(layOutJson(text)).toBe(
    '{\n  "a": [\n    1,\n    2\n  ],\n  // plumbline:from Device/d a.yaml:1\n  "b": { "c": [ 1, 2 ], },\n  "d": {\n    "e": "[{"\n  }\n}\n',
  );
});

test('a comment between the last value and the end takes nothing from the comma', () => {
  expect(layOutJson('[\n1,\n// that was all,\n]\n')).toBe('[\n  1\n  // that was all,\n]\n');
});

test('what is no JSON comes out as it is, but for its white space', () => {
  expect(layOutJson('}}\n  x, ]\n[\n')).toBe('}}\nx, ]\n[\n');
  expect(layOutJson('\n \n')).toBe('');
});

test('whatever a template prints line by line with a comma behind each value reads as the same JSON', () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, fc.string(), fc.integer(), fc.boolean(), tie('list'), tie('map')),
    list: fc.array(tie('value'), { maxLength: 4 }),
    map: fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
  }));
  const print = (each: unknown): string => {
    if (Array.isArray(each)) return `[\n${each.map((member) => `${print(member)},\n`).join('')}]`;
    if (typeof each !== 'object' || each === null) return JSON.stringify(each);
    return `{\n// of nobody, in particular\n${Object.entries(each)
      .map(([key, member]) => `${JSON.stringify(key)}: ${print(member)},\n`)
      .join('')}}`;
  };
  fc.assert(
    fc.property(value, (each) => {
      const text = layOutJson(print(each)).replaceAll(/^ *\/\/.*$/gm, '');
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(each)));
    }),
  );
});
