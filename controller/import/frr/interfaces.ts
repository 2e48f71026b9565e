import { InterfaceAddress, InterfaceName, Line } from '../../api/index.ts';
import type { Claims } from '../claims.ts';
import type { FoundItem } from '../found.ts';
import type { Original } from '../original.ts';

/** Interfaces and their addresses. */
export function findInterfaces({ tree }: Original, claims: Claims): FoundItem[] {
  return tree.roots.flatMap((node) => {
    const name = /^interface (\S+)$/.exec(node.text)?.[1];
    const unit = `interface ${name}`;
    if (name === undefined || !InterfaceName.safeParse(name).success || !claims.mayTake(unit)) return [];
    const lines = node.children.flatMap((child) => {
      const address = /^ipv?6? address (\S+)$/.exec(child.text)?.[1];
      return address !== undefined && InterfaceAddress.safeParse(address).success ? [{ child, address }] : [];
    });
    const described = node.children.find(({ text }) => text.startsWith('description ') && Line.safeParse(text.slice(12)).success);
    const shut = node.children.find(({ text }) => text === 'shutdown');
    const nodes = [...lines.map(({ child }) => child), ...(described ? [described] : []), ...(shut ? [shut] : [])];
    claims.take(unit, nodes.length === 0 ? [] : [node, ...nodes]);
    const spec = {
      name,
      ...(/^(lo|dum|loop)/i.test(name) && { role: 'Loopback' }),
      ...(lines.length > 0 && { addresses: lines.map(({ address }) => address) }),
      ...(described && { description: described.text.slice(12) }),
      ...(shut && { enabled: false }),
    };
    return [{ unit, spec }];
  });
}
