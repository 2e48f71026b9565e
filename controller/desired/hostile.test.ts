import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memorySource } from '../../test/builders/memory-source.ts';
import { type Clock, formatPosition, systemClock } from '../lib/index.ts';
import { loadSource } from './load.ts';

async function codesOf(files: Record<string, string | Uint8Array>): Promise<string[]> {
  const { problems } = await loadSource(memorySource(files), systemClock);
  return problems.map((problem) => `${problem.at ? formatPosition(problem.at) : ''} ${problem.code}`);
}

const head = 'apiVersion: plumbline.dev/v1alpha1\nkind: ReconcilePolicy\nmetadata: {name: p}\n';
const valid = `${head}spec: {selector: {}, mode: Report}\n`;

/** Nine levels of nine: 387 million values when expanded. */
function bomb(): string {
  const levels = Array.from(
    { length: 9 },
    (_, i) => `  l${i + 1}: &l${i + 1} [${Array.from({ length: 9 }, () => (i === 0 ? 'x' : `*l${i}`)).join(', ')}]`,
  );
  return `${head}spec:\n${levels.join('\n')}\n`;
}

describe('hostile text is an error and nothing else', () => {
  test.each<{ name: string; text: string | Uint8Array; finds: string }>([
    { name: 'an alias bomb', text: bomb(), finds: 'YAMLTooLarge' },
    { name: 'a file of 50 MB', text: new Uint8Array(50 * 1024 * 1024).fill(0x61), finds: 'a.yaml:1:1 FileTooLarge' },
    { name: 'bytes that are not UTF-8', text: Buffer.from([...Buffer.from('a: b\nc: '), 0xc3, 0x28]), finds: 'a.yaml:2:4 NotUTF8' },
    { name: 'UTF-16', text: Buffer.from(`\uFEFF${valid}`, 'utf16le'), finds: 'a.yaml:1:1 NotUTF8' },
    { name: 'a NUL byte', text: `${head}spec: "\0"\n`, finds: 'a.yaml:4:7 WrongType' },
    { name: 'brackets without end', text: '['.repeat(1_000_000), finds: 'YAMLTooDeep' },
    { name: 'braces without end', text: '{a: '.repeat(100_000), finds: 'YAMLTooDeep' },
    { name: 'lists inside lists', text: '- '.repeat(100_000), finds: 'YAMLTooDeep' },
    { name: 'question marks', text: '? '.repeat(100_000), finds: 'YAMLTooDeep' },
    {
      name: 'indentation without end',
      text: Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      finds: 'YAMLTooDeep',
    },
    { name: 'millions of values', text: `a:\n${'-\n'.repeat(900_000)}`, finds: 'YAMLTooLarge' },
    { name: 'directives without end', text: '%A\n'.repeat(1_000_000), finds: 'a.yaml:1:1 YAMLFeature' },
    { name: 'a number without end', text: `${head}spec: ${'9'.repeat(100_000)}\n`, finds: 'a.yaml:4:7 UnclearNumber' },
    { name: 'a loop of anchors', text: `${head}spec: &a {b: &b {c: *a, d: *b}}\n`, finds: 'a.yaml:4:21 YAMLFeature' },
    { name: 'a merge key', text: `${head}spec: {<<: {selector: {}}, mode: Report}\n`, finds: 'a.yaml:4:8 YAMLFeature' },
    {
      name: 'a prototype',
      text: `${head}spec: {selector: {matchLabels: {__proto__: x}}, mode: Report}\n`,
      finds: 'a.yaml:4:33 YAMLFeature',
    },
    {
      name: 'a constructor',
      text: `${head}spec: {constructor: {prototype: {x: 1}}, selector: {}, mode: Report}\n`,
      finds: 'a.yaml:4:8 UnknownField',
    },
    { name: 'a map as key', text: `${head}spec: {{a: b}: c, selector: {}, mode: Report}\n`, finds: 'YAML' },
    { name: 'a number as key', text: `${head}spec: {selector: {matchLabels: {1: x}}, mode: Report}\n`, finds: 'a.yaml:4:33 YAMLFeature' },
    { name: 'a key of 100 kB', text: `${head}spec: {? ${'k'.repeat(100_000)} : 1, selector: {}, mode: Report}\n`, finds: 'UnknownField' },
    { name: 'escapes for a terminal', text: `${head}spec: {selector: {}, mode: "\\e[2J\\u202e"}\n`, finds: 'a.yaml:4:28 WrongValue' },
    {
      name: 'a line break in a description',
      text: `${head}spec: {selector: {}, mode: Report, description: "a\\nneighbor 1"}\n`,
      finds: 'a.yaml:4:49 WrongValue',
    },
    { name: 'binary', text: `${head}spec: !!binary aGVsbG8=\n`, finds: 'YAMLFeature' },
    { name: 'a JavaScript tag', text: `${head}spec: !!js/function "function(){}"\n`, finds: 'YAMLFeature' },
  ])('$name', async ({ text, finds }) => {
    const found = await codesOf({ 'a.yaml': text, 'b.yaml': valid.replace('name: p', 'name: q') });
    expect(found.join('\n')).toContain(finds);
    expect(found.every((line) => line.startsWith('a.yaml') || line.includes('SelectsNothing'))).toBe(true);
  });

  test.each<{ name: string; text: string; finds: string[] }>([
    { name: 'an empty file', text: '', finds: [] },
    { name: 'comments alone', text: '# nothing\n\n---\n# yet\n', finds: [] },
    { name: 'separators alone', text: '---\n---\n', finds: [] },
    { name: 'Windows line ends', text: valid.replace('Report', 'report').replaceAll('\n', '\r\n'), finds: ['a.yaml:4:28 WrongValue'] },
    { name: 'a byte order mark', text: `\uFEFF${valid.replace('Report', 'report')}`, finds: ['a.yaml:4:28 WrongValue'] },
    { name: 'a tab behind a colon', text: valid.replace('spec: ', 'spec:\t'), finds: ['a.yaml:4:8 SelectsNothing'] },
    { name: 'no line end at the end', text: valid.trimEnd(), finds: ['a.yaml:4:8 SelectsNothing'] },
  ])('$name is read like any other text', async ({ text, finds }) => {
    expect(await codesOf({ 'a.yaml': text })).toEqual(finds);
  });

  test('no report holds control characters of the file', async () => {
    const { problems } = await loadSource(
      memorySource({ 'a.yaml': `${head}spec: {"a\\e[2J": 1, selector: {}, mode: "\\e[31m\\r\\u202e\\u2028"}\n` }),
      systemClock,
    );
    expect(problems.length).toBeGreaterThan(1);
    // oxlint-disable-next-line no-control-regex
    for (const { message, next } of problems) expect(message + next).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
  });
});

describe('odd but valid text is read', () => {
  test.each<{ name: string; text: string }>([
    { name: 'CRLF', text: valid.replaceAll('\n', '\r\n') },
    { name: 'a byte order mark', text: `\uFEFF${valid}` },
    { name: 'no final line break', text: valid.trimEnd() },
    {
      name: 'JSON',
      text: JSON.stringify({
        apiVersion: 'plumbline.dev/v1alpha1',
        kind: 'ReconcilePolicy',
        metadata: { name: 'p' },
        spec: { selector: {}, mode: 'Report' },
      }),
    },
    { name: 'empty documents and comments', text: `# first\n---\n---\n# second\n---\n${valid}---\n...\n` },
    { name: 'tabs behind values', text: valid.replace('Report}', 'Report}\t# yes') },
  ])('$name', async ({ text }) => {
    const { objects, problems } = await loadSource(memorySource({ 'a.yaml': text }), systemClock);
    expect([...objects.ReconcilePolicy.keys()]).toEqual(['p']);
    expect(problems.map((problem) => problem.code)).toEqual(['SelectsNothing']);
  });

  test('an empty file and an empty tree hold nothing', async () => {
    expect(await codesOf({ 'a.yaml': '' })).toEqual([]);
    expect(await codesOf({})).toEqual([]);
  });

  test('a column counts characters, not bytes, also behind CRLF', async () => {
    expect(await codesOf({ 'a.yaml': `${head}spec: {selector: {}, description: "äöü 漢字", mod: x, mode: Report}\r\n` })).toContain(
      'a.yaml:4:45 UnknownField',
    );
  });
});

test('stops with CheckTooLong when the time limit passes', async () => {
  let ms = 0;
  const hurried: Clock = { ...systemClock, monotonicMs: () => (ms += 50_000) };
  await expect(loadSource(memorySource({ 'a.yaml': valid, 'b.yaml': valid, 'c.yaml': valid }), hurried)).rejects.toMatchObject({
    code: 'CheckTooLong',
  });
});

test('a file in the wrong format gives a bounded number of problems', async () => {
  const list = Array.from({ length: 5000 }, (_, i) => `    - {prefix: x${i}}`).join('\n');
  const found = await codesOf({
    'a.yaml': `apiVersion: plumbline.dev/v1alpha1\nkind: PrefixSet\nmetadata: {name: p}\nspec:\n  entries:\n${list}\n`,
  });
  expect(found).toHaveLength(201);
  expect(found.at(-1)).toBe('a.yaml:206:16 MoreProblems');
});

test('a set of which thousands of entries overlap gives a bounded number of problems', async () => {
  const list = Array.from({ length: 3000 }, (_, i) => `    - {prefix: 10.0.${i % 256}.0/24}`).join('\n');
  const found = await codesOf({
    'a.yaml': `apiVersion: plumbline.dev/v1alpha1\nkind: PrefixSet\nmetadata: {name: p}\nspec:\n  entries:\n${list}\n`,
  });
  expect(found.filter((line) => line.includes('OverlappingEntries'))).toHaveLength(200);
  expect(found.at(-1)).toContain('MoreProblems');
});

test('what a file holds that cannot be read at all is not said to be missing elsewhere', async () => {
  const policy = `apiVersion: plumbline.dev/v1alpha1\nkind: RoutePolicy\nmetadata: {name: p}\nspec: {default: Deny, terms: [{name: a, action: Permit, match: {prefixSet: lost}}]}\n`;
  const dangling = (found: string[]): string[] => found.filter((line) => line.includes('Dangling'));
  expect(dangling(await codesOf({ 'a.yaml': policy }))).toEqual(['a.yaml:4:76 DanglingReference']);
  expect(dangling(await codesOf({ 'a.yaml': policy, 'b.yaml': Buffer.from([0xc3, 0x28]) }))).toEqual([]);
  expect(dangling(await codesOf({ 'a.yaml': policy, 'b.yaml': `name: lost\n\tx: y\n` }))).toEqual([]);
  expect(dangling(await codesOf({ 'a.yaml': policy, 'b.yaml': `name: found\n\tx: y\n` }))).toHaveLength(1);
});

test('a hundred thousand mistakes that only the checks see are no crash, and bounded', { timeout: 180_000 }, async () => {
  const annotations = Array.from({ length: 130_000 }, (_, i) => `${i}-password: x`).join(', ');
  const found = await codesOf({
    'a.yaml': `${head.replace('{name: p}', `{name: p, annotations: {${annotations}}}`)}spec: {selector: {}, mode: Report}\n`,
  });
  expect(found.filter((line) => line.includes('SecretInMetadata'))).toHaveLength(200);
  expect(found.filter((line) => line.includes('MoreProblems'))).toHaveLength(1);
});

describe('no input crashes the loader', () => {
  const word = fc.constantFrom(
    'apiVersion',
    'plumbline.dev/v1alpha1',
    'kind',
    'Device',
    'BGPSession',
    'PrefixSet',
    'metadata',
    'name',
    'spec',
    'ends',
    'entries',
    'null',
    '1e9',
    '&a',
    '*a',
    '<<',
    '!!str',
    '__proto__',
    '10.0.0.0/8',
    '~',
  );
  const sign = fc.constantFrom(
    ': ',
    '- ',
    '\n',
    '\n  ',
    '\n    ',
    '{',
    '}',
    '[',
    ']',
    ', ',
    '---\n',
    '#',
    '"',
    "'",
    '|',
    '>',
    '? ',
    '\t',
    '%',
    '\r\n',
  );
  const text = fc.oneof(
    fc.array(fc.oneof(word, sign), { maxLength: 80 }).map((parts) => parts.join('')),
    fc.string({ maxLength: 300, unit: 'binary' }),
  );

  test('of words and signs', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (body) => {
        const { problems } = await loadSource(memorySource({ 'a.yaml': body, 'b.yaml': `${head}${body}` }), systemClock);
        for (const problem of problems) {
          expect(problem.at).toBeDefined();
          expect(problem.at?.line).toBeGreaterThan(0);
          expect(problem.at?.col).toBeGreaterThan(0);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('of values of any shape in the place of a spec', async () => {
    const kind = fc.constantFrom(
      'Device',
      'DeviceProfile',
      'BGPSession',
      'PeerGroup',
      'RoutePolicy',
      'PrefixSet',
      'CommunitySet',
      'ASPathSet',
      'ReconcilePolicy',
    );
    await fc.assert(
      fc.asyncProperty(kind, fc.json(), fc.anything({ withNullPrototype: false }), async (name, spec, labels) => {
        const json = `{"apiVersion": "plumbline.dev/v1alpha1", "kind": "${name}", "metadata": {"name": "p", "labels": ${JSON.stringify(labels) ?? '1'}}, "spec": ${spec}}`;
        const { problems } = await loadSource(memorySource({ 'a.yaml': json }), systemClock);
        expect(problems.every((problem) => problem.at !== undefined)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('of bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const { problems } = await loadSource(memorySource({ 'a.yaml': bytes, 't.njk': bytes }), systemClock);
        expect(problems.every((problem) => problem.at !== undefined)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
