import {
  type AttributeChange,
  mostNamedPrefixes,
  type NamedPrefixes,
  type NeighborRoutes,
  type RouteLeak,
  type RoutingEffects,
} from '../api/index.ts';
import { parseAddress } from '../lib/index.ts';
import { looksSame } from './propagate.ts';
import type { Candidate } from './propagate.ts';
import type { Router, RouterPeer } from './region.ts';
import type { Network, Route } from './route.ts';

/** What one neighbor gets of some prefixes that all go the same way. */
export interface NeighborEntry {
  router: Router;
  peer: RouterPeer;
  networks: readonly Network[];
  before: Route | undefined;
  after: Route | undefined;
}

/** Collects what changes, prefix by prefix, and sums it up. */
export interface Ledger {
  addNeighbor(entry: NeighborEntry): void;
  addUnreachable(device: string, networks: readonly Network[]): void;
  addLastOfSite(site: string, networks: readonly Network[]): void;
  addReceivedLeak(
    entered: NonNullable<Candidate['entered']>,
    router: Router,
    peer: RouterPeer,
    networks: readonly Network[],
    isOld: boolean,
  ): void;
  addLeaks(leaks: readonly RouteLeak[]): void;
  sum(): Pick<RoutingEffects, 'neighbors' | 'unreachable' | 'leaks' | 'lastOfSite'>;
}

interface Row {
  head: Pick<NeighborRoutes, 'device' | 'neighbor' | 'peer' | 'relationship'>;
  announced: Network[];
  withdrawn: Network[];
  changed: Map<string, { attributes: readonly AttributeChange[]; networks: Network[] }>;
}

export function createLedger(): Ledger {
  const rows = new Map<string, Row>();
  const unreachable = new Map<string, Network[]>();
  const lastOfSite = new Map<string, Network[]>();
  const leaks = new Map<string, Omit<RouteLeak, 'prefixes'> & { networks: Network[] }>();
  const tried: RouteLeak[] = [];

  return {
    addNeighbor({ router, peer: { neighbor }, networks, before, after }) {
      if (!before && !after) return;
      if (before && after && looksSame(before, after)) return;
      const key = `${router.name} ${neighbor.address}`;
      const head = { device: router.name, neighbor: neighbor.address, peer: neighbor.peer, relationship: neighbor.relationship };
      const row: Row = rows.get(key) ?? { head, announced: [], withdrawn: [], changed: new Map() };
      rows.set(key, row);
      if (!before) row.announced.push(...networks);
      else if (!after) row.withdrawn.push(...networks);
      else {
        const attributes = compareAttributes(before, after);
        const text = JSON.stringify(attributes);
        const same = row.changed.get(text) ?? { attributes, networks: [] };
        row.changed.set(text, same);
        same.networks.push(...networks);
      }
    },
    addUnreachable: (device, networks) => append(unreachable, device, networks),
    addLastOfSite: (site, networks) => append(lastOfSite, site, networks),
    addReceivedLeak(entered, router, peer, networks, isOld) {
      if (isOld || !isUpstream(entered.peer) || !isUpstream(peer)) return;
      const from = { device: entered.device, peer: entered.peer.neighbor.peer, relationship: entered.peer.neighbor.relationship ?? '' };
      const to = { device: router.name, peer: peer.neighbor.peer, relationship: peer.neighbor.relationship ?? '' };
      const key = JSON.stringify([from, to]);
      const known = leaks.get(key) ?? { from, to, received: true, networks: [] };
      leaks.set(key, known);
      known.networks.push(...networks);
    },
    addLeaks: (some) => void tried.push(...some),
    sum: () => ({
      neighbors: [...rows.values()]
        .map(({ head, announced, withdrawn, changed }) => ({
          ...head,
          announced: name(announced),
          withdrawn: name(withdrawn),
          changed: [...changed.values()].map(({ attributes, networks }) => ({ ...name(networks), attributes })),
        }))
        .toSorted((a, b) => compareText(a.device, b.device) || compareAddresses(a.neighbor, b.neighbor)),
      unreachable: sorted(unreachable).map(([device, networks]) => ({ device, ...name(networks) })),
      lastOfSite: sorted(lastOfSite).map(([site, networks]) => ({ site, ...name(networks) })),
      leaks: [
        ...[...leaks.values()].map(({ networks, ...leak }) => ({ ...leak, prefixes: name(networks) })),
        ...tried.filter(({ from, to }) => !leaks.has(JSON.stringify([from, to]))),
      ],
    }),
  };
}

/** Those whose routes are for us and our customers alone (RFC 9234). */
export function isUpstream({ neighbor: { relationship } }: RouterPeer): boolean {
  return relationship === 'Transit' || relationship === 'Peer' || relationship === 'RouteServer';
}

function append(to: Map<string, Network[]>, key: string, networks: readonly Network[]): void {
  const known = to.get(key) ?? [];
  to.set(key, known);
  known.push(...networks);
}

function sorted<Value>(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].toSorted(([a], [b]) => compareText(a, b));
}

/** In the order of their addresses, the first of them by name. */
export function name(networks: readonly Network[]): NamedPrefixes {
  const order = networks.toSorted(
    (a, b) =>
      a.family.localeCompare(b.family) ||
      compareValues(a.within(a.length), b.within(b.length), a.length, b.length, a.family === 'ipv4' ? 32 : 128) ||
      a.length - b.length,
  );
  return { count: order.length, prefixes: order.slice(0, mostNamedPrefixes).map(({ text }) => text) };
}

function compareValues(a: number | bigint, b: number | bigint, lengthA: number, lengthB: number, bits: number): number {
  const [left, right] = [BigInt(a) << BigInt(bits - lengthA), BigInt(b) << BigInt(bits - lengthB)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareAddresses(a: string, b: string): number {
  const [left, right] = [parseAddress(a), parseAddress(b)];
  if (!left || !right) return compareText(a, b);
  return left.version - right.version || (left.value < right.value ? -1 : left.value > right.value ? 1 : 0);
}

function compareAttributes(before: Route, after: Route): AttributeChange[] {
  const rows: readonly (readonly [AttributeChange['attribute'], (route: Route) => string])[] = [
    ['AS path', ({ asPath }) => asPath],
    ['next hop', ({ nextHop }) => nextHop ?? 'itself'],
    ['MED', ({ med }) => (med === null ? '' : String(med))],
    ['origin', ({ origin }) => origin],
    ['communities', ({ communities }) => communities.toSorted().join(' ')],
    ['large communities', ({ largeCommunities }) => largeCommunities.toSorted().join(' ')],
    ['extended communities', ({ extendedCommunities }) => extendedCommunities.toSorted().join(' ')],
  ];
  return rows.flatMap(([attribute, show]) => {
    const [was, is] = [show(before), show(after)];
    return was === is ? [] : [{ attribute, before: was, after: is }];
  });
}
