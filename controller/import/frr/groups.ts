import type { Claims } from '../claims.ts';
import type { FoundGroup, FoundProfile } from '../found.ts';
import { readBfd } from './neighbor-lines.ts';
import { carriedBy, type Instance, isAsn, isGroupName, linesOf, type Peer, type Peers, readFamilies, readSession } from './peers.ts';

/** The peer groups of an instance, by name. One that a kind does not express stays raw, and its members name it in a line. */
export function findGroups(
  device: string,
  { asn, vrf, prefix }: Instance,
  peers: Peers,
  profiles: ReadonlyMap<string, FoundProfile>,
  claims: Claims,
): Map<string, FoundGroup> {
  const groups = [...peers.all.values()].flatMap((peer): [string, FoundGroup][] => {
    const unit = `${prefix}peer-group ${peer.name}`;
    if (!peer.session.some(({ rest }) => rest === 'peer-group') || !claims.mayTake(unit) || !isGroupName(peer.name)) return [];
    const found = readGroup(peer, asn, peers, profiles);
    if (!found || !claims.take(unit, found.nodes)) return [];
    return [[peer.name, { ...found, unit, device, ...(vrf !== undefined && { vrf }) }]];
  });
  return new Map(groups);
}

function readGroup(
  peer: Peer,
  ownAs: number,
  peers: Peers,
  profiles: ReadonlyMap<string, FoundProfile>,
): Omit<FoundGroup, 'unit' | 'device' | 'vrf'> | undefined {
  const read = readSession(peer);
  const word = read.said.remoteAs;
  const isNumber = word !== undefined && /^\d+$/.test(word);
  if (word !== undefined && !(isNumber ? isAsn(Number(word)) : word === 'internal' || word === 'external')) return undefined;
  const shown = (read.end['localAs'] as { asn: number } | undefined)?.asn ?? ownAs;
  const isInternal = word === undefined ? undefined : isNumber ? Number(word) === shown : word === 'internal';
  const kind = isInternal === undefined ? 'Either' : isInternal ? 'Internal' : 'External';
  const inFamilies = readFamilies(peer, carriedBy(peer, peers), peers.isOn, kind, { ...peers, deterministicMed: undefined }, read.nodes);
  const { said } = read;
  const bfd = readBfd(read.lines, profiles);
  const lines = read.lines.filter((line) => line !== 'peer-group' && bfd?.lines.includes(line) !== true);
  if (said.shutdown) lines.push('shutdown');
  const far = said.multihop !== undefined && (said.multihop < 2 || said.gtsmHops !== undefined) ? [`ebgp-multihop ${said.multihop}`] : [];
  const { multihop: _multihop, ...reach } = said;
  const common = linesOf({ ...read, said: far.length > 0 ? reach : said }, [...lines, ...far], inFamilies, read.nodes);
  return (
    common && {
      ...common,
      group: peer.name,
      ...(word !== undefined && { remoteAs: isNumber ? { asn: Number(word) } : { type: isInternal ? 'Internal' : 'External' } }),
      ...(bfd && { bfd: bfd.profile ?? '' }),
    }
  );
}
