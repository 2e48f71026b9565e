import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Document, isCollection, isMap, type Pair, parseAllDocuments, type ParsedNode, type Scalar } from 'yaml';
import { patchSpec } from './patch.ts';
import { readWords } from './words.ts';

const head = 'kind: Device\nmetadata:\n  name: a\n';
const target = { kind: 'Device', name: 'a' };
const valueOf = (text: string): unknown => parseAllDocuments(text)[0]?.toJS().spec;

const device = `# edge of Frankfurt
apiVersion: plumbline.dev/v1alpha1
kind: Device
metadata:
    name: a
spec:
    platform: frr   # the only one
    # ---- ports ----
    interfaces:
    - name: eth0   # to the core
      description: "to the core"
      addresses: [ 192.0.2.1/31,   2001:db8::1/64 ] # two
    # the other one
    - {name: eth1, enabled: false}

    - role: Loopback
      name: lo
      addresses:
        - 203.0.113.1/32 # loopback
        # the old one
        - 203.0.113.2/32
    bgp: {asn: 64500}

    # nothing below
`;

interface Device {
  interfaces: { name: string; role?: string; description?: string; mtu?: number; enabled?: boolean; addresses: string[] }[];
  sections?: unknown[];
}

describe('a spec is patched', () => {
  it.each<{ name: string; change: (spec: Device) => unknown; lines: [was: string, is: string][] }>([
    {
      name: 'a word in its quotes',
      change: (spec) => (spec.interfaces[0]!.description = 'to core 2'),
      lines: [['"to the core"', '"to core 2"']],
    },
    {
      name: 'an entry of a list in brackets',
      change: (spec) => (spec.interfaces[0]!.addresses[0] = '192.0.2.3/31'),
      lines: [['192.0.2.1/31', '192.0.2.3/31']],
    },
    {
      name: 'a longer list in brackets',
      change: (spec) => spec.interfaces[0]!.addresses.push('192.0.2.9/31'),
      lines: [['2001:db8::1/64 ]', '2001:db8::1/64, 192.0.2.9/31 ]']],
    },
    {
      name: 'a shorter list in brackets',
      change: (spec) => spec.interfaces[0]!.addresses.shift(),
      lines: [['192.0.2.1/31,   2001', '2001']],
    },
    {
      name: 'a new key behind the others',
      change: (spec) => (spec.interfaces[0]!.mtu = 9000),
      lines: [['] # two\n', '] # two\n      mtu: 9000\n']],
    },
    {
      name: 'a new key in braces',
      change: (spec) => (spec.interfaces[1]!.mtu = 9000),
      lines: [['enabled: false}', 'enabled: false, mtu: 9000}']],
    },
    { name: 'a key less in braces', change: (spec) => delete spec.interfaces[1]!.enabled, lines: [[', enabled: false}', '}']] },
    {
      name: 'an entry on a line of its own',
      change: (spec) => spec.interfaces[2]!.addresses.push('203.0.113.3/32'),
      lines: [['        - 203.0.113.2/32\n', '        - 203.0.113.2/32\n        - 203.0.113.3/32\n']],
    },
    {
      name: 'an entry in front',
      change: (spec) => spec.interfaces[2]!.addresses.unshift('203.0.113.0/32'),
      lines: [['        - 203.0.113.1/32', '        - 203.0.113.0/32\n        - 203.0.113.1/32']],
    },
    {
      name: 'an entry less, whose comment stays',
      change: (spec) => spec.interfaces[2]!.addresses.shift(),
      lines: [['        - 203.0.113.1/32 # loopback', '        # loopback']],
    },
    {
      name: 'another entry in its place, beside its comment',
      change: (spec) => (spec.interfaces[2]!.addresses[0] = '203.0.113.9/32'),
      lines: [['203.0.113.1/32 #', '203.0.113.9/32 #']],
    },
    { name: 'a map of a list less', change: (spec) => spec.interfaces.splice(1, 1), lines: [['    - {name: eth1, enabled: false}\n', '']] },
    {
      name: 'a new map of a list',
      change: (spec) =>
        spec.interfaces.push({ name: 'eth2', description: 'new', addresses: ['198.51.100.1/24'], mtu: 1500, enabled: false }),
      lines: [
        [
          '        - 203.0.113.2/32\n',
          '        - 203.0.113.2/32\n    - name: eth2\n      description: new\n      addresses: [198.51.100.1/24]\n      mtu: 1500\n      enabled: false\n',
        ],
      ],
    },
    {
      name: 'a short new map of a list',
      change: (spec) => spec.interfaces.splice(1, 0, { name: 'eth2', mtu: 1500 } as Device['interfaces'][0]),
      lines: [['] # two\n', '] # two\n    - {name: eth2, mtu: 1500}\n']],
    },
    {
      name: 'the first key of a map in a list',
      change: (spec) => {
        delete spec.interfaces[2]!.role;
      },
      lines: [['- role: Loopback\n      name: lo', '- name: lo']],
    },
    {
      name: 'a new key of the spec',
      change: (spec) => (spec.sections = [{ name: 'captured', file: 'sections/a/captured.conf' }]),
      lines: [['{asn: 64500}\n', '{asn: 64500}\n    sections:\n    - {name: captured, file: sections/a/captured.conf}\n']],
    },
    {
      name: 'a list that becomes empty',
      change: (spec) => (spec.interfaces[2]!.addresses = []),
      lines: [
        [
          'addresses:\n        - 203.0.113.1/32 # loopback\n        # the old one\n        - 203.0.113.2/32\n',
          'addresses: []\n      # loopback\n      # the old one\n',
        ],
      ],
    },
    { name: 'nothing', change: () => undefined, lines: [] },
  ])('$name', ({ change, lines }) => {
    const spec = valueOf(device) as Device;
    change(spec);
    let want = device;
    for (const [was, is] of lines) {
      expect(want).toContain(was);
      want = want.replace(was, is);
    }
    expect(patchSpec(device, target, spec)).toBe(want);
  });

  it('in the one of several documents that it is of', () => {
    const other = 'kind: Device\nmetadata: {name: b}\nspec: {x: 1} # b\n';
    const text = `${other}---\n${head}spec: {x: 1} # a\n...\n---\n${other.replaceAll('b', 'c')}`;
    expect(patchSpec(text, target, { x: 2 })).toBe(text.replace('{x: 1} # a', '{x: 2} # a'));
    expect(patchSpec(text, { kind: 'Device', name: 'd' }, {})).toBeUndefined();
  });

  it('in a file with Windows line ends, or without one at its end', () => {
    expect(patchSpec(`${head}spec:\n  a: 1 # one`, target, { a: 1, b: 2 })).toBe(`${head}spec:\n  a: 1 # one\n  b: 2`);
    const windows = `${head}spec:\n  a: 1 # one\n  c: 3\n`.replaceAll('\n', '\r\n');
    expect(patchSpec(windows, target, { a: 2, b: [{ x: 1, y: { z: [{ q: 1 }] } }] })).toBe(
      `${head}spec:\n  a: 2 # one\n  b:\n    - x: 1\n      y:\n        z:\n          - q: 1\n`.replaceAll('\n', '\r\n'),
    );
  });

  it('never through an anchor that another place uses', () => {
    const text = `${head}spec:\n  a: &x {n: 1}\n  b: *x\n`;
    expect(patchSpec(text, target, { a: { n: 2 }, b: { n: 1 } })).toBeUndefined();
    expect(patchSpec(text, target, { a: { n: 1 }, b: { n: 2 } })).toBe(`${head}spec:\n  a: &x {n: 1}\n  b: {n: 2}\n`);
  });
});

/** YAML as people write it: every style, a comment wherever one may stand, each with a number of its own. */
const word = fc.constantFrom(
  'eth0',
  '10.0.0.1/24',
  'a b',
  "it's",
  'x: y',
  '# no comment',
  'true',
  '64500',
  '',
  'ünï',
  '- dash',
  'no',
  '"quoted"',
  '[x]',
);
const scalar = fc.oneof(word, fc.integer({ min: 0, max: 70_000 }), fc.boolean(), fc.constant(null));
const key = fc.constantFrom('name', 'description', 'mtu', 'addresses', 'families', 'ipv4-unicast', 'x y', 'prefix', 'entries');
const value = fc.letrec<{ value: unknown; map: Record<string, unknown>; list: unknown[] }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('map'), tie('list')),
  map: fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  list: fc.array(tie('value'), { maxLength: 4 }),
}));

interface Pen {
  next: () => number;
  comments: number;
}

function write(value: unknown, column: number, pen: Pen): string {
  const comment = (): string => (pen.next() % 3 === 0 ? ` # c${++pen.comments}` : '');
  const own = (at: number): string => (pen.next() % 4 === 0 ? `${' '.repeat(at)}# c${++pen.comments}\n` : pen.next() % 6 === 0 ? '\n' : '');
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  const size = typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
  if (size === 0 || pen.next() % 4 === 0) return ` ${flow(value, column, pen)}${comment()}\n`;
  const at = column + (isMap ? 1 + (pen.next() % 3) : pen.next() % 3);
  const entries = isMap ? Object.entries(value) : (value as unknown[]).map((each) => [undefined, each] as const);
  let out = `${comment()}\n`;
  for (const [name, each] of entries) {
    out += own(at) + ' '.repeat(at);
    if (name !== undefined) out += `${quote(name, pen)}:${write(each, at, pen)}`;
    else if (typeof each === 'object' && each !== null && !Array.isArray(each) && Object.keys(each).length > 0 && pen.next() % 2 === 0) {
      const inside = Object.entries(each).map(
        ([k, v], i) => `${i === 0 ? '' : own(at + 2) + ' '.repeat(at + 2)}${quote(k, pen)}:${write(v, at + 2, pen)}`,
      );
      out += `- ${inside.join('')}`;
    } else out += `-${write(each, at, pen)}`;
  }
  return out;
}

function quote(text: string, pen: Pen): string {
  const isPlain = /^[a-z][\w ./-]*$/.test(text) && !/^(true|no|false|null)$/.test(text) && !text.endsWith(' ');
  const way = pen.next() % 3;
  if (isPlain && way !== 1) return text;
  return way === 0 || text.includes("'") ? JSON.stringify(text) : `'${text}'`;
}

function flow(value: unknown, column: number, pen: Pen): string {
  if (typeof value === 'string') return quote(value, pen);
  if (typeof value !== 'object' || value === null) return value === null && pen.next() % 2 === 0 ? '~' : String(value);
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((each) => flow(each, column, pen))
    : Object.entries(value).map(([name, each]) => `${quote(name, pen)}: ${flow(each, column, pen)}`);
  const pad = pen.next() % 2 === 0 ? ' ' : '';
  const lines = parts.length > 0 && pen.next() % 4 === 0;
  const gap = (): string => (lines ? `${pen.next() % 2 === 0 ? ` # c${++pen.comments}` : ''}\n${' '.repeat(column + 8)}` : '');
  const body = parts.map((part, i) => part + (i < parts.length - 1 ? `,${gap() || ' '}` : gap())).join('');
  return isList ? `[${pad}${body}${pad}]` : `{${pad}${body}${pad}}`;
}

const page = fc
  .tuple(fc.dictionary(key, value.value, { minKeys: 1, maxKeys: 5, noNullPrototype: true }), fc.infiniteStream(fc.nat(1000)))
  .map(([spec, stream]) => {
    const pen = { next: () => stream.next().value as number, comments: 0 };
    const body = write(spec, 0, pen);
    const text = `${head}# before\nspec:${body.includes('\n') ? body : `${body}\n`}# behind\n`;
    return { spec, text };
  });

/** Another value not far from this one. */
function edit(value: unknown, by: () => number, fresh: readonly unknown[]): unknown {
  const pick = (): unknown => fresh[by() % fresh.length];
  if (typeof value !== 'object' || value === null) return by() % 2 === 0 ? pick() : value;
  if (Array.isArray(value)) {
    const list = [...(value as unknown[])];
    const at = by() % (list.length + 1);
    const way = by() % 4;
    if (way === 0) list.splice(at, 0, pick());
    else if (way === 1) list.splice(at, 1);
    else if (list.length > 0) list[at % list.length] = edit(list[at % list.length], by, fresh);
    return list;
  }
  const map: Record<string, unknown> = { ...value };
  const names = Object.keys(map);
  const name = names[by() % Math.max(1, names.length)];
  const way = by() % 4;
  if (way === 0 || name === undefined) map['fresh'] = pick();
  else if (way === 1) delete map[name];
  else map[name] = edit(map[name], by, fresh);
  return map;
}

describe('whatever the file and the edit', { timeout: 120_000 }, () => {
  it('the value comes out, every comment stays, and lines of what did not change stay byte for byte', () => {
    fc.assert(
      fc.property(
        page,
        fc.infiniteStream(fc.nat(1000)),
        fc.array(value.value, { minLength: 3, maxLength: 3 }),
        ({ spec, text }, stream, fresh) => {
          fc.pre(JSON.stringify(valueOf(text)) === JSON.stringify(spec));
          const wanted = edit(spec, () => stream.next().value as number, fresh) as Record<string, unknown>;
          const patched = patchSpec(text, target, wanted);
          expect(patched, text).toBeDefined();
          expect(valueOf(patched ?? '')).toEqual(wanted);
          const comments = (of: string): string[] =>
            readWords(of)
              .comments.map((each) => each.text)
              .sort();
          expect(comments(patched ?? '')).toEqual(comments(text));
          // Of the keys of the spec that did not change, every line is there, in one piece.
          for (const block of blocksOf(text)) {
            if (JSON.stringify(spec[block.key]) === JSON.stringify(wanted[block.key]) && block.key in wanted)
              expect(patched).toContain(block.text);
          }
          expect(patchSpec(patched ?? '', target, wanted)).toBe(patched);
        },
      ),
      { numRuns: 800 },
    );
  });
});

/** The pieces of a spec in block style: from each key to the end of its value, where that is easily told. */
function blocksOf(text: string): { key: string; text: string }[] {
  const [document] = parseAllDocuments(text);
  const spec = (document as Document.Parsed).get('spec', true);
  if (!isMap(spec) || spec.flow) return [];
  return (spec.items as Pair<ParsedNode, ParsedNode | null>[]).map(({ key: name, value: held }) => ({
    key: String((name as Scalar.Parsed).value),
    text: text.slice(name.range[0], held && (!isCollection(held) || held.flow) ? held.range[1] : name.range[1]).trimEnd(),
  }));
}
