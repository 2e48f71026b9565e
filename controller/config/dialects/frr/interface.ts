import type { Around, Row } from '../../dialect.ts';
import { explicit, interfaceAddressAt, on, silentWhen } from './normal.ts';
import { perLevel, value, values } from './rows.ts';

/** `passive-interface default` of the OSPF instance makes every interface passive that says nothing. */
const passiveByDefault = {
  on: (_words: readonly string[], around: Around): boolean =>
    around.around?.inside('router ospf')?.lineOf('passive-interface default') !== undefined,
};

const ospfValue = (words: string): Row[] => [value(words, words.endsWith('priority') ? silentWhen(3, '1') : {})];

/** They live and die with the `ip router isis` lines of the interface. */
const isisRows: readonly Row[] = [
  value('isis circuit-type'),
  ...['isis hello-interval', 'isis hello-multiplier', 'isis metric', 'isis priority'].flatMap(perLevel),
  ...['isis csnp-interval', 'isis psnp-interval'].flatMap((words): Row[] => [
    { match: `${words} <value> level-1|level-2`, key: `${words} {choice0}`, remove: `no ${words} {value} {choice0}` },
    { match: `${words} <value>`, remove: `no ${words} {value}` },
  ]),
  ...values(
    'openfabric hello-interval',
    'openfabric hello-multiplier',
    'openfabric metric',
    'openfabric csnp-interval',
    'openfabric psnp-interval',
  ),
  { match: 'isis password clear|md5 <key>', secret: 'key', key: 'isis password', remove: 'no isis password' },
  { match: 'openfabric password clear|md5 <key>', secret: 'key', key: 'openfabric password', remove: 'no openfabric password' },
  { match: 'isis hello padding', ...on },
  { match: 'isis three-way-handshake', ...on },
  { match: 'isis topology {name}', ...on },
  { match: 'isis bfd profile <profile>', uses: 'bfd profile {profile}', remove: 'no isis bfd profile {profile}' },
  { match: 'isis bfd' },
  { match: 'isis network point-to-point' },
  { match: ['isis passive', 'openfabric passive', 'openfabric bfd'] },
  { match: 'isis mpls ldp-sync holddown <n>', remove: 'no isis mpls ldp-sync holddown' },
  { match: 'isis mpls ldp-sync', ...on },
  { match: 'isis fast-reroute {what*}' },
].map((row): Row => ({ ...row, object: 'isis', shared: true, founded: true }));

export const interfaceSections: Readonly<Record<string, readonly Row[]>> = {
  interface: [
    value('description', { effect: 'none', remark: true }),
    ...values('bandwidth', 'delay', 'eigrp bandwidth'),
    { match: 'ip address {prefix}', ...interfaceAddressAt(2) },
    { match: 'ip address {prefix} label <label*>', remove: 'no ip address {prefix} label {label}', ...interfaceAddressAt(2) },
    { match: 'ip address {local} peer {prefix}' },
    { match: 'ipv6 address {prefix}', ...interfaceAddressAt(2) },
    { match: 'shutdown', negated: 'deletes' },
    { match: 'link-detect', ...on },
    { match: 'multicast', ...explicit },
    { match: 'link-params', opens: 'link-params', close: 'exit-link-params', remove: null, emptyIsAbsent: true },
    // OSPF
    { match: ['ip ospf area <area>', 'ip ospf {instance} area <area>'], removed: 'first', change: 'recreate' },
    { match: 'ip ospf authentication-key <key>', secret: 'key', remove: 'no ip ospf authentication-key' },
    // FRR looks at the number and the address; any word does for the key that goes.
    {
      match: 'ip ospf authentication-key <key> {address}',
      secret: 'key',
      key: 'ip ospf authentication-key {address}',
      remove: 'no ip ospf authentication-key removed {address}',
    },
    {
      match: 'ip ospf message-digest-key {id} md5 <key> {address}',
      secret: 'key',
      key: 'ip ospf message-digest-key {id} {address}',
      remove: 'no ip ospf message-digest-key {id} {address}',
      change: 'recreate',
    },
    { match: 'ip ospf message-digest-key {id} md5 <key>', secret: 'key', remove: 'no ip ospf message-digest-key {id}', change: 'recreate' },
    { match: 'ip ospf dead-interval minimal hello-multiplier <n>', key: 'ip ospf dead-interval', remove: 'no ip ospf dead-interval' },
    ...[
      'cost',
      'dead-interval',
      'hello-interval',
      'retransmit-interval',
      'transmit-delay',
      'priority',
      'network',
      'authentication',
      'mpls ldp-sync holddown',
    ].flatMap((word) => ospfValue(`ip ospf ${word}`)),
    { match: 'ip ospf network <type> point-to-multipoint', key: 'ip ospf network', remove: 'no ip ospf network' },
    { match: 'ip ospf passive', ...passiveByDefault },
    { match: 'ip ospf passive {address}', ...passiveByDefault },
    { match: 'ip ospf mtu-ignore' },
    // Once set or refused there is no way back to saying nothing.
    { match: 'ip ospf mpls ldp-sync', ...explicit, remove: null },
    { match: 'ip ospf bfd profile <name>', uses: 'bfd profile {name}', key: 'ip ospf bfd profile' },
    { match: 'ip ospf bfd' },
    // OSPFv3
    { match: 'ipv6 ospf6 area <area>', remove: 'no ipv6 ospf6 area', change: 'recreate' },
    ...[
      'cost',
      'dead-interval',
      'hello-interval',
      'retransmit-interval',
      'transmit-delay',
      'priority',
      'ifmtu',
      'instance-id',
      'network',
    ].map((word) => value(`ipv6 ospf6 ${word}`)),
    {
      match: 'ipv6 ospf6 authentication keychain <chain>',
      uses: 'key chain {chain}',
      remove: 'no ipv6 ospf6 authentication keychain {chain}',
    },
    {
      match: 'ipv6 ospf6 authentication key-id <id> hash-algo <algorithm> key <key>',
      secret: 'key',
      remove: 'no ipv6 ospf6 authentication key-id {id} hash-algo {algorithm} key {key}',
    },
    { match: 'ipv6 ospf6 advertise prefix-list <list>', uses: 'ipv6 prefix-list {list}' },
    { match: 'ipv6 ospf {rest*}', normal: (words) => ['ipv6', 'ospf6', ...words.slice(2)] },
    // RIP
    { match: 'ip rip authentication string <key*>', secret: 'key', remove: 'no ip rip authentication string' },
    { match: 'ip rip authentication key-chain <chain>', uses: 'key chain {chain}', remove: 'no ip rip authentication key-chain' },
    { match: 'ip rip authentication mode <mode*>', remove: 'no ip rip authentication mode' },
    { match: 'ip rip split-horizon poisoned-reverse', key: 'ip rip split-horizon' },
    { match: 'ip rip split-horizon', negated: 'kept' },
    ...values('ip rip send version', 'ip rip receive version'),
    { match: 'ipv6 ripng split-horizon poisoned-reverse', key: 'ipv6 ripng split-horizon' },
    { match: 'ipv6 ripng split-horizon', negated: 'kept' },
    // IS-IS: the tag of an interface can only be taken away and given anew, and not in one transaction.
    {
      match: ['ip router isis|openfabric {tag}', 'ipv6 router isis|openfabric {tag}'],
      removed: 'first',
      unsettles: true,
      object: 'isis',
      shared: true,
      cascades: 'last',
    },
    ...isisRows,
    // Router advertisements
    { match: 'ipv6 nd suppress-ra', ...on },
    { match: 'ipv6 nd ra-fast-retrans', ...on },
    { match: 'ipv6 nd prefix {prefix} <rest*>', remove: 'no ipv6 nd prefix {prefix}' },
    { match: 'ipv6 nd ra-interval msec <n>', key: 'ipv6 nd ra-interval', remove: 'no ipv6 nd ra-interval' },
    ...[
      'ra-interval',
      'ra-lifetime',
      'reachable-time',
      'mtu',
      'router-preference',
      'home-agent-lifetime',
      'home-agent-preference',
      'ra-hop-limit',
      'ra-retrans-interval',
    ].map((word) => value(`ipv6 nd ${word}`)),
    // Multicast
    { match: 'ip pim sm', key: 'ip pim', normal: () => ['ip', 'pim'] },
    { match: 'ip pim' },
    value('ip pim hello'),
    value('ip pim drpriority'),
    { match: 'ip pim use-source <address>', remove: 'no ip pim use-source' },
    { match: 'ip pim bfd profile <name>', uses: 'bfd profile {name}', key: 'ip pim bfd', remove: 'no ip pim bfd' },
    { match: 'ip pim bfd', key: 'ip pim bfd' },
    { match: 'ip pim bsm', ...on },
    { match: 'ip pim unicast-bsm', ...on },
    { match: 'ip igmp' },
    ...values(
      'ip igmp version',
      'ip igmp query-interval',
      'ip igmp query-max-response-time',
      'ip igmp last-member-query-interval',
      'ip igmp last-member-query-count',
    ),
    { match: 'ip igmp join {group} <source*>' },
    // The rest
    { match: 'evpn mh es-id <id>', remove: 'no evpn mh es-id' },
    { match: 'evpn mh es-sys-mac <mac>', remove: 'no evpn mh es-sys-mac' },
    value('evpn mh es-df-pref'),
    { match: 'evpn mh uplink' },
    { match: 'mpls enable' },
    { match: 'mpls bgp forwarding' },
    { match: 'pbr-policy <map>', uses: 'pbr-map {map}' },
    { match: 'vrrp {id} version <version>', remove: 'no vrrp {id}' },
    { match: 'vrrp {id} {what} <value*>' },
    { match: 'ip nhrp authentication <key*>', secret: 'key', remove: 'no ip nhrp authentication' },
    { match: 'ip nhrp {what} <value*>' },
  ],
  // Taking `enable` back takes the whole block back; the other lines follow it.
  'link-params': [
    { match: 'enable', cascades: true },
    ...['metric', 'delay', 'delay-variation', 'packet-loss', 'admin-grp', 'ava-bw', 'use-bw', 'res-bw'].map((word) => value(word)),
    { match: 'neighbor <address> as <asn>', remove: 'no neighbor' },
    // Nothing takes these back but the end of the block.
    ...['max-bw <bandwidth>', 'max-rsv-bw <bandwidth>', 'unrsv-bw {n} <bandwidth>'].map(
      (match): Row => ({ match, change: 'rebuild', removed: 'first' }),
    ),
  ].map((row): Row => ({ ...row, object: 'link-params', shared: true, founded: row.cascades !== true })),
};
