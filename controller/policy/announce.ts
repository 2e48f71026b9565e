import type { BgpIntent, CommunityType, NeighborFamilyIntent, NeighborIntent } from '../api/index.ts';
import type { Outcome, Policies } from './evaluate.ts';
import type { Route } from './route.ts';

/** A neighbor in one address family. */
export interface Peer {
  neighbor: NeighborIntent;
  options: NeighborFamilyIntent;
}

/** A route that a device has, and from whom; null: its own. */
export interface HeldRoute {
  route: Route;
  from: Peer | null;
}

export interface Speaker {
  bgp: Pick<BgpIntent, 'asn' | 'defaultLocalPreference' | 'ebgpRequiresPolicy' | 'peerGroups'>;
  policies: Policies;
}

/** LOCAL_PREF of a route that nobody set one on. */
export const usualLocalPreference = 100;

/** What a neighbor gets of a route that is the best of a device, or why it gets nothing. In the route, null as next hop means the device. */
export function announce({ bgp, policies }: Speaker, held: HeldRoute, to: Peer): { route: Route } | { refused: string } {
  const { neighbor, options } = to;
  const external = neighbor.type === 'External';
  const { from } = held;
  const carried = held.route.communities;
  if (neighbor.shutdown) return { refused: 'the session is shut down' };
  if (from && from.neighbor.address === neighbor.address) return { refused: 'it came from there' };
  if (carried.includes('no-advertise')) return { refused: 'it carries no-advertise' };
  if (external && carried.includes('no-export')) return { refused: 'it carries no-export' };
  if (external && carried.includes('local-AS')) return { refused: 'it carries local-AS' };
  const reflected = !external && from?.neighbor.type === 'Internal';
  if (reflected && !options.routeReflectorClient && !from.options.routeReflectorClient)
    return { refused: 'internal routes are not handed on' };
  if (external && options.export === null && !isOpen(bgp)) return { refused: 'there is no export policy (RFC 8212)' };

  const before = prepare(held.route, to, bgp);
  const outcome: Outcome =
    options.export === null
      ? { permitted: true, route: before, nextHop: null, setsMed: false, decidedBy: undefined }
      : policies.evaluate(options.export, before, { at: 'export' });
  if (!outcome.permitted) return { refused: `${options.export ?? ''} denies it` };
  const after = outcome.route;
  return {
    route: {
      ...after,
      asPath: external && !options.routeServerClient ? inFront(shownAs(bgp, neighbor), after.asPath) : after.asPath,
      nextHop: nextHopOf(outcome, to, reflected),
      localPreference: external ? null : after.localPreference,
      // The flag of the attribute is dropped before the policy, its value is not: one that sets it brings it back.
      med: external && from && !options.routeServerClient && !outcome.setsMed ? null : after.med,
      weight: 0,
      communities: passOn(to, 'Standard', after.communities),
      largeCommunities: passOn(to, 'Large', after.largeCommunities),
      extendedCommunities: passOn(to, 'Extended', after.extendedCommunities),
    },
  };
}

/** Whether external neighbors without a policy get and give everything. */
export function isOpen({ ebgpRequiresPolicy }: Pick<BgpIntent, 'ebgpRequiresPolicy'>): boolean {
  return ebgpRequiresPolicy === false;
}

/** What a neighbor gets of the communities of a kind. */
export function passOn({ options }: Pick<Peer, 'options'>, type: CommunityType, communities: readonly string[]): readonly string[] {
  return options.withheldCommunities.includes(type) ? [] : communities;
}

/** What happens to attributes before the policy sees them. */
function prepare(route: Route, { neighbor, options }: Peer, bgp: Speaker['bgp']): Route {
  if (neighbor.type === 'Internal')
    return { ...route, localPreference: route.localPreference ?? bgp.defaultLocalPreference ?? usualLocalPreference };
  const asPath = overrideAs(removePrivate(route.asPath, options, bgp.asn, neighbor.remoteAs), options, bgp.asn, neighbor.remoteAs);
  return asPath === route.asPath ? route : { ...route, asPath };
}

/** FRR leaves a next hop unchanged for IPv4 alone (seen on 8.4.4). */
function nextHopOf({ route, nextHop }: Outcome, { neighbor, options }: Peer, reflected: boolean): string | null {
  if (nextHop === 'Address' || (nextHop === 'Unchanged' && route.network.family === 'ipv4')) return route.nextHop;
  if (nextHop === 'PeerAddress') return null;
  if (options.routeServerClient) return route.nextHop;
  if (options.nextHopSelf) return reflected && !options.nextHopSelfForce ? route.nextHop : null;
  return neighbor.type === 'External' ? null : route.nextHop;
}

/** The AS numbers that a neighbor sees of a device. */
export function shownAs(bgp: Speaker['bgp'], neighbor: NeighborIntent): string {
  const localAs = localAsOf(bgp, neighbor);
  if (!localAs) return String(bgp.asn);
  return localAs.replaceAs ? String(localAs.asn) : `${localAs.asn} ${bgp.asn}`;
}

function inFront(asns: string, asPath: string): string {
  return asPath === '' ? asns : `${asns} ${asPath}`;
}

function isPrivate(asn: number): boolean {
  return (asn >= 64_512 && asn <= 65_534) || (asn >= 4_200_000_000 && asn <= 4_294_967_294);
}

function removePrivate(asPath: string, { removePrivateAs }: NeighborFamilyIntent, own: number, theirs: number): string {
  if (removePrivateAs === null || asPath === '') return asPath;
  const all = asPath.split(' ');
  const isOne = (text: string): boolean => isPrivate(Number(text)) && Number(text) !== theirs;
  if (!removePrivateAs.endsWith('All') && !all.every((text) => isPrivate(Number(text)))) return asPath;
  return removePrivateAs.startsWith('Replace')
    ? all.map((text) => (isOne(text) ? String(own) : text)).join(' ')
    : all.filter((text) => !isOne(text)).join(' ');
}

function overrideAs(asPath: string, { asOverride }: NeighborFamilyIntent, own: number, theirs: number): string {
  if (!asOverride) return asPath;
  return asPath
    .split(' ')
    .map((text) => (Number(text) === theirs ? String(own) : text))
    .join(' ');
}

/** The other AS number that a neighbor is shown, by itself or as a member of its group. */
function localAsOf({ peerGroups }: Speaker['bgp'], { localAs, peerGroup }: NeighborIntent): NeighborIntent['localAs'] {
  return localAs ?? peerGroups.find(({ address }) => address === peerGroup)?.localAs ?? null;
}

/** What a device takes of a route that a neighbor sent, or why it does not. */
export function accept({ bgp, policies }: Speaker, sent: Route, from: Peer): { route: Route } | { refused: string } {
  const { neighbor, options } = from;
  const external = neighbor.type === 'External';
  if (neighbor.shutdown) return { refused: 'the session is shut down' };
  const localAs = localAsOf(bgp, neighbor);
  const asPath = external && localAs && !localAs.noPrepend ? inFront(String(localAs.asn), sent.asPath) : sent.asPath;
  const loops = asPath.split(/[ {},()]+/).filter((text) => Number(text) === bgp.asn).length;
  if (loops > (options.allowAsIn ?? 0)) return { refused: `its path holds ${bgp.asn} already` };
  const arrived = { ...sent, asPath, weight: 0 };
  if (options.import === null && external && !isOpen(bgp)) return { refused: 'there is no import policy (RFC 8212)' };
  const outcome =
    options.import === null ? undefined : policies.evaluate(options.import, arrived, { at: 'import', neighbor: neighbor.address });
  if (outcome?.permitted === false) return { refused: `${options.import ?? ''} denies it` };
  const route = outcome?.route ?? arrived;
  // RFC 8326: what a neighbor is about to take away is the last choice.
  return external && route.communities.includes('graceful-shutdown') ? { route: { ...route, localPreference: 0 } } : { route };
}
