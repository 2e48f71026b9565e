import type { CommunityChangeIntent, CommunityType, RouteMapEntryIntent, RouteSetIntent } from '../api/index.ts';
import { parseAddress } from '../lib/index.ts';
import { carriedOf, compileLists, type Lists, type PolicyIntent } from './lists.ts';
import { type Network, readNetwork, type Route } from './route.ts';

/** Where a policy stands. `neighbor` is the address of the other end, which `PeerAddress` means on import. */
export type PolicyUse = { at: 'import'; neighbor: string } | { at: 'export' } | { at: 'origination' };

export interface Outcome {
  permitted: boolean;
  /** With every change that was made, also where a later entry denied. */
  route: Route;
  /** What a policy said of the next hop last: what is announced instead of it is not decided here. */
  nextHop: 'Address' | 'PeerAddress' | 'Unchanged' | null;
  /** Whether it wrote the MED. */
  setsMed: boolean;
  /** Undefined: no entry matched, or the policy does not exist. */
  decidedBy: RouteMapEntryIntent | undefined;
}

/** The policies of one device, ready to be asked. */
export interface Policies {
  has(name: string): boolean;
  evaluate(name: string, route: Route, use: PolicyUse): Outcome;
}

type Test = (route: Route) => boolean;
/** What changes write to: a route of its own, which nobody else has. */
type Draft = Pick<Outcome, 'nextHop' | 'setsMed'> & { route: { -readonly [Field in keyof Route]: Route[Field] } };
type Change = (draft: Draft, use: PolicyUse) => void;

interface Step {
  entry: RouteMapEntryIntent;
  tests: readonly Test[];
  changes: readonly Change[];
}

/** What RPKI caches say of routes. */
export type RpkiState = 'Valid' | 'Invalid' | 'NotFound';

/**
 * Makes policies ready to be asked, one when it is first needed. What comes out is what FRR does (tried on 8.4.4): the first entry whose
 * conditions all hold decides; one that continues changes the route, and later entries see it changed; what then
 * matches no other is denied, unless the one that continues is the last; a list that is not there holds nothing; a policy that is not there permits nothing.
 */
export function compilePolicies(intent: PolicyIntent, shared?: Map<string, unknown>, rpki: RpkiState = 'NotFound'): Policies {
  const lists = compileLists(intent, shared);
  const maps = new Map(intent.routeMaps.map((map) => [map.routeMap, map]));
  const compiled = new Map<string, readonly Step[]>();
  const stepsOf = (name: string): readonly Step[] => {
    let steps = compiled.get(name);
    if (!steps) {
      const entries = maps.get(name)?.entries ?? [];
      steps = entries.map((entry) => ({ entry, tests: testsOf(entry, lists, rpki), changes: changesOf(entry, lists) }));
      compiled.set(name, steps);
    }
    return steps;
  };
  const policies: Policies = {
    has: (name) => maps.has(name),
    evaluate: (name, route, use) => {
      const steps = stepsOf(name);
      let draft: Draft | undefined;
      for (let i = 0; i < steps.length; i++) {
        const step = steps[i];
        if (!step || !matches(step.tests, draft?.route ?? route)) continue;
        const { entry, changes } = step;
        if (entry.action === 'Permit' && changes.length > 0) {
          draft ??= { route: { ...route }, nextHop: null, setsMed: false };
          for (const change of changes) change(draft, use);
        }
        if (entry.action === 'Permit' && entry.call !== null) {
          const called = policies.evaluate(entry.call, draft?.route ?? route, use);
          if (!called.permitted) return { ...called, decidedBy: called.decidedBy ?? entry };
          draft = {
            route: { ...called.route },
            nextHop: called.nextHop ?? draft?.nextHop ?? null,
            setsMed: called.setsMed || draft?.setsMed === true,
          };
        }
        if (entry.action === 'Deny' || !entry.continue || i === steps.length - 1)
          return { ...(draft ?? { route, nextHop: null, setsMed: false }), permitted: entry.action === 'Permit', decidedBy: entry };
      }
      return { ...(draft ?? { route, nextHop: null, setsMed: false }), permitted: false, decidedBy: undefined };
    },
  };
  return policies;
}

function matches(tests: readonly Test[], route: Route): boolean {
  for (const test of tests) if (!test(route)) return false;
  return true;
}

function testsOf({ family, match }: RouteMapEntryIntent, lists: Lists, rpki: RpkiState): Test[] {
  const tests: Test[] = [];
  // What caches say is not known here: whoever asks takes one state for all routes, and tells so.
  if (match.rpki !== null && match.rpki !== rpki) tests.push(() => false);
  // An attribute that is not there counts as zero.
  if (match.origin !== null) tests.push((route) => route.origin === match.origin);
  if (match.localPreference !== null) tests.push((route) => (route.localPreference ?? 0) === match.localPreference);
  if (match.med !== null) tests.push((route) => (route.med ?? 0) === match.med);
  if (match.communityList !== null) {
    const { list, type } = match.communityList;
    const set = lists.communities(list, type);
    tests.push((route) => set?.matches(carriedOf(route, type)) === true);
  }
  if (match.prefixList !== null) {
    const set = lists.prefixes(match.prefixList, family ?? 'ipv4');
    tests.push(({ network }) => set?.(network) === true);
  }
  if (match.nextHopList !== null) {
    const set = lists.prefixes(match.nextHopList, family ?? 'ipv4');
    tests.push((route) => route.network.family === family && set?.(hostOf(route)) === true);
  }
  if (match.asPathList !== null) {
    const set = lists.asPaths(match.asPathList);
    tests.push(({ asPath }) => set?.(asPath) === true);
  }
  return tests;
}

const hosts = new Map<string, Network | undefined>();

/** The next hop as lists see it; that of an own route is the unspecified address. */
function hostOf({ network: { family }, nextHop }: Route): Network {
  const address = nextHop ?? (family === 'ipv4' ? '0.0.0.0' : '::');
  let host = hosts.get(address);
  if (!host) {
    host = readNetwork(`${address}/${address.includes(':') ? 128 : 32}`);
    if (hosts.size > 100_000) hosts.clear();
    hosts.set(address, host);
  }
  if (!host) throw new Error(`${address} is no address`);
  return host;
}

function changesOf({ set, family }: RouteMapEntryIntent, lists: Lists): Change[] {
  const isForAll = family === null;
  const changes: Change[] = [];
  const { localPreference, med, origin, weight, nextHop } = set;
  if (localPreference !== null) changes.push(({ route }) => void (route.localPreference = localPreference));
  if (med !== null)
    changes.push((draft) => {
      draft.route.med = med;
      draft.setsMed = true;
    });
  if (origin !== null) changes.push(({ route }) => void (route.origin = origin as Route['origin']));
  if (weight !== null) changes.push(({ route }) => void (route.weight = weight));
  if (set.asPathPrepend.length > 0) {
    const front = set.asPathPrepend.join(' ');
    changes.push(({ route }) => void (route.asPath = route.asPath === '' ? front : `${front} ${route.asPath}`));
  }
  if (changesAny(set.communities)) {
    const change = compileChange(set.communities, 'Standard', lists);
    changes.push(({ route }) => void (route.communities = change(route.communities)));
  }
  if (changesAny(set.largeCommunities)) {
    const change = compileChange(set.largeCommunities, 'Large', lists);
    changes.push(({ route }) => void (route.largeCommunities = change(route.largeCommunities)));
  }
  const { routeTargets, sitesOfOrigin } = set.extendedCommunities;
  const extended = [...routeTargets.map((value) => `rt:${value}`), ...sitesOfOrigin.map((value) => `soo:${value}`)];
  if (extended.length > 0) changes.push(({ route }) => void (route.extendedCommunities = unite(route.extendedCommunities, extended)));
  if (nextHop !== null) changes.push(changeNextHop(nextHop, isForAll));
  return changes;
}

function changesAny({ replace, deleteList, add }: CommunityChangeIntent): boolean {
  return replace !== null || deleteList !== null || add.length > 0;
}

/** Replace, delete, add, in this order. */
function compileChange({ replace, deleteList, add }: CommunityChangeIntent, type: CommunityType, lists: Lists) {
  const deleted = deleteList === null ? undefined : lists.communities(deleteList, type);
  return (carried: readonly string[]): readonly string[] => {
    if (replace !== null) return replace;
    const left = deleted && carried.some(deleted.holds) ? carried.filter((community) => !deleted.holds(community)) : carried;
    return unite(left, add);
  };
}

function unite(carried: readonly string[], added: readonly string[]): readonly string[] {
  return added.every((community) => carried.includes(community)) ? carried : [...new Set([...carried, ...added])];
}

function changeNextHop({ address, mode, families }: NonNullable<RouteSetIntent['nextHop']>, isForAll: boolean): Change {
  return (draft, use) => {
    const { family } = draft.route.network;
    // An entry for both families gives its IPv6 next hop to IPv4 routes too: layout Managed writes none, layout Native may.
    if (!families.includes(family) && !(mode === 'Address' && family === 'ipv4' && use.at === 'import' && isForAll)) return;
    if (mode === 'Address') {
      draft.route.nextHop = address;
      // Once it is to be our own on export, nothing brings another back.
      if (draft.nextHop === 'PeerAddress' && use.at === 'export') return;
    } else if (mode === 'PeerAddress' && use.at === 'import') {
      const peer = parseAddress(use.neighbor);
      // A neighbor whose address is of the other family says nothing about the next hop.
      if (!peer || (peer.version === 4) !== (family === 'ipv4')) return;
      draft.route.nextHop = peer.text;
    } else if (mode === 'PeerAddress') draft.route.nextHop = null;
    draft.nextHop = mode === 'Unchanged' && draft.nextHop !== null ? draft.nextHop : mode;
  };
}
