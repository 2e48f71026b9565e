import type { Node, Tree } from '../../config/index.ts';
import type { KeaService } from '../../drivers/index.ts';
import { parseAddress, parsePrefix } from '../../lib/index.ts';

export interface ServedSubnet {
  service: KeaService;
  /** `subnet 10`. */
  name: string;
  node: Node;
}

const services: Readonly<Record<string, KeaService>> = { Dhcp4: 'dhcp4', Dhcp6: 'dhcp6' };

/** The subnets of a DHCP server by service and id; none for another platform. */
export function subnetsIn({ platform, roots }: Tree): ReadonlyMap<string, ServedSubnet> {
  if (platform !== 'kea') return new Map();
  return new Map(
    roots.flatMap((root) => {
      const service = services[root.text];
      const subnets = root.children.filter(({ key }) => key.startsWith('subnet '));
      return service ? subnets.map((node) => [`${service} ${node.key}`, { service, name: node.key, node }] as const) : [];
    }),
  );
}

/** `192.0.2.0/24`. */
export function prefixOf({ children }: Node): string {
  return children.find(({ text }) => text.startsWith('prefix '))?.text.slice('prefix '.length) ?? '';
}

/** First and last address, both included. */
export type Range = readonly [bigint, bigint];

/** The pools of a subnet, closed ones too. */
export function rangesIn({ children }: Node, of: 'address' | 'prefix'): readonly { node: Node; range: Range }[] {
  return children.flatMap((node): readonly { node: Node; range: Range }[] => {
    const [word, first = '', hyphen, last = ''] = node.text.split(' ');
    if (of === 'prefix') {
      const network = word === 'pd-pool' ? parsePrefix(first) : undefined;
      return network ? [{ node, range: [network.first, network.last] }] : [];
    }
    if (word !== 'pool' || hyphen !== '-') return [];
    const [low, high] = [parseAddress(first)?.value, parseAddress(last)?.value];
    return low === undefined || high === undefined ? [] : [{ node, range: [low, high] }];
  });
}

export function without([first, last]: Range, [from, to]: Range): readonly Range[] {
  if (to < first || from > last) return [[first, last]];
  return [...(from > first ? [[first, from - 1n] as const] : []), ...(to < last ? [[to + 1n, last] as const] : [])];
}
