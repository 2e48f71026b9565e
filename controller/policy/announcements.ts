import { announce, passOn, shownAs } from './announce.ts';
import { networkOf } from './origins.ts';
import type { Candidate, Spread, Suppression } from './propagate.ts';
import type { Region, Router, RouterPeer } from './region.ts';
import { type Network, ownRoute, type Route } from './route.ts';
import { isInside } from './seeds.ts';

/** `summary-only`: the longer ones inside stay with the device. */
export const isSuppressed: Suppression = ({ intent }, route, origin) =>
  origin !== 'aggregate' &&
  (intent.bgp?.families ?? []).some(({ aggregates }) =>
    aggregates.some(({ prefix, summaryOnly }) => {
      const outer = summaryOnly ? networkOf(prefix) : undefined;
      return outer !== undefined && isInside(route.network, outer);
    }),
  );

/** A route that goes to a neighbor outside. */
export interface Sent {
  router: Router;
  peer: RouterPeer;
  route: Route;
  held: Candidate | undefined;
}

/** What goes to neighbors outside of the region, by device and address. */
export function sentBy(region: Region, network: Network, { best }: Spread): Map<string, Sent> {
  const sent = new Map<string, Sent>();
  for (const router of region.values()) {
    const held = best.get(router.name);
    for (const peer of router.peers[network.family]) {
      if (peer.device !== null) continue;
      const route = announcement(router, peer, network, held);
      if (route) sent.set(`${router.name} ${peer.neighbor.address}`, { router, peer, route, held });
    }
  }
  return sent;
}

export function announcement(router: Router, peer: RouterPeer, network: Network, held: Candidate | undefined): Route | undefined {
  if (network.length === 0 && peer.options.defaultOriginate) return originateDefault(router, peer, network);
  if (!held || isSuppressed(router, held.route, held.origin)) return undefined;
  const outcome = announce(router, held, peer);
  return 'route' in outcome ? outcome.route : undefined;
}

/** A default route that is sent without being there. No export policy is asked of it. */
function originateDefault(router: Router, peer: RouterPeer, network: Network): Route | undefined {
  const { neighbor, options } = peer;
  if (neighbor.shutdown || mayOriginateDefault(router, peer)) return undefined;
  const own = ownRoute(network);
  const { route } =
    options.defaultOriginatePolicy === null
      ? { route: own }
      : router.policies.evaluate(options.defaultOriginatePolicy, own, { at: 'export' });
  const isExternal = neighbor.type === 'External';
  return {
    ...route,
    asPath: [...(isExternal ? [shownAs(router.bgp, neighbor)] : []), ...(route.asPath === '' ? [] : [route.asPath])].join(' '),
    localPreference: isExternal ? null : route.localPreference,
    weight: 0,
    communities: passOn(peer, 'Standard', route.communities),
    largeCommunities: passOn(peer, 'Large', route.largeCommunities),
    extendedCommunities: passOn(peer, 'Extended', route.extendedCommunities),
  };
}

/**
 * True where a policy decides whether the default route goes, and nobody knows how: FRR sends it while the policy lets any route of the router through. One
 * that asks nothing always does.
 */
export function mayOriginateDefault(router: Router, { options }: RouterPeer): boolean {
  const { defaultOriginate, defaultOriginatePolicy } = options;
  return defaultOriginate && defaultOriginatePolicy !== null && !permitsAll(router, defaultOriginatePolicy);
}

function permitsAll({ intent: { routeMaps } }: Router, name: string): boolean {
  const entries = routeMaps.find(({ routeMap }) => routeMap === name)?.entries ?? [];
  const asks = entries.some(
    ({ match, family, call, lines }) => [family, call, ...Object.values(match)].some((each) => each !== null) || lines.length > 0,
  );
  return entries.length > 0 && !asks && entries.every(({ action }) => action === 'Permit');
}
