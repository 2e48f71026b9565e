import { Prefix } from '../../api/index.ts';
import type { Claims } from '../claims.ts';
import type { FamilyName, FoundItem, Spec } from '../found.ts';
import { families, type Instance, type Peers } from './peers.ts';

/**
 * Both families say the same or the field says nothing. A family is written only when something stands in it: also that neighbors carry it
 * without being told.
 */
export function findPaths({ node, prefix }: Instance, peers: Peers, claims: Claims): Spec {
  const has = (family: FamilyName): boolean => node.children.some(({ text }) => text === `address-family ${family.replace('-', ' ')}`);
  if (peers.all.size > 0 && families.some((family) => peers.isOn[family] && !has(family)))
    return { maximumPaths: { external: 0, internal: 0 } };
  const blocks = families.flatMap((family) => node.children.filter(({ text }) => text === `address-family ${family.replace('-', ' ')}`));
  const paths: Record<string, number> = { external: 0, internal: 0 };
  for (const [field, pattern] of [
    ['external', /^maximum-paths (\d+)$/],
    ['internal', /^maximum-paths ibgp (\d+)$/],
  ] as const) {
    const lines = blocks.map((block) => block.children.find(({ text }) => pattern.test(text)));
    const [first] = lines;
    const count = Number(pattern.exec(first?.text ?? '')?.[1]);
    if (!first || count < 1 || count > 256 || lines.some((line) => line?.text !== first.text)) continue;
    if (
      claims.take(
        `${prefix}bgp paths ${field}`,
        lines.flatMap((line) => line ?? []),
      )
    )
      paths[field] = count;
  }
  return { maximumPaths: paths };
}

const protocols: ReadonlyMap<string, string> = new Map([
  ['kernel', 'Kernel'],
  ['connected', 'Connected'],
  ['static', 'Static'],
  ['ospf', 'OSPF'],
  ['ospf6', 'OSPF'],
  ['isis', 'ISIS'],
]);

/** What an instance announces by itself. */
export interface Originated {
  networks: FoundItem[];
  aggregates: FoundItem[];
  redistribute: FoundItem[];
}

export function findOriginated({ node, prefix: around }: Instance, claims: Claims, maps: ReadonlySet<string>): Originated {
  const found: Originated = { networks: [], aggregates: [], redistribute: [] };
  const seen = new Set<string>();
  for (const family of families) {
    const version = family === 'ipv4-unicast' ? 4 : 6;
    const block = node.children.find(({ text }) => text === `address-family ${family.replace('-', ' ')}`);
    for (const line of block?.children ?? []) {
      const unit = `${around}bgp ${family} ${line.key}`;
      const named = / route-map (\S+)$/.exec(line.text)?.[1];
      if (named !== undefined && !maps.has(named)) continue;
      const network = /^network (\S+)(?: route-map (\S+))?$/.exec(line.text);
      if (network && isPrefix(network[1], version) && claims.take(unit, [line]))
        found.networks.push({ unit, spec: { prefix: network[1] }, ...(network[2] !== undefined && { map: network[2] }) });
      const aggregate = /^aggregate-address (\S+)( as-set)?( summary-only)?(?: route-map (\S+))?$/.exec(line.text);
      if (aggregate && isPrefix(aggregate[1], version) && claims.take(unit, [line])) {
        const [, prefix, asSet, summaryOnly, map] = aggregate;
        const spec = { prefix, ...(summaryOnly && { summaryOnly: true }), ...(asSet && { asSet: true }) };
        found.aggregates.push({ unit, spec, ...(map !== undefined && { map }) });
      }
      const from = /^redistribute (\w+)(?: route-map (\S+))?$/.exec(line.text);
      const protocol = protocols.get(from?.[1] ?? '');
      if (!from || protocol === undefined || seen.has(`${family} ${protocol}`)) continue;
      if ((from[1] === 'ospf' && version === 6) || (from[1] === 'ospf6' && version === 4) || !claims.take(unit, [line])) continue;
      seen.add(`${family} ${protocol}`);
      const [, , map] = from;
      found.redistribute.push({
        unit,
        spec: { protocol, family, ...(map === undefined && { unfiltered: true }) },
        ...(map !== undefined && { map }),
      });
    }
  }
  return found;
}

function isPrefix(text: string | undefined, version: 4 | 6): boolean {
  return text !== undefined && text.includes(':') === (version === 6) && Prefix.safeParse(text).success;
}
