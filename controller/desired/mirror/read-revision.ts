import { writeFile } from 'node:fs/promises';
import { PlumblineError } from '../../lib/index.ts';
import { errors } from '../errors.ts';
import { openTree } from '../git.ts';
import { GitFailure, runGit } from '../git-process.ts';
import type { FileContent, Source } from '../source.ts';
import { mirrorErrors } from './errors.ts';
import type { Fetched, Mirror } from './mirror.ts';

/**
 * The files of a fetched revision below `path` (empty or `.`: all of it), for `loadSource`. Needs no network and no lock:
 * a fetch at the same time does not disturb it. Throws SourcePathNotFound, and what loading throws. A mirror that turns out
 * to be damaged is fetched anew the next time.
 */
export async function readRevision(mirror: Mirror, { commit, revision }: Pick<Fetched, 'commit' | 'revision'>, path = ''): Promise<Source> {
  const prefix = prefixOf(path);
  const missing = (cause?: unknown): PlumblineError => mirrorErrors.SourcePathNotFound({ revision, path }, { cause });
  if (prefix === undefined) throw missing();
  const source = await openTree(mirror.repository, { commit, prefix, revision }).catch(async (error: unknown) => {
    if (!(error instanceof GitFailure)) return noteDamage(mirror, error);
    if (prefix !== '' && (await holdsTree(mirror, commit))) throw missing(error);
    return noteDamage(mirror, errors.SourceUnreadable({ source: revision, reason: 'the mirror has lost it' }, { cause: error }));
  });
  // Git keeps no empty folders: without a path, no file means that all were removed. That is never a network without devices.
  if (source.files.length === 0 && source.problems.length === 0) throw missing();
  return { ...source, read: (paths) => readNoting(mirror, source.read(paths)) };
}

async function holdsTree({ repository }: Mirror, commit: string): Promise<boolean> {
  const args = [...repository.run.args, 'cat-file', '-e', `${commit}^{tree}`];
  return runGit({ args, environment: repository.run.environment ?? {} }).then(
    () => true,
    () => false,
  );
}

/** `routers/` for `./routers`; undefined for what names no folder below the root. */
export function prefixOf(path: string): string | undefined {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || /[\p{Cc}\\:]/u.test(path)) return undefined;
  return parts.map((part) => `${part}/`).join('');
}

async function* readNoting(mirror: Mirror, contents: AsyncIterable<FileContent>): AsyncGenerator<FileContent> {
  try {
    yield* contents;
  } catch (error) {
    await noteDamage(mirror, error);
  }
}

/** Leaves a mark where the next fetch looks, and throws the error. */
async function noteDamage(mirror: Mirror, error: unknown): Promise<never> {
  if (error instanceof PlumblineError && error.code === 'SourceUnreadable') await writeFile(mirror.damageMark, '').catch(() => undefined); // Without a folder there is nothing to mark.
  throw error;
}
