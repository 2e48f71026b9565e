import type { AsPathListIntent, CommunityListIntent, CommunityType, DeviceIntent, IpFamily } from '../api/index.ts';
import { compilePathPattern } from './as-path-pattern.ts';
import { compilePrefixList, type PrefixMatcher } from './prefix-matcher.ts';
import type { Route } from './route.ts';

/** What policies and lists are read from: what a device holds of them. */
export type PolicyIntent = Pick<DeviceIntent, 'prefixLists' | 'communityLists' | 'asPathLists' | 'routeMaps'>;

/** The lists of one device, ready to be asked. Undefined: there is no such list, which on FRR no route is in. */
export interface Lists {
  prefixes(name: string, family: IpFamily): PrefixMatcher | undefined;
  communities(name: string, type: CommunityType): CommunityMatcher | undefined;
  asPaths(name: string): ((asPath: string) => boolean) | undefined;
}

export interface CommunityMatcher {
  matches: (carried: readonly string[]) => boolean;
  /** Whether a deletion by the list takes this community away: it stands in any entry. */
  holds: (community: string) => boolean;
}

/** Reads lists when they are asked for, and lists with the same text once: those of a fleet are mostly the same. */
export function compileLists(intent: PolicyIntent, shared: Map<string, unknown> = new Map()): Lists {
  const once = <Made>(kind: string, list: { entries: readonly unknown[] }, make: () => Made): Made => {
    const key = `${kind} ${JSON.stringify(list.entries)}`;
    if (!shared.has(key)) shared.set(key, make());
    return shared.get(key) as Made;
  };
  const prefixes = byName(intent.prefixLists, ({ list, family }) => `${family} ${list}`);
  const communities = byName(intent.communityLists, ({ list, type }) => `${type} ${list}`);
  const asPaths = byName(intent.asPathLists, ({ list }) => list);
  return {
    prefixes: remember((name, family) => {
      const list = prefixes.get(`${family} ${name}`);
      return list && once(family, list, () => compilePrefixList(list));
    }),
    communities: remember((name, type) => {
      const list = communities.get(`${type} ${name}`);
      return list && once(type, list, () => compileCommunityList(list));
    }),
    asPaths: remember((name) => {
      const list = asPaths.get(name);
      return list && once('as-path', list, () => compileAsPathList(list));
    }),
  };
}

function byName<List>(lists: readonly List[], nameOf: (list: List) => string): ReadonlyMap<string, List> {
  return new Map(lists.map((list) => [nameOf(list), list]));
}

function remember<Arguments extends readonly string[], Value>(make: (...of: Arguments) => Value): (...of: Arguments) => Value {
  const made = new Map<string, Value>();
  return (...of) => {
    const key = of.join(' ');
    const known = made.get(key);
    if (known !== undefined || made.has(key)) return known as Value;
    const value = make(...of);
    made.set(key, value);
    return value;
  };
}

/** A route matches an entry when it carries all its communities. */
function compileCommunityList({ entries }: CommunityListIntent): CommunityMatcher {
  const single = new Set(entries.flatMap(({ communities: [only, ...more] }) => (only !== undefined && more.length === 0 ? [only] : [])));
  const groups = entries.filter(({ communities }) => communities.length > 1);
  const all = new Set(entries.flatMap(({ communities }) => communities));
  return {
    matches: (carried) => {
      for (const community of carried) if (single.has(community)) return true;
      return groups.some(({ communities }) => communities.every((community) => carried.includes(community)));
    },
    holds: (community) => all.has(community),
  };
}

function compileAsPathList({ entries }: AsPathListIntent): (asPath: string) => boolean {
  const patterns = entries.map(({ action, regex }) => ({ permits: action === 'Permit', isFoundIn: compilePathPattern(regex) }));
  // Thousands of routes share some hundred paths.
  const known = new Map<string, boolean>();
  return (asPath) => {
    let permits = known.get(asPath);
    if (permits === undefined) {
      permits = patterns.find(({ isFoundIn }) => isFoundIn(asPath))?.permits === true;
      known.set(asPath, permits);
    }
    return permits;
  };
}

/** The communities of a route that a kind of list looks at. */
export function carriedOf(route: Route, type: CommunityType): readonly string[] {
  if (type === 'Standard') return route.communities;
  return type === 'Large' ? route.largeCommunities : route.extendedCommunities;
}
