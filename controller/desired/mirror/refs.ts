import { nearest } from '../../lib/index.ts';
import { compareVersions, parseRange, parseVersion, type Version } from './semver.ts';
import { mirrorErrors } from './errors.ts';

/** Which commit of a repository counts: the tip of a branch, a tag, the newest tag in a range, or one for good. */
export type GitRef = { branch: string } | { tag: string } | { semver: string } | { commit: string };

/** One line of what the host lists: object ids by full name, as `git ls-remote` prints them. */
export type RemoteRefs = ReadonlyMap<string, string>;

/** What to fetch, and what it is. */
export interface Target {
  /** `main`, `v1.2.0`; empty for a pinned commit, which has no name that moves. */
  name: string;
  /** The object to ask for: a commit, or an annotated tag that leads to it. */
  want: string;
  commit: string;
}

/** Reads the output of `git ls-remote`. Undefined when a line is none of it. */
export function parseRemoteRefs(text: string): RemoteRefs | undefined {
  const refs = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const match = /^([0-9a-f]{40}|[0-9a-f]{64})\t(\S+)$/.exec(line);
    if (!match?.[1] || !match[2]) return undefined;
    refs.set(match[2], match[1]);
  }
  return refs;
}

/** The patterns for `git ls-remote` that are enough to find a ref: a host with protocol 2 sends nothing else. */
export function patternsOf(ref: GitRef): string[] {
  if ('branch' in ref) return [`refs/heads/${ref.branch}`];
  if ('tag' in ref) return [`refs/tags/${ref.tag}`, `refs/tags/${ref.tag}^{}`];
  return 'semver' in ref ? ['refs/tags/*'] : ['HEAD'];
}

/** Refuses names that Git would not take as one, and ranges and ids that are none, before anything is asked. */
export function checkRef(ref: GitRef, url: string): void {
  const refuse = (what: string, suggestion: string): never => {
    throw mirrorErrors.SourceRefNotFound({ url, ref: what, suggestion });
  };
  if ('commit' in ref) {
    if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(ref.commit)) refuse(`commit ${printable(ref.commit)}`, ': write all 40 digits of its id');
  } else if ('semver' in ref) {
    if (!parseRange(ref.semver)) refuse(`version in ${printable(ref.semver)}`, ': write a range such as ~1.2 or >=1.0.0 <2.0.0');
  } else {
    const name = 'branch' in ref ? ref.branch : ref.tag;
    if (!isRefName(name))
      refuse(`${'branch' in ref ? 'branch' : 'tag'} ${printable(name)}`, ': that is no name of one; write it without refs/heads/');
  }
}

/** Of a branch or tag. With the id of a commit behind it, it is the revision, of which an object takes 200 letters. */
const longestName = 128;

/** The rules of git-check-ref-format(1) for what stands below refs/heads/. */
function isRefName(name: string): boolean {
  return (
    name !== '' &&
    name !== '@' &&
    name.length <= longestName &&
    !/[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\.$|\/$|^\/|^-|^refs\//.test(name) &&
    name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'))
  );
}

/** What a ref names on the host; undefined when it is not among `refs`. A pinned commit names itself. */
export function chooseTarget(ref: GitRef, refs: RemoteRefs): Target | undefined {
  if ('commit' in ref) return { name: '', want: ref.commit, commit: ref.commit };
  if ('branch' in ref) {
    const tip = refs.get(`refs/heads/${ref.branch}`);
    return tip === undefined ? undefined : { name: ref.branch, want: tip, commit: tip };
  }
  if ('tag' in ref) return tagTarget(ref.tag, refs);
  const newest = newestVersion(ref.semver, refs);
  return newest === undefined ? undefined : tagTarget(newest, refs);
}

function tagTarget(tag: string, refs: RemoteRefs): Target | undefined {
  const want = refs.get(`refs/tags/${tag}`);
  if (want === undefined) return undefined;
  return { name: tag, want, commit: refs.get(`refs/tags/${tag}^{}`) ?? want };
}

/** The tag with the highest version in the range. Two spellings of one version (1.0.0, v1.0.0): the same one each time. */
function newestVersion(range: string, refs: RemoteRefs): string | undefined {
  const accepted = parseRange(range);
  let best: { tag: string; version: Version } | undefined;
  for (const tag of tagsOf(refs)) {
    const version = parseVersion(tag);
    if (!version || !isRefName(tag) || !accepted?.accepts(version)) continue;
    const order = best ? compareVersions(version, best.version) : 1;
    if (order > 0 || (order === 0 && best && tag > best.tag)) best = { tag, version };
  }
  return best?.tag;
}

/** True when the second name is an older version than the first, and the range still accepts the first. */
export function isOlderVersion({ semver }: { semver: string }, inForce: string, found: string): boolean {
  const [first, second] = [parseVersion(inForce), parseVersion(found)];
  return first !== undefined && second !== undefined && parseRange(semver)?.accepts(first) === true && compareVersions(second, first) < 0;
}

function tagsOf(refs: RemoteRefs): string[] {
  return [...refs.keys()].filter((name) => name.startsWith('refs/tags/') && !name.endsWith('^{}')).map((name) => name.slice(10));
}

/** Why a ref was not found, from all that the host lists. */
export function refNotFound(ref: GitRef, refs: RemoteRefs, url: string): Error {
  const branches = [...refs.keys()].filter((name) => name.startsWith('refs/heads/')).map((name) => name.slice(11));
  if (branches.length === 0 && tagsOf(refs).length === 0) return mirrorErrors.SourceRepositoryEmpty({ url });
  const [what, name, known] =
    'branch' in ref
      ? ([`branch ${ref.branch}`, ref.branch, branches] as const)
      : 'tag' in ref
        ? ([`tag ${ref.tag}`, ref.tag, tagsOf(refs)] as const)
        : 'semver' in ref
          ? ([`tag with a version in ${ref.semver}`, '', []] as const)
          : ([`commit ${ref.commit}`, '', []] as const);
  const close = nearest(name, known);
  const suggestion = close !== undefined ? `, did you mean ${printable(close)}?` : whatThereIs(known);
  return mirrorErrors.SourceRefNotFound({ url, ref: what, suggestion });
}

function whatThereIs(names: readonly string[]): string {
  if (names.length === 0) return '';
  return `, there ${names.length === 1 ? 'is' : 'are'} ${names.slice(0, 5).map(printable).join(', ')}${names.length > 5 ? ' and more' : ''}`;
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
}
