import { Asn, HostAddress, InterfaceAddress, InterfaceName, Line, Prefix, RouterId } from '../../api/index.ts';
import type { Node } from '../../config/index.ts';
import type { Claims } from '../claims.ts';
import type { FamilyName, Spec } from '../found.ts';
import type { Original } from '../original.ts';

/** Fields of a Device, each with the unit that it came from. Policies stand as names on the device: `policy` is put in later. */
export interface FoundItem {
  unit: string;
  spec: Spec;
  /** Name of the route-map, where the line names one. */
  map?: string;
}

export interface FoundInstance {
  asn: number;
  node: Node;
  spec: Spec;
  networks: FoundItem[];
  aggregates: FoundItem[];
  redistribute: FoundItem[];
}

/** The instance of the default VRF; undefined when there is none, or one that a Device cannot express. */
export function findInstance({ tree }: Original, claims: Claims, maps: ReadonlySet<string>): FoundInstance | undefined {
  const node = tree.roots.find(({ text }) => /^router bgp \d+$/.test(text));
  const asn = Number(node?.text.split(' ')[2]);
  const unit = 'router bgp';
  if (!node || !Asn.safeParse(asn).success || !claims.mayTake(unit)) return undefined;
  claims.take(unit, [node]);

  /** Takes the line of the instance when a field says it. */
  const takes = (field: string, text: string | undefined): boolean => {
    const line = node.children.find((child) => child.text === text);
    return line !== undefined && claims.take(`bgp ${field}`, [line]);
  };
  const valueOf = (words: string): string | undefined =>
    node.children.find(({ text }) => text.startsWith(`${words} `))?.text.slice(words.length + 1);
  const findTime = (word: string, field: string, usual: number): Spec => {
    const value = valueOf(`bgp graceful-restart ${word}`);
    const fits = /^\d+$/.test(value ?? '') && Number(value) !== usual && Number(value) > 0 && Number(value) <= 4095;
    return fits && takes('gracefulRestartTimers', `bgp graceful-restart ${word} ${value}`) ? { [field]: Number(value) } : {};
  };
  const spec: Record<string, unknown> = { asn };
  const routerId = valueOf('bgp router-id');
  if (RouterId.safeParse(routerId).success && takes('routerId', `bgp router-id ${routerId}`)) spec['routerId'] = routerId;
  const clusterId = valueOf('bgp cluster-id');
  if (RouterId.safeParse(clusterId).success && takes('clusterId', `bgp cluster-id ${clusterId}`)) spec['clusterId'] = clusterId;
  const preference = valueOf('bgp default local-preference');
  if (/^\d+$/.test(preference ?? '') && preference !== '100' && takes('localPreference', `bgp default local-preference ${preference}`))
    spec['defaultLocalPreference'] = Number(preference);
  if (takes('multipathRelax', 'bgp bestpath as-path multipath-relax')) spec['multipathRelax'] = true;
  if (takes('gracefulRestart', 'bgp graceful-restart')) spec['gracefulRestart'] = true;
  const times = { ...findTime('restart-time', 'restartSeconds', 120), ...findTime('stalepath-time', 'stalePathSeconds', 360) };
  if (Object.keys(times).length > 0) spec['gracefulRestartTimers'] = times;
  if (takes('importCheck', 'no bgp network import-check')) spec['networkImportCheck'] = false;
  if (!takes('logNeighborChanges', 'bgp log-neighbor-changes') && !isDatacenter(tree.roots)) spec['logNeighborChanges'] = false;
  if (!takes('defaultFamily', 'no bgp default ipv4-unicast')) spec['defaultIpv4Unicast'] = true;
  return { asn, node, spec: { ...spec, ...findPaths(node, claims) }, ...findOriginated(node, claims, maps) };
}

function isDatacenter(roots: readonly Node[]): boolean {
  return roots.some(({ text }) => text === 'frr defaults datacenter');
}

/** Both families say the same or the field says nothing. A family is written only when something stands in it. */
function findPaths(node: Node, claims: Claims): Spec {
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
        `bgp paths ${field}`,
        lines.flatMap((line) => line ?? []),
      )
    )
      paths[field] = count;
  }
  return { maximumPaths: paths };
}

const families: readonly FamilyName[] = ['ipv4-unicast', 'ipv6-unicast'];
const protocols: ReadonlyMap<string, string> = new Map([
  ['kernel', 'Kernel'],
  ['connected', 'Connected'],
  ['static', 'Static'],
  ['ospf', 'OSPF'],
  ['ospf6', 'OSPF'],
  ['isis', 'ISIS'],
]);

function findOriginated(
  node: Node,
  claims: Claims,
  maps: ReadonlySet<string>,
): Pick<FoundInstance, 'networks' | 'aggregates' | 'redistribute'> {
  const found = { networks: [] as FoundItem[], aggregates: [] as FoundItem[], redistribute: [] as FoundItem[] };
  const seen = new Set<string>();
  for (const family of families) {
    const version = family === 'ipv4-unicast' ? 4 : 6;
    const block = node.children.find(({ text }) => text === `address-family ${family.replace('-', ' ')}`);
    for (const line of block?.children ?? []) {
      const unit = `bgp ${family} ${line.key}`;
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
      const from = /^redistribute (\w+) route-map (\S+)$/.exec(line.text);
      const protocol = protocols.get(from?.[1] ?? '');
      if (from?.[2] === undefined || protocol === undefined || seen.has(`${family} ${protocol}`)) continue;
      if ((from[1] === 'ospf' && version === 6) || (from[1] === 'ospf6' && version === 4) || !claims.take(unit, [line])) continue;
      seen.add(`${family} ${protocol}`);
      found.redistribute.push({ unit, spec: { protocol, family }, map: from[2] });
    }
  }
  return found;
}

function isPrefix(text: string | undefined, version: 4 | 6): boolean {
  return text !== undefined && text.includes(':') === (version === 6) && Prefix.safeParse(text).success;
}

/** RPKI caches that are reached without SSH; undefined when there are others, or none. */
export function findRpki({ tree }: Original, claims: Claims): Spec | undefined {
  const node = tree.roots.find(({ text }) => text === 'rpki');
  const polling = /^rpki polling_period (\d+)$/;
  const caches = (node?.children ?? []).flatMap(({ text }) => {
    const [, address, port, preference] = /^rpki cache (\S+) (\d+) preference (\d+)$/.exec(text) ?? [];
    return HostAddress.safeParse(address).success ? [{ address, port: Number(port), preference: Number(preference) }] : [];
  });
  const period = node?.children.flatMap(({ text }) => polling.exec(text)?.[1] ?? [])[0];
  const known = caches.length + (period === undefined ? 0 : 1);
  if (!node || caches.length === 0 || known !== node.children.length || !claims.take('rpki', [node, ...node.children])) return undefined;
  return { caches, ...(period !== undefined && { pollingSeconds: Number(period) }) };
}

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

/** Static routes of the default VRF that lead to one place. */
export function findRoutes({ tree }: Original, claims: Claims): FoundItem[] {
  return tree.roots.flatMap((node) => {
    const match = /^ipv?6? route (\S+) (.+)$/.exec(node.text);
    const [, prefix = '', rest = ''] = match ?? [];
    const unit = `route ${node.key}`;
    const route = match && Prefix.safeParse(prefix).success ? readRoute(rest.split(' '), prefix.includes(':')) : undefined;
    if (!route || !claims.take(unit, [node])) return [];
    return [{ unit, spec: { prefix, ...route } }];
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
