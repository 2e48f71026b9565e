import type { Node, Tree } from '../../config/index.ts';
import { type IpPrefix, parsePrefix } from '../../lib/index.ts';
import { type ServedSubnet, subnetsIn } from './dhcp-ranges.ts';

/** By which a server finds the subnet of a client, and where it stands. Nothing else is needed of one that gives nothing out. */
const wayIn = /^(?:prefix|shared-network|interface|interface-id|relay) /;

/** How clients come into a subnet. */
interface Ways {
  service: string;
  prefix: IpPrefix | undefined;
  network: string | undefined;
  /** `interface eth0`, `relay 192.0.2.1`, of the subnet and of its shared network. */
  said: readonly string[];
}

/**
 * Subnets that Git no longer has and that may stay for a while, closed: `isOurs` says which are Git's to take away. Not one by which a server would
 * find clients of another subnet of Git: closed, it would leave them without an address.
 */
export function findLeaving(live: Tree, intended: Tree, isOurs: (subnet: ServedSubnet) => boolean): ReadonlySet<string> {
  const wanted = subnetsIn(intended);
  const candidates = [...subnetsIn(live)].filter(([key, subnet]) => !wanted.has(key) && isOurs(subnet));
  if (candidates.length === 0) return new Set();
  const others = [...wanted.values()].map((subnet) => waysOf(subnet, intended));
  return new Set(
    candidates.flatMap(([key, subnet]) => {
      const own = waysOf(subnet, live);
      return others.some((other) => isInTheWay(own, other)) ? [] : [key];
    }),
  );
}

function waysOf({ service, node }: ServedSubnet, tree: Tree): Ways {
  const network = node.children.find(({ text }) => text.startsWith('shared-network '))?.text;
  const lines = [...node.children, ...(networkIn(tree, service, network)?.children ?? [])].filter(({ text }) => wayIn.test(text));
  return {
    service,
    network,
    prefix: parsePrefix(lines.find(({ text }) => text.startsWith('prefix '))?.text.slice('prefix '.length) ?? ''),
    said: lines.flatMap(({ text }) => {
      const [word = '', ...values] = text.split(' ');
      if (word === 'relay') return values.map((address) => `relay ${address}`);
      return word.startsWith('interface') ? [text] : [];
    }),
  };
}

function isInTheWay(leaving: Ways, other: Ways): boolean {
  if (leaving.service !== other.service) return false;
  const [a, b] = [leaving.prefix, other.prefix];
  if (!a || !b || (a.first <= b.last && b.first <= a.last)) return true;
  // On one link the server goes on to the next subnet when one has nothing to give.
  if (leaving.network !== undefined && leaving.network === other.network) return false;
  return leaving.said.some((way) => other.said.includes(way));
}

function networkIn({ roots }: Tree, service: string, name: string | undefined): Node | undefined {
  if (name === undefined) return undefined;
  return roots.find(({ text }) => text === `Dhcp${service.slice(-1)}`)?.children.find(({ text }) => text === name);
}

/** A line, behind that of the section inside the server in which it stands. */
export type Line = readonly [section: string, text: string];

/** What is left of such a subnet, and of its shared network where Git has that no longer. */
export function linesLeft(live: Tree, intended: Tree, { service, name, node }: ServedSubnet): readonly Line[] {
  const inside = node.children.flatMap(({ text }): Line[] => (wayIn.test(text) ? [[name, text]] : []));
  const network = inside.find(([, text]) => text.startsWith('shared-network '))?.[1];
  if (network === undefined || networkIn(intended, service, network)) return inside;
  const around = networkIn(live, service, network)?.children.flatMap(({ text }): Line[] => (wayIn.test(text) ? [[network, text]] : []));
  return [...(around ?? []), ...inside];
}
