import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, sha256, systemClock, withLock } from '../../lib/index.ts';
import { nameRevision, type Repository } from '../git.ts';
import { GitFailure, runGit } from '../git-process.ts';
import { asEnvironment, checkAccess, type OpenAccess, openAccess, type SourceAccess } from './access.ts';
import { explainGit, type FetchContext, formatBytes, withoutChance } from './answers.ts';
import { mirrorErrors } from './errors.ts';
import { damageMarkOf, isDamage, removeLeftovers, startAnew, tidy } from './housekeeping.ts';
import { defaultLimits, fixedLimits, type MirrorLimits } from './limits.ts';
import {
  checkRef,
  chooseTarget,
  type GitRef,
  isOlderVersion,
  parseRemoteRefs,
  patternsOf,
  refNotFound,
  type RemoteRefs,
  type Target,
} from './refs.ts';
import type { Site, Visit } from './site.ts';
import { parseSourceURL } from './source-url.ts';

export interface MirrorOptions {
  /** Holds the mirrors of all sources, one folder per URL. It may be lost at any time. Made when missing. */
  cacheFolder: string;
  /** `https://…` or `ssh://user@host/…`; `file://…` with `allowLocal`. */
  url: string;
  access?: SourceAccess;
  limits?: Partial<MirrorLimits>;
  /** A repository on this machine: `plumb up`, never a Fleet of a cluster. */
  allowLocal?: boolean;
  clock?: Clock;
}

export interface FetchRequest {
  ref: GitRef;
  /** The revision in force, as an earlier fetch of this source gave it. Absent at first. */
  inForce?: string;
  /** A person allowed that the new commit does not descend from the one in force. Default false. */
  allowRewind?: boolean;
  signal?: AbortSignal;
}

/** What the host holds now, complete in the mirror. */
export interface Fetched {
  /** `main@sha1:<40 hex>`; `sha1:<40 hex>` for a pinned commit. */
  revision: string;
  commit: string;
  /** False when this is the revision in force. */
  changed: boolean;
}

/** A bare copy of one repository. Sources with the same URL share it; each fetch proves access with its own credentials. */
export interface Mirror {
  url: string;
  /**
   * Brings the commit that `ref` names, with its whole history. Changes nothing that an earlier revision is read from:
   * a fetch that fails, is aborted or killed leaves the mirror as it was. Throws errors of `mirrorErrors`.
   */
  fetch(request: FetchRequest): Promise<Fetched>;
  /** Where fetched commits are read from. */
  repository: Repository;
  /** A file that says, when it exists, that an object could not be read: the next fetch begins from nothing. */
  damageMark: string;
}

/** Opens the mirror of a URL; speaks to nobody. Throws SourceURLRefused and SourceAccessIncomplete. */
export function openMirror(options: MirrorOptions): Mirror {
  const url = parseSourceURL(options.url, options.allowLocal === undefined ? {} : { allowLocal: options.allowLocal });
  const access = options.access ?? {};
  checkAccess(url, access);
  const folder = path.join(path.resolve(options.cacheFolder), sha256(url.text).slice(0, 32));
  const site: Site = {
    url,
    access,
    folder,
    gitDir: path.join(folder, 'repo.git'),
    limits: { ...defaultLimits, ...options.limits },
    clock: options.clock ?? systemClock,
  };
  return {
    url: url.text,
    fetch: (request) => fetchInto(site, request),
    repository: repositoryAt(site.gitDir),
    damageMark: damageMarkOf(site),
  };
}

function repositoryAt(gitDir: string): Repository {
  const environment = { GIT_CONFIG_GLOBAL: '/dev/null', ...asEnvironment([]) };
  return { name: gitDir, run: { args: ['--git-dir', gitDir], environment } };
}

async function fetchInto(site: Site, request: FetchRequest): Promise<Fetched> {
  const { url, folder, limits } = site;
  checkRef(request.ref, url.text);
  const deadline = AbortSignal.timeout(limits.fetchMs);
  const signal = request.signal ? AbortSignal.any([deadline, request.signal]) : deadline;
  const context: FetchContext = { url: url.text, folder, limits, secrets: [], deadline };
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await withLock(path.join(folder, 'lock'), site.clock, signal, async () => {
      await removeLeftovers(site);
      const access = await openAccess(url, site.access, folder);
      context.secrets = access.secrets;
      try {
        return await visit(site, access, request, signal).catch(async (error: unknown) => {
          if (!isDamage(error)) throw error;
          await startAnew(site);
          return visit(site, access, request, signal);
        });
      } catch (error) {
        // Half a pack takes the room that others on this disk need, and that the next try needs.
        await removeLeftovers(site).catch(() => undefined);
        throw error;
      } finally {
        await access.close();
      }
    });
  } catch (error) {
    throw isSystemError(error)
      ? mirrorErrors.MirrorUnusable({ folder, why: withoutChance(error.message) }, { cause: error })
      : explainGit(error, context);
  }
}

async function visit(site: Site, { environment }: OpenAccess, request: FetchRequest, signal: AbortSignal): Promise<Fetched> {
  const visit: Visit = { ...site, environment, signal };
  const target = await findTarget(visit, request.ref);
  await makeRepository(visit, target.commit.length === 40 ? 'sha1' : 'sha256');
  if (!(await isKept(visit, target.commit))) await bring(visit, target);
  await refuseRewind(visit, target, request);
  await keep(visit, target.commit);
  const revision = nameRevision(target.name, target.commit);
  return { revision, commit: target.commit, changed: revision !== request.inForce };
}

async function findTarget(visit: Visit, ref: GitRef): Promise<Target> {
  const target = chooseTarget(ref, await listRemote(visit, patternsOf(ref)));
  if (target) return target;
  throw refNotFound(ref, await listRemote(visit, ['refs/heads/*', 'refs/tags/*']), visit.url.text);
}

async function listRemote({ url, environment, signal, limits }: Visit, patterns: readonly string[]): Promise<RemoteRefs> {
  const text = await runGit({
    args: ['ls-remote', '--quiet', '--end-of-options', url.text, ...patterns],
    environment,
    signal,
    maxBytes: fixedLimits.refListBytes,
    bounds: { fileBytes: limits.mirrorBytes, memoryBytes: limits.memoryBytes },
  });
  const refs = parseRemoteRefs(text);
  if (refs) return refs;
  throw mirrorErrors.SourceAnswerRefused({ url: url.text, why: 'its list of refs cannot be read' });
}

/** Runs Git in the mirror, on nothing but the mirror. */
function inMirror({ gitDir, environment, signal }: Visit, args: readonly string[], input?: string): Promise<string> {
  return runGit({ args: ['--git-dir', gitDir, ...args], environment, signal, ...(input === undefined ? {} : { input }) });
}

/** An empty mirror for a repository of this kind of ids; one of the other kind, or one that is damaged, makes room for it. */
async function makeRepository(visit: Visit, format: 'sha1' | 'sha256'): Promise<void> {
  if (existsSync(visit.gitDir)) {
    const found = await inMirror(visit, ['rev-parse', '--show-object-format']).catch(onGitFailure(''));
    const isSound =
      found.trim() === format && (await inMirror(visit, ['for-each-ref', `${keptRefs}**`]).then(() => true, onGitFailure(false)));
    if (isSound) return;
    await rm(visit.gitDir, { recursive: true, force: true });
  }
  const making = `${visit.gitDir}.new`;
  await rm(making, { recursive: true, force: true });
  const args = ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, making];
  await runGit({ args, environment: visit.environment, signal: visit.signal });
  await writeFile(path.join(visit.folder, 'url'), `${visit.url.text}\n`, { mode: 0o600 });
  await runGit({ args: ['--git-dir', making, 'rev-parse', '--is-bare-repository'], environment: visit.environment, signal: visit.signal });
  await rename(making, visit.gitDir);
}

/** A ref per commit that was brought completely: what they reach is never brought again and never removed. */
const keptRefs = 'refs/plumbline/kept/';

async function isKept(visit: Visit, commit: string): Promise<boolean> {
  const found = await inMirror(visit, ['for-each-ref', '--count=1', '--contains', commit, keptRefs]).catch(onGitFailure(''));
  return found !== '';
}

async function keep(visit: Visit, commit: string): Promise<void> {
  const reached = (await inMirror(visit, ['for-each-ref', '--format=%(refname)', '--merged', commit, keptRefs]))
    .split('\n')
    .filter(Boolean);
  const own = `${keptRefs}${commit}`;
  const stale = reached.filter((ref) => ref !== own);
  if (reached.length === 1 && stale.length === 0) return;
  const lines = [...(stale.length < reached.length ? [] : [`create ${own} ${commit}`]), ...stale.map((ref) => `delete ${ref}`)];
  await inMirror(visit, ['update-ref', '--stdin'], `${lines.join('\n')}\n`);
}

async function bring(visit: Visit, target: Target): Promise<void> {
  await fetchObjects(visit, [target.want]).catch(async (error: unknown) => {
    // Some hosts give an object only by the name of a ref: then what is pinned lies behind one of the branches and tags.
    if (target.name !== '' || !(error instanceof GitFailure) || !/unadvertised object|not our ref|upload-pack: not our/.test(error.words))
      throw error;
    const refs = await listRemote(visit, ['refs/heads/*', 'refs/tags/*']);
    await fetchObjects(visit, [...new Set(refs.values())].slice(0, fixedLimits.searchedRefs));
    if (!(await hasCommit(visit, target.commit))) throw refNotFound({ commit: target.commit }, refs, visit.url.text);
  });
  if (await hasCommit(visit, target.commit)) return;
  throw mirrorErrors.SourceAnswerRefused({ url: visit.url.text, why: `${target.commit} is no commit` });
}

async function hasCommit(visit: Visit, commit: string): Promise<boolean> {
  return (await inMirror(visit, ['cat-file', '-t', commit]).catch(onGitFailure(''))).trim() === 'commit';
}

async function fetchObjects(visit: Visit, ids: readonly string[]): Promise<void> {
  const { url, gitDir, environment, signal, limits } = visit;
  const left = limits.mirrorBytes - (await tidy(visit));
  if (left <= 0) throw mirrorErrors.MirrorTooLarge({ url: url.text, what: 'the mirror has grown', limit: formatBytes(limits.mirrorBytes) });
  const quiet = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules'];
  await runGit({
    args: ['--git-dir', gitDir, 'fetch', ...quiet, '--stdin', '--end-of-options', url.text],
    input: `${ids.join('\n')}\n`,
    environment,
    signal,
    bounds: { fileBytes: left, memoryBytes: limits.memoryBytes },
  });
}

async function refuseRewind(visit: Visit, { name, commit }: Target, { ref, inForce, allowRewind = false }: FetchRequest): Promise<void> {
  const before = /^(?:(.*)@)?sha(?:1|256):([0-9a-f]+)$/.exec(inForce ?? '');
  const [, oldName = '', from = ''] = before ?? [];
  if (allowRewind || from === '' || from === commit || 'commit' in ref) return;
  const rewound = mirrorErrors.HistoryRewound({
    url: visit.url.text,
    name,
    from: oldName === name ? from : oldName,
    to: oldName === name ? commit : name,
  });
  // Another name is another question, which a person asked; but a range never goes back to an older version by itself.
  if (oldName !== name) {
    if ('semver' in ref && isOlderVersion(ref, oldName, name)) throw rewound;
    return;
  }
  const isDescendant = await inMirror(visit, ['merge-base', '--is-ancestor', from, commit]).then(() => true, onGitFailure(false));
  if (!isDescendant) throw rewound;
}

/** For a question to the mirror whose answer is no: anything but Git saying so goes on as an error. */
function onGitFailure<T>(answer: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof GitFailure) return answer;
    throw error;
  };
}

/** Of the kernel, or of SQLite, which holds the lock and needs a page on the disk for it. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  if (!(error instanceof Error)) return false;
  const { syscall, code } = error as NodeJS.ErrnoException;
  return typeof syscall === 'string' || code === 'ERR_SQLITE_ERROR';
}
