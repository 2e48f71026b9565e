import { Asn, DeviceListName, ExtraLine, HostAddress } from '../../api/index.ts';
import type { Node } from '../../config/index.ts';
import type { FamilyName, FoundFamily, FoundLines, Spec } from '../found.ts';
import { tokensIn } from '../original.ts';
import { readFamily, readSessionLine, type Said, type SessionKind } from './neighbor-lines.ts';

export const families: readonly FamilyName[] = ['ipv4-unicast', 'ipv6-unicast'];

/** Where neighbors stand: one BGP instance. */
export interface Instance {
  node: Node;
  asn: number;
  /** Undefined: the default VRF. */
  vrf?: string;
  /** In front of its units. */
  prefix: string;
}

/** A line of a neighbor or a group. */
export interface PeerLine {
  node: Node;
  /** The words behind the name, `no` in front where the line has it. */
  rest: string;
}

/** The lines of one neighbor or group. */
export interface Peer {
  name: string;
  session: PeerLine[];
  families: Record<FamilyName, PeerLine[]>;
}

/** All that an instance says of neighbors and groups, in the order in which they appear. */
export interface Peers {
  all: ReadonlyMap<string, Peer>;
  /** Families that a neighbor carries without being told. */
  isOn: Readonly<Record<FamilyName, boolean>>;
  /** The line that makes FRR choose the best path of each AS. */
  deterministicMed: Node | undefined;
}

export function gatherPeers({ node: bgp }: Instance): Peers {
  const has = (text: string): boolean => bgp.children.some((child) => child.text === text);
  const all = new Map<string, Peer>();
  const add = (node: Node, family?: FamilyName): void => {
    const [, no = '', name = '', rest = ''] = /^(no )?neighbor (\S+) (.+)$/.exec(node.text) ?? [];
    if (name === '') return;
    const found = all.get(name) ?? { name, session: [], families: { 'ipv4-unicast': [], 'ipv6-unicast': [] } };
    all.set(name, found);
    (family ? found.families[family] : found.session).push({ node, rest: no + rest });
  };
  for (const child of bgp.children) {
    add(child);
    const family = families.find((each) => child.text === `address-family ${each.replace('-', ' ')}`);
    if (family) for (const line of child.children) add(line, family);
  }
  return {
    all,
    isOn: { 'ipv4-unicast': !has('no bgp default ipv4-unicast'), 'ipv6-unicast': has('bgp default ipv6-unicast') },
    deterministicMed: bgp.children.find(({ text }) => text === 'bgp deterministic-med'),
  };
}

/** What the lines outside of the families say, and those that no field expresses. */
export function readSession(peer: Peer): { said: Said; end: Spec; timers: Spec; lines: string[]; nodes: Node[] } {
  const said: Said = {};
  const [end, timers]: [Spec, Spec] = [{}, {}];
  const lines: string[] = [];
  for (const { rest } of peer.session) {
    const part = readSessionLine(rest);
    if (!part) lines.push(rest);
    else {
      Object.assign(end, part.end);
      Object.assign(timers, part.timers);
      Object.assign(said, part);
    }
  }
  return { said, end, timers, lines, nodes: peer.session.map(({ node }) => node) };
}

/** Which families a peer carries: as its group does, or the instance, where it says nothing itself. */
export function carriedBy(peer: Peer, { isOn }: Pick<Peers, 'isOn'>): Record<FamilyName, boolean> {
  const carries = (family: FamilyName): boolean => {
    const rests = peer.families[family].map(({ rest }) => rest);
    return rests.includes('activate') || (isOn[family] && !rests.includes('no activate'));
  };
  return { 'ipv4-unicast': carries('ipv4-unicast'), 'ipv6-unicast': carries('ipv6-unicast') };
}

/** Reads the families that the peer carries. Their lines are added to `nodes`, with those that say that it carries one not. */
export function readFamilies(
  peer: Peer,
  carried: Readonly<Record<FamilyName, boolean>>,
  usual: Readonly<Record<FamilyName, boolean>>,
  kind: SessionKind,
  { deterministicMed }: Peers,
  nodes: Node[],
): Map<FamilyName, FoundFamily> {
  const found = new Map<FamilyName, FoundFamily>();
  for (const family of families) {
    const lines = peer.families[family];
    if (!carried[family]) {
      // Written for a neighbor that does not carry the family, when others do by default.
      if (usual[family]) nodes.push(...lines.flatMap(({ node, rest }) => (rest === 'no activate' ? [node] : [])));
      continue;
    }
    nodes.push(...lines.map(({ node }) => node));
    const rests = lines.map(({ rest }) => rest).filter((rest) => rest !== 'activate');
    const read = readFamily(rests, kind, deterministicMed !== undefined);
    if (read.spec['addPath'] === 'BestPerAs' && deterministicMed) nodes.push(deterministicMed);
    found.set(family, read);
  }
  return found;
}

/** What is common to neighbors and groups; undefined when a line cannot stand in Git as it is. */
export function linesOf(
  { said, end, timers }: Pick<ReturnType<typeof readSession>, 'said' | 'end' | 'timers'>,
  lines: readonly string[],
  inFamilies: ReadonlyMap<FamilyName, FoundFamily>,
  nodes: readonly Node[],
): Omit<FoundLines, 'unit' | 'device' | 'vrf'> | undefined {
  const extra = [...lines, ...[...inFamilies.values()].flatMap((family) => family.lines)];
  if (extra.some((line) => !ExtraLine.safeParse(line).success || tokensIn(line).length > 0)) return undefined;
  return {
    ...(said.password !== undefined && { password: said.password }),
    description: said.description ?? '',
    ...(said.multihop !== undefined && { multihop: said.multihop }),
    ...(said.gtsmHops !== undefined && { gtsmHops: said.gtsmHops }),
    ...(said.updateSource !== undefined && { updateSource: said.updateSource }),
    ...(Object.keys(timers).length > 0 && { timers }),
    end,
    lines,
    families: inFamilies,
    nodes,
  };
}

export function isAsn(value: number): boolean {
  return Asn.safeParse(value).success;
}

/** An address would be a neighbor wherever the name stands. */
export function isGroupName(name: string): boolean {
  return !HostAddress.safeParse(name).success && DeviceListName.safeParse(name).success;
}
