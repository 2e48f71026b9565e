import { describe, expect, test } from 'vitest';
import { sha256 } from '../lib/index.ts';
import { createManifestCache } from './manifest-cache.ts';
import type { Manifest } from './manifests.ts';
import { type Readers, startReaders } from './readers.ts';
import { openDesk } from './reading-desk.ts';

const policy = (i: number): string => `
apiVersion: plumbline.dev/v1alpha1
kind: ReconcilePolicy
metadata: {name: p${i}, labels: {site: fra}}
spec:
  selector: {matchExpressions: [{key: role, operator: In, values: [edge, r${i}]}]}
  mode: Report
`;

/** Files as people write them: whole ones, several objects in one, faults, aliases, a syntax error. */
const files = new Map(
  Array.from({ length: 260 }, (_, i): [string, string] => {
    const odd: Record<number, string> = {
      1: policy(i) + '---' + policy(i + 1000),
      2: policy(i).replace('mode: Report', 'mode: Repair'),
      3: policy(i).replace('labels: {site: fra}', 'labels: &a {site: fra}, annotations: *a'),
      4: policy(i).replace('spec:', 'spec: ['),
      5: '# nothing yet\n',
    };
    return [`sites/p${i}.yaml`, odd[i % 20] ?? policy(i)];
  }),
);

async function readAll(
  start: () => Readers,
  options: { checkTime?: () => void; leftMs?: () => number } = {},
): Promise<Map<string, Manifest>> {
  const manifests = new Map<string, Manifest>();
  const { checkTime = () => undefined, leftMs = () => 60_000 } = options;
  const desk = openDesk({ pass: createManifestCache().begin(), manifests, checkTime, leftMs, start });
  try {
    for (const [path, text] of files) desk.take(path, text, { digest: sha256(text), id: undefined });
    await desk.finish(() => undefined);
  } finally {
    desk.close();
  }
  return manifests;
}

/** All that is said of the files, with the places it would give. */
function summarize(manifests: ReadonlyMap<string, Manifest>) {
  return [...files.keys()].map((path) => {
    const { objects = [], broken = [], problems = [], unread = [] } = manifests.get(path) ?? {};
    return {
      path,
      objects: objects.map(({ locate, ...object }) => ({
        ...object,
        places: [
          ['spec'],
          ['spec', 'selector', 'matchExpressions', 0, 'values', 1],
          ['metadata', 'labels', 'site'],
          ['spec', 'nothing'],
        ].map((each) => locate(each)),
      })),
      broken: broken.map(({ kind, name }) => `${kind}/${name}`),
      problems: problems.map(({ code, message, at }) => ({ code, message, at })),
      unread,
    };
  });
}

const nobody: Readers = { hasRoom: () => false, read: () => Promise.resolve(undefined), close: () => undefined };

describe('a desk', () => {
  test('says of each file the same whether other threads read it or this one', async () => {
    let shared = 0;
    const threads = (): Readers => {
      const readers = startReaders(2);
      return { ...readers, read: (...task) => (shared++, readers.read(...task)) };
    };
    const alone = summarize(await readAll(() => nobody));
    expect(summarize(await readAll(threads))).toEqual(alone);
    expect(shared).toBeGreaterThan(20);
    expect(alone.flatMap(({ problems }) => problems).length).toBeGreaterThan(20);
    expect(alone.flatMap(({ objects }) => objects).length).toBeGreaterThan(200);
  });

  test('reads itself what threads that end leave unread', async () => {
    const ending = (): Readers => {
      const readers = startReaders(1);
      let asked = 0;
      return { ...readers, read: (...task) => (++asked === 5 && readers.close(), readers.read(...task)) };
    };
    expect(summarize(await readAll(ending))).toEqual(summarize(await readAll(() => nobody)));
  });

  test('starts no thread for a few files', async () => {
    const few = new Map([...files].slice(0, 90));
    const desk = openDesk({
      pass: createManifestCache().begin(),
      manifests: new Map(),
      checkTime: () => undefined,
      leftMs: () => 60_000,
      start: () => {
        throw new Error('a thread was started');
      },
    });
    for (const [path, text] of few) desk.take(path, text, { digest: sha256(text), id: undefined });
    await desk.finish(() => undefined);
  });

  test('reads large files itself, one after the other', async () => {
    const asked: string[] = [];
    const start = (): Readers => ({ ...nobody, hasRoom: () => true, read: ({ path }) => (asked.push(path), Promise.resolve(undefined)) });
    const manifests = new Map<string, Manifest>();
    const desk = openDesk({ pass: createManifestCache().begin(), manifests, checkTime: () => undefined, leftMs: () => 60_000, start });
    for (const [path, text] of files) desk.take(path, text, { digest: sha256(text), id: undefined });
    const large = `${policy(0)}# ${'x'.repeat(256 * 1024)}\n`;
    desk.take('large.yaml', large, { digest: sha256(large), id: undefined });
    expect([asked.length, asked.includes('large.yaml'), manifests.has('large.yaml')]).toEqual([files.size - 100, false, true]);
    await desk.finish(() => undefined);
    expect(manifests.size).toBe(files.size + 1);
  });

  test('says itself that time is up when a thread had none left', async () => {
    let asked = false;
    const late = {
      leftMs: () => ((asked = true), -1),
      checkTime: () => {
        if (asked) throw new Error('time is up');
      },
    };
    await expect(readAll(() => startReaders(1), late)).rejects.toThrow('time is up');
  });

  test('gives what waits behind a slow file no more time than was left', async () => {
    const readers = startReaders(1);
    try {
      const text = policy(1);
      expect(await readers.read({ path: 'first.yaml', text, leftMs: 60_000 }, '')).toBeDefined();
      const slow = readers.read(
        { path: 'slow.yaml', text: Array.from({ length: 500 }, (_, i) => policy(i)).join('---'), leftMs: 60_000 },
        '',
      );
      const behind = readers.read({ path: 'behind.yaml', text, leftMs: 50 }, '');
      expect([(await slow)?.objects.length, await behind]).toEqual([500, undefined]);
    } finally {
      readers.close();
    }
  });
});
