import type { DeviceIntent, RoutingEffects } from '../api/index.ts';
import { isSuppressed, mayOriginateDefault, type Sent, sentBy } from './announcements.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { findLeaks } from './leaks.ts';
import { networkOf, originsOf, unknownProtocols } from './origins.ts';
import { propagate, type Spread } from './propagate.ts';
import { makeRegion, type Region, type Router, type RouterPeer } from './region.ts';
import type { Network } from './route.ts';
import { classesOf, collectSeeds, describeImport, isInside, type PrefixSeeds, type ReceivedRoute, seedOf } from './seeds.ts';

/** What a network was and what it is to be, device by device, and routes that are known to come from outside. */
export interface RoutingChange {
  before: readonly DeviceIntent[];
  after: readonly DeviceIntent[];
  received?: readonly ReceivedRoute[];
}

/** Answers of policies that one comparison may take: some seconds. What is beyond is said to be left out. */
const mostAsked = 4_000_000;

/**
 * What a change does to the routes of a network: every prefix that its devices originate, and those received that are given, go through
 * every import and export policy before and after.
 */
export function compareRouting({ before, after, received = [] }: RoutingChange): RoutingEffects {
  const shared = new Map<string, unknown>();
  const regions = { before: makeRegion(before, shared), after: makeRegion(after, shared) };
  const prefixes = collectSeeds(regions.before, regions.after, received);
  const ledger = createLedger();
  const budget = { left: mostAsked, prefixes: 0, close: 0, unsettled: 0 };
  const ends: PrefixEnds[] = [];

  const aggregates = new Map([...aggregatesIn(regions.before), ...aggregatesIn(regions.after)].map((network) => [network.text, network]));
  const plain = [...prefixes.values()].filter(({ network }) => !aggregates.has(network.text));
  const walk = (some: readonly PrefixSeeds[]): void => {
    for (const members of classesOf(some, [regions.before, regions.after])) {
      const [first] = members;
      if (!first) continue;
      if (budget.left < 0) {
        budget.prefixes += members.length;
        continue;
      }
      const spread = {
        before: propagate(regions.before, first.network, first.before, isSuppressed),
        after: propagate(regions.after, first.network, first.after, isSuppressed),
      };
      budget.left -= spread.before.asked + spread.after.asked;
      if (spread.after.isClose) budget.close += members.length;
      if (!spread.before.settled || !spread.after.settled) budget.unsettled += members.length;
      const networks = members.map(({ network }) => network);
      ends.push({ networks, ...spread });
      record(ledger, regions, networks, spread);
    }
  };
  walk(plain);
  // From the longest: an aggregate may stand inside another.
  const taken: string[] = [];
  for (const network of [...aggregates.values()].toSorted((a, b) => b.length - a.length)) {
    const seeds = prefixes.get(network.text);
    if (!seeds) continue;
    addAggregate(seeds, regions, ends, taken);
    walk([seeds]);
  }
  ledger.addLeaks(findLeaks(regions.before, regions.after, budget));
  return {
    ...ledger.sum(),
    evaluated: { devices: regions.after.size, prefixes: prefixes.size - budget.prefixes, received: received.length },
    notEvaluated: [...notesOf(regions, received, budget), ...taken],
  };
}

interface PrefixEnds {
  networks: readonly Network[];
  before: Spread;
  after: Spread;
}

interface Regions {
  before: Region;
  after: Region;
}

function aggregatesIn(region: Region): Network[] {
  return [...region.values()].flatMap(({ intent }) =>
    (intent.bgp?.families ?? []).flatMap(({ aggregates }) => aggregates.flatMap(({ prefix }) => networkOf(prefix) ?? [])),
  );
}

/** An aggregate is there while a route inside it is. Where none was known of before, some may come from outside: it is taken to be there. */
function addAggregate(seeds: PrefixSeeds, regions: Regions, ends: readonly PrefixEnds[], taken: string[]): void {
  const inside = ends.filter(({ networks }) => networks.some((network) => isInside(network, seeds.network)));
  const known = (time: 'before' | 'after', device: string): boolean => inside.some((end) => end[time].best.has(device));
  for (const time of ['before', 'after'] as const) {
    for (const router of regions[time].values()) {
      const origin = originsOf(router).find(({ kind, route }) => kind === 'aggregate' && route.network.text === seeds.network.text);
      if (!origin || !(known(time, router.name) || !known('before', router.name))) continue;
      if (!known(time, router.name) && time === 'after')
        taken.push(`${router.name}: aggregate ${seeds.network.text} is taken to be announced: no route inside it is known`);
      seeds[time].push(seedOf(router, origin));
    }
  }
}

/** Writes down what every neighbor outside gets of some prefixes, before and after. */
function record(ledger: Ledger, regions: Regions, networks: readonly Network[], spread: { before: Spread; after: Spread }): void {
  const [network] = networks;
  if (!network) return;
  const sent = { before: sentBy(regions.before, network, spread.before), after: sentBy(regions.after, network, spread.after) };
  for (const key of new Set([...sent.before.keys(), ...sent.after.keys()])) {
    const [was, is] = [sent.before.get(key), sent.after.get(key)];
    const known = is ?? was;
    if (known) ledger.addNeighbor({ router: known.router, peer: known.peer, networks, before: was?.route, after: is?.route });
  }
  for (const device of spread.before.best.keys()) {
    if (regions.after.has(device) && !spread.after.best.has(device)) ledger.addUnreachable(device, networks);
  }
  const sitesOf = (some: ReadonlyMap<string, Sent>): Set<string> => new Set([...some.values()].flatMap(({ router }) => router.site ?? []));
  const left = sitesOf(sent.after);
  for (const site of sitesOf(sent.before)) if (!left.has(site)) ledger.addLastOfSite(site, networks);
  for (const { router, peer, held } of sent.after.values()) {
    const before = sent.before.get(`${router.name} ${peer.neighbor.address}`);
    if (held?.entered)
      ledger.addReceivedLeak(held.entered, router, peer, networks, before?.held?.entered?.peer.session === held.entered.peer.session);
  }
}

interface Budget {
  left: number;
  prefixes: number;
  close: number;
  unsettled: number;
}

function notesOf({ before, after }: Regions, received: readonly ReceivedRoute[], { prefixes, close, unsettled }: Budget): string[] {
  const routers = [...after.values()];
  const given = new Set(received.map(({ device, neighbor }) => `${device} ${neighbor}`));
  const silent = new Set(
    routers
      .flatMap((router) => outsideOf(router).map(({ neighbor }) => `${router.name} ${neighbor.address}`))
      .filter((key) => !given.has(key)),
  );
  const changed = new Set(
    received.flatMap(({ device, neighbor, route }) => {
      const [was, is] = [before, after].map((region) => {
        const router = region.get(device);
        const peer = router?.peers[route.network.family].find((each) => each.neighbor.address === neighbor);
        return router && peer ? describeImport({ router, peer }) : undefined;
      });
      return was !== undefined && is !== undefined && was !== is ? [`${device} from ${neighbor}`] : [];
    }),
  );
  return [
    ...(silent.size > 0
      ? [`what ${silent.size} ${silent.size === 1 ? 'neighbor' : 'neighbors'} outside may send is not known: give tables with --rib`]
      : []),
    ...[...changed].map(
      (who) => `${who}: the import policy changes, and the table holds routes as the old one left them: what it refused is not known`,
    ),
    ...routers.flatMap((router) =>
      unknownProtocols(router).map((protocol) => `${router.name}: routes of ${protocol} that it redistributes are not known`),
    ),
    ...routers.flatMap((router) =>
      outsideOf(router)
        .filter((peer) => mayOriginateDefault(router, peer))
        .map(
          ({ neighbor, options }) =>
            `${neighbor.peer} (${neighbor.address}): whether ${options.defaultOriginatePolicy ?? ''} lets the default route go is not known`,
        ),
    ),
    ...routers.flatMap(instancesLeftOut),
    ...routers.flatMap(statesNotKnown),
    ...ownLinesOf(routers),
    ...(close > 0
      ? [`${count(close)} with more than one best route: a router goes by distance or age, here the lowest address of a neighbor decided`]
      : []),
    ...(unsettled > 0 ? [`${count(unsettled)} for which the choice of routes never comes to rest`] : []),
    ...(prefixes > 0 ? [`${count(prefixes)} left out: too many at once; name fewer devices`] : []),
  ];
}

function outsideOf({ peers }: Router): RouterPeer[] {
  return [...peers.ipv4, ...peers.ipv6].filter(({ device }) => device === null);
}

function statesNotKnown({ name, intent: { routeMaps } }: Router): string[] {
  return routeMaps
    .filter(({ entries }) => entries.some(({ match }) => match.rpki !== null))
    .map((map) => `${map.kind}/${map.name} at ${name}: what RPKI caches say of routes; all are taken for NotFound`);
}

function instancesLeftOut({ name, intent: { vrfs, bgp } }: Router): string[] {
  return [
    ...vrfs.filter((each) => each.bgp !== null).map(({ vrf }) => `${name}: what goes in and out in VRF ${vrf}`),
    ...((bgp?.listenRanges ?? []).length > 0 ? [`${name}: neighbors that come by themselves`] : []),
  ];
}

const decides =
  /\b(route-map|prefix-list|filter-list|distribute-list|unsuppress-map|advertise-map|default-originate|allowas-in|attribute-unchanged)\b/;

/** Lines in the words of the platform that decide about routes: policies are carried out as if they were not there. */
function ownLinesOf(routers: readonly Router[]): string[] {
  const found = routers.flatMap(({ name, intent: { routeMaps, bgp } }) => [
    ...routeMaps.flatMap((map) =>
      map.entries.filter(({ lines }) => lines.length > 0).map(({ term }) => `${map.kind}/${map.name}, term ${term ?? ''}`),
    ),
    ...[
      ...(bgp?.peerGroups ?? []),
      ...(bgp?.neighbors ?? []),
      ...(bgp?.families ?? []).flatMap(({ neighbors, peerGroups }) => [...neighbors, ...peerGroups]),
    ]
      .filter(({ lines }) => lines.some(({ text }) => decides.test(text)))
      .map((each) => `${each.kind}/${each.name} at ${name}`),
  ]);
  return [...new Set(found)].map((what) => `${what}: its further lines`);
}

function count(prefixes: number): string {
  return `${prefixes} ${prefixes === 1 ? 'prefix' : 'prefixes'}`;
}
