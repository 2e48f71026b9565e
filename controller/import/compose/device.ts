import type { Node } from '../../config/index.ts';
import { unsetToken } from '../../lib/index.ts';
import type { Claims, Unit } from '../claims.ts';
import type { FoundItem, FoundSet, Spec } from '../found.ts';
import type { FoundInstance } from '../frr/index.ts';
import { type Original, tokensIn } from '../original.ts';
import type { Registry } from '../registry.ts';
import { composeSections, type RawSection } from '../sections.ts';
import type { Book } from './book.ts';
import { groupKey, type Names } from './names.ts';
import type { Part } from './part.ts';

/** What is known of a device beside its configuration. */
export interface DeviceWords {
  management?: Spec;
  credentials: string;
}

export interface ComposedDevice {
  original: Original;
  claims: Claims;
  sections: readonly RawSection[];
  /** By path of the value in the spec: the unit. */
  items: ReadonlyMap<string, Unit>;
  /** The text that a node of the original has when secrets stand in it as references that are not set. */
  expected: (node: Node) => string;
}

/** What sessions of the import use of a device, by the names that it has there. */
export interface UsedBySessions {
  maps: ReadonlySet<string>;
  groups: ReadonlySet<string>;
}

const profileName = 'imported-frr';

/** Adds the Device with its raw sections. */
export function composeDevice(
  part: Part,
  words: DeviceWords | undefined,
  leftOut: ReadonlyMap<string, string> | undefined,
  used: UsedBySessions,
  registry: Registry,
  book: Book,
  files: Map<string, string>,
): ComposedDevice {
  const { original, claims, found, names } = part;
  const { device } = original;
  const keyOf = (node: Node): string => original.entryOf.get(node)?.key ?? '';
  const sections = composeSections(
    original,
    claims,
    (node) => leftOut?.has(keyOf(node)) === true,
    (node, token) => book.ofRaw(original, node, token),
  );
  for (const { path, text } of sections) files.set(path, text);

  const items = new Map<string, Unit>();
  const list: ListItems = (path, found) =>
    found.map(({ spec, unit, map }, i) => {
      items.set(`${path}.${i}`, unit);
      return { ...spec, ...(map !== undefined && { policy: names.policies.get(map) }) };
    });
  const own = found.instances.find(({ vrf }) => vrf === undefined);
  const vrfs = vrfsOf(part).map((name, i): Spec => {
    const instance = found.instances.find(({ vrf }) => vrf === name);
    return { name, ...(instance && { bgp: specOfInstance(instance, `vrfs.${i}.bgp`, names, list, items) }) };
  });
  const hasInterfaces = found.interfaces.some(({ unit }) => original.entries.some(({ node }) => claims.unitOf(node) === unit));
  const profile = hasInterfaces
    ? registry.add('DeviceProfile', [profileName], () => ({ platform: original.platform, renderInterfaces: true }), [])
    : undefined;
  const keeps = keptBy(part, used);
  const spec: Spec = {
    platform: original.platform,
    ...(profile !== undefined && { profile }),
    ...(words?.management ? { management: words.management } : { lifecycle: 'Planned' }),
    credentials: { observe: { name: words?.credentials ?? 'routers-observe' } },
    ...present('interfaces', list('interfaces', found.interfaces)),
    ...present('staticRoutes', list('staticRoutes', found.routes)),
    ...(own && { bgp: specOfInstance(own, 'bgp', names, list, items) }),
    ...present('vrfs', vrfs),
    ...(found.rpki && { rpki: found.rpki }),
    ...present(
      'sections',
      sections.map(({ name, path, isTemplate }) => ({ name, [isTemplate ? 'template' : 'file']: path })),
    ),
    ...(Object.keys(keeps).length > 0 && { keeps }),
  };
  registry.add('Device', [device], () => spec, []);
  const expected = (node: Node): string =>
    tokensIn(node.text).reduce((text, token) => {
      const { name, key } = book.find(device, node, token);
      return text.replace(token, unsetToken(name, key));
    }, node.text);
  return { original, claims, sections, items, expected };
}

/** Puts a list of the spec together, and remembers where each unit stands. */
type ListItems = (path: string, found: readonly FoundItem[]) => Spec[];

function specOfInstance(instance: FoundInstance, path: string, names: Names, list: ListItems, items: Map<string, Unit>): Spec {
  const { spec, prefix, vrf, networks, aggregates, redistribute, listening } = instance;
  items.set(path, `${prefix}router bgp`);
  for (const field of Object.keys(spec))
    if (field !== 'asn') items.set(`${path}.${field}`, prefix + (unitsOfFields[field] ?? `bgp ${field}`));
  const ranges = list(`${path}.listen.ranges`, listening.ranges).map((range, i) => ({
    ...range,
    peerGroup: names.groups.get(groupKey(listening.ranges[i]?.group ?? '', vrf))?.name,
  }));
  const listen = { ...(listening.limit !== undefined && { limit: listening.limit }), ...present('ranges', ranges) };
  return {
    ...spec,
    ...present('networks', list(`${path}.networks`, networks)),
    ...present('aggregates', list(`${path}.aggregates`, aggregates)),
    ...present('redistribute', list(`${path}.redistribute`, redistribute)),
    ...(Object.keys(listen).length > 0 && { listen }),
  };
}

const unitsOfFields: Readonly<Record<string, Unit>> = {
  defaultLocalPreference: 'bgp localPreference',
  networkImportCheck: 'bgp importCheck',
  maximumPaths: 'bgp paths external',
  defaultIpv4Unicast: 'bgp defaultFamily',
};

/** VRFs that something of the Device stands in. */
function vrfsOf({ found }: Part): string[] {
  const named = [
    ...found.instances.map(({ vrf }) => vrf),
    ...[...found.routes, ...found.interfaces].map(({ spec }) => spec['vrf'] as string | undefined),
  ];
  return [...new Set(named.filter((vrf) => vrf !== undefined))].sort();
}

function present(name: string, list: readonly unknown[]): Spec {
  return list.length > 0 ? { [name]: list } : {};
}

/** What stands on the device and nothing of Git uses: policies of raw lines, and the sets of raw policies. */
function keptBy({ found, names }: Part, used: UsedBySessions): Spec {
  const originated = found.instances.flatMap(({ networks, aggregates, redistribute }) => [...networks, ...aggregates, ...redistribute]);
  const usedMaps = new Set([...used.maps, ...originated.flatMap(({ map }) => map ?? [])]);
  const usedGroups = new Set(used.groups);
  for (const { listening, vrf } of found.instances) for (const { group } of listening.ranges) usedGroups.add(groupKey(group, vrf));
  const keptGroups = found.groups.filter(({ group, vrf }) => vrf === undefined && !usedGroups.has(groupKey(group, vrf)));
  for (const { families } of found.groups)
    for (const { maps } of families.values()) for (const map of Object.values(maps)) usedMaps.add(map);
  const usedSets = new Set(found.policies.flatMap(({ terms }) => terms.flatMap(({ sets }) => Object.values(sets))));
  const routePolicies = [...new Set(found.policies.flatMap(({ map }) => (usedMaps.has(map) ? [] : (names.policies.get(map) ?? []))))];
  const setsOf = (kind: FoundSet['kind']): string[] => [
    ...new Set([...names.sets].flatMap(([key, set]) => (set.kind === kind && !usedSets.has(key) ? [set.name] : []))),
  ];
  return {
    ...present('routePolicies', routePolicies),
    ...present('prefixSets', setsOf('PrefixSet')),
    ...present('communitySets', setsOf('CommunitySet')),
    ...present('asPathSets', setsOf('ASPathSet')),
    ...present(
      'peerGroups',
      keptGroups.flatMap(({ group, vrf }) => names.groups.get(groupKey(group, vrf))?.name ?? []),
    ),
  };
}
