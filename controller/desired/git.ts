import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { PlumblineError } from '../lib/index.ts';
import { errors } from './errors.ts';
import { limits } from './limits.ts';
import { type FileContent, isHidden, isManifest, isOddName, isTemplate, leadsOut, type Source, type SourceFile } from './source.ts';

/** Git without terminal, locks, replaced objects or fetching: it reads what is there and runs nothing else. */
const environment = {
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '/',
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_NO_LAZY_FETCH: '1',
};

/** What may stand as a revision: names, ~N and ^N. No options, ranges, reflog or search forms. */
const revisionForm = /^[A-Za-z0-9_][A-Za-z0-9_./@+^~-]{0,199}$/;

/** A commit, read from Git's objects: no work tree is made or looked at. */
export async function openRevision(folder: string, rev: string): Promise<Source> {
  if (!revisionForm.test(rev) || rev.includes('..') || rev.includes('@{')) {
    throw errors.RevisionNotFound({ revision: JSON.stringify(rev.slice(0, 80)), reason: 'is not the form of a branch, tag or commit' });
  }
  const root = path.resolve(folder);
  const prefix = (
    await git(root, ['rev-parse', '--show-prefix']).catch((cause: Error) => {
      throw errors.SourceNotFound({ source: root, reason: `is not inside a Git repository (${lastLine(cause)})` }, { cause });
    })
  ).trimEnd();
  const commit = (
    await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${rev}^{commit}`]).catch((cause: Error) => {
      throw errors.RevisionNotFound({ revision: rev, reason: 'Git knows no such commit' }, { cause });
    })
  ).trim();
  const tree = await listTree(root, commit, prefix, rev);
  const revision = nameRevision(await fullName(root, rev), commit);
  return {
    files: tree.files,
    problems: tree.problems,
    read: (paths) => readBlobs(root, paths, tree.blobs),
    revisionOf: () => Promise.resolve(revision),
  };
}

/** The commit that HEAD names, and its blobs below the folder. Undefined outside a repository, or before the first commit. */
export async function headOf(
  root: string,
): Promise<{ revision: string; algorithm: 'sha1' | 'sha256'; blobs: ReadonlyMap<string, string> } | undefined> {
  try {
    const prefix = (await git(root, ['rev-parse', '--show-prefix'])).trimEnd();
    const commit = (await git(root, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])).trim();
    const { blobs } = await listTree(root, commit, prefix, 'HEAD');
    return { revision: nameRevision(await fullName(root, 'HEAD'), commit), algorithm: algorithmOf(commit), blobs };
  } catch {
    return undefined; // Then the folder is a folder: its revision is the digest of what was read.
  }
}

async function listTree(root: string, commit: string, prefix: string, rev: string) {
  const listing = await git(root, ['ls-tree', '-r', '-z', '-l', '--full-tree', `${commit}:${prefix}`]).catch((cause: Error) => {
    throw errors.RevisionNotFound({ revision: rev, reason: prefix === '' ? lastLine(cause) : `holds no folder ${prefix}` }, { cause });
  });
  const files: SourceFile[] = [];
  const problems: PlumblineError[] = [];
  const blobs = new Map<string, string>();
  for (const line of listing.split('\0').slice(0, -1)) {
    const [, mode, id, size, name] = /^(\d+) \w+ ([0-9a-f]+) +(\S+)\t([^]+)$/.exec(line) ?? [];
    // Git lists a blob that it has lost with the size BAD: to skip it would show a smaller network.
    if (mode === undefined || id === undefined || name === undefined || size === 'BAD') {
      throw errors.SourceUnreadable({ source: rev, reason: `Git has no content for ${name ?? line}` });
    }
    if (isHidden(name)) continue;
    if (files.length >= limits.treeEntries) throw errors.SourceTooLarge({ what: 'files', limit: limits.treeEntries });
    const at = { file: name, line: 1, col: 1 };
    if (isOddName(name)) {
      if (isManifest(name) || isTemplate(name))
        problems.push(errors.FileNameRefused({ name: JSON.stringify(name) }, { at: { ...at, file: '' } }));
    } else if (mode === '120000') {
      const target = await git(root, ['cat-file', 'blob', id]);
      if (leadsOut(path.posix.dirname(name) === '.' ? '' : path.posix.dirname(name), target))
        problems.push(errors.LinkRefused({ target: JSON.stringify(target) }, { at }));
    } else if (mode === '160000') {
      problems.push(errors.FileUnreadable({ reason: 'it is a Git submodule, its files stand in another repository' }, { at }));
    } else if (mode.startsWith('100')) {
      blobs.set(name, id);
      files.push({ path: name, bytes: Number(size) });
    }
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, problems, blobs };
}

/** Streams blobs through one `git cat-file --batch`. Ends with an error when Git does: half a read is no read. */
async function* readBlobs(root: string, paths: readonly string[], blobs: ReadonlyMap<string, string>): AsyncGenerator<FileContent> {
  const child = spawn('git', ['-C', root, 'cat-file', '--batch'], { env: environment, stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    child.stdin.on('error', () => undefined); // Git went away: the reading side says so, below.
    child.stdin.end(paths.map((name) => `${blobs.get(name) ?? 'missing'}\n`).join(''));
    const output = readable(child);
    for (const name of paths) {
      const header = (await output.line()).split(' ');
      const size = Number(header[2]);
      if (header[1] !== 'blob' || !Number.isSafeInteger(size))
        throw errors.SourceUnreadable({ source: root, reason: `Git has no content for ${name}` });
      const bytes = await output.take(size + 1);
      yield { path: name, bytes: bytes.subarray(0, size) };
    }
  } finally {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  }
}

/** Lines and counted bytes from the output of a child process. */
function readable(child: ChildProcess): { line(): Promise<string>; take(count: number): Promise<Buffer> } {
  const chunks = child.stdout?.[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest: Buffer = Buffer.alloc(0);
  async function take(count: number): Promise<Buffer> {
    const parts = [rest];
    let length = rest.length;
    while (length < count) {
      const { value, done } = await chunks.next();
      if (done) throw errors.SourceUnreadable({ source: 'Git', reason: 'stopped before everything was read' });
      parts.push(value);
      length += value.length;
    }
    const all = Buffer.concat(parts);
    rest = all.subarray(count);
    return all.subarray(0, count);
  }
  async function line(): Promise<string> {
    let text = '';
    for (let byte = await take(1); byte[0] !== 0x0a; byte = await take(1)) {
      text += byte.toString('latin1');
      if (text.length > 500) throw errors.SourceUnreadable({ source: 'Git', reason: 'gave an answer that is none of cat-file' });
    }
    return text;
  }
  return { line, take };
}

/** `refs/heads/main` for main; empty for a commit id or an expression, which have no name that moves. */
async function fullName(root: string, rev: string): Promise<string> {
  if (rev === 'HEAD') return (await git(root, ['symbolic-ref', '--quiet', 'HEAD']).catch(() => '')).trim();
  return (await git(root, ['rev-parse', '--symbolic-full-name', '--verify', '--quiet', '--end-of-options', rev]).catch(() => '')).trim();
}

/** `main@sha1:<40 hex>`; without a name that points there, `sha1:<40 hex>`. */
function nameRevision(ref: string, commit: string): string {
  const name = ref.replace(/^refs\/(heads|tags|remotes)\//, '');
  return `${name === '' ? '' : `${name}@`}${algorithmOf(commit)}:${commit}`;
}

function algorithmOf(commit: string): 'sha1' | 'sha256' {
  return commit.length === 40 ? 'sha1' : 'sha256';
}

async function git(root: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: environment, maxBuffer: 256 * 1024 * 1024, timeout: limits.timeMs };
    execFile('git', ['-C', root, ...args], options, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
}

function lastLine(cause: Error): string {
  return cause.message.trim().split('\n').at(-1) ?? cause.message;
}
