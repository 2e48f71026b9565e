import type { Source } from '../../controller/desired/source.ts';
import { sha256 } from '../../controller/lib/index.ts';

/** A tree of files in memory, for tests of what the loader makes of it. With `ids` its listing names each content, as that of Git does. */
export function memorySource(files: Readonly<Record<string, string | Uint8Array>>, { ids = false } = {}): Source {
  const bytesOf = (path: string): Uint8Array => Buffer.from(files[path] ?? '');
  return {
    files: Object.keys(files)
      .sort()
      .map((path) => ({ path, bytes: bytesOf(path).length, ...(ids && { id: sha256(bytesOf(path)) }) })),
    problems: [],
    read: async function* (paths) {
      for (const path of paths) yield await Promise.resolve({ path, bytes: bytesOf(path) });
    },
    revisionOf: () => Promise.resolve(`worktree@sha256:${'0'.repeat(64)}`),
  };
}
