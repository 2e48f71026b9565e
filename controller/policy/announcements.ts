import { announce, shownAs } from './announce.ts';
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
  if (network.length === 0 && peer.options.defaultOriginate) {
    if (peer.neighbor.shutdown || peer.options.defaultOriginatePolicy !== null) return undefined;
    return { ...ownRoute(network), asPath: peer.neighbor.type === 'External' ? shownAs(router.bgp, peer.neighbor) : '', weight: 0 };
  }
  if (!held || isSuppressed(router, held.route, held.origin)) return undefined;
  const outcome = announce(router, held, peer);
  return 'route' in outcome ? outcome.route : undefined;
}
