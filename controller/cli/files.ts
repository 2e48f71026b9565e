import { readFileSync, writeFileSync } from 'node:fs';
import { errors } from './errors.ts';

/** A file that the command line names. Throws FileUnusable. */
export function readNamedFile(path: string): string {
  return asNamed(path, 'read', () => readFileSync(path, 'utf8'));
}

/** For the eyes of its owner only: plans tell what a network looks like. Throws FileUnusable. */
export function writeNamedFile(path: string, text: string): void {
  asNamed(path, 'written', () => writeFileSync(path, text, { mode: 0o600 }));
}

/** Does something with a file; what the system refuses is said of that file. Throws FileUnusable. */
export function asNamed<Result>(path: string, doing: 'read' | 'written', work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw errors.FileUnusable({ path, doing, why: reasonOf(cause, doing) }, { cause });
  }
}

function reasonOf(cause: unknown, doing: 'read' | 'written'): string {
  if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return doing === 'read' ? 'there is no such file' : 'its folder does not exist';
  return describeSystemError(cause as NodeJS.ErrnoException);
}

/** What the system refused, in words. */
export function describeSystemError({ code, message }: NodeJS.ErrnoException): string {
  return reasons[code ?? ''] ?? message;
}

const reasons: Readonly<Record<string, string>> = {
  ENOTDIR: 'a part of its path is not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'you have no right to',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};
