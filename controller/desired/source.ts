import type { PlumblineError } from '../lib/index.ts';
import { limits } from './limits.ts';

/** A file of the tree, not yet read. */
export interface SourceFile {
  /** From the root of the desired state, with slashes. */
  path: string;
  bytes: number;
  /** Names the content: the same in two listings is the same content. Absent where only reading can tell. */
  id?: string;
}

/** A tree of files at one moment: a folder, or a commit read from Git's objects. */
export interface Source {
  /** Regular files that are not hidden, sorted by path. */
  files: readonly SourceFile[];
  /** What could not be listed, for example links out of the tree. */
  problems: readonly PlumblineError[];
  /** Reads files in the order asked. One that cannot be read comes as a problem in its place; Git dying throws. */
  read(paths: readonly string[]): AsyncIterable<FileContent>;
  /** The revision string, once it is known which files counted. */
  revisionOf(read: ReadonlyMap<string, Fingerprint>): Promise<string>;
}

export type FileContent = { path: string; bytes: Uint8Array } | { path: string; problem: PlumblineError };

/** The object ids that Git would give to a content. */
export interface Fingerprint {
  sha1: string;
  sha256: string;
}

/** What to load: a folder as it is, or a revision of the Git repository around it. */
export interface DesiredSource {
  folder: string;
  /** A branch, tag or commit. Absent: the files of the folder. */
  rev?: string;
}

/** However it is written: a file that is not read is a device that was let go. */
const yamlName = /\.ya?ml$/i;
const templateName = /\.njk$/;

export function isManifest(path: string): boolean {
  return yamlName.test(path);
}

export function isTemplate(path: string): boolean {
  return templateName.test(path);
}

/** Bytes that a file of the tree may have. */
export function bytesAllowed(path: string): number {
  return isManifest(path) || isTemplate(path) ? limits.fileBytes : limits.listBytes;
}

/** Hidden files and folders belong to other tools: `.git`, `.github`, editors. */
export function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.'));
}

/** A name that could be mistaken for another one in a report or by a shell. */
export function isOddName(path: string): boolean {
  return /[\p{Cc}\p{Zl}\p{Zp}\\]/u.test(path) || path.split('/').includes('..');
}

/** True when a link that stands in `folder` of the tree leads out of it. Its text alone decides: nothing is followed. */
export function leadsOut(folder: string, target: string): boolean {
  if (target.startsWith('/')) return true;
  const stack = folder === '' ? [] : folder.split('/');
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') stack.push(part);
    else if (stack.pop() === undefined) return true;
  }
  return false;
}
