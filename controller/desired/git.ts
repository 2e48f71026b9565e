import path from 'node:path';
import type { PlumblineError } from '../lib/index.ts';
import { errors } from './errors.ts';
import { type GitCommand, GitFailure, GitOutputTooLong, runGit, streamGit } from './git-process.ts';
import { limits } from './limits.ts';
import { type FileContent, isHidden, isManifest, isOddName, isTemplate, leadsOut, type Source, type SourceFile } from './source.ts';

/** A repository to read from: a folder in its work tree, or a mirror without one. */
export interface Repository {
  /** For messages. */
  name: string;
  run: Pick<GitCommand, 'args' | 'environment'>;
}

/** What may stand as a revision: names, ~N and ^N. No options, ranges, reflog or search forms. */
const revisionForm = /^[A-Za-z0-9_][A-Za-z0-9_./@+^~-]{0,199}$/;

/** Bytes of one answer of Git: twice the files that may be read. */
const outputBytes = 2 * limits.totalBytes;

/** Bytes of a symbolic link. Longer ones lead nowhere on any system. */
const linkBytes = 4096;

/** A commit, read from Git's objects: no work tree is made or looked at. */
export async function openRevision(folder: string, rev: string): Promise<Source> {
  if (!revisionForm.test(rev) || rev.includes('..') || rev.includes('@{')) {
    throw errors.RevisionNotFound({ revision: JSON.stringify(rev.slice(0, 80)), reason: 'is not the form of a branch, tag or commit' });
  }
  const root = path.resolve(folder);
  const repository = repositoryAround(root);
  const prefix = (
    await git(repository, ['rev-parse', '--show-prefix']).catch((cause: Error) => {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
        throw errors.SourceUnreadable({ source: root, reason: 'a revision is read by git, which is not on the PATH here' }, { cause });
      if (cause instanceof GitFailure && cause.words.includes('dubious ownership'))
        throw errors.SourceUnreadable({ source: root, reason: ofAnotherUser(cause) }, { cause });
      throw errors.SourceNotFound({ source: root, reason: `is not inside a Git repository (${cause.message})` }, { cause });
    })
  ).trimEnd();
  const commit = (
    await git(repository, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${rev}^{commit}`]).catch((cause: Error) => {
      throw errors.RevisionNotFound({ revision: rev, reason: 'Git knows no such commit' }, { cause });
    })
  ).trim();
  const revision = nameRevision(await fullName(repository, rev), commit);
  return openTree(repository, { commit, prefix, revision }).catch((cause: unknown) => {
    if (!(cause instanceof GitFailure)) throw cause;
    throw errors.RevisionNotFound({ revision: rev, reason: prefix === '' ? cause.message : `holds no folder ${prefix}` }, { cause });
  });
}

/** Git ends its refusal with the command that lifts it. */
function ofAnotherUser({ message }: GitFailure): string {
  return `it belongs to another user, so Git does not read it until you say: ${message.trim()}`;
}

/** The files of a commit below `prefix` (empty or with a slash at its end). Throws GitFailure when there is no such folder. */
export async function openTree(
  repository: Repository,
  { commit, prefix, revision }: { commit: string; prefix: string; revision: string },
): Promise<Source> {
  const { files, problems, blobs } = await listTree(repository, commit, prefix, revision);
  return { files, problems, read: (paths) => readBlobs(repository, paths, blobs), revisionOf: () => Promise.resolve(revision) };
}

/** The commit that HEAD names, and its blobs below the folder. Undefined outside a repository, or before the first commit. */
export async function headOf(
  root: string,
): Promise<{ revision: string; algorithm: 'sha1' | 'sha256'; blobs: ReadonlyMap<string, string> } | undefined> {
  const repository = repositoryAround(root);
  try {
    const prefix = (await git(repository, ['rev-parse', '--show-prefix'])).trimEnd();
    const commit = (await git(repository, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])).trim();
    const { blobs } = await listTree(repository, commit, prefix, 'HEAD');
    return { revision: nameRevision(await fullName(repository, 'HEAD'), commit), algorithm: algorithmOf(commit), blobs };
  } catch {
    return undefined; // Then the folder is a folder: its revision is the digest of what was read.
  }
}

function repositoryAround(root: string): Repository {
  return { name: root, run: { args: ['-C', root] } };
}

async function listTree(repository: Repository, commit: string, prefix: string, rev: string) {
  const files: SourceFile[] = [];
  const problems: PlumblineError[] = [];
  const blobs = new Map<string, string>();
  const links = new Map<string, string>();
  const listing = gitOutput(repository, ['ls-tree', '-r', '-z', '-l', '--full-tree', `${commit}:${prefix}`]);
  let entries = 0;
  const add = (line: string): void => {
    // A tree of a few kilobytes can list a thousand million files: stop while it comes.
    if (++entries > limits.treeEntries) throw errors.SourceTooLarge({ what: 'files', limit: limits.treeEntries });
    const [, mode, id, size, name] = /^(\d+) \w+ ([0-9a-f]+) +(\S+)\t([^]+)$/.exec(line) ?? [];
    // Git lists a blob that it has lost with the size BAD: to skip it would show a smaller network.
    if (mode === undefined || id === undefined || name === undefined || size === 'BAD') {
      throw errors.SourceUnreadable({ source: rev, reason: `Git has no content for ${name ?? line}` });
    }
    if (isHidden(name)) return;
    const at = { file: name, line: 1, col: 1 };
    if (isOddName(name)) {
      if (isManifest(name) || isTemplate(name))
        problems.push(errors.FileNameRefused({ name: JSON.stringify(name) }, { at: { ...at, file: '' } }));
    } else if (mode === '120000') {
      if (Number(size) > linkBytes) problems.push(errors.LinkRefused({ target: `a name of ${size} bytes` }, { at }));
      else links.set(name, id);
    } else if (mode === '160000') {
      problems.push(errors.FileUnreadable({ reason: 'it is a Git submodule, its files stand in another repository' }, { at }));
    } else if (mode.startsWith('100')) {
      blobs.set(name, id);
      files.push({ path: name, bytes: Number(size), id });
    }
  };
  for await (const lines of splitAt(withReasons(listing, rev), '\0')) lines.forEach(add);
  problems.push(...(await findLinksOut(repository, links)));
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, problems, blobs };
}

/** Git's own words only for a folder that is not there; whatever else stops it is an unreadable source. */
async function* withReasons(listing: AsyncIterable<Buffer>, source: string): AsyncGenerator<Buffer> {
  try {
    yield* listing;
  } catch (cause) {
    if (cause instanceof GitOutputTooLong) throw errors.SourceTooLarge({ what: 'bytes of file names', limit: outputBytes }, { cause });
    if (cause instanceof GitFailure && cause.words.includes('Not a valid object name')) throw cause;
    throw errors.SourceUnreadable({ source, reason: (cause as Error).message }, { cause });
  }
}

/** A problem for each link whose target lies outside the tree. */
async function findLinksOut(repository: Repository, links: ReadonlyMap<string, string>): Promise<PlumblineError[]> {
  const problems: PlumblineError[] = [];
  for await (const content of readBlobs(repository, [...links.keys()], links)) {
    if ('problem' in content) continue;
    const folder = path.posix.dirname(content.path);
    const target = Buffer.from(content.bytes).toString('utf8');
    if (leadsOut(folder === '.' ? '' : folder, target))
      problems.push(errors.LinkRefused({ target: JSON.stringify(target) }, { at: { file: content.path, line: 1, col: 1 } }));
  }
  return problems;
}

/** Streams blobs through one `git cat-file --batch`. Ends with an error when Git does: half a read is no read. */
async function* readBlobs(
  repository: Repository,
  paths: readonly string[],
  blobs: ReadonlyMap<string, string>,
): AsyncGenerator<FileContent> {
  if (paths.length === 0) return;
  const input = paths.map((name) => `${blobs.get(name) ?? 'missing'}\n`).join('');
  const output = reader(gitOutput(repository, ['cat-file', '--batch', '--buffer'], input), repository.name);
  try {
    for (const name of paths) {
      const header = (await output.line()).split(' ');
      const size = Number(header[2]);
      if (header[1] !== 'blob' || !Number.isSafeInteger(size))
        throw errors.SourceUnreadable({ source: repository.name, reason: `Git has no content for ${name}` });
      const bytes = await output.take(size + 1);
      yield { path: name, bytes: bytes.subarray(0, size) };
    }
  } finally {
    await output.close();
  }
}

/** Lines and counted bytes from a stream that must not end before. */
function reader(stream: AsyncGenerator<Buffer>, source: string) {
  let rest: Buffer = Buffer.alloc(0);
  async function fill(count: number): Promise<void> {
    const parts = [rest];
    let length = rest.length;
    while (length < count) {
      const { value, done } = await stream.next().catch((cause: Error) => {
        throw errors.SourceUnreadable({ source, reason: `Git stopped before everything was read (${cause.message})` }, { cause });
      });
      if (done) throw errors.SourceUnreadable({ source, reason: 'Git stopped before everything was read' });
      parts.push(value);
      length += value.length;
    }
    if (parts.length > 1) rest = Buffer.concat(parts, length);
  }
  async function take(count: number): Promise<Buffer> {
    await fill(count);
    const taken = rest.subarray(0, count);
    rest = rest.subarray(count);
    return taken;
  }
  async function line(): Promise<string> {
    while (!rest.includes(0x0a)) {
      if (rest.length > 500) throw errors.SourceUnreadable({ source, reason: 'Git gave an answer that is none of cat-file' });
      await fill(rest.length + 1);
    }
    return (await take(rest.indexOf(0x0a) + 1)).toString('latin1').trimEnd();
  }
  return { line, take, close: () => stream.return(undefined) };
}

/** As many as came at once: to wait for each of ten thousand takes longer than to read it. */
async function* splitAt(stream: AsyncIterable<Buffer>, separator: string): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const part of stream) {
    const pieces = (rest + decoder.decode(part, { stream: true })).split(separator);
    rest = pieces.pop() ?? '';
    yield pieces;
  }
}

/** `refs/heads/main` for main; empty for a commit id or an expression, which have no name that moves. */
async function fullName(repository: Repository, rev: string): Promise<string> {
  if (rev === 'HEAD') return (await git(repository, ['symbolic-ref', '--quiet', 'HEAD']).catch(() => '')).trim();
  const args = ['rev-parse', '--symbolic-full-name', '--verify', '--quiet', '--end-of-options', rev];
  return (await git(repository, args).catch(() => '')).trim();
}

/** `main@sha1:<40 hex>`; without a name that points there, `sha1:<40 hex>`. */
export function nameRevision(ref: string, commit: string): string {
  const name = ref.replace(/^refs\/(heads|tags|remotes)\//, '');
  return `${name === '' ? '' : `${name}@`}${algorithmOf(commit)}:${commit}`;
}

function algorithmOf(commit: string): 'sha1' | 'sha256' {
  return commit.length === 40 ? 'sha1' : 'sha256';
}

function git(repository: Repository, args: readonly string[]): Promise<string> {
  return runGit({ ...commandIn(repository, args), maxBytes: 1024 * 1024 });
}

function gitOutput(repository: Repository, args: readonly string[], input?: string): AsyncGenerator<Buffer> {
  return streamGit({ ...commandIn(repository, args), maxBytes: outputBytes, ...(input === undefined ? {} : { input }) });
}

function commandIn({ run }: Repository, args: readonly string[]): GitCommand {
  return { args: [...run.args, ...args], environment: run.environment ?? {}, signal: AbortSignal.timeout(limits.timeMs) };
}
