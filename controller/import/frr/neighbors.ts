import { Asn, ExtraLine, HostAddress, isLinkLocal } from '../../api/index.ts';
import type { Node } from '../../config/index.ts';
import type { Claims } from '../claims.ts';
import type { FamilyName, FoundFamily, FoundNeighbor, Spec } from '../found.ts';
import { type Original, tokensIn } from '../original.ts';
import { readFamily, readOptions, readSessionLine, type Said } from './neighbor-lines.ts';

const families: readonly FamilyName[] = ['ipv4-unicast', 'ipv6-unicast'];

interface Line {
  node: Node;
  /** The words behind the address, `no` in front where the line has it. */
  rest: string;
}

interface Gathered {
  session: Line[];
  families: Record<FamilyName, Line[]>;
}

/** The neighbors of the default instance that have an address, and an AS number of their own or of their peer group. */
export function findNeighbors(original: Original, bgp: Node, claims: Claims): FoundNeighbor[] {
  const ownAs = Number(bgp.text.split(' ')[2]);
  const isOn = { 'ipv4-unicast': !has(bgp, 'no bgp default ipv4-unicast'), 'ipv6-unicast': has(bgp, 'bgp default ipv6-unicast') };
  const all = gather(bgp);
  return [...all].flatMap(([address, gathered]) => {
    const unit = `neighbor ${address}`;
    if (!claims.mayTake(unit) || !HostAddress.safeParse(address).success || isLinkLocal(address)) return [];
    const found = readNeighbor(address, gathered, ownAs, isOn, all);
    if (!found || !claims.take(unit, found.nodes)) return [];
    return [{ ...found, unit, device: original.device }];
  });
}

function has(block: Node, text: string): boolean {
  return block.children.some((child) => child.text === text);
}

function gather(bgp: Node): Map<string, Gathered> {
  const neighbors = new Map<string, Gathered>();
  const add = (node: Node, family?: FamilyName): void => {
    const [, no = '', address = '', rest = ''] = /^(no )?neighbor (\S+) (.+)$/.exec(node.text) ?? [];
    if (address === '') return;
    const found = neighbors.get(address) ?? { session: [], families: { 'ipv4-unicast': [], 'ipv6-unicast': [] } };
    neighbors.set(address, found);
    (family ? found.families[family] : found.session).push({ node, rest: no + rest });
  };
  for (const child of bgp.children) {
    add(child);
    const family = families.find((each) => child.text === `address-family ${each.replace('-', ' ')}`);
    if (family) for (const line of child.children) add(line, family);
  }
  return neighbors;
}

function readNeighbor(
  address: string,
  { session, families: inFamilies }: Gathered,
  ownAs: number,
  isOnByDefault: Readonly<Record<FamilyName, boolean>>,
  all: ReadonlyMap<string, Gathered>,
): Omit<FoundNeighbor, 'unit' | 'device'> | undefined {
  const said: Said = {};
  const end: Spec = {};
  const timers: Spec = {};
  const lines: string[] = [];
  const nodes: Node[] = [];
  for (const { node, rest } of session) {
    nodes.push(node);
    const part = readSessionLine(rest);
    if (!part) lines.push(rest);
    else {
      Object.assign(end, part.end);
      Object.assign(timers, part.timers);
      Object.assign(said, part);
    }
  }
  // A group says what its members do not; it stands in a raw section.
  const group = lines.flatMap((line) => all.get(/^peer-group (\S+)$/.exec(line)?.[1] ?? '') ?? [])[0];
  const word = said.remoteAs ?? group?.session.flatMap(({ rest }) => /^remote-as (\S+)$/.exec(rest)?.[1] ?? [])[0];
  const shown = (end['localAs'] as { asn: number } | undefined)?.asn ?? ownAs;
  const asn = word === 'external' ? undefined : word === 'internal' ? ownAs : Number(word);
  if (word === undefined || (asn !== undefined && !Asn.safeParse(asn).success)) return undefined;
  if (lines.some((line) => line === 'peer-group' || /^interface( |$)/.test(line))) return undefined;
  if (said.remoteAs === 'internal' || said.remoteAs === 'external') lines.unshift(`remote-as ${said.remoteAs}`);
  const isOn = { ...isOnByDefault };
  for (const family of families) {
    const rests = group?.families[family].map(({ rest }) => rest) ?? [];
    if (rests.includes('activate')) isOn[family] = true;
    if (rests.includes('no activate')) isOn[family] = false;
  }
  const carried = new Map<FamilyName, FoundFamily>();
  for (const family of families) {
    const said = inFamilies[family];
    const isActive = said.some(({ rest }) => rest === 'activate') || (isOn[family] && !said.some(({ rest }) => rest === 'no activate'));
    if (!isActive) {
      // Written for a neighbor that does not carry the family, when all others do by default.
      if (family === 'ipv4-unicast' && isOn[family])
        nodes.push(...said.flatMap(({ node, rest }) => (rest === 'no activate' ? [node] : [])));
      continue;
    }
    nodes.push(...said.map(({ node }) => node));
    const rests = said.map(({ rest }) => rest).filter((rest) => rest !== 'activate');
    carried.set(family, readFamily(rests, asn !== shown));
  }
  const { found: options, rest } = readOptions(lines, address.includes(':') && carried.has('ipv4-unicast'));
  const extra = [...rest, ...[...carried.values()].flatMap((family) => family.lines)];
  if (carried.size === 0 || extra.some((line) => !ExtraLine.safeParse(line).success || tokensIn(line).length > 0)) return undefined;
  return {
    address,
    remoteAs: asn,
    ownAs: shown,
    ...(said.password !== undefined && { password: said.password }),
    description: said.description ?? '',
    shutdown: said.shutdown === true,
    ...(said.multihop !== undefined && { multihop: said.multihop }),
    ...(said.gtsmHops !== undefined && { gtsmHops: said.gtsmHops }),
    ...(said.updateSource !== undefined && { updateSource: said.updateSource }),
    ...(Object.keys(timers).length > 0 && { timers }),
    end,
    options,
    lines: rest,
    families: carried,
    nodes,
  };
}
