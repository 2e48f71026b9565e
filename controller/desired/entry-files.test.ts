import { describe, expect, test } from 'vitest';
import { memorySource } from '../../test/builders/memory-source.ts';
import { formatPosition, systemClock } from '../lib/index.ts';
import { loadSource } from './load.ts';
import { createManifestCache } from './manifest-cache.ts';

const set = (spec: string): string => `apiVersion: plumbline.dev/v1alpha1\nkind: PrefixSet\nmetadata: {name: a}\nspec: ${spec}\n`;

async function load(spec: string, lines?: string) {
  const files = { 'a.yaml': set(spec), ...(lines === undefined ? {} : { 'irr/a.txt': lines }) };
  const { objects, problems } = await loadSource(memorySource(files), systemClock);
  return {
    entries: objects.PrefixSet.get('a')?.spec.entries,
    found: problems
      .filter((problem) => problem.code !== 'UnusedObject')
      .map((problem) => `${problem.at ? formatPosition(problem.at) : ''} ${problem.code} ${problem.next}`),
  };
}

describe('entriesFile', () => {
  test('adds its entries behind those of the set', async () => {
    const { entries, found } = await load(
      '{entries: [{prefix: 192.0.2.0/24}], entriesFile: irr/a.txt}',
      '# AS-SET\n\n203.0.113.0/24 le 25\r\n  2001:DB8::/32 ge 36  le 48 # v6\n',
    );
    expect(found).toEqual([]);
    expect(entries).toEqual([
      { prefix: '192.0.2.0/24', action: 'Permit' },
      { prefix: '203.0.113.0/24', le: 25, action: 'Permit' },
      { prefix: '2001:db8::/32', ge: 36, le: 48, action: 'Permit' },
    ]);
  });

  test('says what is wrong in the file itself', async () => {
    const { found } = await load(
      '{entries: [{prefix: 192.0.2.0/24, action: Deny}], entriesFile: irr/a.txt}',
      '203.0.113.1/24\n  no prefix here\n203.0.113.0/24 le 33\n192.0.2.0/24\n',
    );
    expect(found).toEqual([
      'irr/a.txt:1:1 WrongEntry Write the network: 203.0.113.0/24.',
      'irr/a.txt:2:3 WrongEntry Write one prefix per line, then ge N and le N where needed, for example 203.0.113.0/24 le 25.',
      'irr/a.txt:3:1 WrongEntry Write le between 24, the length of the prefix, and 32.',
      'irr/a.txt:4:1 OverlappingEntries Remove one of the two; where the order was meant the other way round, put the narrower entry first.',
    ]);
  });

  test('may say twice what it means once, as generated lists do', async () => {
    expect((await load('{entriesFile: irr/a.txt}', '203.0.112.0/20 le 24\n203.0.113.0/24\n203.0.113.0/24\n')).found).toEqual([]);
  });

  test('that is empty makes an empty set, which must be meant', async () => {
    expect((await load('{entriesFile: irr/a.txt}', '# nothing found\n')).found).toEqual([
      'a.yaml:4:1 EmptySet Add entries, or write allowEmpty: true when nothing is what it should match.',
    ]);
    expect((await load('{entriesFile: irr/a.txt, allowEmpty: true}', '')).found).toEqual([]);
  });

  test('that is missing is never taken for an empty set', async () => {
    const { found } = await load('{entries: [{prefix: 192.0.2.0/24}], entriesFile: irr/a.txt}');
    expect(found).toEqual([
      'a.yaml:4:56 MissingFile Write the path from the root of the desired state; hidden files and links do not count.',
    ]);
  });

  test('of 100,000 lines is read in seconds', async () => {
    const lines = Array.from({ length: 100_000 }, (_, i) => `${10 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`).join('\n');
    const { entries, found } = await load('{entriesFile: irr/a.txt}', lines);
    expect(found).toEqual([]);
    expect(entries).toHaveLength(100_000);
  });

  test('that did not change gives the same object and problems again, and one that changed others', async () => {
    const cache = createManifestCache();
    const loads = async (lines: string) => {
      const files = { 'a.yaml': set('{entriesFile: irr/a.txt}'), 'irr/a.txt': lines };
      const { objects, problems } = await loadSource(memorySource(files, { ids: true }), systemClock, cache);
      return { set: objects.PrefixSet.get('a'), codes: problems.map(({ code }) => code) };
    };
    const [first, again] = [await loads('203.0.113.0/24\nx\n'), await loads('203.0.113.0/24\nx\n')];
    expect(again.set).toBe(first.set);
    expect(again.codes).toEqual(first.codes);
    expect(again.codes).toContain('WrongEntry');
    const other = await loads('198.51.100.0/24\n');
    expect(other.set?.spec.entries).toEqual([{ prefix: '198.51.100.0/24', action: 'Permit' }]);
    expect(other.codes).not.toContain('WrongEntry');
  });
});
