import type { Finish, Row } from '../dialect.ts';
import { readRanges } from '../numbers.ts';
import { blocks, cleared, values } from './rows.ts';

/** Rows that Huawei VRP and the command lines near it share: `undo`, `peer`, `vlan batch`. */

/** Ports that the chassis has; what is made by configuration can also be removed. */
const made =
  /^(?:Vlanif|Vlan-interface|Eth-Trunk|Bridge-Aggregation|Route-Aggregation|LoopBack|Tunnel|Vbdif|Vsi-interface|Virtual-|NULL|Nve|Global-VE|VE)|\.\d+$/i;

const addressRows: readonly Row[] = [
  {
    match: ['ip binding vpn-instance <vrf>'],
    uses: 'vrf {vrf}',
    change: 'recreate',
    remove: 'undo {line}',
    wipes: ['ip address', 'ipv6 '],
  },
  { match: ['ip address {address} {mask} sub'], remove: 'undo {line}' },
  { match: ['ip address <address> <mask>', 'ip address <address>'], remove: 'undo {line}' },
  { match: 'ipv6 {rest*}', remove: 'undo {line}' },
  ...cleared('ipv6 mtu'),
  ...values(
    'ipv6 nd ra min-interval; ipv6 nd ra max-interval; ipv6 nd ra router-lifetime; ipv6 nd ra prefix {prefix}',
    'ipv6 neighbor {address}',
  ),
  {
    match: 'dhcp server dns-list {servers*}',
    remove: (words) =>
      words
        .slice(3)
        .map((server) => `undo dhcp server dns-list ${server}`)
        .join('\n'),
  },
];

/** VLANs of a port: a line adds to the set, and the negated one takes from it. */
export function vlanSet(head: string, more: Partial<Row> = {}): Row {
  return { match: `${head} <vlans*>`, remove: 'undo {line}', numbers: { style: 'to', head, additive: true, perLine: 10 }, ...more };
}

const portRows: readonly Row[] = [
  { match: 'port trunk allow-pass vlan 1', key: 'port trunk allow-pass vlan 1', defaultOn: true },
  vlanSet('port trunk allow-pass vlan'),
  vlanSet('port hybrid tagged vlan'),
  vlanSet('port hybrid untagged vlan'),
  { match: 'port hybrid vlan 1', key: 'port hybrid vlan 1', defaultOn: true },
  ...values('port link-type', 'port default vlan', 'port trunk pvid vlan', 'port hybrid pvid vlan', 'port mode', 'port-isolate enable'),
  { match: 'eth-trunk <id>', change: 'recreate', remove: 'undo eth-trunk', uses: 'interface Eth-Trunk{id}' },
];

export const interfaceRows: readonly Row[] = [
  ...addressRows,
  ...portRows,
  ...cleared('mtu'),
  ...values(
    'description; mode; jumboframe enable; stp edged-port; stp bpdu-filter; lldp admin-status; qos queue {queue} wfq weight',
    'qos queue {queue} drr weight; qos queue {queue} wred; qos queue {queue} shaping; qos schedule-profile; damping time',
    'isis enable; isis circuit-level; isis circuit-type; isis cost; isis timer lsp-throttle; ospf cost; ospf network-type',
    'authentication-profile; set flow-stat interval; least active-linknumber; lacp timeout; lacp priority; storm-control {kind}',
    'storm control {kind}; mpls ldp transport-address; mpls te igp metric; mpls te reserved-for-binding',
    'mpls te path metric-type; mpls te tunnel-id; tunnel-protocol; destination; source; trust upstream',
    'dhcp snooping check dhcp-rate; mac-address notification learning; speed; duplex; bandwidth; encapsulation; vlan-type dot1q',
    'dot1q termination vid',
  ),
  { match: 'traffic-policy <policy> dir=inbound|outbound', uses: 'traffic-policy {policy}', remove: 'undo {line}' },
  { match: 'traffic-filter dir=inbound|outbound {acl*}', remove: 'undo {line}' },
  { match: 'ipv6 enable' },
  { match: 'shutdown', negated: 'kept', fades: true, removed: 'after' },
  { match: 'vrrp vrid {id} priority <value*>' },
];

export function removeInterface(words: readonly string[]): string | null {
  return made.test(words[1] ?? '') ? `undo ${words.join(' ')}` : null;
}

/** A neighbor by address goes with its AS number, out of every family; a group keeps what it is. */
const peer = { object: 'peer {peer}', scope: 'bgp', shared: true } as const;
const apart = new Set(['description', 'tcp-mss', 'route-limit', 'advertise add-path']);
const peerRows: readonly Row[] = [
  { match: 'group {group} <kind*>', remove: 'undo group {group}', defines: 'peer-group {group}' },
  {
    match: 'peer {peer:address} as-number <asn>',
    ...peer,
    cascades: true,
    change: 'rebuild',
    remove: 'undo peer {peer}',
    defines: 'peer {peer}',
  },
  { match: 'peer {peer} as-number <asn>', ...peer },
  { match: 'peer {peer} group <group>', ...peer, uses: 'peer-group {group}', remove: 'undo {line}' },
  { match: 'peer {peer} route-policy <policy> dir=import|export', ...peer, uses: 'route-policy {policy}', remove: 'undo {line}' },
  { match: 'peer {peer} ip-prefix|ipv6-prefix <list> dir=import|export', ...peer, uses: 'prefix-list {list}', remove: 'undo {line}' },
  { match: 'peer {peer} as-path-filter <list> dir=import|export', ...peer, uses: 'as-path {list}', remove: 'undo {line}' },
  { match: 'peer {peer} password <secret*>', ...peer, secret: 'secret' },
  ...[
    'description',
    'tcp-mss',
    'connect-interface',
    'ebgp-max-hop',
    'local-as',
    'substitute-as',
    'preferred-value',
    'route-limit',
    'advertise add-path',
    'timer',
  ].map((what): Row => ({ match: `peer {peer} ${what} <value*>`, ...peer, ...(apart.has(what) && { apart: true as const }) })),
  { match: 'peer {peer} bfd enable', ...peer, apart: true },
  {
    match: 'peer {peer} bfd <parameters*>',
    ...peer,
    apart: true,
    remove: (words) =>
      words.flatMap((word, i) => (/^\d+$/.test(words[i + 1] ?? '') ? [`undo peer ${words[1] ?? ''} bfd ${word}`] : [])).join('\n') ||
      `undo ${words.join(' ')}`,
  },
  { match: 'peer {peer} {option*}', ...peer, remove: 'undo {line}' },
];

export const bgpRows: readonly Row[] = [
  ...peerRows,
  ...values('router-id', 'private-4-byte-as', 'bestroute add-path', 'preference', 'default local-preference', 'timer'),
  { match: 'maximum load-balancing kind=eibgp|ebgp|ibgp|ingress-lsp|transit-lsp <paths*>' },
  { match: 'maximum load-balancing <paths*>' },
  { match: 'import-route direct|static <rest*>' },
  { match: 'import-route {protocol} {process} <rest*>', remove: 'undo import-route {protocol} {process}' },
];

export const policyRows: readonly Row[] = [
  {
    match: 'route-policy {name} permit|deny node {node}',
    opens: 'route-policy',
    key: 'route-policy {name} {node}',
    remove: 'undo route-policy {name} node {node}',
    defines: 'route-policy {name}',
  },
  { match: 'ip ip-prefix {name} index {index} <entry*>', change: 'recreate', defines: 'prefix-list {name}' },
  { match: 'ip ipv6-prefix {name} index {index} <entry*>', change: 'recreate', defines: 'prefix-list {name}' },
  { match: 'ip as-path-filter {name} index {index} <entry*>', change: 'recreate', defines: 'as-path {name}' },
  { match: 'ip community-filter {kind} {name} index {index} <entry*>', change: 'recreate', defines: 'community-list {name}' },
  { match: 'ip extcommunity-filter {kind} {name} index {index} <entry*>', change: 'recreate', defines: 'community-list {name}' },
  { match: ['ip community-filter {rest*}', 'ip community-list {rest*}', 'ip as-path-filter {rest*}'], remove: 'undo {line}' },
  { match: ['ip community-list basic|advanced {name} {rest*}'], remove: 'undo {line}', defines: 'community-list {name}' },
  { match: 'xpl {list*}', opens: 'verbatim', shape: 'whole', verbatim: true, remove: 'undo {line}' },
];

export const routePolicyRows: readonly Row[] = [
  { match: 'if-match ip-prefix <list>', uses: 'prefix-list {list}', remove: 'undo {line}' },
  { match: 'if-match ipv6 address prefix-list <list>', uses: 'prefix-list {list}', remove: 'undo {line}' },
  { match: 'if-match community-filter <list*>', uses: 'community-list {list}', remove: 'undo {line}' },
  { match: 'if-match community name {list}', uses: 'community-list {list}', remove: 'undo {line}' },
  { match: 'if-match as-path-filter <list*>', uses: 'as-path {list}', remove: 'undo {line}' },
  ...values(
    'if-match cost; if-match protocol; apply community; apply as-path; apply cost; apply cost-type; apply local-preference',
    'apply preferred-value; goto next-node; description',
  ),
];

/** Rules of an access list go by number; another one with the number is refused until the old one is gone. */
export const aclRows: readonly Row[] = [
  { match: 'rule {id} description <text*>', remove: 'undo rule {id} description' },
  { match: 'rule {id} remark <text*>', remove: 'undo rule {id} remark' },
  { match: 'rule {id} <rule*>', remove: 'undo rule {id}', change: 'recreate', numbered: true },
  ...values('description', 'step'),
];

/** A user goes with the password, out of every line. */
const user = { object: 'local-user {user}' } as const;
export const aaaRows: readonly Row[] = [
  { match: ['authentication-scheme {name}', 'authorization-scheme {name}', 'accounting-scheme {name}'], opens: 'scheme' },
  { match: 'local-user {user} password <secret*>', ...user, secret: 'secret', remove: 'undo local-user {user}', cascades: true },
  { match: 'local-user {user} privilege level <level>', ...user },
  { match: 'local-user {user} service-type <types*>', ...user, same: sortTypes },
  { match: 'local-user {user} ftp-directory <path*>', ...user },
  { match: 'local-user {user} level <level>', ...user },
  { match: 'local-user {user} state <state*>', ...user },
  ...blocks('domain', 'domain {name}'),
  ...blocks('task-group', 'task-group {name}', 'user-group {name}'),
];

/** The device prints the services in an order that changes between versions. */
function sortTypes(words: readonly string[]): readonly string[] {
  return [...words.slice(0, 3), ...words.slice(3).sort()];
}

/** A static route is known by where it leads and through what; the rest is its value. */
export const staticRoutes: readonly Row[] = ['ip route-static', 'ipv6 route-static'].flatMap((words) =>
  [words, `${words} vpn-instance {vrf}`].flatMap((head): Row[] => [
    { match: `${head} {prefix:address} {mask} {port} <options*>`, order: 60 },
    { match: `${head} {prefix:address} {mask} {hop:address} <options*>`, order: 60 },
    { match: `${head} {prefix:address} {mask} {port} {hop:address} <options*>`, order: 60 },
  ]),
);

/** A static route is taken back without what only describes it. */
export function removeRoute(words: readonly string[]): string {
  const text = words.join(' ');
  const ends = [' track', ' description', ' preference'].map((word) => text.indexOf(word)).filter((at) => at > 0);
  return `undo ${ends.length === 0 ? text : text.slice(0, Math.min(...ends))}`;
}

/** A VLAN that `vlan batch` already makes needs no line of its own while it holds nothing. */
export const dropBatched: Finish = (root) => {
  const batch = root.children.find((child) => child.key === 'vlan batch');
  const ranges = batch && readRanges(batch.text.split(' ').slice(2));
  if (!ranges) return;
  const isMade = (id: number): boolean => ranges.some(([first, last]) => first <= id && id <= last);
  root.children = root.children.filter(
    (child) => child.children.length > 0 || !/^vlan \d+$/.test(child.text) || !isMade(Number(child.text.slice(5))),
  );
};
