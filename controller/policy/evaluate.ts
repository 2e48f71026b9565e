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
type State = Pick<Outcome, 'route' | 'nextHop' | 'setsMed'>;
type Change = (state: State, use: PolicyUse) => void;

interface Step {
  entry: RouteMapEntryIntent;
  tests: readonly Test[];
  changes: readonly Change[];
}

/**
 * Makes policies ready to be asked, one when it is first needed. What comes out is what FRR does (tried on 8.4.4): the first entry whose
 * conditions all hold decides; one that continues changes the route, and later entries see it changed; what then
 * matches no other is denied, unless the one that continues is the last; a list that is not there holds nothing; a policy that is not there permits nothing.
 */
export function compilePolicies(intent: PolicyIntent, shared?: Map<string, unknown>): Policies {
  const lists = compileLists(intent, shared);
  const maps = new Map(intent.routeMaps.map((map) => [map.routeMap, map]));
  const compiled = new Map<string, readonly Step[]>();
  const stepsOf = (name: string): readonly Step[] => {
    let steps = compiled.get(name);
    if (!steps) {
      const entries = maps.get(name)?.entries ?? [];
      steps = entries.map((entry) => ({ entry, tests: testsOf(entry, lists), changes: changesOf(entry, lists) }));
      compiled.set(name, steps);
    }
    return steps;
  };
  return {
    has: (name) => maps.has(name),
    evaluate: (name, route, use) => {
      const state: State = { route, nextHop: null, setsMed: false };
      const steps = stepsOf(name);
      for (const [i, { entry, tests, changes }] of steps.entries()) {
        if (!tests.every((test) => test(state.route))) continue;
        if (entry.action === 'Deny') return { permitted: false, ...state, decidedBy: entry };
        for (const change of changes) change(state, use);
        if (!entry.continue || i === steps.length - 1) return { permitted: true, ...state, decidedBy: entry };
      }
      return { permitted: false, ...state, decidedBy: undefined };
    },
  };
}

function testsOf({ family, match }: RouteMapEntryIntent, lists: Lists): Test[] {
  const tests: Test[] = [];
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
  const put = (fields: (route: Route) => Partial<Route>): void => {
    changes.push((state) => {
      state.route = { ...state.route, ...fields(state.route) };
    });
  };
  const { localPreference, med, origin, weight, nextHop } = set;
  if (localPreference !== null) put(() => ({ localPreference }));
  if (med !== null)
    changes.push((state) => {
      state.route = { ...state.route, med };
      state.setsMed = true;
    });
  if (origin !== null) put(() => ({ origin: origin as Route['origin'] }));
  if (weight !== null) put(() => ({ weight }));
  if (set.asPathPrepend.length > 0) {
    const front = set.asPathPrepend.join(' ');
    put(({ asPath }) => ({ asPath: asPath === '' ? front : `${front} ${asPath}` }));
  }
  if (changesAny(set.communities)) {
    const change = compileChange(set.communities, 'Standard', lists);
    put(({ communities }) => ({ communities: change(communities) }));
  }
  if (changesAny(set.largeCommunities)) {
    const change = compileChange(set.largeCommunities, 'Large', lists);
    put(({ largeCommunities }) => ({ largeCommunities: change(largeCommunities) }));
  }
  const { routeTargets, sitesOfOrigin } = set.extendedCommunities;
  const extended = [...routeTargets.map((value) => `rt:${value}`), ...sitesOfOrigin.map((value) => `soo:${value}`)];
  if (extended.length > 0) put(({ extendedCommunities }) => ({ extendedCommunities: unite(extendedCommunities, extended) }));
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
    const left = deleted ? carried.filter((community) => !deleted.holds(community)) : carried;
    return unite(left, add);
  };
}

function unite(carried: readonly string[], added: readonly string[]): readonly string[] {
  return added.every((community) => carried.includes(community)) ? carried : [...new Set([...carried, ...added])];
}

function changeNextHop({ address, mode, families }: NonNullable<RouteSetIntent['nextHop']>, isForAll: boolean): Change {
  return (state, use) => {
    const { family } = state.route.network;
    // An entry for both families gives its IPv6 next hop to IPv4 routes too: layout Managed writes none, layout Native may.
    if (!families.includes(family) && !(mode === 'Address' && family === 'ipv4' && use.at === 'import' && isForAll)) return;
    if (mode === 'Address') {
      state.route = { ...state.route, nextHop: address };
      // Once it is to be our own on export, nothing brings another back.
      if (state.nextHop === 'PeerAddress' && use.at === 'export') return;
    } else if (mode === 'PeerAddress' && use.at === 'import') {
      const peer = parseAddress(use.neighbor);
      // A neighbor whose address is of the other family says nothing about the next hop.
      if (!peer || (peer.version === 4) !== (family === 'ipv4')) return;
      state.route = { ...state.route, nextHop: peer.text };
    } else if (mode === 'PeerAddress') state.route = { ...state.route, nextHop: null };
    state.nextHop = mode === 'Unchanged' && state.nextHop !== null ? state.nextHop : mode;
  };
}
