import type { DesiredObject, DeviceIntent, RouteTestSpec, ValuePath } from '../api/index.ts';
import { nearest, type PlumblineError } from '../lib/index.ts';
import { accept, announce } from './announce.ts';
import { announcement, isSuppressed, mayOriginateDefault } from './announcements.ts';
import { errors } from './errors.ts';
import type { RpkiState } from './evaluate.ts';
import { networkOf, originsOf } from './origins.ts';
import { type Candidate, propagate, type Seed } from './propagate.ts';
import { makeRegion, type Region, type Router, type RouterPeer } from './region.ts';
import { type Network, ownRoute, type Route } from './route.ts';
import { enter, seedOf } from './seeds.ts';

type RouteTest = DesiredObject<'RouteTest'>;

/** A network with one state of RPKI for all routes, and what its devices originate. */
interface World {
  rpki: RpkiState;
  region: Region;
  own: ReadonlyMap<string, readonly Seed[]>;
}

/**
 * Which tests do not hold, and why; each failure at the line that asks for it. What RPKI caches say is not known: what is announced is asked of routes
 * that nobody vouches for, and what never is must not be whatever they say.
 */
export function runRouteTests(tests: readonly RouteTest[], intents: readonly DeviceIntent[]): PlumblineError[] {
  const asksCaches = intents.some(({ routeMaps }) => routeMaps.some(({ entries }) => entries.some(({ match }) => match.rpki !== null)));
  const others: readonly RpkiState[] = asksCaches ? ['Valid', 'Invalid'] : [];
  const usual = makeWorld(intents, 'NotFound');
  const more = others.map((rpki) => makeWorld(intents, rpki));
  return tests.flatMap((test) => runTest(test, usual, more));
}

function makeWorld(intents: readonly DeviceIntent[], rpki: RpkiState): World {
  const region = makeRegion(intents, undefined, rpki);
  const own = new Map<string, Seed[]>();
  for (const router of region.values()) {
    for (const origin of originsOf(router)) {
      const { text } = origin.route.network;
      own.set(text, [...(own.get(text) ?? []), seedOf(router, origin)]);
    }
  }
  return { rpki, region, own };
}

function runTest(test: RouteTest, usual: World, others: readonly World[]): PlumblineError[] {
  const { spec } = test;
  const unknown = findUnknown(test, usual.region);
  if (unknown.length > 0) return unknown;
  return spec.prefixes.flatMap((prefix) => {
    const network = networkOf(prefix);
    if (!network) return [];
    const { region, begun, best } = spreadIn(usual, network, spec);
    const fail = (path: ValuePath, why: string): PlumblineError =>
      errors.RouteTestFailed({ test: test.metadata.name, prefix: network.text, why }, { at: test.locate(path) });
    const worlds = [
      { region, best, told: '' },
      ...others.map((world) => ({ ...spreadIn(world, network, spec), told: `, when RPKI says ${world.rpki}` })),
    ];
    return [
      ...spec.announcedTo.flatMap((wish, i) => {
        const why = whyNot(region, network, best, wish, begun.seeds.length === 0 ? begun.refused : undefined);
        return why === undefined ? [] : [fail(['spec', 'announcedTo', i], why)];
      }),
      ...spec.neverTo.flatMap((wish, i) => {
        const found = worlds.map((world) =>
          sessionsOf(world.region, network, wish).flatMap(({ router, peer }) => {
            const { neighbor } = peer;
            const mayGo = network.length === 0 && !neighbor.shutdown && mayOriginateDefault(router, peer);
            if (!mayGo && !announcement(router, peer, network, world.best.get(router.name))) return [];
            const does = mayGo ? 'announces it, when it has a route that its policy lets through,' : 'announces it';
            return fail(['spec', 'neverTo', i], `${router.name} ${does} to ${neighbor.peer} (${neighbor.address})${world.told}`);
          }),
        );
        return found.find((failures) => failures.length > 0) ?? [];
      }),
    ];
  });
}

/** Where a prefix of a test ends up. */
function spreadIn({ region, own }: World, network: Network, { received }: RouteTestSpec) {
  const begun = received ? arrive(region, network, received) : { seeds: own.get(network.text) ?? [], refused: `no device originates it` };
  return { region, begun, best: propagate(region, network, begun.seeds, isSuppressed).best };
}

interface Place {
  neighbor: string;
  device?: string | undefined;
}

interface At {
  router: Router;
  peer: RouterPeer;
}

function sessionsOf(region: Region, { family }: Pick<Network, 'family'>, { neighbor, device }: Place): At[] {
  return [...region.values()]
    .filter(({ name }) => device === undefined || name === device)
    .flatMap((router) =>
      router.peers[family].filter((peer) => peer.device === null && peer.neighbor.peer === neighbor).map((peer) => ({ router, peer })),
    );
}

function arrive(region: Region, network: Network, received: NonNullable<RouteTestSpec['received']>): { seeds: Seed[]; refused: string } {
  let refused = `${received.neighbor} has no session in its address family`;
  const seeds = sessionsOf(region, network, received).flatMap(({ router, peer }) => {
    const sent: Route = {
      ...ownRoute(network),
      nextHop: peer.neighbor.address,
      asPath: (received.asPath ?? [peer.neighbor.remoteAs]).join(' '),
      med: null,
      weight: 0,
      communities: received.communities,
      largeCommunities: received.largeCommunities,
    };
    const taken = accept(router, sent, peer);
    if ('route' in taken) return [enter({ router, peer }, taken.route)];
    refused = `${router.name} does not take it from ${received.neighbor}: ${taken.refused}`;
    return [];
  });
  return { seeds, refused };
}

/** Why no session with the neighbor carries what is asked for; undefined when one does. */
function whyNot(
  region: Region,
  network: Network,
  best: ReadonlyMap<string, Candidate>,
  wish: RouteTestSpec['announcedTo'][number],
  missing: string | undefined,
): string | undefined {
  let why = missing ?? `${wish.neighbor} has no session in its address family`;
  for (const { router, peer } of sessionsOf(region, network, wish)) {
    const held = best.get(router.name);
    const route = announcement(router, peer, network, held);
    const mayGo = network.length === 0 && mayOriginateDefault(router, peer);
    const lacks = route ? findLack(route, wish) : undefined;
    if (route && lacks === undefined) return undefined;
    if (route) why = `${router.name} announces it to ${wish.neighbor} ${lacks ?? ''}`;
    else if (mayGo)
      why = `${router.name} announces it to ${wish.neighbor} only while ${peer.options.defaultOriginatePolicy ?? ''} lets a route through`;
    else if (held) {
      const outcome = announce(router, held, peer);
      why = `${router.name} does not announce it to ${wish.neighbor}: ${'refused' in outcome ? outcome.refused : 'an aggregate stands for it'}`;
    } else why = missing ?? `${router.name}, which has the session with ${wish.neighbor}, has no route to it`;
  }
  return why;
}

function findLack(route: Route, { communities, largeCommunities, asPath, med }: RouteTestSpec['announcedTo'][number]): string | undefined {
  const missing = [
    ...communities.filter((each) => !route.communities.includes(each)),
    ...largeCommunities.filter((each) => !route.largeCommunities.includes(each)),
  ];
  if (missing.length > 0) return `without ${missing.join(', ')}`;
  if (asPath && asPath.join(' ') !== route.asPath) return `with the AS path ${route.asPath}`;
  return med === undefined || med === route.med ? undefined : `with ${route.med === null ? 'no MED' : `MED ${route.med}`}`;
}

/** Neighbors that nobody has a session with: a test that can never fail would be worse than none. */
function findUnknown(test: RouteTest, region: Region): PlumblineError[] {
  const { received, announcedTo, neverTo } = test.spec;
  const places: readonly (readonly [Place, ValuePath])[] = [
    ...(received ? [[received, ['spec', 'received', 'neighbor']] as const] : []),
    ...announcedTo.map((each, i) => [each, ['spec', 'announcedTo', i, 'neighbor']] as const),
    ...neverTo.map((each, i) => [each, ['spec', 'neverTo', i, 'neighbor']] as const),
  ];
  const known = [...region.values()].flatMap(({ peers }) =>
    [...peers.ipv4, ...peers.ipv6].flatMap(({ device, neighbor }) => (device === null ? [neighbor.peer] : [])),
  );
  return places
    .filter(([place]) => (['ipv4', 'ipv6'] as const).every((family) => sessionsOf(region, { family }, place).length === 0))
    .map(([{ neighbor, device }, path]) =>
      errors.RouteTestNeighbor(
        { test: test.metadata.name, neighbor, device, near: nearest(neighbor, new Set(known)) },
        { at: test.locate(path) },
      ),
    );
}
