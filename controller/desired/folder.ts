import { constants } from 'node:fs';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson, type PlumblineError, sha256 } from '../lib/index.ts';
import { errors } from './errors.ts';
import { headOf } from './git.ts';
import { limits } from './limits.ts';
import {
  bytesAllowed,
  isHidden,
  isManifest,
  isOddName,
  isTemplate,
  leadsOut,
  type FileContent,
  type Fingerprint,
  type Source,
  type SourceFile,
} from './source.ts';

/** Files that are read before they are asked for. */
const mostAhead = 8;

/** A folder as it is now. Links are never followed: one inside the tree adds nothing, one that leads out is an error. */
export async function openFolder(folder: string): Promise<Source> {
  const root = path.resolve(folder);
  const problems: PlumblineError[] = [];
  const files: SourceFile[] = [];
  await list(root, '', files, problems);
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    files,
    problems,
    read: async function* (paths) {
      // The disk is asked for the next ones while one is parsed.
      const ahead: Promise<FileContent>[] = [];
      for (const each of paths) {
        ahead.push(readRegularFile(path.join(root, each), each));
        const first = ahead.length > mostAhead ? ahead.shift() : undefined;
        if (first) yield await first;
      }
      for (const each of ahead) yield await each;
    },
    revisionOf: (read) => revisionOfFolder(root, read),
  };
}

async function list(root: string, folder: string, files: SourceFile[], problems: PlumblineError[]): Promise<void> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    throw folder === ''
      ? errors.SourceNotFound({ source: root, reason: reasonOf(cause) }, { cause })
      : errors.SourceUnreadable({ source: folder, reason: reasonOf(cause) }, { cause });
  });
  for (const entry of entries) {
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (isHidden(entry.name)) continue;
    if (files.length >= limits.treeEntries) throw errors.SourceTooLarge({ what: 'files', limit: limits.treeEntries });
    const counts = entry.isDirectory() || isManifest(name) || isTemplate(name);
    if (isOddName(name)) {
      if (counts) problems.push(errors.FileNameRefused({ name: JSON.stringify(name) }, { at: { file: folder, line: 1, col: 1 } }));
    } else if (entry.isDirectory()) await list(root, name, files, problems);
    else if (entry.isSymbolicLink()) {
      const target = await readlink(path.join(root, name));
      if (leadsOut(folder, target))
        problems.push(errors.LinkRefused({ target: JSON.stringify(target) }, { at: { file: name, line: 1, col: 1 } }));
    } else if (entry.isFile()) files.push({ path: name, bytes: (await lstat(path.join(root, name))).size });
    else if (counts) problems.push(errors.FileUnreadable({ reason: 'not a regular file' }, { at: { file: name, line: 1, col: 1 } }));
  }
}

async function readRegularFile(full: string, name: string): Promise<FileContent> {
  try {
    // Between listing and reading somebody may have put a link or a pipe there: neither follow nor wait.
    const handle = await open(full, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.alloc(Math.min(size, bytesAllowed(name) + 1));
      let length = 0;
      while (length < bytes.length) {
        const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return { path: name, bytes: bytes.subarray(0, length) };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    return {
      path: name,
      problem: errors.FileUnreadable({ reason: reasonOf(cause as NodeJS.ErrnoException) }, { at: { file: name, line: 1, col: 1 }, cause }),
    };
  }
}

/**
 * The commit when every file that was read has the content it has in HEAD, and HEAD holds no further one; else a digest of
 * what was read. Git is asked for object ids only, so no filter, hook or monitor of the repository runs.
 */
async function revisionOfFolder(root: string, read: ReadonlyMap<string, Fingerprint>): Promise<string> {
  const head = await headOf(root);
  const isClean =
    head !== undefined &&
    [...read].every(([name, print]) => head.blobs.get(name) === print[head.algorithm]) &&
    [...head.blobs.keys()].every((name) => read.has(name) || !(isManifest(name) || isTemplate(name)) || isHidden(name));
  if (isClean) return head.revision;
  const digests = [...read].map(([name, print]) => [name, print.sha256] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  return `worktree@sha256:${sha256(canonicalJson(digests))}`;
}

function reasonOf(cause: NodeJS.ErrnoException): string {
  const words: Record<string, string> = {
    ENOENT: 'does not exist',
    ENOTDIR: 'is not a folder',
    EACCES: 'may not be read by this user',
    ELOOP: 'is a symbolic link',
    EISDIR: 'is a folder',
    ENXIO: 'is not a regular file',
  };
  return words[cause.code ?? ''] ?? cause.message;
}
