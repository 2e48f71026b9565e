import { networkOf } from './origins.ts';
import type { Route } from './route.ts';

/** A BGP table as a router shows it: every path with the neighbor that it came from. */
export interface ReadTable {
  /** Says whose table it is. */
  routerId: string;
  paths: readonly { neighbor: string; route: Route }[];
  /** False: it was shown without detail, so that nothing is known of communities. */
  hasCommunities: boolean;
}

interface ShownPath {
  prefix?: unknown;
  network?: unknown;
  aspath?: { string?: unknown };
  path?: unknown;
  origin?: unknown;
  metric?: unknown;
  locPrf?: unknown;
  weight?: unknown;
  nexthops?: { ip?: unknown; scope?: unknown }[];
  peer?: { peerId?: unknown };
  peerId?: unknown;
  community?: { string?: unknown };
  largeCommunity?: { string?: unknown };
  extendedCommunity?: { string?: unknown };
}

/** Names that FRR prints for values that have none in Git. */
const valueOfName: Readonly<Record<string, string>> = {
  'route-filter-translated-v4': '65535:2',
  'route-filter-v4': '65535:3',
  'route-filter-translated-v6': '65535:4',
  'route-filter-v6': '65535:5',
  'llgr-stale': '65535:6',
  'no-llgr': '65535:7',
  'accept-own-nexthop': '65535:8',
};

/** Reads `show bgp ipv4 unicast json`, with or without `detail`. Undefined: it is something else. */
export function readTable(value: unknown): ReadTable | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { routerId, routes } = value as { routerId?: unknown; routes?: unknown };
  if (typeof routerId !== 'string' || typeof routes !== 'object' || routes === null) return undefined;
  let hasCommunities = false;
  const paths = Object.entries(routes).flatMap(([prefix, shown]) => {
    const network = networkOf(prefix);
    if (!network || !Array.isArray(shown)) return [];
    return (shown as ShownPath[]).flatMap((path) => {
      const neighbor = path.peer?.peerId ?? path.peerId;
      const asPath = path.aspath?.string ?? path.path;
      if (typeof neighbor !== 'string' || typeof asPath !== 'string') return [];
      if (path.aspath) hasCommunities = true;
      const nextHop = path.nexthops?.find(({ scope }) => scope !== 'link-local')?.ip;
      const route: Route = {
        network,
        nextHop: typeof nextHop === 'string' && nextHop !== '0.0.0.0' && nextHop !== '::' ? nextHop : null,
        asPath: asPath === 'Local' ? '' : asPath,
        origin: path.origin === 'incomplete' ? 'Incomplete' : path.origin === 'EGP' ? 'EGP' : 'IGP',
        localPreference: typeof path.locPrf === 'number' ? path.locPrf : null,
        med: typeof path.metric === 'number' ? path.metric : null,
        weight: typeof path.weight === 'number' ? path.weight : 0,
        communities: words(path.community?.string).map((word) => valueOfName[word] ?? word),
        largeCommunities: words(path.largeCommunity?.string),
        extendedCommunities: words(path.extendedCommunity?.string).map((word) => word.replace('RT:', 'rt:').replace('SoO:', 'soo:')),
      };
      return [{ neighbor, route }];
    });
  });
  return { routerId, paths, hasCommunities: hasCommunities || paths.length === 0 };
}

function words(text: unknown): string[] {
  return typeof text === 'string' && text !== '' ? text.split(' ') : [];
}
