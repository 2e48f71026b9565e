import type { Row } from '../dialect.ts';
import { normalized, printRanges, readRanges } from '../numbers.ts';
import type { Finish } from '../dialect.ts';
import { values } from './rows.ts';

/** Rows that the command lines made after Cisco's IOS share. */

/** A line that names an object: `ip access-group ACL in` needs the list. */
function naming(match: string, uses: string, more: Partial<Row> = {}): Row {
  return { match, uses, ...more };
}

const addresses = ['ip address', 'ipv4 address', 'ipv6 address', 'ipv6 enable', 'ipv6 link-local'];

/** The VRF of an interface: with a change of it the addresses go. */
export const vrfMembership: readonly Row[] = ['vrf forwarding', 'ip vrf forwarding', 'vrf member', 'vrf'].map((head) =>
  naming(`${head} <vrf>`, 'vrf {vrf}', { wipes: addresses, remove: 'no {line}' }),
);

export const addressRows: readonly Row[] = [
  { match: 'ip address {address} {mask} secondary', remove: 'no {line}' },
  { match: 'ip address {prefix} secondary', remove: 'no {line}' },
  { match: ['ip address <address> <mask>', 'ip address <address>'], remove: 'no {line}', negated: 'deletes' },
  { match: 'ip address', negated: 'deletes' },
  { match: 'ipv6 address {address*}', remove: 'no {line}' },
  { match: 'ipv6 address {address} link-local', key: 'ipv6 address link-local', remove: 'no {line}' },
];

export const accessGroups: readonly Row[] = [
  naming('ip access-group <acl> dir=in|out', 'acl {acl}', { remove: 'no {line}' }),
  naming('ipv4 access-group <acl> dir=ingress|egress', 'acl {acl}', { remove: 'no {line}' }),
  naming('ipv6 access-group <acl> dir=ingress|egress', 'acl {acl}', { remove: 'no {line}' }),
  naming('ipv6 traffic-filter <acl> dir=in|out', 'acl {acl}', { remove: 'no {line}' }),
  naming('mac access-group <acl> dir=in|out', 'acl {acl}', { remove: 'no {line}' }),
  naming('service-policy dir=input|output <policy>', 'policy-map {policy}', { remove: 'no {line}' }),
];

export const trunkRows: readonly Row[] = [
  {
    match: [
      'switchport trunk allowed vlan add <vlans*>',
      'switchport trunk allowed vlan remove <vlans*>',
      'switchport trunk allowed vlan <vlans*>',
    ],
    key: 'switchport trunk allowed vlan',
    remove: 'no switchport trunk allowed vlan',
    numbers: { style: 'comma', head: 'switchport trunk allowed vlan', add: 'add', drop: 'remove', empty: 'none' },
  },
];

export const switchRows: readonly Row[] = [
  naming('switchport access vlan <vlan>', 'vlan {vlan}'),
  naming('switchport voice vlan <vlan>', 'vlan {vlan}'),
  naming('switchport trunk native vlan <vlan>', 'vlan {vlan}'),
  ...values('switchport mode', 'switchport trunk encapsulation', 'switchport nonegotiate'),
];

/** Lines of an interface that hold one value, on all of these platforms. */
export const interfaceValues: readonly Row[] = values(
  'mtu; ip mtu; ipv6 mtu; speed; duplex; bandwidth; delay; load-interval; carrier-delay; negotiation; encapsulation',
  'encapsulation dot1Q; encapsulation dot1q; channel-group; spanning-tree portfast; spanning-tree link-type',
  'spanning-tree cost; spanning-tree port-priority; spanning-tree bpduguard; spanning-tree bpdufilter; lacp rate',
  'lacp port-priority; udld port; ip ospf cost; ip ospf network; ip ospf priority; ip ospf hello-interval',
  'ip ospf dead-interval; ip ospf authentication; ospfv3 cost; isis metric; isis circuit-type; ipv6 nd ra-interval',
  'ipv6 nd ra-lifetime; ipv6 link-local; ip tcp adjust-mss; authentication host-mode; authentication periodic; tunnel source',
  'tunnel destination; tunnel mode',
).concat(
  [1, 2].map((version) => ({ match: version === 1 ? 'standby {group} priority <value*>' : 'vrrp {group} priority <value*>' })),
  [
    { match: 'storm-control {what} level <value*>' },
    { match: 'ip ospf message-digest-key {id} <value*>', secret: 'value' },
    { match: 'description <text*>' },
    { match: 'shutdown', negated: 'kept', fades: true, removed: 'after' },
  ],
);

/** `router bgp`: a neighbor lives in the session part and in every family; taking its AS number away takes all of it. */
const peer = { object: 'neighbor {peer}', scope: 'bgp', shared: true } as const;
export const neighborRows: readonly Row[] = [
  { match: 'neighbor {peer} remote-as <asn>', ...peer, cascades: true, remove: 'no neighbor {peer}', defines: 'neighbor {peer}' },
  { match: 'neighbor {group} peer-group', defines: 'peer-group {group}', remove: 'no {line}' },
  {
    match: ['neighbor {peer} peer-group <group>', 'neighbor {peer} peer group <group>'],
    ...peer,
    uses: 'peer-group {group}',
    key: 'neighbor {peer} member',
    remove: 'no {line}',
  },
  { match: 'neighbor {peer} inherit peer-session <group>', ...peer, uses: 'peer-group {group}' },
  { match: 'neighbor {peer} route-map <map> dir=in|out', ...peer, uses: 'route-map {map}', remove: 'no {line}' },
  { match: 'neighbor {peer} prefix-list <list> dir=in|out', ...peer, uses: 'prefix-list {list}', remove: 'no {line}' },
  { match: 'neighbor {peer} filter-list <list> dir=in|out', ...peer, uses: 'as-path {list}', remove: 'no {line}' },
  { match: 'neighbor {peer} distribute-list <list> dir=in|out', ...peer, uses: 'acl {list}', remove: 'no {line}' },
  { match: 'neighbor {peer} password <secret*>', ...peer, secret: 'secret' },
  ...[
    'description',
    'update-source',
    'ebgp-multihop',
    'local-as',
    'timers',
    'maximum-prefix',
    'maximum-routes',
    'advertisement-interval',
    'weight',
    'allowas-in',
    'send-community',
    'ttl-security hops',
    'transport connection-mode',
    'unsuppress-map',
    'fall-over bfd',
    'out-delay',
  ].map((what): Row => ({ match: `neighbor {peer} ${what} <value*>`, ...peer })),
  { match: 'neighbor {peer} activate', ...peer, negated: 'kept' },
  { match: 'neighbor {peer} {option*}', ...peer, remove: 'no {line}' },
];

export const bgpValues: readonly Row[] = values(
  'router-id; bgp router-id; bgp cluster-id; bgp graceful-restart restart-time; bgp graceful-restart stalepath-time',
  'maximum-paths; maximum-paths ibgp; maximum-paths eibgp; timers bgp; distance bgp; bgp listen limit; default-metric',
);

/** Lists and policies at the outermost level. */
export const policyRows: readonly Row[] = [
  {
    match: 'route-map {name} permit|deny {seq}',
    opens: 'route-map',
    key: 'route-map {name} {seq}',
    remove: 'no route-map {name} {choice0} {seq}',
    defines: 'route-map {name}',
    change: 'overwrite',
  },
  ...(['ip', 'ipv6'] as const).flatMap((family): Row[] => [
    {
      match: `${family} prefix-list {name} seq {seq} <entry*>`,
      remove: `no ${family} prefix-list {name} seq {seq}`,
      change: 'recreate',
      defines: 'prefix-list {name}',
    },
    { match: `${family} prefix-list {name} description <text*>` },
    { match: `${family} prefix-list {name} {entry*}`, remove: 'no {line}', defines: 'prefix-list {name}' },
    { match: `${family} prefix-list {name}`, opens: 'prefix-list', defines: 'prefix-list {name}' },
  ]),
  { match: 'ip as-path access-list {name} {entry*}', remove: 'no {line}', defines: 'as-path {name}' },
  {
    match: ['ip community-list standard|expanded {name} {entry*}', 'ip community-list {name} {entry*}'],
    remove: 'no {line}',
    defines: 'community-list {name}',
  },
  {
    match: ['ip extcommunity-list standard|expanded {name} {entry*}', 'ip extcommunity-list {name} {entry*}'],
    remove: 'no {line}',
    defines: 'community-list {name}',
  },
  { match: 'class-map {name*}', opens: 'class-map', defines: 'class-map {name}', remove: 'no {line}' },
  {
    match: 'class-map match-any|match-all {name}',
    opens: 'class-map',
    defines: 'class-map {name}',
    remove: 'no class-map {name}',
    key: 'class-map {name}',
  },
  { match: 'policy-map {name}', opens: 'policy-map', defines: 'policy-map {name}', remove: 'no {line}' },
  { match: 'policy-map type {type*}', opens: 'policy-map', remove: 'no {line}' },
];

export const routeMapRows: readonly Row[] = [
  ...(['ip', 'ipv6'] as const).flatMap((family): Row[] => [
    { match: `match ${family} address prefix-list <lists*>`, uses: 'prefix-list {lists}', change: 'recreate', remove: 'no {line}' },
    { match: `match ${family} address <lists*>`, uses: 'acl {lists}', change: 'recreate', remove: 'no {line}' },
  ]),
  { match: 'match community <lists*>', uses: 'community-list {lists}', change: 'recreate', remove: 'no {line}' },
  { match: 'match as-path <lists*>', uses: 'as-path {lists}', change: 'recreate', remove: 'no {line}' },
  ...values(
    'set local-preference; set metric; set weight; set origin; set tag; set metric-type; set ip next-hop; set ipv6 next-hop',
    'description; continue; set comm-list; set community; set as-path prepend',
  ),
];

/** Entries of an access list with a number; the rest has its place only. */
export const listEntries: readonly Row[] = [
  {
    match: ['{seq} permit|deny|remark <entry*>', '{seq} permit|deny'],
    key: '{seq}',
    remove: 'no {seq}',
    change: 'recreate',
    numbered: true,
  },
  {
    match: ['sequence {seq} permit|deny <entry*>', 'seq {seq} permit|deny <entry*>'],
    key: '{seq}',
    remove: 'no {line}',
    change: 'recreate',
    numbered: true,
  },
];

export const prefixListEntries: readonly Row[] = [
  { match: 'seq {seq} <entry*>', remove: 'no seq {seq}', change: 'recreate', numbered: true },
];

export function accessLists(...patterns: string[]): Row[] {
  return patterns.map((match) => ({ match, opens: 'acl', shape: 'ordered', defines: 'acl {name}', remove: 'no {line}' }));
}

/** A static route is known by where it leads and through what; its name, tag and distance are its value. */
export function staticRoutes(...heads: string[]): Row[] {
  return heads.flatMap((head): Row[] => [
    { match: `${head} {route*}`, remove: 'no {line}' },
    { match: `${head} {prefix} {hop} <options*>` },
    { match: `${head} {prefix} {port} {hop:address} <options*>` },
    { match: `${head} {prefix:address} {mask:address} {hop} <options*>` },
    { match: `${head} {prefix:address} {mask:address} {port} {hop:address} <options*>` },
  ]);
}

/** `router ospf` and the like. */
export const routerValues: readonly Row[] = values(
  'router-id; auto-cost reference-bandwidth; maximum-paths; distance; max-lsa; log-adjacency-changes; timers throttle spf',
  'timers throttle lsa; default-metric; net; is-type',
);

/** Single values at the outermost level. */
export const rootValues: readonly Row[] = values(
  'hostname; ip domain-name; ip domain name; snmp-server location; snmp-server contact; snmp-server chassis-id',
  'snmp-server source-interface; snmp-server trap-source; logging buffered; logging facility; logging trap; logging console',
  'logging monitor; logging source-interface; ntp source; ntp source-interface; clock timezone; errdisable recovery interval',
  'spanning-tree mode; spanning-tree extend system-id; vtp mode; vtp domain; system mtu; ip default-gateway',
  'ip tftp source-interface; ip tacacs source-interface; ip radius source-interface; mac address-table aging-time',
  'port-channel load-balance; aaa authentication login default; tacacs-server timeout; tacacs-server deadtime',
  'radius-server timeout; vlan internal allocation policy',
);

export const lineRows: readonly Row[] = values(
  'exec-timeout; transport input; transport output; session-timeout; login authentication; privilege level; length; width',
  'stopbits',
).concat([
  { match: 'access-class <acl> dir=in|out', uses: 'acl {acl}', remove: 'no {line}' },
  { match: 'ipv6 access-class <acl> dir=in|out', uses: 'acl {acl}', remove: 'no {line}' },
]);

const maxVlan = 4094;

/** The line in which a VLAN was written, where it was one of a list. */
const written = new WeakMap<object, string>();

export function writtenAs(node: { readonly text: string }): string {
  return written.get(node) ?? node.text;
}

/** A list of VLANs opened at once: `vlan 10-12,20` is `vlan 10`, `vlan 11` and so on, in its place. */
export const expandVlans: Finish = (root, { place }) => {
  const children = [...root.children];
  const result: typeof children = [];
  const placed = new Set<(typeof children)[number]>();
  for (const child of children) {
    const list = /^vlan ([\d,-]*[,-][\d,-]*)$/.exec(child.text)?.[1];
    const ranges = list === undefined ? undefined : readRanges([list]);
    const ids =
      ranges && ranges.every(([, last]) => last <= maxVlan)
        ? ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, n) => first + n))
        : undefined;
    if (!ids) {
      if (!placed.has(child)) result.push(child);
      placed.add(child);
      continue;
    }
    for (const id of ids) {
      const node = place(root, `vlan ${id}`, child.line, []);
      if (!node || placed.has(node)) continue;
      placed.add(node);
      written.set(node, child.text);
      result.push(node);
      // What the list held holds for each of them.
      for (const inner of child.children) if (!node.children.some((there) => there.key === inner.key)) node.children.push(inner);
    }
  }
  root.children = result;
};

/** VLANs without lines of their own that come or go together, in one command. */
export function joinVlans(ids: Iterable<number>, negation?: string): string {
  return `${negation ? `${negation} ` : ''}vlan ${printRanges(normalized([...ids].map((id) => [id, id]))).join(',')}`;
}

const physical = /^(?:\w*(?:Ethernet|GigE)|Gi|Te|Fa|Et)[\d/]+$/i;

/** A port that the chassis has cannot be removed: it is set back to what it was when it was new. */
export function removeInterface(words: readonly string[]): string {
  return `${physical.test(words.at(-1) ?? '') ? 'default' : 'no'} ${words.join(' ')}`;
}
