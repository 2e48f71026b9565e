import { containsAddress, parseAddress, parsePrefix } from '../lib/index.ts';
import type { FamilyName, FoundFamily, FoundNeighbor, FoundOption, Spec } from './found.ts';
import { specOfFamily } from './family-spec.ts';
import { slug } from './names.ts';

/** What is known of a device that neighbors are looked at with. */
export interface DeviceFacts extends NamesOfDevice {
  interfaces: readonly { name: string; isLoopback: boolean; addresses: readonly string[]; vrf?: string | undefined }[];
}

/** What stands in Git for what a device knows by a name of its own. */
export interface NamesOfDevice {
  /** The policy that expresses a route-map. */
  policyOf: (map: string) => string | undefined;
  profileOf: (profile: string) => string | undefined;
  groupOf: (group: string, vrf: string | undefined) => KnownGroup | undefined;
}

/** A PeerGroup of Git. */
export interface KnownGroup {
  name: string;
  spec: Spec;
}

/** A session as the import sees it: two ends of ours, or one and somebody else's. */
export interface FoundSession {
  ends: readonly [SeenEnd] | readonly [SeenEnd, SeenEnd];
}

interface SeenEnd {
  neighbor: FoundNeighbor;
  own: OwnAddress | undefined;
  facts: DeviceFacts;
}

interface OwnAddress {
  name: string;
  isLoopback: boolean;
  address: string;
  /** Addresses of the interface of the same IP version. */
  alike: number;
  updateSource: 'Address' | 'Interface' | 'None';
  /** What is written when nothing is said. */
  usual: 'Address' | 'None';
}

/**
 * Puts the two ends of each session together: each is the other's neighbor, with the AS number that it shows. `isOld`: Git has that end already,
 * and what its password is nobody knows.
 */
export function pairSessions(
  neighbors: readonly FoundNeighbor[],
  factsOf: (neighbor: FoundNeighbor) => DeviceFacts,
  isOld: (neighbor: FoundNeighbor) => boolean,
): FoundSession[] {
  const ends = neighbors.map((neighbor): SeenEnd => {
    const facts = factsOf(neighbor);
    return { neighbor, own: ownAddress(neighbor, facts), facts };
  });
  const byAddresses = Map.groupBy(ends, ({ neighbor, own }) => `${own?.address} ${neighbor.address}`);
  const paired = new Set<SeenEnd>();
  const sessions: FoundSession[] = [];
  for (const end of ends) {
    if (paired.has(end)) continue;
    const others = end.own ? (byAddresses.get(`${end.neighbor.address} ${end.own.address}`) ?? []) : [];
    const twins = end.own ? (byAddresses.get(`${end.own.address} ${end.neighbor.address}`) ?? []) : [];
    const [other] = others;
    if (!other || others.length > 1 || twins.length > 1 || paired.has(other) || !fit(end.neighbor, other.neighbor, isOld)) {
      sessions.push({ ends: [end] });
      continue;
    }
    paired.add(other);
    sessions.push({ ends: end.neighbor.device < other.neighbor.device ? [end, other] : [other, end] });
  }
  return sessions;
}

function fit(a: FoundNeighbor, b: FoundNeighbor, isOld: (neighbor: FoundNeighbor) => boolean): boolean {
  const hasOneSecret = isOld(a) || isOld(b) ? (a.password === undefined) === (b.password === undefined) : a.password === b.password;
  const expects = (one: FoundNeighbor, other: FoundNeighbor): boolean =>
    one.remoteAs === undefined ? other.ownAs !== one.ownAs : one.remoteAs === other.ownAs;
  return a.device !== b.device && expects(a, b) && expects(b, a) && hasOneSecret;
}

function ownAddress(neighbor: FoundNeighbor, { interfaces, groupOf }: DeviceFacts): OwnAddress | undefined {
  const { multihop, gtsmHops, remoteAs, ownAs, vrf } = neighbor;
  const group = neighbor.group === undefined ? undefined : groupOf(neighbor.group, vrf);
  const ofGroup = group?.spec['updateSource'] as string | undefined;
  const updateSource = neighbor.updateSource ?? ofGroup;
  const target = parseAddress(neighbor.address);
  if (!target) return undefined;
  const isNear = (text: string): boolean => {
    const subnet = parsePrefix(text);
    return subnet !== undefined && containsAddress(subnet, target) && subnet.address.value !== target.value;
  };
  for (const each of interfaces) {
    if (each.vrf !== vrf) continue;
    const alike = each.addresses.filter((text) => parsePrefix(text)?.version === target.version);
    const near = alike.filter(isNear);
    const bySource = alike.filter((text) => parsePrefix(text)?.address.text === updateSource);
    const chosen = updateSource === undefined ? near : updateSource === each.name ? alike : bySource;
    const [address] = chosen;
    if (address === undefined || chosen.length > 1) continue;
    // An external session from a loopback has its reach written.
    if (each.isLoopback && remoteAs !== ownAs && multihop === undefined && gtsmHops === undefined) return undefined;
    return {
      name: each.name,
      isLoopback: each.isLoopback,
      address: parsePrefix(address)?.address.text ?? '',
      alike: alike.length,
      updateSource: neighbor.updateSource === undefined ? 'None' : updateSource === each.name ? 'Interface' : 'Address',
      usual: ofGroup === undefined && (each.isLoopback || near.length !== 1) ? 'Address' : 'None',
    };
  }
  return undefined;
}

/** Names for the session, the best first. `alone`: the device has no other neighbor in that AS. */
export function nameSession({ ends }: FoundSession, isAlone: (end: FoundNeighbor) => boolean): string[] {
  const [{ neighbor }, other] = ends;
  const { device, remoteAs, address, vrf } = neighbor;
  const version = address.includes(':') ? 'v6' : 'v4';
  if (other) {
    const pair = `${device}-${other.neighbor.device}`;
    return [...(isAlone(neighbor) ? [slug(pair)] : []), slug(`${pair}-${version}`), slug(`${pair}-${address}`)];
  }
  const short = slug(`${device}${vrf === undefined ? '' : `-${vrf}`}-as${remoteAs}`);
  return isAlone(neighbor) ? [short, `${short}-${slug(address)}`.slice(0, 63)] : [`${short}-${slug(address)}`.slice(0, 63)];
}

/** The spec of a session that gives each device the lines that it has. */
export function specOfSession({ ends }: FoundSession, name: string, secret: { name: string; key: string } | undefined): Spec {
  const [a, b] = ends;
  const all = b ? [a.neighbor, b.neighbor] : [a.neighbor];
  const first = a.neighbor;
  const isExternal = first.remoteAs !== first.ownAs;
  const families = (['ipv4-unicast', 'ipv6-unicast'] as const).filter((family) => all.some((each) => each.families.has(family)));
  const shared = shareOut(all, isExternal, a.facts.profileOf);
  const sameText = all.every(({ description }) => description === first.description);
  const described = sameText && first.description !== name ? { description: first.description } : {};
  const endSpecs = ends.map((end, i) => {
    const own = sameText || end.neighbor.description === name ? {} : { description: end.neighbor.description };
    return specOfEnd(end, { ...own, lines: shared.lines[i] ?? [] }, families, isExternal);
  });
  return {
    type: isExternal ? 'External' : 'Internal',
    ...(isExternal && { relationship: b ? 'Internal' : 'Unknown' }),
    ...(b && { transport: first.address.includes(':') ? 'IPv6' : 'IPv4' }),
    families,
    ...(first.isUnnumbered && { unnumbered: true }),
    ...(shared.shutdown && { adminState: 'Shutdown' }),
    // Shut at one end: it stays down, and that is no failure.
    ...(!shared.shutdown && all.some((each) => each.shutdown) && { expect: 'Configured' }),
    ...described,
    ...(secret && { auth: { passwordRef: secret } }),
    ...shared.options,
    ...(shared.timers && { timers: shared.timers }),
    ...(shared.ttl && { ttl: shared.ttl }),
    ends: b ? endSpecs : [...endSpecs, { external: externalOf(first) }],
  };
}

function externalOf({ remoteAs, isUnnumbered, address }: FoundNeighbor): Spec {
  return { name: `as${remoteAs}`, asn: remoteAs, ...(!isUnnumbered && { address }) };
}

/** What all ends say alike stands once; what one says alone becomes lines of it. */
function shareOut(
  all: readonly FoundNeighbor[],
  isExternal: boolean,
  profileOf: DeviceFacts['profileOf'],
): { shutdown: boolean; options: Spec; timers?: Spec; ttl?: Spec; lines: string[][] } {
  const lines = all.map((): string[] => []);
  const same = (key: (each: FoundNeighbor) => unknown): boolean => new Set(all.map((each) => JSON.stringify(key(each)))).size === 1;
  const shutdown = same((each) => each.shutdown);
  const timers = same((each) => each.timers);
  const ttl = same((each) => [each.multihop, each.gtsmHops]);
  const saysIt = ({ lines: said }: FoundOption): boolean =>
    all.every(({ options }) => options.some((option) => option.lines.join() === said.join()));
  const specOf = ({ spec, profile }: FoundOption): Spec => (profile === undefined ? spec : { bfd: { profile: profileOf(profile) } });
  const options = all.flatMap((each) => each.options).filter(saysIt);
  for (const [i, each] of all.entries()) {
    const own = lines[i] ?? [];
    own.push(...each.options.flatMap((option) => (saysIt(option) ? [] : option.lines)));
    const { keepaliveSeconds, holdSeconds, connectRetrySeconds } = each.timers ?? {};
    if (!shutdown && each.shutdown) own.push('shutdown');
    if (!timers && holdSeconds !== undefined) own.push(`timers ${keepaliveSeconds as number} ${holdSeconds as number}`);
    if (!timers && connectRetrySeconds !== undefined) own.push(`timers connect ${connectRetrySeconds as number}`);
    const both = each.multihop !== undefined && each.gtsmHops !== undefined;
    if (each.multihop !== undefined && (!ttl || both || !isExternal || each.multihop < 2)) own.push(`ebgp-multihop ${each.multihop}`);
    if (each.gtsmHops !== undefined && !ttl) own.push(`ttl-security hops ${each.gtsmHops}`);
  }
  const [first] = all;
  const isFar = isExternal && first?.multihop !== undefined && first.multihop >= 2 && first.gtsmHops === undefined;
  return {
    shutdown: shutdown && first?.shutdown === true,
    options: Object.assign({}, ...options.map(specOf)) as Spec,
    ...(timers && first?.timers && { timers: first.timers }),
    ...(ttl && first?.gtsmHops !== undefined && { ttl: { gtsmHops: first.gtsmHops } }),
    ...(ttl && isFar && { ttl: { multihop: first.multihop } }),
    lines,
  };
}

function specOfEnd(
  { neighbor, own, facts }: SeenEnd,
  more: { description?: string; lines: readonly string[] },
  families: readonly FamilyName[],
  isExternal: boolean,
): Spec {
  const unnamed = own === undefined && neighbor.updateSource !== undefined ? [`update-source ${neighbor.updateSource}`] : [];
  const group = neighbor.group === undefined ? undefined : facts.groupOf(neighbor.group, neighbor.vrf);
  const joined = neighbor.group !== undefined && !group ? [`peer-group ${neighbor.group}`] : [];
  const lines = [...joined, ...neighbor.lines, ...more.lines, ...unnamed];
  const inFamilies = Object.fromEntries(
    families.flatMap((family) => {
      const spec = specOfEndFamily(neighbor.families.get(family), family, facts.policyOf, group, isExternal);
      return Object.keys(spec).length > 0 ? [[family, spec]] : [];
    }),
  );
  return {
    device: neighbor.device,
    ...(neighbor.vrf !== undefined && { vrf: neighbor.vrf }),
    ...(neighbor.isUnnumbered && { interface: neighbor.address }),
    ...(own && { [own.isLoopback ? 'loopback' : 'interface']: own.name }),
    ...(own && own.alike > 1 && { address: own.address }),
    ...(own && own.updateSource !== own.usual && { updateSource: own.updateSource }),
    ...(group && { peerGroup: group.name }),
    ...neighbor.end,
    ...(more.description !== undefined && { description: more.description }),
    ...(lines.length > 0 && { lines }),
    ...(Object.keys(inFamilies).length > 0 && { families: inFamilies }),
  };
}

/** Undefined: the other end carries the family, and this one does not. */
function specOfEndFamily(
  found: FoundFamily | undefined,
  family: FamilyName,
  policyOf: DeviceFacts['policyOf'],
  group: KnownGroup | undefined,
  isExternal: boolean,
): Spec {
  if (!found) return { ...(isExternal && { unfiltered: true }), lines: ['no activate'] };
  const spec = specOfFamily(found, policyOf);
  const ofGroup = (group?.spec['families'] as Record<string, Spec> | undefined)?.[family];
  const isOpen = (['import', 'export'] as const).some((what) => (spec[what] ?? ofGroup?.[what]) === undefined);
  return { ...(isExternal && isOpen && { unfiltered: true }), ...spec };
}
