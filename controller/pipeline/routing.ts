import {
  type CheckedState,
  type DeviceIntent,
  type EffectRoutes,
  mostNamedPrefixes,
  type NamedPrefixes,
  type RoutingEffects,
} from '../api/index.ts';
import { compileDevice, digestIntent } from '../compile/index.ts';
import { compareRouting, type ReadTable, type ReceivedRoute } from '../policy/index.ts';
import type { Prepared, PreparedDevice } from './prepare.ts';

/** Words of lines that decide about routes, on any platform. */
export const policyLine =
  /^\s*(no )?(route-map |(ip|ipv6) prefix-list |bgp (as-path|community-list|large-community-list|extcommunity-list|listen range)|bgp ebgp-requires-policy$|ip (community-list|as-path)|neighbor \S+ (route-map|prefix-list|filter-list|distribute-list|unsuppress-map|advertise-map|(interface )?remote-as|(interface (v6only )?)?peer-group)|(network|aggregate-address|redistribute) )/;

/**
 * What the way from one state to another does to the routes of the network: of every device that hands routes to one that changes,
 * or gets them from it. Undefined when no device changes in anything that decides about routes. A device that only `before` has is
 * released and goes on as it is.
 */
export function compareRoutingOf(
  before: Pick<Prepared, 'state'>,
  after: Pick<Prepared, 'state' | 'devices'>,
  changed: ReadonlySet<string>,
  tables: readonly ReadTable[] = [],
): RoutingEffects | undefined {
  const released = [...before.state.objects.Device.keys()].filter((name) => !after.state.objects.Device.has(name));
  return compareFrom({ compile: (names) => compileSome(before.state, names), states: [before.state], released }, after, changed, tables);
}

/** What a network was. */
export interface Past {
  /** What some of its devices were; one that is not there was not, or is not known. */
  compile: (names: ReadonlySet<string>) => Map<string, DeviceIntent>;
  /** Their sessions say who hands routes to whom. */
  states: readonly CheckedState[];
  released: readonly string[];
  /** Default: however many hang together. */
  mostDevices?: number;
}

export function compareFrom(
  past: Past,
  after: Pick<Prepared, 'state' | 'devices'>,
  changed: ReadonlySet<string>,
  tables: readonly ReadTable[] = [],
): RoutingEffects | undefined {
  const { released } = past;
  // Those that are rendered the same are the same; the rest of the network is compiled only when it is needed.
  const [old, made] = [past.compile(changed), compileSome(after.state, changed)];
  if (released.length === 0 && [...changed].every((name) => digestRouting(old.get(name)) === digestRouting(made.get(name))))
    return undefined;
  const names = reach(new Set([...changed, ...released]), ...past.states, after.state);
  if (names.size > (past.mostDevices ?? Infinity)) {
    const what = `${names.size} devices hang together by sessions, more than can be looked at here: compare the revisions with plumb plan --base`;
    return { ...nothing, notEvaluated: [what] };
  }
  const was = past.compile(names);
  const is = compileSome(after.state, names);
  for (const name of released) {
    const intent = was.get(name);
    if (intent) is.set(name, intent);
  }
  const broken = [...names].filter((name) => !is.has(name) && after.state.objects.Device.has(name));
  // A device that cannot be compiled says nothing, which is not that it announces nothing.
  for (const name of broken) was.delete(name);
  const effects = compareRouting({ before: [...was.values()], after: [...is.values()], received: receivedIn(tables, [...is.values()]) });
  return {
    ...effects,
    notEvaluated: [
      ...effects.notEvaluated,
      ...broken.map((name) => `${name}: what Git says of it cannot be compiled`),
      ...ownLines(after.devices),
      ...shortTables(tables, is),
    ],
  };
}

/** Nothing was looked at. */
export const nothing: RoutingEffects = {
  neighbors: [],
  unreachable: [],
  leaks: [],
  lastOfSite: [],
  evaluated: { devices: 0, prefixes: 0, received: 0 },
  notEvaluated: [],
};

/** Devices that are not rendered the same, or stand on one side only. */
export function changedDevices(before: Prepared, after: Prepared): ReadonlySet<string> {
  const known = new Map(before.devices.map((device) => [device.name, device]));
  return new Set(after.devices.flatMap(({ name, ready }) => (known.get(name)?.ready === ready && ready ? [] : [name])));
}

/** All that hang together with some devices by sessions between managed ones. */
function reach(changed: ReadonlySet<string>, ...states: readonly CheckedState[]): ReadonlySet<string> {
  const next = new Map<string, Set<string>>();
  for (const { objects } of states) {
    for (const { spec } of objects.BGPSession.values()) {
      const [a, b] = spec.ends.map(({ device }) => device);
      if (a === undefined || b === undefined) continue;
      for (const [from, to] of [
        [a, b],
        [b, a],
      ] as const)
        next.set(from, (next.get(from) ?? new Set()).add(to));
    }
  }
  const found = new Set(changed);
  for (const name of found) for (const other of next.get(name) ?? []) found.add(other);
  return found;
}

export function compileSome(state: CheckedState, names: ReadonlySet<string>): Map<string, DeviceIntent> {
  return new Map(
    [...names].flatMap((name) => {
      const intent = state.objects.Device.has(name) ? compileDevice(state, name).intent : undefined;
      return intent ? [[name, intent] as const] : [];
    }),
  );
}

function digestRouting(intent: DeviceIntent | undefined): string {
  if (!intent) return '';
  const { interfaces, staticRoutes, prefixLists, communityLists, asPathLists, routeMaps, bgp } = intent;
  return digestIntent({
    ...intent,
    interfaces,
    staticRoutes,
    prefixLists,
    communityLists,
    asPathLists,
    routeMaps,
    bgp,
    sections: [],
    secrets: [],
    sessions: [],
    templateOverrides: {},
    exactContainers: [],
  });
}

/** Paths of a table belong to the device with its router id. */
function receivedIn(tables: readonly ReadTable[], intents: readonly DeviceIntent[]): ReceivedRoute[] {
  return tables.flatMap(({ routerId, paths }) => {
    const intent = intents.find(({ bgp }) => bgp?.routerId === routerId);
    const outside = new Set(intent?.bgp?.neighbors.flatMap(({ address, peerDevice }) => (peerDevice === null ? [address] : [])));
    return intent ? paths.filter(({ neighbor }) => outside.has(neighbor)).map((path) => ({ device: intent.device, ...path })) : [];
  });
}

function shortTables(tables: readonly ReadTable[], intents: ReadonlyMap<string, DeviceIntent>): string[] {
  return tables.flatMap(({ routerId, hasCommunities }) => {
    const known = [...intents.values()].find(({ bgp }) => bgp?.routerId === routerId);
    if (!known) return [`The table of router ${routerId} was left out: no device that is looked at has this router id`];
    return hasCommunities ? [] : [`The table of ${known.device} holds no communities: take show bgp ipv4 unicast json detail`];
  });
}

const isOpenProfile = /^frr defaults datacenter\s*$/;

/** Lines of raw sections and own templates that decide about routes: they are not in what was compiled. */
function ownLines(devices: readonly PreparedDevice[]): string[] {
  const found = devices.flatMap(({ name, ready }) => {
    if (!ready) return [];
    let section: string | undefined;
    const named = new Set<string>();
    const { text } = ready.rendered;
    // What the profile says of neighbors without a policy counts where nothing else says it.
    const isSaid = /^ (no )?bgp ebgp-requires-policy$/m.test(text);
    for (const line of text.split('\n')) {
      const owner = /^\s*[!#] plumbline:from (\S+)/.exec(line)?.[1];
      if (owner !== undefined) section = owner.startsWith('Section/') ? owner : undefined;
      else if (section !== undefined && (policyLine.test(line) || (!isSaid && isOpenProfile.test(line)))) named.add(section);
    }
    return [...named].map((each) => [each, name] as const);
  });
  return [...Map.groupBy(found, ([section]) => section)].map(
    ([section, all]) => `${section} holds lines of its own that decide about routes (${nameSome(all.map(([, device]) => device))})`,
  );
}

function nameSome(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}

/**
 * The part of the effects that the plan of each changed device answers for: what its own neighbors get, what happens at devices that do not change
 * themselves, and leaks and last announcements of its own or of nobody that changes.
 */
export function shareRouting(
  effects: RoutingEffects | undefined,
  changed: ReadonlySet<string>,
  siteOf: (device: string) => string | undefined,
): ReadonlyMap<string, EffectRoutes> {
  const shares = new Map<string, EffectRoutes>();
  if (!effects) return shares;
  const sites = new Set([...changed].flatMap((name) => siteOf(name) ?? []));
  for (const name of changed) {
    const isMine = (device: string): boolean => device === name || !changed.has(device);
    const neighbors = effects.neighbors.filter(({ device }) => isMine(device));
    const some = (key: 'announced' | 'withdrawn'): EffectRoutes['announced'] =>
      neighbors
        .filter((each) => each[key].count > 0)
        .map(({ device, neighbor, peer, [key]: prefixes }) => ({ device, neighbor, peer, ...few(prefixes) }));
    const share: EffectRoutes = {
      announced: some('announced'),
      withdrawn: some('withdrawn'),
      leaks: effects.leaks
        .filter(({ from, to }) => isMine(to.device) || from.device === name)
        .map(({ from, to }) => `routes of ${from.peer} (${from.relationship}) to ${to.peer} (${to.relationship})`),
      lastOfSite: effects.lastOfSite
        .filter(({ site }) => siteOf(name) === site || !sites.has(site))
        .map(({ site, ...prefixes }) => ({ site, ...few(prefixes) })),
    };
    if (share.announced.length + share.withdrawn.length + share.leaks.length + share.lastOfSite.length > 0) shares.set(name, share);
  }
  return shares;
}

function few({ count, prefixes }: NamedPrefixes): NamedPrefixes {
  return { count, prefixes: prefixes.slice(0, Math.min(5, mostNamedPrefixes)) };
}
