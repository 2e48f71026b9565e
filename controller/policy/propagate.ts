import { accept, announce, type HeldRoute } from './announce.ts';
import { byMerit, compareRoutes } from './best-path.ts';
import type { OriginKind } from './origins.ts';
import type { Region, Router, RouterPeer } from './region.ts';
import type { Network, Route } from './route.ts';

/** A route that a device has, and how it came into the network. */
export interface Candidate extends HeldRoute {
  /** Devices that handed it on, the first one first; the device itself is not in it. */
  through: readonly string[];
  /** The session with the outside that it came in by; null: the network's own. */
  entered: { device: string; peer: RouterPeer } | null;
  origin?: OriginKind;
}

/** Where routes to one prefix begin. */
export interface Seed {
  device: string;
  candidate: Candidate;
}

/** Where routes to one prefix end up. */
export interface Spread {
  /** The best route of each device that has one. */
  best: ReadonlyMap<string, Candidate>;
  /** True when a router would choose by distance or age, between routes that differ in what others see of them. */
  isClose: boolean;
  /** False: the choice goes round in circles. */
  settled: boolean;
  /** Policies that were asked. */
  asked: number;
}

/** How often each device may choose anew before its choice counts as one without an end. */
const mostTurns = 64;

/** Hands the routes to one prefix on from device to device until nobody chooses another one. */
export function propagate(region: Region, network: Network, seeds: readonly Seed[], isSuppressed: Suppression = () => false): Spread {
  const held = new Map<string, Map<string, Candidate>>();
  const best = new Map<string, Candidate>();
  const turns = new Map<string, number>();
  const waiting = new Set<string>();
  let [isClose, settled, asked] = [false, true, 0];

  seeds.forEach(({ device, candidate }, index) => {
    const own = held.get(device) ?? new Map<string, Candidate>();
    held.set(device, own.set(`seed ${index}`, candidate));
    waiting.add(device);
  });
  for (const name of waiting) {
    waiting.delete(name);
    const router = region.get(name);
    if (!router) continue;
    const turn = (turns.get(name) ?? 0) + 1;
    turns.set(name, turn);
    if (turn > mostTurns) {
      settled = false;
      break;
    }
    const chosen = choose(router, held.get(name)?.values() ?? []);
    const last = best.get(name);
    if (chosen === last) continue;
    if (chosen) best.set(name, chosen);
    else best.delete(name);
    for (const peer of router.peers[network.family]) if (peer.device !== null) handOn(router, peer, chosen);
  }
  for (const [name, candidate] of best) {
    const router = region.get(name);
    const rivals = [...(held.get(name)?.values() ?? [])].filter((each) => each !== candidate);
    if (
      router &&
      rivals.some((each) => byMerit(each, candidate, router.bgp.defaultLocalPreference) === 0 && !looksSame(each.route, candidate.route))
    )
      isClose = true;
  }
  return { best, isClose, settled, asked };

  function handOn(router: Router, peer: RouterPeer, chosen: Candidate | undefined): void {
    const other = region.get(peer.device ?? '');
    const there = other?.peers[network.family].find(({ session }) => session === peer.session);
    if (!other || !there) return;
    const given = chosen && hand(router, peer, chosen, other, there);
    const theirs = held.get(other.name) ?? new Map<string, Candidate>();
    held.set(other.name, theirs);
    const before = theirs.get(peer.session);
    if (given ? before !== undefined && isSame(before, given) : before === undefined) return;
    if (given) theirs.set(peer.session, given);
    else theirs.delete(peer.session);
    waiting.add(other.name);
  }

  function hand(router: Router, peer: RouterPeer, chosen: Candidate, other: Router, there: RouterPeer): Candidate | undefined {
    if (chosen.through.includes(other.name) || isSuppressed(router, chosen.route, chosen.origin)) return undefined;
    asked += 1;
    const sent = announce(router, chosen, peer);
    if ('refused' in sent) return undefined;
    asked += 1;
    const arrived = { ...sent.route, nextHop: sent.route.nextHop ?? nextHopAt(there) };
    const taken = accept(other, arrived, there);
    if ('refused' in taken) return undefined;
    return { route: taken.route, from: there, through: [...chosen.through, router.name], entered: chosen.entered };
  }
}

/** The address that a neighbor is seen with. Of an unnumbered one only that it is link-local is known. */
export function nextHopAt({ neighbor }: RouterPeer): string {
  return neighbor.isUnnumbered ? 'fe80::' : neighbor.address;
}

/** Whether a device keeps a route for itself, because an aggregate stands for it. */
export type Suppression = (router: Router, route: Route, origin: OriginKind | undefined) => boolean;

function choose({ bgp }: Router, candidates: Iterable<Candidate>): Candidate | undefined {
  let best: Candidate | undefined;
  for (const each of candidates) if (!best || compareRoutes(each, best, bgp.defaultLocalPreference) < 0) best = each;
  return best;
}

function isSame(a: Candidate, b: Candidate): boolean {
  return (
    a.entered === b.entered &&
    a.through.join() === b.through.join() &&
    looksSame(a.route, b.route) &&
    a.route.weight === b.route.weight &&
    a.route.localPreference === b.route.localPreference
  );
}

/** Whether two routes are the same to whoever gets them. */
export function looksSame(a: Route, b: Route): boolean {
  return (
    a.asPath === b.asPath &&
    a.nextHop === b.nextHop &&
    a.med === b.med &&
    a.origin === b.origin &&
    sameSet(a.communities, b.communities) &&
    sameSet(a.largeCommunities, b.largeCommunities) &&
    sameSet(a.extendedCommunities, b.extendedCommunities)
  );
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((each) => b.includes(each)));
}
