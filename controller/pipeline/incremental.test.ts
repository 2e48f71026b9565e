/** A commit is checked and compiled as far as it changed something: after any edits the outcome is that of a process that sees the files for the first time. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memorySource } from '../../test/builders/memory-source.ts';
import type { CheckedState } from '../api/index.ts';
import { areInputsSame, compileDevice } from '../compile/index.ts';
import { createManifestCache, loadSource } from '../desired/index.ts';
import { formatPosition, systemClock } from '../lib/index.ts';

const root = join(import.meta.dirname, '../../desired-state');
type Files = Readonly<Record<string, string>>;
const example: Files = Object.fromEntries(
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ya?ml|conf|txt|csv|njk)$/.test(path))
    .sort()
    .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
);
const paths = Object.keys(example);

/** What people do to a file. Some of it breaks the file, an object in it or what others say of it; the next edit may mend it. */
const edits = {
  remove: () => undefined,
  mend: (_text: string, path: string) => example[path],
  rename: (text: string) => text,
  'move its lines': (text: string) => `# moved\n${text}`,
  'other numbers': (text: string) =>
    text.replace(/(localPreference|limit|mtu|asn|id): (\d+)/g, (_, key: string, n: string) => `${key}: ${Number(n) + 1}`),
  'other addresses': (text: string) => text.replace(/10\.0\.0\.\d+/, '10.0.0.1'),
  'another name': (text: string) => text.replace(/name: ([\w-]+)/, 'name: $1-new'),
  'another lifecycle': (text: string) => text.replace(/^spec:$/m, 'spec:\n  lifecycle: Drained'),
  'a field that is none': (text: string) => text.replace(/^spec:$/m, 'spec:\n  nothing: 1'),
  'no YAML': (text: string) => `${text}\n  - [`,
} satisfies Record<string, (text: string, path: string) => string | undefined>;

const edit = fc.record({ path: fc.constantFrom(...paths), what: fc.constantFrom(...(Object.keys(edits) as (keyof typeof edits)[])) });

function apply(files: Files, { path, what }: { path: string; what: keyof typeof edits }): Files {
  const { [path]: text, ...rest } = files;
  const edited = text === undefined && what !== 'mend' ? undefined : edits[what](text ?? '', path);
  const name = what === 'rename' ? path.replace(/(\.\w+)$/, '-renamed$1') : path;
  return edited === undefined ? rest : { ...rest, [name]: edited };
}

function compiled(state: CheckedState, name: string) {
  const { intent, problems, inputs } = compileDevice(state, name);
  return { inputs, said: { intent, problems: problems.map(({ code, message, at }) => [code, message, at && formatPosition(at)]) } };
}

const problemsOf = ({ problems }: CheckedState) => problems.map(({ code, message, at }) => [code, message, at && formatPosition(at)]);

test('after any edits, files added, removed and renamed, broken and mended, all is as it is when it is seen for the first time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(edit, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 }), async (commits) => {
      const cache = createManifestCache();
      const kept = new Map<string, ReturnType<typeof compiled>>();
      let files = example;
      for (const commit of [[], ...commits]) {
        files = commit.reduce(apply, files);
        const state = await loadSource(memorySource(files, { ids: true }), systemClock, cache);
        const fresh = await loadSource(memorySource(files), systemClock);
        expect(problemsOf(state)).toEqual(problemsOf(fresh));
        expect([...state.objects.Device.keys()]).toEqual([...fresh.objects.Device.keys()]);
        for (const name of state.objects.Device.keys()) {
          const before = kept.get(name);
          const now = before && areInputsSame(before.inputs, state) ? before : compiled(state, name);
          kept.set(name, now);
          expect(now.said, name).toEqual(compiled(fresh, name).said);
        }
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);
