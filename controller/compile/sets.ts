import {
  type AsPathListIntent,
  type CommunityListIntent,
  type CommunitySetSpec,
  type CommunityType,
  type DesiredObject,
  type IpFamily,
  type PrefixListIntent,
  type PrefixSetEntry,
  sequenceOf,
} from '../api/index.ts';
import { type Compilation, familyOf, sortedEntries } from './context.ts';
import { sortCommunities } from './order.ts';
import { ownerOf } from './owner.ts';

/** The list that holds every prefix of a family. Capitals and _: no PrefixSet can have this name. */
const anyPrefixList = 'PLUMBLINE_ANY';

/** The sets that the policies of one device use: asked for by name, then compiled once. */
export interface UsedSets {
  /** Whether a route of the family can be in the set; true when no set is named. */
  hasPrefixes(set: string | undefined, family: IpFamily): boolean;
  hasCommunities(set: string | undefined): boolean;
  hasAsPaths(set: string | undefined): boolean;
  /** Name of the list on the device, which is used from then on. */
  usePrefixes(set: string | undefined, family: IpFamily): string | null;
  useAnyPrefix(family: IpFamily): string;
  useCommunities(set: string | undefined, type?: CommunityType): { list: string; type: CommunityType } | null;
  useAsPaths(set: string | undefined): string | null;
  communitiesIn(set: string | undefined): readonly string[];
  /** Sets asked for that do not exist, since the last call. */
  takeMissing(): string[];
  lists(): { prefixLists: PrefixListIntent[]; communityLists: CommunityListIntent[]; asPathLists: AsPathListIntent[] };
}

export function trackSets({ desired, device }: Compilation): UsedSets {
  const usedPrefixes = new Map<string, DesiredObject<'PrefixSet'>>();
  const usedFamilies = new Map<string, Set<IpFamily>>();
  const usedCommunities = new Map<string, DesiredObject<'CommunitySet'>>();
  const usedAsPaths = new Map<string, DesiredObject<'ASPathSet'>>();
  const usedAny = new Set<IpFamily>();
  const missing = new Set<string>();

  function find<K extends 'PrefixSet' | 'CommunitySet' | 'ASPathSet'>(kind: K, name: string): DesiredObject<K> | undefined {
    const object = desired.get(kind, name);
    if (!object) missing.add(`${kind}/${name}`);
    return object;
  }

  return {
    hasPrefixes: (name, family) =>
      name === undefined || find('PrefixSet', name)?.spec.entries.some((entry) => familyOf(entry.prefix) === family) === true,
    hasCommunities: (name) => name === undefined || (find('CommunitySet', name)?.spec.communities.length ?? 0) > 0,
    hasAsPaths: (name) => name === undefined || (find('ASPathSet', name)?.spec.entries.length ?? 0) > 0,
    usePrefixes(name, family) {
      const set = name === undefined ? undefined : find('PrefixSet', name);
      if (name === undefined || !set) return null;
      usedPrefixes.set(name, set);
      usedFamilies.set(name, (usedFamilies.get(name) ?? new Set()).add(family));
      return set.spec.nameOnDevice ?? name;
    },
    useAnyPrefix(family) {
      usedAny.add(family);
      return anyPrefixList;
    },
    useCommunities(name, type) {
      const set = name === undefined ? undefined : find('CommunitySet', name);
      if (name === undefined || !set || set.spec.communities.length === 0 || (type !== undefined && set.spec.type !== type)) return null;
      usedCommunities.set(name, set);
      return { list: set.spec.nameOnDevice ?? name, type: set.spec.type };
    },
    useAsPaths(name) {
      const set = name === undefined ? undefined : find('ASPathSet', name);
      if (name === undefined || !set) return null;
      usedAsPaths.set(name, set);
      return set.spec.nameOnDevice ?? name;
    },
    communitiesIn: (name) => (name === undefined ? [] : (find('CommunitySet', name)?.spec.communities ?? [])),
    takeMissing() {
      const found = [...missing].sort();
      missing.clear();
      return found;
    },
    lists: () => ({
      prefixLists: (['ipv4', 'ipv6'] as const).flatMap((family) => [
        ...(usedAny.has(family) ? [anyPrefix(family)] : []),
        ...sortedEntries(usedPrefixes).flatMap(([name, set]) =>
          usedFamilies.get(name)?.has(family) ? [compilePrefixes(set, family)] : [],
        ),
      ]),
      communityLists: sortedEntries(usedCommunities).map(([, set]) => compileCommunities(set)),
      asPathLists: sortedEntries(usedAsPaths).map(([, set]) => compileAsPaths(set)),
    }),
  };

  function anyPrefix(family: IpFamily): PrefixListIntent {
    const [prefix, le] = family === 'ipv4' ? ['0.0.0.0/0', 32] : ['::/0', 128];
    return { ...ownerOf(device), list: anyPrefixList, family, entries: [{ sequence: 10, action: 'Permit', prefix, ge: null, le }] };
  }
}

function compilePrefixes(set: DesiredObject<'PrefixSet'>, family: IpFamily): PrefixListIntent {
  const { entries: all, nameOnDevice, sequenceStep } = set.spec;
  const compileEntry = (entry: PrefixSetEntry, index: number): PrefixListIntent['entries'][number] => {
    const { action, prefix, ge, le } = entry;
    return { sequence: sequenceOf(entry, index, sequenceStep), action, prefix, ge: ge ?? null, le: le ?? null };
  };
  const entries = all.filter((entry) => familyOf(entry.prefix) === family).map(compileEntry);
  return { ...ownerOf(set), list: nameOnDevice ?? set.metadata.name, family, entries };
}

function compileCommunities(set: DesiredObject<'CommunitySet'>): CommunityListIntent {
  const { type, match, communities, nameOnDevice, sequenceStep }: CommunitySetSpec = set.spec;
  const groups = match === 'All' ? [sortCommunities(communities)] : communities.map((community) => [community]);
  return {
    ...ownerOf(set),
    list: nameOnDevice ?? set.metadata.name,
    type,
    entries: groups.map((group, i) => ({ sequence: sequenceOf({}, i, sequenceStep), communities: group })),
  };
}

function compileAsPaths(set: DesiredObject<'ASPathSet'>): AsPathListIntent {
  const { entries: all, nameOnDevice, sequenceStep } = set.spec;
  const entries = all.map((entry, i) => ({ sequence: sequenceOf(entry, i, sequenceStep), action: entry.action, regex: entry.regex }));
  return { ...ownerOf(set), list: nameOnDevice ?? set.metadata.name, entries };
}
