import type { Source } from '../../controller/desired/source.ts';

/** A tree of files in memory, for tests of what the loader makes of it. */
export function memorySource(files: Readonly<Record<string, string | Uint8Array>>): Source {
  const bytesOf = (path: string): Uint8Array => Buffer.from(files[path] ?? '');
  return {
    files: Object.keys(files)
      .sort()
      .map((path) => ({ path, bytes: bytesOf(path).length })),
    problems: [],
    read: async function* (paths) {
      for (const path of paths) yield await Promise.resolve({ path, bytes: bytesOf(path) });
    },
    revisionOf: () => Promise.resolve(`worktree@sha256:${'0'.repeat(64)}`),
  };
}
