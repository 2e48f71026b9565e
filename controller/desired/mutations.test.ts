import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isMap, isScalar, isSeq, parseAllDocuments, visit, type Document } from 'yaml';
import { memorySource } from '../../test/builders/memory-source.ts';
import type { CheckedState } from '../api/index.ts';
import { formatPosition, systemClock } from '../lib/index.ts';
import { loadSource } from './load.ts';
import { createManifestCache } from './manifest-cache.ts';

/** The example network, as text by file. */
const folder = path.join(import.meta.dirname, '../../desired-state');
const example: Record<string, string> = Object.fromEntries(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(yaml|conf)$/.test(name))
    .map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]),
);
const names = Object.keys(example)
  .filter((name) => name.endsWith('.yaml'))
  .sort();

/** What people leave behind: other people's values, wrong types, nothing. */
const values = fc.constantFrom<unknown>(
  null,
  '',
  0,
  -1,
  64500,
  64496,
  true,
  [],
  {},
  'x',
  'core1-fra',
  'edge1-lon',
  'lo',
  '10.0.0.1',
  '10.0.0.1/32',
  '2001:db8::1',
  '0.0.0.0/0',
  'Internal',
  'External',
  'IPv6',
  'Permit',
  'own-space',
  '64500:1',
  [{}],
  ['a', 'a'],
);

type Mutation = { file: number; node: number; change: { kind: 'delete' } | { kind: 'set'; value: unknown } | { kind: 'repeat' } };

const mutation: fc.Arbitrary<Mutation> = fc.record({
  file: fc.nat(names.length - 1),
  node: fc.nat(5000),
  change: fc.oneof(
    fc.constant({ kind: 'delete' } as const),
    fc.constant({ kind: 'repeat' } as const),
    values.map((value) => ({ kind: 'set', value }) as const),
  ),
});

function mutate(files: Record<string, string>, { file, node, change }: Mutation): Record<string, string> {
  const name = names[file] ?? '';
  const documents = parseAllDocuments(files[name] ?? '', { uniqueKeys: false }) as Document.Parsed[];
  const places: (() => void)[] = [];
  for (const document of documents) {
    visit(document, (_key, each) => {
      if (!isMap(each) && !isSeq(each)) return;
      each.items.forEach((item, i) => {
        places.push(() => {
          if (change.kind === 'delete') each.items.splice(i, 1);
          else if (change.kind === 'repeat') each.items.push(item as never);
          else if (isScalar(item) || isMap(item) || isSeq(item)) each.items[i] = document.createNode(change.value) as never;
          else (item as { value: unknown }).value = document.createNode(change.value);
        });
      });
    });
  }
  places[node % Math.max(1, places.length)]?.();
  return { ...files, [name]: documents.map((document) => document.toString({ flowCollectionPadding: false })).join('---\n') };
}

describe('the example with mistakes in it', () => {
  test('never crashes a check, and every problem has a place in a file and a next step', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
        const files = mutations.reduce(mutate, example);
        const { problems } = await loadSource(memorySource(files), systemClock);
        for (const { at, message, next } of problems) {
          const line = files[at?.file ?? '']?.split('\n')[(at?.line ?? 0) - 1];
          expect(line, `${at?.file}:${at?.line} ${message}`).toBeDefined();
          expect(at?.col).toBeLessThanOrEqual((line?.length ?? 0) + 1);
          expect(next).not.toMatch(/undefined|\[object/);
          expect(message).not.toMatch(/undefined|\[object/);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('has the problems after many edits that it has when it is read for the first time', async () => {
    const step = fc.record({ edits: fc.array(mutation, { minLength: 1, maxLength: 3 }), undo: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const cache = createManifestCache();
        const say = ({ problems }: CheckedState) => problems.map(({ code, message, at }) => [code, message, at && formatPosition(at)]);
        await loadSource(memorySource(example, { ids: true }), systemClock, cache);
        let files = example;
        for (const { edits, undo } of steps) {
          files = edits.reduce(mutate, undo ? example : files);
          const found = await loadSource(memorySource(files, { ids: true }), systemClock, cache);
          expect(say(found)).toEqual(say(await loadSource(memorySource(files), systemClock)));
        }
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    [
      'another interface of a device',
      'devices/edge1-fra.yaml',
      (text: string) => text.replaceAll('name: lo', 'name: loop'),
      'UnknownInterface',
    ],
    ['another AS of a device', 'devices/edge1-fra.yaml', (text: string) => text.replace(/asn: \d+/, 'asn: 64499'), 'AsnMismatch'],
    ['a policy that goes', 'policies/transit.yaml', () => '# nothing', 'DanglingReference'],
    ['a profile that goes', 'profile.yaml', () => '# nothing', 'DanglingReference'],
    [
      'a device that has the address of another',
      'devices/edge1-lon.yaml',
      (text: string) => text.replace('addresses: [10.0.0.3/32', 'addresses: [10.0.0.1/32'),
      'DuplicateAddress',
    ],
  ])('%s is a problem of the objects around it, whose files stay as they were', async (_, file, change, code) => {
    const cache = createManifestCache();
    const codes = async (files: Record<string, string>): Promise<string[]> => {
      const { problems } = await loadSource(memorySource(files, { ids: true }), systemClock, cache);
      const fresh = await loadSource(memorySource(files), systemClock);
      expect(problems.map(({ code, message }) => [code, message])).toEqual(fresh.problems.map(({ code, message }) => [code, message]));
      return problems.map((problem) => problem.code);
    };
    expect(await codes(example)).toEqual([]);
    expect(await codes({ ...example, [file]: change(example[file] ?? '') })).toContain(code);
    expect(await codes(example)).toEqual([]);
  });

  test('gives the same problems whatever the order and layout of files', async () => {
    const whole = {
      'all.yaml': names
        .toReversed()
        .map((name) => example[name])
        .join('---\n'),
      'sections/logging.conf': 'log syslog informational\n',
    };
    const { problems, objects } = await loadSource(memorySource(whole), systemClock);
    expect(problems).toEqual([]);
    expect(objects.BGPSession.size).toBe(9);
  });
});
