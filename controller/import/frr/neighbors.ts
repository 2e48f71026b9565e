import { HostAddress, InterfaceName, isLinkLocal } from '../../api/index.ts';
import type { Claims } from '../claims.ts';
import type { FamilyName, FoundGroup, FoundNeighbor, FoundProfile } from '../found.ts';
import { readOptions } from './neighbor-lines.ts';
import { carriedBy, families, type Instance, isAsn, linesOf, type Peer, type Peers, readFamilies, readSession } from './peers.ts';

/** What the neighbors of an instance are read with. */
export interface Around {
  peers: Peers;
  groups: ReadonlyMap<string, FoundGroup>;
  profiles: ReadonlyMap<string, FoundProfile>;
}

/** The neighbors of an instance that have an address or an interface, and an AS number of their own or of their peer group. */
export function findNeighbors(device: string, instance: Instance, around: Around, claims: Claims): FoundNeighbor[] {
  const { vrf, prefix } = instance;
  return [...around.peers.all.values()].flatMap((peer) => {
    const unit = `${prefix}neighbor ${peer.name}`;
    if (!claims.mayTake(unit)) return [];
    const found = readNeighbor(peer, instance.asn, around);
    if (!found || !claims.take(unit, found.nodes)) return [];
    return [{ ...found, unit, device, ...(vrf !== undefined && { vrf }) }];
  });
}

/** How the neighbor is known: by its address, or by an interface. */
function readIdentity(peer: Peer): { isUnnumbered: boolean; word?: string; group?: string } | undefined {
  const { name, session } = peer;
  if (HostAddress.safeParse(name).success) return isLinkLocal(name) ? undefined : { isUnnumbered: false };
  const said = session.flatMap(({ rest }) => /^interface (remote-as|peer-group) (\S+)$/.exec(rest) ?? []);
  const [, what, value = ''] = said;
  if (what === undefined || !InterfaceName.safeParse(name).success) return undefined;
  return { isUnnumbered: true, ...(what === 'remote-as' ? { word: value } : { group: value }) };
}

function readNeighbor(
  peer: Peer,
  ownAs: number,
  { peers, groups, profiles }: Around,
): Omit<FoundNeighbor, 'unit' | 'device' | 'vrf'> | undefined {
  const identity = readIdentity(peer);
  if (!identity) return undefined;
  const read = readSession(peer);
  const { said, end } = read;
  const isJoin = (line: string): boolean => /^peer-group \S+$/.test(line);
  const groupName = identity.group ?? read.lines.find(isJoin)?.split(' ')[1];
  const group = groupName === undefined ? undefined : groups.get(groupName);
  // A group that no kind expresses stands in a raw section; a neighbor on an interface is made by one line.
  if (identity.isUnnumbered && groupName !== undefined && !group) return undefined;
  const lines = read.lines.filter((line) => !line.startsWith('interface ') && !(group && isJoin(line)));
  const rawGroup = peers.all.get(groupName ?? '');
  const ofGroup = rawGroup?.session.flatMap(({ rest }) => /^remote-as (\S+)$/.exec(rest)?.[1] ?? [])[0];
  const own = said.remoteAs ?? identity.word;
  const word = own ?? ofGroup;
  const shown = (localAsOf(end) ?? localAsOf(group?.end))?.asn ?? ownAs;
  const asn = word === 'external' ? undefined : word === 'internal' ? ownAs : Number(word);
  if (word === undefined || (asn !== undefined && !isAsn(asn))) return undefined;
  if (lines.includes('peer-group') || (own === 'internal' && identity.isUnnumbered)) return undefined;
  if (own === 'internal' || own === 'external') lines.unshift(`remote-as ${own}`);

  const usual = rawGroup ? { ...carriedBy(rawGroup, peers) } : peers.isOn;
  const carries = carriedBy(peer, { isOn: usual });
  const { nodes } = read;
  const inFamilies = readFamilies(peer, carries, isTold(usual, group), asn === shown ? 'Internal' : 'External', peers, nodes);
  const { found: options, rest } = readOptions(lines, peer.name.includes(':') && inFamilies.has('ipv4-unicast'), profiles);
  const common = inFamilies.size === 0 ? undefined : linesOf(read, rest, inFamilies, nodes);
  return (
    common && {
      ...common,
      address: peer.name,
      isUnnumbered: identity.isUnnumbered,
      ...(group && { group: group.group }),
      remoteAs: asn,
      ownAs: shown,
      shutdown: said.shutdown === true,
      options,
    }
  );
}

/** Families of which Git says by itself that a neighbor does not carry them. */
function isTold(usual: Readonly<Record<FamilyName, boolean>>, group: FoundGroup | undefined): Record<FamilyName, boolean> {
  const [v4 = false, v6 = false] = families.map((family) =>
    group ? group.families.has(family) && usual[family] : family === 'ipv4-unicast' && usual[family],
  );
  return { 'ipv4-unicast': v4, 'ipv6-unicast': v6 };
}

function localAsOf(end: { localAs?: unknown } | undefined): { asn: number } | undefined {
  return end?.localAs as { asn: number } | undefined;
}
