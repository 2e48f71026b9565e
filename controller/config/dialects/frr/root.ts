import type { NormalFacts, Row } from '../../dialect.ts';
import { explicit, on } from './normal.ts';
import { policyRows } from './policy.ts';
import { canonicalAddress, canonicalPrefix, prefixOfMask } from './addresses.ts';

/** Removing the opening line of these removes all inside. */
const block = (match: string | string[], opens: string, more: Partial<Row> = {}): Row => ({ match, opens, ...more });

const staticRoute = (family: 'ip' | 'ipv6'): Row[] => [
  { match: `${family} route {prefix} {rest*}`, removed: 'after', order: 60, effect: 'none', normal: staticRouteWords },
];

function staticRouteWords(words: readonly string[]): readonly string[] {
  const [family = '', route = '', prefix = '', ...rest] = words;
  const masked = prefixOfMask(prefix, rest[0] ?? '');
  const tail = (masked ? rest.slice(1) : rest).map((word) =>
    /^null0$/i.test(word) ? (word === 'null0' ? 'Null0' : word) : canonicalAddress(word),
  );
  return [family, route, masked ?? canonicalPrefix(prefix), ...tail];
}

/** Keepalive 60 s, hold 75 s and 30 s between two tries are what FRR does anyway. */
function msdpTimers(words: readonly string[], { negated }: NormalFacts): readonly string[] | null {
  if (negated) return words;
  const said = words[5] === '30' ? words.slice(0, 5) : words;
  return said.slice(3).join(' ') === '60 75' ? null : said;
}

/** The level that counts when none is said. */
function withoutDebugging(words: readonly string[]): readonly string[] {
  return words.at(-1) === 'debugging' && !(words[1] === 'file' && words.length === 3) ? words.slice(0, -1) : words;
}

export const vrfRows: readonly Row[] = [
  ...staticRoute('ip'),
  ...staticRoute('ipv6'),
  // Another one is refused as long as the first is not committed away.
  { match: ['vni {vni}', 'vni {vni} prefix-routes-only'], removed: 'first', unsettles: true },
  { match: 'ip router-id <address>' },
  { match: 'ipv6 router-id <address>' },
  { match: 'ip protocol {protocol} route-map <map>', uses: 'route-map {map}' },
  { match: 'ipv6 protocol {protocol} route-map <map>', uses: 'route-map {map}' },
  { match: 'ip nht resolve-via-default' },
  { match: 'ipv6 nht resolve-via-default' },
  { match: 'ip pim rp keep-alive-timer <seconds>' },
  { match: 'ip pim rp {address} prefix-list <list>', uses: 'ip prefix-list {list}', change: 'recreate' },
  { match: 'ip pim rp {address} {range}', slot: 'pim rp {range}' },
  { match: 'ip pim rp {address}', normal: (words) => [...words, '224.0.0.0/4'] },
  { match: 'ip pim register-accept-list <list>', uses: 'ip prefix-list {list}' },
  { match: 'ip pim {what} <value*>', remove: 'no ip pim {what}' },
  { match: 'ip msdp peer {peer} source <source>', remove: 'no ip msdp peer {peer}', change: 'recreate' },
  { match: 'ip msdp timers <values*>', remove: 'no ip msdp timers', normal: msdpTimers },
  { match: 'ip msdp mesh-group {name} source <address>', remove: 'no ip msdp mesh-group {name} source' },
  { match: 'ip msdp mesh-group {name} member {address}' },
  { match: 'ip ssmpingd {address}' },
  block('rpki', 'rpki'),
];

export const rootRows: readonly Row[] = [
  // What wrote the file, not what it says: another version is no difference.
  { match: 'frr version <version*>', keep: true, effect: 'none', same: (words) => words.slice(0, 2) },
  { match: 'frr defaults <profile>', keep: true, effect: 'none' },
  { match: 'hostname <name>', keep: true, effect: 'none' },
  { match: 'domainname <name>', effect: 'none' },
  { match: 'password 8 <value>', secret: 'value', key: 'password', remove: 'no password' },
  { match: 'password <value>', secret: 'value', remove: 'no password' },
  { match: 'enable password 8 <value>', secret: 'value', key: 'enable password', remove: 'no enable password' },
  { match: 'enable password <value>', secret: 'value', remove: 'no enable password' },
  { match: 'username {name} password <value*>', secret: 'value', keep: true },
  { match: 'username {name} nopassword', keep: true },
  { match: 'service integrated-vtysh-config', keep: true, ...explicit },
  { match: ['service cputime-stats'], ...on },
  { match: ['service cputime-warning <milliseconds*>', 'service walltime-warning <milliseconds*>'], ...explicit },
  { match: 'service {what}' },
  { match: 'log unique-id', ...on },
  { match: 'log error-category', ...on },
  // One of each: another level or file takes the place of the first, and a negated line ends the logging, whatever level it names.
  { match: ['log syslog <level*>', 'log stdout <level*>', 'log file <path> <level*>'], normal: withoutDebugging },
  { match: 'log facility <name>', normal: (words, { negated }) => (words[2] === 'daemon' && !negated ? null : words) },
  { match: 'log timestamp precision <digits>', normal: (words, { negated }) => (words[3] === '0' && !negated ? null : words) },
  { match: 'log {what*}' },
  { match: 'agentx', keep: true },
  { match: 'debug ospf6 message unknown', ...on },
  { match: 'debug {what*}' },
  { match: 'ip forwarding', keep: true, ...on },
  { match: 'ipv6 forwarding', keep: true, ...on },
  block('line vty', 'line-vty', { remove: null, emptyIsAbsent: true }),
  ...policyRows,
  ...vrfRows,
  // Without lines it is not printed; deleting it is the kernel's business.
  block('vrf {name}', 'vrf', { close: 'exit-vrf', order: 5, remove: null, emptyIsAbsent: true }),
  block('key chain {name}', 'key-chain', { defines: 'key chain {name}', order: 10 }),
  // The kernel says which VRF an interface is in; FRR prints it for some and not for others.
  block('interface {name} vrf <vrf>', 'interface', {
    key: 'interface {name}',
    order: 45,
    emptyIsAbsent: true,
    remove: null,
    normal: (words) => words.slice(0, 2),
  }),
  block('interface {name}', 'interface', { order: 45, emptyIsAbsent: true, remove: null }),
  block('pseudowire {name}', 'pseudowire', { order: 44 }),
  block('nexthop-group {name}', 'nexthop-group', { defines: 'nexthop-group {name}', order: 12 }),
  block('pbr-map {name} seq {seq}', 'pbr-map', { object: 'pbr-map {name}', defines: 'pbr-map {name}', order: 14 }),
  block('bfd', 'bfd', { order: 40 }),
  block('rpki', 'rpki', { order: 46 }),
  block('mpls ldp', 'mpls-ldp', { order: 55 }),
  block('l2vpn {name} type vpls', 'l2vpn', { order: 55 }),
  // Locators that go after the BGP instance that used them take bgpd 8.4.4 down with them.
  block('segment-routing', 'segment-routing', { order: 42, undoOrder: 90, remove: null, emptyIsAbsent: true }),
  // One AS number per instance: another one means removing the instance first.
  block('router bgp <asn>', 'bgp', { key: 'router bgp', change: 'recreate', removed: 'first', order: 50, effect: 'reset-all' }),
  block('router bgp <asn> kind=vrf|view {vrf}', 'bgp', {
    key: 'router bgp {kind} {vrf}',
    change: 'recreate',
    removed: 'first',
    order: 51,
    effect: 'reset-all',
  }),
  block(['router ospf', 'router ospf {instance}', 'router ospf vrf {vrf}', 'router ospf {instance} vrf {vrf}'], 'ospf', { order: 52 }),
  block(['router ospf6', 'router ospf6 vrf {vrf}'], 'ospf6', { order: 52 }),
  block(['router isis {area}', 'router isis {area} vrf {vrf}'], 'isis', { order: 52 }),
  block(['router openfabric {area}', 'router openfabric {area} vrf {vrf}'], 'isis', { order: 52 }),
  block(['router rip', 'router rip vrf {vrf}'], 'rip', { order: 52 }),
  block(['router ripng', 'router ripng vrf {vrf}'], 'ripng', { order: 52 }),
  block(['router eigrp <asn>', 'router eigrp <asn> vrf {vrf}'], 'eigrp', { order: 52 }),
  block('router babel', 'babel', { order: 52 }),
  { match: 'bgp route-map delay-timer <seconds>' },
  { match: 'bgp update-delay <value*>' },
  { match: 'bgp community alias {community} {alias}' },
  { match: 'bgp send-extra-data zebra' },
  { match: 'bgp suppress-fib-pending' },
  { match: 'bgp graceful-shutdown', effect: 'soft' },
  { match: 'bgp no-rib' },
  { match: 'bgp session-dscp <value>' },
  { match: 'ip table range <values*>' },
  { match: 'evpn mh {what} <value*>' },
  { match: 'allow-reserved-ranges', order: 1 },
  { match: 'zebra nexthop kernel enable', ...on },
];
