import { HostAddress, InterfaceName, Prefix, VrfName } from '../../api/index.ts';
import type { Node } from '../../config/index.ts';
import type { Claims } from '../claims.ts';
import type { FoundItem, Spec } from '../found.ts';
import type { Original } from '../original.ts';

/** Static routes that lead to one place, those of the default VRF first. */
export function findRoutes({ tree }: Original, claims: Claims): FoundItem[] {
  const inVrfs = tree.roots.flatMap((node) => {
    const vrf = /^vrf (\S+)$/.exec(node.text)?.[1];
    return VrfName.safeParse(vrf).success ? readRoutes(node.children, vrf, claims) : [];
  });
  return [...readRoutes(tree.roots, undefined, claims), ...inVrfs];
}

function readRoutes(nodes: readonly Node[], vrf: string | undefined, claims: Claims): FoundItem[] {
  return nodes.flatMap((node) => {
    const match = /^ipv?6? route (\S+) (.+)$/.exec(node.text);
    const [, prefix = '', rest = ''] = match ?? [];
    const unit = `${vrf === undefined ? '' : `vrf ${vrf} `}route ${node.key}`;
    const route = match && Prefix.safeParse(prefix).success ? readRoute(rest.split(' '), prefix.includes(':')) : undefined;
    if (!route || !claims.take(unit, [node])) return [];
    return [{ unit, spec: { prefix, ...route, ...(vrf !== undefined && { vrf }) } }];
  });
}

function readRoute(words: readonly string[], isIpv6: boolean): Spec | undefined {
  const last = words.at(-1) ?? '';
  const hasDistance = words.length > 1 && /^\d+$/.test(last) && Number(last) > 1 && Number(last) <= 255;
  const [first = '', second, ...more] = hasDistance ? words.slice(0, -1) : words;
  const distance = hasDistance ? { distance: Number(last) } : {};
  if (more.length > 0) return undefined;
  if (first === 'blackhole') return second === undefined ? { blackhole: true, ...distance } : undefined;
  if (HostAddress.safeParse(first).success) {
    if (first.includes(':') !== isIpv6 || (second !== undefined && !isInterface(second))) return undefined;
    return { nextHop: first, ...(second !== undefined && { interface: second }), ...distance };
  }
  return second === undefined && isInterface(first) ? { interface: first, ...distance } : undefined;
}

const reserved = new Set(['reject', 'Null0', 'tag', 'vrf', 'label', 'table', 'nexthop-vrf', 'onlink', 'color', 'segments', 'bfd']);

function isInterface(word: string): boolean {
  return !reserved.has(word) && !/^\d+$/.test(word) && InterfaceName.safeParse(word).success;
}
