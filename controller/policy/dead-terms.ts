import type { DesiredObject, DesiredObjects, IpFamily, PolicyTerm, PrefixSetEntry } from '../api/index.ts';
import type { PlumblineError } from '../lib/index.ts';
import { errors } from './errors.ts';
import type { PrefixMatcher } from './prefix-matcher.ts';
import { compilePrefixSet, families, witnessesOf } from './prefix-space.ts';
import type { Network } from './route.ts';

type Sets = Pick<DesiredObjects, 'PrefixSet' | 'CommunitySet' | 'ASPathSet'>;
type Match = PolicyTerm['match'];

/**
 * Terms that can never match, and those whose every route an earlier term has decided. Only what is certain is told: where sets are too
 * large to be taken apart, where a set is missing or empty on purpose, or where an earlier term changes what is asked, nothing is.
 */
export function findDeadTerms({ RoutePolicy, ...sets }: Sets & Pick<DesiredObjects, 'RoutePolicy'>): PlumblineError[] {
  return [...RoutePolicy.values()].flatMap((policy) => findIn(policy, sets));
}

function findIn(policy: DesiredObject<'RoutePolicy'>, sets: Sets): PlumblineError[] {
  const { terms } = policy.spec;
  const name = policy.metadata.name;
  // From the first that takes everything, `UnreachableTerm` says it.
  const end = terms.findIndex((term) => isUnconditional(term) && !term.continue);
  return terms.slice(0, end < 0 ? undefined : end + 1).flatMap((term, i) => {
    const at = policy.locate(['spec', 'terms', i]);
    const impossible = explainImpossible(term, sets);
    if (impossible)
      return [
        errors.ImpossibleTerm(
          { policy: name, term: term.name, ...impossible },
          { at: policy.locate(['spec', 'terms', i, 'match', impossible.key]) },
        ),
      ];
    const shadows = findShadows(terms, i, sets);
    return shadows.length === 0 ? [] : [errors.ShadowedTerm({ policy: name, term: term.name, by: nameAll(shadows) }, { at })];
  });
}

function isUnconditional({ match, lines }: PolicyTerm): boolean {
  return lines.length === 0 && Object.values(match).every((value) => value === undefined);
}

function nameAll(terms: readonly PolicyTerm[]): string {
  const names = terms.map(({ name }) => name);
  return names.length === 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''} together`;
}

interface Impossible {
  key: keyof Match;
  why: string;
  next: string;
}

function explainImpossible({ match }: PolicyTerm, sets: Sets): Impossible | undefined {
  const hops = prefixesOf(match.nextHopSet, sets);
  if (hops) {
    const hosts = witnessesOf([hops], true);
    const matches = compilePrefixSet(hops);
    if (hosts && !hosts.some((host) => matches(host)))
      return {
        key: 'nextHopSet',
        why: `PrefixSet/${match.nextHopSet ?? ''} holds no single address, and a next hop is one`,
        next: 'Write le: 32 (IPv6: le: 128) at its entries, or addresses with /32 (/128).',
      };
  }
  const prefixes = prefixesOf(match.prefixSet, sets);
  if (!prefixes) return undefined;
  const all = witnessesOf([prefixes]);
  const matches = compilePrefixSet(prefixes);
  if (!all) return undefined;
  if (!all.some((each) => matches(each)))
    return {
      key: 'prefixSet',
      why: `every permitting entry of PrefixSet/${match.prefixSet ?? ''} stands behind a denying one that covers it`,
      next: 'Move the permitting entries up, or remove the term.',
    };
  const left = possibleFamilies(match, sets);
  if (match.nextHopSet !== undefined && !all.some((each) => left.has(each.family) && matches(each)))
    return {
      key: 'nextHopSet',
      why: `PrefixSet/${match.prefixSet ?? ''} and PrefixSet/${match.nextHopSet} hold prefixes of different address families`,
      next: 'Match next hops of the family of the prefixes, or remove the term.',
    };
  return undefined;
}

/** Entries of a set; undefined when no set is named, or it is missing or empty. */
function prefixesOf(name: string | undefined, { PrefixSet }: Sets): readonly PrefixSetEntry[] | undefined {
  const entries = name === undefined ? undefined : PrefixSet.get(name)?.spec.entries;
  return entries && entries.length > 0 ? entries : undefined;
}

/** Families whose routes can match: those of the condition, and of the next hops that are asked for. */
function possibleFamilies({ family, nextHopSet }: Match, sets: Sets): ReadonlySet<IpFamily> {
  const hops = prefixesOf(nextHopSet, sets);
  return new Set(
    families.filter(
      (each) =>
        (family === undefined || family === `${each}-unicast`) &&
        (!hops || hops.some(({ prefix }) => prefix.includes(':') === (each === 'ipv6'))),
    ),
  );
}

/** The earlier terms that together decide every route of a term; none when there may be a route left. */
function findShadows(terms: readonly PolicyTerm[], index: number, sets: Sets): PolicyTerm[] {
  const term = terms[index];
  if (!term || isUncertain(term, sets)) return [];
  const before = terms.slice(0, index);
  const covering = before.filter(
    (each, i) =>
      !each.continue &&
      each.lines.length === 0 &&
      !isUncertain(each, sets) &&
      isImplied(each, term, changedBetween(before.slice(i + 1)), sets),
  );
  if (covering.length === 0) return [];
  const asked = [term, ...covering].flatMap(({ match }) => prefixesOf(match.prefixSet, sets) ?? []);
  const witnesses = witnessesOf([asked]);
  if (!witnesses) return [];
  const own = spaceOf(term.match, sets);
  const left = covering.map((each) => ({ term: each, covers: spaceOf(each.match, sets) }));
  const used = new Set<PolicyTerm>();
  let some = false;
  for (const witness of witnesses) {
    if (!own(witness)) continue;
    some = true;
    // One that is needed anyway is named rather than one more.
    const decides = left.find(({ term: each, covers }) => used.has(each) && covers(witness)) ?? left.find(({ covers }) => covers(witness));
    if (!decides) return [];
    used.add(decides.term);
  }
  return some ? terms.filter((each) => used.has(each)) : [];
}

/** Nothing certain can be said with a set that is missing or holds nothing. */
function isUncertain({ match }: PolicyTerm, { PrefixSet, CommunitySet, ASPathSet }: Sets): boolean {
  const { prefixSet, nextHopSet, communitySet, asPathSet } = match;
  return (
    [prefixSet, nextHopSet].some((name) => name !== undefined && (PrefixSet.get(name)?.spec.entries.length ?? 0) === 0) ||
    (communitySet !== undefined && (CommunitySet.get(communitySet)?.spec.communities.length ?? 0) === 0) ||
    (asPathSet !== undefined && (ASPathSet.get(asPathSet)?.spec.entries.length ?? 0) === 0)
  );
}

/** Whether a prefix can be that of a route which the term matches. */
function spaceOf(match: Match, sets: Sets): PrefixMatcher {
  const entries = prefixesOf(match.prefixSet, sets);
  const matches = entries ? compilePrefixSet(entries) : (_network: Network) => true;
  const left = possibleFamilies(match, sets);
  return (network) => left.has(network.family) && matches(network);
}

/** What terms that continue write to a route on its way from one term to a later one. */
function changedBetween(terms: readonly PolicyTerm[]): ReadonlySet<keyof Match> {
  const changed = new Set<keyof Match>();
  for (const { set, lines, continue: goesOn } of terms) {
    if (!goesOn) continue;
    if (set.communities || set.largeCommunities || set.extendedCommunities) changed.add('communitySet');
    if (set.asPathPrepend) changed.add('asPathSet');
    if (set.nextHop !== undefined) changed.add('nextHopSet');
    if (set.origin !== undefined) changed.add('origin');
    if (set.localPreference !== undefined) changed.add('localPreference');
    if (set.med !== undefined) changed.add('med');
    if (lines.length > 0)
      for (const key of ['communitySet', 'asPathSet', 'nextHopSet', 'origin', 'localPreference', 'med'] as const) changed.add(key);
  }
  return changed;
}

/** Whether every route that `term` matches fulfils the conditions of `earlier`, those on prefix and family aside. */
function isImplied({ match: earlier }: PolicyTerm, { match }: PolicyTerm, changed: ReadonlySet<keyof Match>, sets: Sets): boolean {
  const asks = (key: keyof Match): boolean => earlier[key] !== undefined;
  for (const key of ['communitySet', 'asPathSet', 'nextHopSet', 'origin', 'localPreference', 'med'] as const)
    if (asks(key) && changed.has(key)) return false;
  return (
    (['rpki', 'origin', 'localPreference', 'med'] as const).every((key) => !asks(key) || earlier[key] === match[key]) &&
    (!asks('asPathSet') || samePaths(earlier.asPathSet, match.asPathSet, sets)) &&
    (!asks('communitySet') || carriesAll(earlier.communitySet, match.communitySet, sets)) &&
    (!asks('nextHopSet') || holdsHops(earlier.nextHopSet, match.nextHopSet, sets))
  );
}

function samePaths(earlier: string | undefined, later: string | undefined, { ASPathSet }: Sets): boolean {
  if (later === undefined) return false;
  return (
    earlier === later || JSON.stringify(ASPathSet.get(earlier ?? '')?.spec.entries) === JSON.stringify(ASPathSet.get(later)?.spec.entries)
  );
}

/** Whether a route that matches the later set has what the earlier one asks for. */
function carriesAll(earlier: string | undefined, later: string | undefined, { CommunitySet }: Sets): boolean {
  if (later === undefined) return false;
  if (earlier === later) return true;
  const [first, second] = [CommunitySet.get(earlier ?? '')?.spec, CommunitySet.get(later)?.spec];
  if (!first || !second || first.type !== second.type) return false;
  const isIn = (communities: readonly string[]) => (each: string) => communities.includes(each);
  const firstTakesAny = first.match === 'Any' || first.communities.length === 1;
  const secondHasAll = second.match === 'All' || second.communities.length === 1;
  if (!firstTakesAny) return secondHasAll && first.communities.every(isIn(second.communities));
  return secondHasAll ? second.communities.some(isIn(first.communities)) : second.communities.every(isIn(first.communities));
}

function holdsHops(earlier: string | undefined, later: string | undefined, sets: Sets): boolean {
  if (later === undefined) return false;
  if (earlier === later) return true;
  const [first, second] = [prefixesOf(earlier, sets), prefixesOf(later, sets)];
  const hosts = first && second && witnessesOf([first, second], true);
  if (!hosts) return false;
  const [wide, narrow] = [compilePrefixSet(first), compilePrefixSet(second)];
  return hosts.every((host) => !narrow(host) || wide(host));
}
