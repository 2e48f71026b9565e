import type { Row, RowEffect } from '../../dialect.ts';
import { isAddress } from './addresses.ts';
import { followGroup, isActiveByDefault, keepActivations } from './activation.ts';
import { byDefault } from './defaults.ts';
import { addressAt, on, prefixAt } from './normal.ts';
import { values, whole } from './rows.ts';

/** `router bgp`, its neighbors and families. Effects as measured on 8.4.4: a session set up, the attribute set and unset. */

const inNeighbor = { object: 'neighbor {peer}', scope: 'bgp', shared: true, founded: true } as const;

function neighbor(rest: string, effect: RowEffect, more: Partial<Row> = {}): Row {
  // A line of a neighbor needs the lines that make the neighbor.
  const uses = more.defines ? more.uses : ['neighbor {scope} {peer}', more.uses ?? []].flat();
  return { match: `neighbor {peer} ${rest}`, ...inNeighbor, ...addressAt(1), effect, ...more, ...(uses && { uses }) };
}

/** What makes a neighbor: removing one of these lines removes the neighbor from every family. */
const carrier = { cascades: true, founded: false, remove: 'no neighbor {peer}', defines: 'neighbor {scope} {peer}' } as const;

/** Lines of a neighbor outside the families. */
const sessionRows: readonly Row[] = [
  // Only ever said with `no`.
  { match: 'neighbor {peer}', ...inNeighbor, ...carrier, ...addressAt(1), effect: 'reset' },
  neighbor('remote-as <asn>', 'reset', {
    ...carrier,
    remove: 'no neighbor {peer} remote-as {asn}',
    // A name, unlike an address, is a group or an interface, and must be that first.
    founded: ([, peer = '']) => !isAddress(peer),
  }),
  neighbor('peer-group', 'none', {
    ...carrier,
    key: 'neighbor {peer} peer-group',
    remove: 'no neighbor {peer} peer-group',
    defines: ['peer-group {scope} {peer}', 'neighbor {scope} {peer}'],
  }),
  neighbor('peer-group <group>', 'reset', {
    ...carrier,
    key: 'neighbor {peer} member',
    remove: 'no neighbor {peer} peer-group {group}',
    change: 'rebuild',
    uses: 'peer-group {scope} {group}',
  }),
  neighbor('interface v6only peer-group <group>', 'reset', {
    ...carrier,
    key: 'neighbor {peer} interface',
    remove: 'no neighbor {peer} interface',
    change: 'rebuild',
    uses: 'peer-group {scope} {group}',
  }),
  neighbor('interface peer-group <group>', 'reset', {
    ...carrier,
    key: 'neighbor {peer} interface',
    remove: 'no neighbor {peer} interface',
    change: 'rebuild',
    uses: 'peer-group {scope} {group}',
  }),
  neighbor('interface v6only remote-as <asn>', 'reset', {
    ...carrier,
    key: 'neighbor {peer} interface',
    remove: 'no neighbor {peer} interface',
    change: 'rebuild',
  }),
  neighbor('interface v6only', 'reset', {
    ...carrier,
    key: 'neighbor {peer} interface',
    remove: 'no neighbor {peer} interface',
    change: 'rebuild',
  }),
  neighbor('interface remote-as <asn>', 'reset', {
    ...carrier,
    key: 'neighbor {peer} interface',
    remove: 'no neighbor {peer} interface',
    change: 'rebuild',
  }),
  neighbor('interface', 'reset', {
    ...carrier,
    key: 'neighbor {peer} interface',
    remove: 'no neighbor {peer} interface',
    change: 'rebuild',
  }),
  neighbor('interface <name>', 'reset', { key: 'neighbor {peer} via' }),
  neighbor('description <text*>', 'none', { remove: 'no neighbor {peer} description', remark: true }),
  neighbor('local-as <value*>', 'reset'),
  neighbor('password <password*>', 'reset', { secret: 'password', remove: 'no neighbor {peer} password' }),
  neighbor('shutdown rtt <value*>', 'none'),
  neighbor('shutdown message <text*>', 'reset', { key: 'neighbor {peer} shutdown', remove: 'no neighbor {peer} shutdown' }),
  neighbor('shutdown', 'reset', { key: 'neighbor {peer} shutdown' }),
  neighbor('update-source <source>', 'reset', addressAt(1, 3)),
  neighbor('ebgp-multihop', 'reset', { normal: (words) => [...words, '255'] }),
  neighbor('ebgp-multihop <hops>', 'reset', { remove: 'no neighbor {peer} ebgp-multihop' }),
  neighbor('ttl-security hops <hops>', 'reset'),
  neighbor('timers connect <seconds>', 'later', { remove: 'no neighbor {peer} timers connect' }),
  neighbor('timers delayopen <seconds>', 'later', { remove: 'no neighbor {peer} timers delayopen' }),
  neighbor('timers <keepalive> <hold>', 'later', { remove: 'no neighbor {peer} timers' }),
  neighbor('bfd profile <profile>', 'none', { uses: 'bfd profile {profile}', key: 'neighbor {peer} bfd profile' }),
  neighbor('bfd check-control-plane-failure', 'none'),
  neighbor('bfd <timers*>', 'none', { remove: 'no neighbor {peer} bfd' }),
  neighbor('advertisement-interval <seconds>', 'none', { remove: 'no neighbor {peer} advertisement-interval' }),
  neighbor('port <port>', 'reset', { remove: 'no neighbor {peer} port' }),
  neighbor('local-role <value*>', 'reset'),
  neighbor('tcp-mss <size>', 'reset'),
  neighbor('solo', 'none'),
  neighbor('passive', 'reset'),
  neighbor('disable-connected-check', 'reset'),
  neighbor('enforce-multihop', 'reset', {
    key: 'neighbor {peer} disable-connected-check',
    normal: (words) => [...words.slice(0, 2), 'disable-connected-check'],
  }),
  neighbor('enforce-first-as', 'soft', byDefault('neighbor enforce-first-as')),
  neighbor('capability dynamic', 'reset'),
  neighbor('capability extended-nexthop', 'reset'),
  neighbor('dont-capability-negotiate', 'later'),
  neighbor('override-capability', 'later'),
  neighbor('strict-capability-match', 'later'),
  neighbor('extended-optional-parameters', 'later'),
  neighbor('disable-link-bw-encoding-ieee', 'soft'),
  neighbor('sender-as-path-loop-detection', 'none'),
  neighbor('graceful-restart', 'later', { key: 'neighbor {peer} graceful-restart' }),
  neighbor('graceful-restart-helper', 'later', { key: 'neighbor {peer} graceful-restart' }),
  neighbor('graceful-restart-disable', 'later', { key: 'neighbor {peer} graceful-restart' }),
];

/** Lines of a neighbor inside a family. */
const familyNeighborRows: readonly Row[] = [
  neighbor('activate', 'reset', { on: isActiveByDefault, aftermath: followGroup }),
  neighbor('route-map <map> dir=in|out', 'soft', { uses: 'route-map {map}', change: 'overwrite' }),
  neighbor('prefix-list <list> dir=in|out', 'soft', { uses: ['ip prefix-list {list}'] }),
  neighbor('filter-list <list> dir=in|out', 'soft', { uses: 'as-path access-list {list}' }),
  neighbor('distribute-list <list> dir=in|out', 'soft', { uses: 'access-list {list}' }),
  neighbor('unsuppress-map <map>', 'soft', { uses: 'route-map {map}' }),
  neighbor('advertise-map <map> exist-map <condition>', 'soft', {
    key: 'neighbor {peer} advertise-map',
    uses: ['route-map {map}', 'route-map {condition}'],
    change: 'recreate',
  }),
  neighbor('advertise-map <map> non-exist-map <condition>', 'soft', {
    key: 'neighbor {peer} advertise-map',
    uses: ['route-map {map}', 'route-map {condition}'],
    change: 'recreate',
  }),
  neighbor('default-originate route-map <map>', 'soft', {
    key: 'neighbor {peer} default-originate',
    uses: 'route-map {map}',
    remove: 'no neighbor {peer} default-originate',
  }),
  neighbor('default-originate', 'soft'),
  neighbor('maximum-prefix-out <count>', 'soft', { remove: 'no neighbor {peer} maximum-prefix-out' }),
  neighbor('maximum-prefix <value*>', 'soft', { remove: 'no neighbor {peer} maximum-prefix', change: 'overwrite' }),
  neighbor('next-hop-self force', 'soft', { key: 'neighbor {peer} next-hop-self force' }),
  neighbor('next-hop-self', 'soft'),
  neighbor('next-hop-self all', 'soft', { key: 'neighbor {peer} next-hop-self force', normal: (words) => [...words.slice(0, 3), 'force'] }),
  neighbor('route-reflector-client', 'reset'),
  neighbor('route-server-client', 'reset'),
  neighbor('soft-reconfiguration inbound', 'soft'),
  neighbor('send-community', 'soft', on),
  neighbor('send-community extended', 'soft', on),
  neighbor('send-community large', 'soft', on),
  neighbor('send-community both', 'soft', on),
  neighbor('send-community all', 'soft', on),
  neighbor('allowas-in <value*>', 'soft', { remove: 'no neighbor {peer} allowas-in' }),
  neighbor('weight <weight>', 'soft', { remove: 'no neighbor {peer} weight' }),
  neighbor('remove-private-AS <value*>', 'soft', { change: 'recreate' }),
  neighbor('as-override', 'soft'),
  neighbor('attribute-unchanged <what*>', 'soft', { change: 'recreate' }),
  neighbor('addpath-tx-all-paths', 'reset', { key: 'neighbor {peer} addpath-tx', change: 'recreate' }),
  // FRR sets deterministic-med by itself for it, and does not take it back before (seen on 8.4.4).
  neighbor('addpath-tx-bestpath-per-AS', 'reset', {
    key: 'neighbor {peer} addpath-tx',
    change: 'recreate',
    uses: 'deterministic-med {scope}',
  }),
  neighbor('disable-addpath-rx', 'reset'),
  neighbor('capability orf prefix-list <mode>', 'reset', { change: 'recreate' }),
  neighbor('nexthop-local unchanged', 'soft'),
  neighbor('soo <value>', 'soft', { remove: 'no neighbor {peer} soo' }),
];

const ipv4Unicast = 'address-family ipv4 unicast';

/** What people still write directly under `router bgp`: it means the IPv4 unicast family. */
const legacyRows: readonly Row[] = [
  ...familyNeighborRows.map((row): Row => ({ ...row, into: [ipv4Unicast] })),
  ...[
    'network {prefix} <rest*>',
    'aggregate-address {prefix} <rest*>',
    'redistribute {source*}',
    'maximum-paths <n>',
    'maximum-paths ibgp <n*>',
    'table-map <map>',
    'distance {rest*}',
    'distance bgp <v*>',
  ].map((match): Row => ({ match, into: [ipv4Unicast] })),
];

const instanceRows: readonly Row[] = [
  { match: 'bgp router-id <address>', effect: 'reset-all' },
  { match: 'bgp cluster-id <id>', effect: 'reset-ibgp' },
  { match: 'bgp confederation identifier <asn>', effect: 'reset-ebgp' },
  { match: 'bgp confederation peers {peers*}', effect: 'reset-all' },
  { match: 'bgp reject-as-sets', effect: 'reset-all', ...byDefault('bgp reject-as-sets') },
  { match: 'bgp log-neighbor-changes', effect: 'none', ...byDefault('bgp log-neighbor-changes') },
  { match: 'bgp ebgp-requires-policy', effect: 'soft', traffic: true, ...byDefault('bgp ebgp-requires-policy') },
  { match: 'bgp enforce-first-as', effect: 'soft', ...byDefault('bgp enforce-first-as') },
  { match: 'bgp suppress-duplicates', effect: 'none', ...byDefault('bgp suppress-duplicates') },
  { match: 'bgp fast-external-failover', effect: 'none', ...on },
  { match: 'bgp client-to-client reflection', effect: 'soft', ...on },
  { match: 'bgp network import-check', effect: 'none', ...on },
  {
    match: 'bgp deterministic-med',
    effect: 'none',
    ...byDefault('bgp deterministic-med'),
    scope: 'bgp',
    defines: 'deterministic-med {scope}',
  },
  {
    match: 'bgp default ipv4-unicast',
    effect: 'none',
    ...on,
    aftermath: keepActivations('ipv4-unicast'),
  },
  { match: 'bgp default show-hostname', effect: 'none', ...byDefault('bgp default show-hostname') },
  { match: 'bgp default show-nexthop-hostname', effect: 'none', ...byDefault('bgp default show-nexthop-hostname') },
  { match: 'bgp default local-preference <value>', effect: 'soft' },
  { match: 'bgp default subgroup-pkt-queue-max <value>', effect: 'none' },
  ...[
    'ipv4-multicast',
    'ipv4-labeled-unicast',
    'ipv4-vpn',
    'ipv4-flowspec',
    'ipv6-unicast',
    'ipv6-multicast',
    'ipv6-labeled-unicast',
    'ipv6-vpn',
    'ipv6-flowspec',
    'l2vpn-evpn',
  ].map((name): Row => ({ match: `bgp default ${name}`, effect: 'none', aftermath: keepActivations(name) })),
  { match: 'bgp default shutdown', effect: 'none' },
  // These two stand in the instance or outside, and mean the one or all.
  { match: 'bgp graceful-shutdown', effect: 'soft' },
  { match: 'bgp suppress-fib-pending', effect: 'none' },
  { match: 'bgp hard-administrative-reset', effect: 'none', ...byDefault('bgp hard-administrative-reset') },
  { match: 'bgp graceful-restart notification', effect: 'none', ...byDefault('bgp graceful-restart notification') },
  { match: 'bgp graceful-restart restart-time <seconds>', effect: 'later' },
  { match: 'bgp graceful-restart stalepath-time <seconds>', effect: 'later' },
  { match: 'bgp graceful-restart select-defer-time <seconds>', effect: 'later' },
  { match: 'bgp graceful-restart rib-stale-time <seconds>', effect: 'later' },
  { match: 'bgp graceful-restart', effect: 'later' },
  { match: 'bgp graceful-restart-disable', effect: 'later' },
  { match: 'bgp long-lived-graceful-restart stale-time <seconds>', effect: 'later' },
  { match: 'bgp bestpath as-path multipath-relax', key: 'bgp bestpath as-path multipath-relax' },
  {
    match: 'bgp bestpath as-path multipath-relax as-set',
    key: 'bgp bestpath as-path multipath-relax',
    remove: 'no bgp bestpath as-path multipath-relax',
  },
  {
    match: 'bgp bestpath as-path multipath-relax no-as-set',
    key: 'bgp bestpath as-path multipath-relax',
    normal: (words) => words.slice(0, 4),
  },
  { match: 'bgp bestpath bandwidth <value>', remove: 'no bgp bestpath bandwidth' },
  { match: 'bgp bestpath med <value*>', change: 'recreate' },
  { match: 'bgp bestpath {what*}', effect: 'none' },
  { match: 'bgp max-med administrative <value*>', remove: 'no bgp max-med administrative' },
  { match: 'bgp max-med on-startup <value*>' },
  { match: 'bgp update-delay <value*>', remove: 'no bgp update-delay' },
  { match: 'bgp minimum-holdtime <seconds>', effect: 'none' },
  { match: 'bgp conditional-advertisement timer <seconds>', effect: 'none' },
  { match: 'bgp listen limit <count>', effect: 'none' },
  {
    match: 'bgp listen range {prefix} peer-group <group>',
    uses: 'peer-group {scope} {group}',
    effect: 'none',
    traffic: true,
    change: 'recreate',
    ...prefixAt(3),
  },
  { match: 'bgp dampening <value*>', into: [ipv4Unicast] },
  { match: 'timers bgp <keepalive> <hold>', effect: 'later', remove: 'no timers bgp' },
  { match: 'bgp always-compare-med', effect: 'none' },
  { match: 'bgp suppress-fib-pending', effect: 'none' },
  { match: 'bgp graceful-restart preserve-fw-state', effect: 'later' },
  { match: 'bgp shutdown', effect: 'reset-all', traffic: true },
  { match: 'vnc {what} {rest*}' },
  { match: 'write-quanta <n>' },
  { match: 'read-quanta <n>' },
  { match: 'coalesce-time <n>' },
];

const family = (match: string, opens = 'bgp-family'): Row => ({
  match,
  opens,
  close: 'exit-address-family',
  emptyIsAbsent: true,
  remove: null,
});

const safis = ['unicast', 'multicast', 'vpn', 'labeled-unicast', 'flowspec', 'encap', 'evpn'];

/** Families by their whole names: `ipv4` is `ipv4 unicast`, `ipv4 uni` too. */
function familyWords(words: readonly string[]): readonly string[] {
  const [head = '', afi = '', safi] = words;
  const name = safi === 'vpnv4' || safi === 'vpnv6' ? 'vpn' : safis.find((each) => safi !== undefined && each.startsWith(safi));
  const whole = name ?? (afi === 'l2vpn' ? 'evpn' : 'unicast');
  return whole === safi ? words : [head, afi, whole];
}

const prefixRow = (match: string): Row => ({ match, ...prefixAt(1), effect: 'soft', traffic: true });

const familyRows: readonly Row[] = [
  ...familyNeighborRows,
  prefixRow('network {prefix} route-map <map>'),
  prefixRow('network {prefix} <rest*>'),
  prefixRow('aggregate-address {prefix} <rest*>'),
  {
    match: 'redistribute {source} {instance} route-map <map>',
    uses: 'route-map {map}',
    key: 'redistribute {source} {instance}',
    effect: 'soft',
    traffic: true,
  },
  { match: 'redistribute ospf|table {instance} <rest*>', effect: 'soft', traffic: true, change: 'recreate' },
  { match: 'redistribute {source} <rest*>', effect: 'soft', traffic: true, change: 'recreate' },
  { match: 'maximum-paths <count>', effect: 'none' },
  { match: 'maximum-paths ibgp <count*>', effect: 'none', remove: 'no maximum-paths ibgp' },
  { match: 'table-map <map>', uses: 'route-map {map}', effect: 'soft' },
  { match: 'distance bgp <values*>', remove: 'no distance bgp' },
  { match: 'distance <value> {prefix} {list*}' },
  { match: 'distance <value> {prefix}' },
  { match: 'bgp dampening <values*>', remove: 'no bgp dampening' },
  { match: 'import vrf route-map <map>', uses: 'route-map {map}', effect: 'soft' },
  { match: 'import vrf {vrf}', effect: 'soft', traffic: true },
  { match: 'label vpn export <label>', remove: 'no label vpn export' },
  { match: 'rd vpn export <rd>', remove: 'no rd vpn export' },
  { match: 'nexthop vpn export <address>', remove: 'no nexthop vpn export' },
  { match: 'route-map vpn import|export <map>', uses: 'route-map {map}' },
  { match: 'rt vpn import|export|both <targets*>' },
  { match: 'sid vpn export <value*>', remove: 'no sid vpn export' },
  { match: 'vni {vni}', opens: 'bgp-vni', close: 'exit-vni' },
  { match: 'rd <rd>', effect: 'soft' },
  { match: 'advertise-all-vni', effect: 'soft' },
  { match: 'dup-addr-detection', ...on },
  { match: 'advertise-pip', ...on },
  { match: 'bgp retain route-target all', ...on },
  { match: 'import|export vpn', effect: 'soft', traffic: true },
  { match: 'advertise {afi} {safi} <rest*>', remove: 'no advertise {afi} {safi}', effect: 'soft', change: 'recreate' },
  { match: 'route-target import|export|both {target}', effect: 'soft' },
  { match: 'local-install {name}' },
];

export const bgpSections: Readonly<Record<string, readonly Row[]>> = {
  bgp: [
    ...instanceRows,
    ...sessionRows,
    ...legacyRows,
    { ...family('address-family {afi} {safi}'), normal: familyWords },
    { ...family('address-family {afi}'), normal: familyWords },
    { match: 'segment-routing srv6', opens: 'bgp-srv6' },
    { match: 'bmp targets {name}', opens: 'bmp' },
    { match: 'vnc defaults', opens: 'vnc', close: 'exit-vnc', remove: null, emptyIsAbsent: true },
    { match: ['vnc nve-group {name}', 'vnc l2-group {name}'], opens: 'vnc', close: 'exit-vnc' },
    { match: 'vrf-policy {name}', opens: 'vnc', close: 'exit-vrf-policy' },
  ],
  'bgp-family': familyRows,
  'bgp-vni': [
    { match: 'rd <rd>' },
    { match: 'route-target import|export|both {target}' },
    { match: 'advertise-default-gw' },
    { match: 'advertise-svi-ip' },
  ],
  'bgp-srv6': [{ match: 'locator <name>' }],
  bmp: [{ match: 'bmp connect {host} port {port} <rest*>' }, { match: 'bmp {what*}' }, { match: 'ip access-list <list>' }],
  vnc: [
    ...values('label', 'nexthop', 'rd', 'l2rd', 'response-lifetime', 'local-preference'),
    whole('rt both'),
    whole('rt import'),
    whole('rt export'),
    { match: 'prefix {kind} {prefix}' },
    { match: 'export {what*}' },
  ],
};
