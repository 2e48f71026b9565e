import type {
  CommunityChangeIntent,
  CommunityType,
  DesiredObject,
  IpFamily,
  Owned,
  PolicySet,
  PolicyTerm,
  RouteMapEntryIntent,
  RouteMapIntent,
  RouteMatchIntent,
  RouteSetIntent,
} from '../api/index.ts';
import type { PlumblineError } from '../lib/index.ts';
import { type Compilation, familyOf } from './context.ts';
import { errors } from './errors.ts';
import { compareText, sortCommunities } from './order.ts';
import { ownerOf, titleOf } from './owner.ts';
import type { UsedSets } from './sets.ts';

/** The number of the last entry, which holds the default action. Terms end at 65000. */
const lastSequence = 65535;

/** The route-maps of a device: the policies it uses, in the families it uses them in. Notes the sets they need. */
export function compileRouteMaps(compilation: Compilation, sets: UsedSets): RouteMapIntent[] {
  const uses = [...compilation.policyUses].sort(([a], [b]) => compareText(a, b));
  const routeMaps: RouteMapIntent[] = [];
  for (const [name, families] of uses) {
    const policy = compilation.desired.get('RoutePolicy', name);
    if (policy)
      routeMaps.push(
        compilePolicy(
          compilation,
          policy,
          (['ipv4', 'ipv6'] as const).filter((family) => families.has(family)),
          sets,
        ),
      );
    else
      compilation.problems.push(
        errors.IntentIncomplete({ device: compilation.device.metadata.name, object: `RoutePolicy/${name}`, lacks: 'it does not exist' }),
      );
  }
  return routeMaps;
}

function compilePolicy(
  compilation: Compilation,
  policy: DesiredObject<'RoutePolicy'>,
  usedIn: readonly IpFamily[],
  sets: UsedSets,
): RouteMapIntent {
  const { terms, default: defaultAction } = policy.spec;
  const isNative = policy.spec.layout === 'Native';
  // An entry that stands on the device stands there whatever the policy is used for.
  const used = isNative ? bothFamilies : usedIn;
  const entries: RouteMapEntryIntent[] = [];
  for (const [i, term] of terms.entries()) {
    const sequence = term.sequence ?? (i + 1) * 10;
    const next = terms[i + 1];
    const nextSequence = next === undefined ? lastSequence + Number(isNative) : (next.sequence ?? (i + 2) * 10);
    const made = compileTerm(term, { ...ownerOf(policy, ['spec', 'terms', i]), sequence, used, sets, isNative });
    if (isNative && made.length > 1) {
      const facts = { device: compilation.device.metadata.name, policy: policy.metadata.name, term: term.name };
      compilation.problems.push(errors.TermOfBothFamilies(facts, { at: policy.locate(['spec', 'terms', i]) }));
    } else if ((made.at(-1)?.sequence ?? 0) >= nextSequence) {
      const at = policy.locate(['spec', 'terms', i]);
      const facts = { device: compilation.device.metadata.name, policy: policy.metadata.name, term: term.name, sequence };
      compilation.problems.push(errors.TermsTooClose(facts, { at }));
    }
    for (const entry of made) entries.push(entry);
    for (const problem of findAddedAndDeleted(compilation, policy, term, i, sets)) compilation.problems.push(problem);
  }
  if (!isNative) {
    entries.push({
      ...ownerOf(policy, ['spec', 'default']),
      sequence: lastSequence,
      term: null,
      description: null,
      action: defaultAction,
      family: null,
      families: used,
      match: noMatch,
      set: noSet,
      call: null,
      continue: false,
      lines: [],
    });
  }
  for (const missing of sets.takeMissing()) {
    compilation.problems.push(
      errors.IntentIncomplete(
        { device: compilation.device.metadata.name, object: titleOf(policy), lacks: `${missing} does not exist` },
        { at: policy.position },
      ),
    );
  }
  return { ...ownerOf(policy), routeMap: policy.spec.nameOnDevice ?? policy.metadata.name, entries };
}

function findAddedAndDeleted(
  compilation: Compilation,
  policy: DesiredObject<'RoutePolicy'>,
  term: PolicyTerm,
  index: number,
  sets: UsedSets,
): PlumblineError[] {
  return (['communities', 'largeCommunities'] as const).flatMap((field) => {
    const change = term.set[field];
    if (!change || change.replace !== undefined || change.delete === undefined) return [];
    const deleted = sets.communitiesIn(change.delete);
    const community = change.add.find((each) => deleted.includes(each));
    if (community === undefined) return [];
    const facts = {
      device: compilation.device.metadata.name,
      policy: policy.metadata.name,
      term: term.name,
      community,
      set: change.delete,
    };
    return [errors.AddedAndDeleted(facts, { at: policy.locate(['spec', 'terms', index, 'set', field, 'add']) })];
  });
}

export const noMatch: RouteMatchIntent = {
  prefixList: null,
  nextHopList: null,
  communityList: null,
  asPathList: null,
  rpki: null,
  origin: null,
  localPreference: null,
  med: null,
};

const unchanged: CommunityChangeIntent = { replace: null, deleteList: null, add: [] };

export const noSet: RouteSetIntent = {
  localPreference: null,
  med: null,
  origin: null,
  weight: null,
  nextHop: null,
  communities: unchanged,
  largeCommunities: unchanged,
  extendedCommunities: { routeTargets: [], sitesOfOrigin: [] },
  asPathPrepend: [],
};

const bothFamilies: readonly IpFamily[] = ['ipv4', 'ipv6'];

interface TermPlace extends Owned {
  sequence: number;
  used: readonly IpFamily[];
  sets: UsedSets;
  isNative: boolean;
}

/**
 * The entries of one term. A condition that names a prefix list needs one entry per family, since all conditions of an entry must hold and a
 * route is never in a list of the other family (seen on FRR 8.4.4). IPv4 has the number of the term and IPv6 the next one, also when it
 * is alone: a family that joins or leaves a policy renumbers nothing. A term that no route of the used families can fulfil gives no entry.
 */
function compileTerm(term: PolicyTerm, { sequence, used, sets, isNative, ...owner }: TermPlace): RouteMapEntryIntent[] {
  const { match } = term;
  const wanted = match.family === undefined ? used : used.filter((family) => family === familyOf(match.family ?? ''));
  const possible = wanted.filter((family) => sets.hasPrefixes(match.prefixSet, family) && sets.hasPrefixes(match.nextHopSet, family));
  if (!sets.hasCommunities(match.communitySet) || !sets.hasAsPaths(match.asPathSet) || possible.length === 0) return [];

  const listsPrefixes = match.prefixSet !== undefined || match.nextHopSet !== undefined;
  const narrowed = match.family !== undefined && used.length > 1;
  // Next hops of one family given to routes of the other would be taken for theirs (seen on 8.4.4: an IPv4 route with an IPv6 next hop).
  const setsNextHop = !isNative && term.set.nextHop !== undefined && term.set.nextHop !== 'Unchanged' && used.length > 1;
  const entry = (family: IpFamily | null, at: number): RouteMapEntryIntent => ({
    ...owner,
    sequence: at,
    term: term.name,
    description: (term.description ?? (isNative ? '' : term.name)) || null,
    action: term.action,
    family,
    families: family === null ? used : [family],
    match: {
      prefixList: prefixListOf(family),
      nextHopList: family === null ? null : sets.usePrefixes(match.nextHopSet, family),
      communityList: sets.useCommunities(match.communitySet),
      asPathList: sets.useAsPaths(match.asPathSet),
      rpki: match.rpki ?? null,
      origin: match.origin ?? null,
      localPreference: match.localPreference ?? null,
      med: match.med ?? null,
    },
    set: compileSet(term.set, family === null ? used : [family], sets),
    call: null,
    continue: term.continue,
    lines: term.lines,
  });
  if (!listsPrefixes && !narrowed && !setsNextHop) return [entry(null, sequence)];
  return possible.map((family) => entry(family, family === 'ipv6' && !isNative ? sequence + 1 : sequence));

  function prefixListOf(family: IpFamily | null): string | null {
    if (family === null) return null;
    if (match.prefixSet !== undefined) return sets.usePrefixes(match.prefixSet, family);
    return (narrowed || setsNextHop) && match.nextHopSet === undefined ? sets.useAnyPrefix(family) : null;
  }
}

function compileSet(set: PolicySet, families: readonly IpFamily[], sets: UsedSets): RouteSetIntent {
  const extended = set.extendedCommunities?.add ?? [];
  return {
    localPreference: set.localPreference ?? null,
    med: set.med ?? null,
    origin: set.origin ?? null,
    weight: set.weight ?? null,
    nextHop: compileNextHop(set.nextHop, families),
    communities: compileChange(set.communities, 'Standard', sets),
    largeCommunities: compileChange(set.largeCommunities, 'Large', sets),
    extendedCommunities: { routeTargets: valuesAfter('rt:', extended), sitesOfOrigin: valuesAfter('soo:', extended) },
    asPathPrepend: set.asPathPrepend ?? [],
  };
}

function compileNextHop(nextHop: string | undefined, families: readonly IpFamily[]): RouteSetIntent['nextHop'] {
  if (nextHop === undefined) return null;
  if (nextHop === 'PeerAddress' || nextHop === 'Unchanged') return { address: null, mode: nextHop, families };
  const family = familyOf(nextHop);
  return families.includes(family) ? { address: nextHop, mode: 'Address', families: [family] } : null;
}

/** Replace, delete, add as one change: after a replacement what is left is known, so routers need no deletion. */
function compileChange(change: PolicySet['communities'], type: CommunityType, sets: UsedSets): CommunityChangeIntent {
  if (!change) return unchanged;
  if (change.replace !== undefined) {
    const deleted = new Set(sets.communitiesIn(change.delete));
    const kept = change.replace.filter((community) => !deleted.has(community));
    return { replace: sortCommunities([...kept, ...change.add]), deleteList: null, add: [] };
  }
  return { replace: null, deleteList: sets.useCommunities(change.delete, type)?.list ?? null, add: sortCommunities(change.add) };
}

function valuesAfter(word: string, communities: readonly string[]): string[] {
  return communities.filter((community) => community.startsWith(word)).map((community) => community.slice(word.length));
}
