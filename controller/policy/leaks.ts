import type { RouteLeak } from '../api/index.ts';
import { accept, announce } from './announce.ts';
import { isUpstream, name } from './ledger.ts';
import { networkOf } from './origins.ts';
import { nextHopAt, propagate } from './propagate.ts';
import type { Region, Router, RouterPeer } from './region.ts';
import { type Network, ownRoute, type Route } from './route.ts';
import { classesOf, enter } from './seeds.ts';

/** Prefixes that a policy may tell from others: the ends of what its lists hold, and one that stands for all the rest. */
const most = 400;
const ordinary = ['1.1.1.0/24', '2606:4700::/32'];

/**
 * Tries whether a route that a provider or peer might send would go on to another one, where it did not before. A leak that is found
 * is one, with a route that shows it; that none is found proves nothing, since nobody knows what communities and paths they send.
 */
export function findLeaks(before: Region, after: Region, budget: { left: number }): RouteLeak[] {
  const found = new Map<string, RouteLeak>();
  const probes = probesOf([before, after]);
  for (const router of after.values()) {
    for (const peer of upstreamOf(router)) {
      for (const network of probes) {
        if (budget.left < 0) return [...found.values()];
        const family = router.peers[network.family];
        if (!family.includes(peer)) continue;
        const leaks = leaksOf(after, router, peer, network, budget).filter(({ to }) => !found.has(keyOf(router, peer, to)));
        if (leaks.length === 0) continue;
        const old = leaksBefore(before, router, peer, network, budget);
        for (const { at, to } of leaks) {
          const key = keyOf(router, peer, to);
          if (old.has(to.session) || found.has(key)) continue;
          found.set(key, { from: endOf(router, peer), to: endOf(at, to), prefixes: name([network]), received: false });
        }
      }
    }
  }
  return [...found.values()];
}

function upstreamOf({ peers }: Router): RouterPeer[] {
  return [...peers.ipv4, ...peers.ipv6].filter((peer) => peer.device === null && isUpstream(peer) && !peer.neighbor.shutdown);
}

function keyOf({ name: device }: Router, from: RouterPeer, to: RouterPeer): string {
  return `${device} ${from.session} ${to.session}`;
}

function endOf({ name: device }: Router, { neighbor }: RouterPeer): RouteLeak['from'] {
  return { device, peer: neighbor.peer, relationship: neighbor.relationship ?? '' };
}

function leaksBefore(
  region: Region,
  { name: device }: Router,
  { neighbor }: RouterPeer,
  network: Network,
  budget: { left: number },
): Set<string> {
  const router = region.get(device);
  const peer = router?.peers[network.family].find((each) => each.neighbor.address === neighbor.address);
  if (!router || !peer) return new Set();
  return new Set(leaksOf(region, router, peer, network, budget).map(({ to }) => to.session));
}

/** Sessions with other providers and peers that a route would go out by. */
function leaksOf(
  region: Region,
  router: Router,
  peer: RouterPeer,
  network: Network,
  budget: { left: number },
): { at: Router; to: RouterPeer }[] {
  const sent: Route = {
    ...ownRoute(network),
    nextHop: nextHopAt(peer),
    asPath: String(peer.neighbor.remoteAs),
    med: null,
    weight: 0,
  };
  const taken = accept(router, sent, peer);
  budget.left -= 1;
  if ('refused' in taken) return [];
  const { best, asked } = propagate(region, network, [enter({ router, peer }, taken.route)]);
  budget.left -= asked;
  return [...best].flatMap(([device, held]) => {
    const at = region.get(device);
    if (!at) return [];
    return at.peers[network.family]
      .filter((to) => to.device === null && isUpstream(to) && to.session !== peer.session && 'route' in announce(at, held, to))
      .map((to) => ({ at, to }));
  });
}

function probesOf(regions: readonly Region[]): Network[] {
  const texts = new Set(ordinary);
  for (const region of regions) {
    for (const { intent } of region.values()) {
      for (const { entries } of intent.prefixLists) {
        for (const { prefix, ge, le } of entries.slice(0, most)) {
          const [address = ''] = prefix.split('/');
          texts.add(prefix);
          for (const length of [ge, le]) if (length !== null) texts.add(`${address}/${length}`);
        }
      }
    }
  }
  const networks = [...texts].flatMap((text) => networkOf(text) ?? []);
  return classesOf(
    networks.map((network) => ({ network, before: [], after: [] })),
    regions,
  )
    .flatMap(([first]) => first?.network ?? [])
    .slice(0, most);
}
