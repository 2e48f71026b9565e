import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, integer, property, record } from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../store/index.ts';
import { countReleases, guardReleases, isReleased, noteRelease, printRelease, releaseAnnotation } from './releases.ts';

const limits = { devices: 5, percent: 10 };
const nobody: ReadonlySet<string> = new Set();
const names = (count: number) => Array.from({ length: count }, (_, k) => `r${k}`);

describe('devices that left Git', () => {
  it.each<{ name: string; gone: number; recent?: number; known: number; approved?: boolean; waits: boolean }>([
    { name: 'none', gone: 0, known: 100, waits: false },
    { name: 'one of many', gone: 1, known: 100, waits: false },
    { name: 'one of three, which is no accident', gone: 1, known: 3, waits: false },
    { name: 'the only one', gone: 1, known: 1, waits: false },
    { name: 'two of three', gone: 2, known: 3, waits: true },
    { name: 'two of twenty, exactly the share', gone: 2, known: 20, waits: false },
    { name: 'two of nineteen, beyond the share', gone: 2, known: 19, waits: true },
    { name: 'the second of twenty, which is the same share one by one', gone: 1, recent: 1, known: 19, waits: false },
    { name: 'the second of nineteen', gone: 1, recent: 1, known: 18, waits: true },
    { name: 'five of a thousand, exactly the number', gone: 5, known: 1000, waits: false },
    { name: 'six of a thousand', gone: 6, known: 1000, waits: true },
    { name: 'one, after five in the last day', gone: 1, recent: 5, known: 1000, waits: true },
    { name: 'one, after one in the last day, of a small network', gone: 1, recent: 1, known: 4, waits: true },
    { name: 'all, and a person said that it is meant', gone: 50, known: 50, approved: true, waits: false },
  ])('$name: waits $waits', ({ gone, recent = 0, known, approved = false, waits }) => {
    const all = names(gone);
    expect(guardReleases(all, { recent, known, approved }, limits)).toEqual(
      waits ? { release: [], wait: all } : { release: all, wait: [] },
    );
  });

  it('all go or none goes, and a person can always let them go', () => {
    const given = record({
      gone: integer({ min: 0, max: 40 }),
      recent: integer({ min: 0, max: 40 }),
      known: integer({ min: 0, max: 400 }),
    });
    assert(
      property(given, ({ gone, recent, known }) => {
        const all = names(gone);
        const { release, wait } = guardReleases(all, { recent, known, approved: false }, limits);
        expect([...release, ...wait]).toEqual(all);
        expect(release.length === 0 || wait.length === 0).toBe(true);
        expect(guardReleases(all, { recent, known, approved: true }, limits).release).toEqual(all);
        // Whoever may let so many go may let fewer go.
        if (gone > 0 && wait.length === 0) expect(guardReleases(all.slice(1), { recent, known, approved: false }, limits).wait).toEqual([]);
      }),
    );
  });
});

describe('what a person let go', () => {
  const given = { [releaseAnnotation]: printRelease({ revision: 'main@sha1:1', devices: ['a', 'b'] }) };
  it.each<{ name: string; annotations?: Record<string, string>; revision?: string; gone: readonly string[]; released: boolean }>([
    { name: 'just these', gone: ['a', 'b'], released: true },
    { name: 'fewer: the others went before the process died', gone: ['b'], released: true },
    { name: 'another one', gone: ['a', 'b', 'c'], released: false },
    { name: 'the same by another revision', revision: 'main@sha1:2', gone: ['a', 'b'], released: false },
    { name: 'nothing that was said', annotations: {}, gone: ['a'], released: false },
    { name: 'words that are none', annotations: { [releaseAnnotation]: 'main@sha1:1' }, gone: ['a'], released: false },
    {
      name: 'more than a Fleet shows',
      annotations: { [releaseAnnotation]: printRelease({ revision: 'main@sha1:1', devices: names(1000) }) },
      gone: names(1200),
      released: true,
    },
  ])('is $name: $released', ({ annotations = given, revision = 'main@sha1:1', gone, released }) => {
    expect(isReleased(annotations, { revision, gone })).toBe(released);
  });
});

it('releases count for a day, once per device, and are forgotten then', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-releases-'));
  const { objects, close } = await openStore(folder).then((store) => ({ objects: store.objects, close: () => store.close() }));
  onTestFinished(() => {
    close();
    rmSync(folder, { recursive: true });
  });
  const noon = (day: number) => new Date(Date.UTC(2026, 10, day, 12));
  await noteRelease(objects, 'a', noon(1));
  await noteRelease(objects, 'b', noon(2));
  await noteRelease(objects, 'b', noon(2));
  expect(await countReleases(objects, noon(2), nobody)).toBe(2);
  // Noted, and not carried out before the process died.
  expect(await countReleases(objects, noon(2), new Set(['b']))).toBe(1);
  expect(await countReleases(objects, noon(3), nobody)).toBe(1);
  expect(await objects.list('Release')).toHaveLength(1);
  expect(await countReleases(objects, noon(5), nobody)).toBe(0);
});
