import type { DeviceIntent } from '../api/index.ts';
import { accept, isOpen } from './announce.ts';
import { networkOf, type Origin, originsOf } from './origins.ts';
import { compilePrefixList, type PrefixMatcher } from './prefix-matcher.ts';
import type { Seed } from './propagate.ts';
import type { Region, Router, RouterPeer } from './region.ts';
import type { Network, Route } from './route.ts';

/** A route that a device has from a neighbor outside of the fleet, after its import policy. */
export interface ReceivedRoute {
  device: string;
  neighbor: string;
  route: Route;
}

/** Where routes to a prefix begin, before and after a change. */
export interface PrefixSeeds {
  network: Network;
  before: Seed[];
  after: Seed[];
}

/** Every prefix that is known of, by its text. Aggregates have no seeds yet: whether there is one depends on the routes inside. */
export function collectSeeds(before: Region, after: Region, received: readonly ReceivedRoute[]): Map<string, PrefixSeeds> {
  const all = new Map<string, PrefixSeeds>();
  const of = (network: Network): PrefixSeeds => {
    const known = all.get(network.text) ?? { network, before: [], after: [] };
    all.set(network.text, known);
    return known;
  };
  for (const [time, region] of [['before', before] as const, ['after', after] as const]) {
    for (const router of region.values()) {
      for (const origin of originsOf(router)) {
        const seeds = of(origin.route.network);
        if (origin.kind !== 'aggregate') seeds[time].push(seedOf(router, origin));
      }
      for (const { prefix } of defaultsOf(router)) {
        const network = networkOf(prefix);
        if (network) of(network);
      }
    }
  }
  for (const each of received) {
    const seeds = of(each.route.network);
    const [was, is] = [before, after].map((region) => arrival(region, each)) as [Arrival | undefined, Arrival | undefined];
    if (was) seeds.before.push(enter(was, each.route));
    if (!is) continue;
    if (!was || samePolicy(was, is)) seeds.after.push(enter(is, each.route));
    else {
      const taken = accept(is.router, each.route, is.peer);
      if ('route' in taken) seeds.after.push(enter(is, taken.route));
    }
  }
  return all;
}

export function seedOf({ name }: Router, { kind, route }: Origin): Seed {
  return { device: name, candidate: { route, from: null, through: [], entered: null, origin: kind } };
}

/** A route that came in by a session with the outside. */
export function enter({ router, peer }: Arrival, route: Route): Seed {
  return { device: router.name, candidate: { route, from: peer, through: [], entered: { device: router.name, peer } } };
}

interface Arrival {
  router: Router;
  peer: RouterPeer;
}

function arrival(region: Region, { device, neighbor, route }: ReceivedRoute): Arrival | undefined {
  const router = region.get(device);
  const peer = router?.peers[route.network.family].find((each) => each.neighbor.address === neighbor);
  return router && peer && !peer.neighbor.shutdown ? { router, peer } : undefined;
}

/** Whether a route that the one import policy took is taken by the other in the same way. */
function samePolicy(a: Arrival, b: Arrival): boolean {
  return describeImport(a) === describeImport(b);
}

/** An import policy with all that it looks at, in words that are the same when it does the same. */
export function describeImport({ router: { intent, bgp }, peer }: Arrival): string {
  const map = intent.routeMaps.find(({ routeMap }) => routeMap === peer.options.import);
  const names = new Set(
    map?.entries.flatMap(({ match, set }) => [
      match.prefixList,
      match.nextHopList,
      match.communityList?.list,
      match.asPathList,
      set.communities.deleteList,
      set.largeCommunities.deleteList,
    ]),
  );
  const lists = [intent.prefixLists, intent.communityLists, intent.asPathLists].map((some) => some.filter(({ list }) => names.has(list)));
  const isTaken = peer.options.import === null && isOpen(bgp);
  return JSON.stringify([map, lists, isTaken], (key, value: unknown) =>
    key === 'source' || key === 'term' || key === 'sequence' ? undefined : value,
  );
}

/** The default routes that a device sends without having one. */
function defaultsOf({ peers }: Router): { prefix: string; peer: RouterPeer }[] {
  return [...peers.ipv4.map((peer) => ({ prefix: '0.0.0.0/0', peer })), ...peers.ipv6.map((peer) => ({ prefix: '::/0', peer }))].filter(
    ({ peer }) => peer.options.defaultOriginate,
  );
}

/** Prefixes that no policy can tell apart and that begin in the same places: what becomes of one becomes of all. */
export function classesOf(all: Iterable<PrefixSeeds>, regions: readonly Region[]): PrefixSeeds[][] {
  const intents = regions.flatMap((region) => [...region.values()].map(({ intent }) => intent));
  const matchers = matchersOf(intents);
  const aggregates = aggregatesOf(intents);
  const facts = new Map<unknown, number>();
  const numberOf = (seed: Seed): number => {
    const text = factsOf(seed);
    const known = facts.get(text) ?? facts.size;
    facts.set(text, known);
    return known;
  };
  const classes = new Map<string, PrefixSeeds[]>();
  for (const each of all) {
    const { network, before, after } = each;
    const bits = matchers.map((matches) => (matches(network) ? '1' : '0')).join('');
    const inside = aggregates.map((aggregate) => (isInside(network, aggregate) ? '1' : '0')).join('');
    const ends = [before, after].map((seeds) => seeds.map(numberOf).join()).join('|');
    // A default route may be sent without one, and an aggregate stands for those inside: both are like no other.
    const own = network.length === 0 || aggregates.some(({ text }) => text === network.text) ? network.text : '';
    const key = `${network.family} ${bits} ${inside} ${ends} ${own}`;
    const same = classes.get(key);
    if (same) same.push(each);
    else classes.set(key, [each]);
  }
  return [...classes.values()];
}

function factsOf({ device, candidate: { route, from, origin } }: Seed): string {
  const { network: _network, ...attributes } = route;
  return JSON.stringify([device, from?.neighbor.address, from?.neighbor.name, origin, attributes]);
}

function matchersOf(intents: readonly DeviceIntent[]): PrefixMatcher[] {
  const made = new Map<string, PrefixMatcher>();
  for (const { prefixLists } of intents) {
    for (const list of prefixLists) {
      const key = `${list.family} ${JSON.stringify(list.entries)}`;
      if (!made.has(key)) made.set(key, compilePrefixList(list));
    }
  }
  return [...made.values()];
}

function aggregatesOf(intents: readonly DeviceIntent[]): Network[] {
  const texts = new Set(
    intents.flatMap(({ bgp }) => bgp?.families.flatMap(({ aggregates }) => aggregates.map(({ prefix }) => prefix)) ?? []),
  );
  return [...texts].flatMap((text) => networkOf(text) ?? []);
}

/** Whether a prefix is a longer one inside another. */
export function isInside(network: Network, outer: Network): boolean {
  return network.family === outer.family && network.length > outer.length && network.within(outer.length) === outer.within(outer.length);
}
