import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memorySource } from '../../test/builders/memory-source.ts';
import type { CheckedState } from '../api/index.ts';
import { formatPosition, systemClock } from '../lib/index.ts';
import { loadSource } from './load.ts';
import { createManifestCache } from './manifest-cache.ts';
import type { Source } from './source.ts';

const policy = (name: string): string =>
  `apiVersion: plumbline.dev/v1alpha1\nkind: ReconcilePolicy\nmetadata: {name: ${name}}\nspec: {selector: {}, mode: Report}\n`;

/** All that a state says, with the places it would give. */
function summarize(state: CheckedState) {
  return {
    objects: [...state.objects.ReconcilePolicy.values()].map(({ metadata, position, locate }) => [
      metadata.name,
      formatPosition(position),
      formatPosition(locate(['spec', 'mode'])),
    ]),
    problems: state.problems.map(({ code, message, at }) => [code, message, at && formatPosition(at)]),
    files: [...state.files],
  };
}

describe('a load with a cache', () => {
  test('gives the same objects for files that did not change, and others for those that did', async () => {
    const cache = createManifestCache();
    const load = (files: Record<string, string>): Promise<CheckedState> => loadSource(memorySource(files), systemClock, cache);
    const first = await load({ 'a.yaml': policy('a'), 'b.yaml': policy('b'), 'c.yaml': policy('c') });
    const second = await load({ 'a.yaml': policy('a'), 'b.yaml': `\n${policy('b')}` });
    const [before, after] = [first.objects.ReconcilePolicy, second.objects.ReconcilePolicy];
    expect(after.get('a')).toBe(before.get('a'));
    expect(after.get('b')).not.toBe(before.get('b'));
    expect(after.get('b')?.position.line).toBe(2);
    expect([...after.keys()]).toEqual(['a', 'b']);
  });

  test('gives the map of a kind as it was when nothing of the kind changed, and another one when anything did', async () => {
    const cache = createManifestCache();
    const window = 'apiVersion: plumbline.dev/v1alpha1\nkind: RoutePolicy\nmetadata: {name: w}\nspec: {default: Deny, terms: []}\n';
    const load = async (files: Record<string, string>) => (await loadSource(memorySource(files), systemClock, cache)).objects;
    const first = await load({ 'a.yaml': policy('a'), 'w.yaml': window });
    const other = await load({ 'a.yaml': policy('b'), 'w.yaml': window });
    expect([other.RoutePolicy === first.RoutePolicy, other.ReconcilePolicy === first.ReconcilePolicy]).toEqual([true, false]);
    const moved = await load({ 'a.yaml': policy('b'), 'w.yaml': `\n${window}` });
    expect([moved.RoutePolicy === other.RoutePolicy, moved.ReconcilePolicy === other.ReconcilePolicy]).toEqual([false, true]);
    const more = await load({ 'a.yaml': policy('b'), 'b.yaml': policy('c') });
    expect([[...more.RoutePolicy.keys()], [...more.ReconcilePolicy.keys()]]).toEqual([[], ['b', 'c']]);
  });

  test('says what a load without says, whatever came before', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), tree), { minLength: 1, maxLength: 5 }), async (trees) => {
        const cache = createManifestCache();
        for (const [ids, files] of trees) {
          const cached = await loadSource(memorySource(files, { ids }), systemClock, cache);
          expect(summarize(cached)).toEqual(summarize(await loadSource(memorySource(files), systemClock)));
        }
      }),
      { numRuns: 40 },
    ));

  test('reads only files whose content the listing does not name as known', async () => {
    const cache = createManifestCache();
    const read = async (files: Record<string, string>): Promise<string[]> => {
      const asked: string[] = [];
      const source = memorySource(files, { ids: true });
      await loadSource({ ...source, read: (paths) => (asked.push(...paths), source.read(paths)) }, systemClock, cache);
      return asked;
    };
    const files = { 'a.yaml': policy('a'), 'b.yaml': policy('b'), 'c.yaml': policy('c') };
    expect(await read(files)).toEqual(['a.yaml', 'b.yaml', 'c.yaml']);
    expect(await read({ ...files, 'b.yaml': policy('d') })).toEqual(['b.yaml']);
    expect(await read({ ...files, 'b.yaml': policy('b'), 'd.yaml': policy('e') })).toEqual(['b.yaml', 'd.yaml']);
  });

  test('remembers nothing of a load that was not finished', async () => {
    const cache = createManifestCache();
    const files = { 'a.yaml': policy('a'), 'b.yaml': policy('b') };
    const cut: Source = {
      ...memorySource(files),
      read: async function* (paths) {
        yield* memorySource(files).read(paths.slice(0, 1));
        throw new Error('Git went away');
      },
    };
    await expect(loadSource(cut, systemClock, cache)).rejects.toThrow('Git went away');
    expect((await loadSource(memorySource(files), systemClock, cache)).objects.ReconcilePolicy.size).toBe(2);
  });

  test('lets timers run while a large source in memory is read', async () => {
    const files = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`${i}.yaml`, policy(`p${i}`)]));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await loadSource(memorySource(files), systemClock);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
  });
});

/** Few names and few contents, so that files come, change, go, repeat each other's objects and are wrong in several ways. */
const content = fc.constantFrom(
  policy('a'),
  policy('b'),
  `${policy('a')}---\n${policy('c')}`,
  policy('a').replace('Report', 'Sometimes'),
  policy('d').replace('mode', 'moed'),
  'a: [\n',
  '# nothing\n',
);
const tree = fc.dictionary(fc.constantFrom('a.yaml', 'b.yaml', 'sub/c.yaml', 'x.njk'), content, { maxKeys: 4 });
