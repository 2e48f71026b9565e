import { describe, expect, it, test } from 'vitest';
import { readJson } from './json.ts';

/** Without the lines that a value carries. */
const plain = (values: readonly unknown[]): unknown => JSON.parse(JSON.stringify(values));

const told = (text: string): string[] =>
  readJson(text, { file: 'kea.conf' }).problems.map(({ message, next, at }) => `${at?.line}:${at?.col} ${message} | ${next}`);

describe('JSON as Kea takes it', () => {
  it('knows all three kinds of comments, commas at the end and numbers without a first digit', () => {
    const comments: string[] = [];
    const { values, problems } = readJson(
      '// first\n# second\n{ /* third\n   goes on */ "t1-percent": .5, // fourth\n "list": [1, -2e3, ], "url": "http://a#b", }\n',
      { onComment: (said, line) => comments.push(`${line} ${said}`) },
    );
    expect(problems).toEqual([]);
    expect(plain(values)).toEqual([{ 't1-percent': 0.5, list: [1, -2000], url: 'http://a#b' }]);
    expect(comments).toEqual(['1 first', '2 second', '3 third\n   goes on', '4 fourth']);
  });

  it('tells lines of maps, lists and keys', () => {
    const { values, lineOf, lineOfKey } = readJson('{\n "a": 1,\n "b": [\n  { "c": 2,\n    "d": 3 } ] }');
    const [top] = values as [{ b: [{ c: number; d: number }] }];
    expect([lineOf(top), lineOf(top.b), lineOf(top.b[0])]).toEqual([1, 3, 4]);
    expect([lineOfKey(top, 'a'), lineOfKey(top, 'b'), lineOfKey(top.b[0], 'd')]).toEqual([2, 3, 5]);
  });

  it('undoes every escape', () => {
    expect(plain(readJson(String.raw`["\"\\\/\b\f\n\r\t\u00e9"]`).values)).toEqual([['"\\/\b\f\n\r\té']]);
  });

  it('keeps a key that means something to JavaScript', () => {
    const [value] = readJson('{ "__proto__": 1, "constructor": 2 }').values;
    expect(Object.entries(value as object)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
  });

  it('takes several documents that follow each other', () => {
    expect(plain(readJson('{ "a": 1 }\n// of a section\n{ "b": 2 }').values)).toEqual([{ a: 1 }, { b: 2 }]);
  });
});

describe('a mistake', () => {
  test.each([
    ['{ "a": 1 "b": 2 }', ['1:9 a comma is missing here | Part the entries with a comma, or end with }.']],
    ['{ "a": [1 2] }', ['1:10 a comma is missing here | Part the entries with a comma, or end with ].']],
    ['{ "a": 400 0, "b": 1 }', ['1:12 `0` behind the value | Remove it.']],
    ['{ "a" 1 }', ['1:7 no colon behind "a" | Write "a": VALUE.']],
    ['{ "a": }', ['1:8 a value is missing before `}` | Write the value.']],
    ['{ "a": True }', ['1:8 `True` is no value | Write true.']],
    ['{ "a": \'192.0.2.0/24\' }', ['1:8 `\'192.0.2.0/24\'` is no value | Write "192.0.2.0/24".']],
    ['{ "a": eth0 }', ['1:8 `eth0` is no value | Write "eth0".']],
    ['{ a: 1 }', ['1:3 `a` where a key in double quotes has to stand | Write "a".']],
    ['{ "a": 1,, "b": 2 }', ['1:10 a comma with nothing before it | Remove it.']],
    [
      '{\n "a": 1,\n "a": 2\n}',
      ['3:2 "a" stands twice in one map, first in line 2 | Keep one of the two: which one a server takes is chance.'],
    ],
    ['{ "a": "x\n }', ['1:8 this string does not end on its line | Close it with ", and write \\n for a new line.']],
    ['{ "a": "\\q" }', ['1:9 `\\q` is no escape | Write \\\\ for a backslash; others are \\" \\/ \\b \\f \\n \\r \\t and \\uXXXX.']],
    ['{ "a": [1, 2 }', ['1:14 `}` where the list that began above wants `]` | Close the list of line 1 first.']],
    ['{ "a": 1', ['1:1 `{` is never closed | Close it with `}`.']],
    ['{ /* never', ['1:3 this comment does not end | Close it with */.', '1:1 `{` is never closed | Close it with `}`.']],
    ['{ } }', ['1:5 `}` behind the end of the configuration | Remove it, or look for a bracket that closes too much.']],
    ['hello', ['1:1 `hello` where `{` has to begin the configuration | Write { "Dhcp4": { … } }.']],
    [
      '{ "a":\n <?include "/etc/kea/more.json"?> }',
      [
        '2:2 `<?include "/etc/kea/more.json"?>` names a file that only the server could read | ' +
          'Put what that file says in its place, or make a raw section of its own of it: sections are merged.',
        '2:35 a value is missing before `}` | Write the value.',
      ],
    ],
  ])('in %j is told at its place, with what to write', (text, expected) => {
    expect(told(text)).toEqual(expected);
  });

  it('hides no other one', () => {
    expect(told('{ "a": yes,\n  b: 1,\n  "c": [1 2],\n  "d": .,\n  "e": 1 }').map((each) => each.split(' ')[0])).toEqual([
      '1:8',
      '2:3',
      '3:10',
      '4:8',
    ]);
  });

  it('never ends the reading, whatever the text is', () => {
    for (const text of [
      '{'.repeat(5000),
      '['.repeat(5000),
      '{"a":'.repeat(5000),
      ':',
      ',',
      '"',
      '{"',
      '{"a":"\\',
      '\\',
      '{]',
      '[}',
      '<?',
      '\u0000',
    ])
      expect(readJson(text).problems.length).toBeGreaterThan(0);
  });
});
