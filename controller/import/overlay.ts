import type { Source } from '../desired/index.ts';

const nothing: Source = {
  files: [],
  problems: [],
  read: async function* () {},
  revisionOf: () => Promise.resolve('worktree@sha256:import'),
};

/** A tree of files with these on top. They are read from memory; the tree is as it was. */
export function overlay(base: Source | undefined, files: ReadonlyMap<string, string>): Source {
  const below = base ?? nothing;
  const bytes = new Map([...files].map(([path, text]) => [path, Buffer.from(text)]));
  const listed = [
    ...below.files.filter(({ path }) => !files.has(path)),
    ...[...bytes].map(([path, content]) => ({ path, bytes: content.length })),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    files: listed,
    problems: below.problems,
    // In the order asked; runs of files from below are read together.
    read: async function* (paths) {
      for (let at = 0; at < paths.length; ) {
        const own = bytes.get(paths[at] ?? '');
        if (own) {
          yield { path: paths[at] ?? '', bytes: own };
          at++;
          continue;
        }
        let end = at;
        while (end < paths.length && !bytes.has(paths[end] ?? '')) end++;
        yield* below.read(paths.slice(at, end));
        at = end;
      }
    },
    revisionOf: () => Promise.resolve('worktree@sha256:import'),
  };
}
