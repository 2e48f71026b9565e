import type { Dialect, Row } from '../dialect.ts';
import {
  accessGroups,
  accessLists,
  addressRows,
  bgpValues,
  expandVlans,
  interfaceValues,
  lineRows,
  listEntries,
  neighborRows,
  policyRows,
  prefixListEntries,
  removeInterface,
  rootValues,
  routeMapRows,
  routerValues,
  staticRoutes,
  switchRows,
  trunkRows,
  vrfMembership,
} from './ios-rows.ts';
import { blocks, values } from './rows.ts';

/** Cisco IOS and IOS XE; the other command lines made after it start from here. */
const interfaceRows: readonly Row[] = [...vrfMembership, ...addressRows, ...accessGroups, ...switchRows, ...trunkRows, ...interfaceValues];

const rootRows: readonly Row[] = [
  { match: 'interface {name*}', opens: 'interface', remove: removeInterface, defines: 'interface {name}' },
  { match: 'vlan {id}', opens: 'vlan', defines: 'vlan {id}', remove: 'no {line}' },
  {
    match: ['vrf definition {name}', 'ip vrf {name}', 'vrf instance {name}', 'vrf context {name}'],
    opens: 'vrf',
    defines: 'vrf {name}',
    remove: 'no {line}',
    order: 10,
  },
  { match: 'banner {kind} <mark*>', shape: 'opaque', remove: 'no banner {kind}' },
  { match: 'logging console', key: 'logging console', remove: 'no logging console' },
  { match: 'enable secret <secret*>', secret: 'secret' },
  { match: 'username {name} <rest*>', remove: 'no username {name}' },
  { match: 'snmp-server community {name} <rest*>', remove: 'no snmp-server community {name}' },
  {
    match: ['ntp server {host} <options*>', 'ntp peer {host} <options*>', 'ntp server vrf {vrf} {host} <options*>'],
    change: 'recreate',
    remove: 'no {line}',
  },
  ...staticRoutes('ip route', 'ip route vrf {vrf}', 'ipv6 route', 'ipv6 route vrf {vrf}'),
  { match: 'tacacs|radius server {name}', opens: 'aaa-server', defines: 'aaa-server {name}', remove: 'no {line}' },
  { match: 'aaa group server tacacs+|radius {name}', opens: 'aaa-group', remove: 'no {line}' },
  { match: 'router bgp {asn}', opens: 'bgp', remove: 'no {line}', order: 70 },
  ...blocks(
    'router; router ospf {id}; router ospf {id} vrf {vrf}; router isis {tag}; router isis; router ospfv3 {id}',
    'ipv6 router ospf {id}; router rip; router eigrp {id}',
  ),
  ...blocks('line', 'line {which*}'),
  ...blocks('key-chain', 'key chain {name}'),
  ...accessLists(
    'ip access-list standard|extended {name}',
    'ipv6 access-list {name}',
    'mac access-list extended {name}',
    'ip access-list {name}',
    'mac access-list {name}',
    'ip access-list standard|extended {name} {more}',
  ),
  ...policyRows,
  ...rootValues,
];

const family: Row = { match: 'address-family {family*}', opens: 'bgp-family', close: 'exit-address-family', remove: 'no {line}' };

export const ios: Dialect = {
  platform: 'iosxe',
  syntax: 'indent',
  negation: ['no', 'default'],
  comments: ['!', 'Building configuration', 'Current configuration', 'version ', 'ntp clock-period ', 'boot system ', 'boot nxos '],
  exits: [
    'exit',
    'end',
    'exit-address-family',
    'exit-vrf',
    'exit-peer-policy',
    'exit-peer-session',
    'exit-af-interface',
    'exit-af-topology',
  ],
  exit: 'exit',
  removal: 'key',
  negated: 'kept',
  sections: {
    root: rootRows,
    interface: interfaceRows,
    vlan: [...values('name', 'state', 'mtu'), { match: 'shutdown', negated: 'kept', fades: true, removed: 'after' }],
    bgp: [family, ...neighborRows, ...bgpValues, { match: 'vrf {vrf}', opens: 'bgp', remove: 'no {line}', uses: 'vrf {vrf}' }],
    'bgp-family': [...neighborRows, ...bgpValues],
    'route-map': routeMapRows,
    acl: listEntries,
    'prefix-list': prefixListEntries,
    router: routerValues,
    line: lineRows,
    vrf: [family, ...values('rd', 'description'), { match: 'route-target {way} {value}', remove: 'no {line}' }],
    'policy-map': [
      { match: 'class class-default', opens: 'policy-class' },
      { match: 'class {name}', opens: 'policy-class', uses: 'class-map {name}' },
      ...blocks('policy-class', 'class {name*}'),
    ],
    'class-map': [...values('description'), { match: 'match access-group name {acl}', uses: 'acl {acl}', remove: 'no {line}' }],
    'aaa-server': values('address ipv4', 'address ipv6', 'key', 'timeout'),
    'aaa-group': [{ match: 'server name {name}', uses: 'aaa-server {name}', remove: 'no {line}' }],
    'key-chain': blocks('key', 'key {id}'),
    key: [{ match: 'key-string <secret*>', secret: 'secret' }],
  },
  everywhere: [{ match: 'description <text*>' }],
  finish: [expandVlans],
  versions: [],
};

/** Arista EOS: IOS' words, lists that open a block, addresses with a length. */
export const eos: Dialect = {
  ...ios,
  platform: 'eos',
  sections: {
    ...ios.sections,
    root: [
      ...rootRows,
      { match: 'ip load-sharing trident fields {family} <fields*>', remove: 'default ip load-sharing trident fields {family}' },
      { match: 'username {name} ssh-key <key*>', remove: 'no username {name} ssh-key' },
      ...blocks('mlag', 'mlag configuration', 'mlag'),
    ],
    interface: [
      ...interfaceRows,
      ...values('channel-group', 'service-profile', 'mlag', 'ip virtual-router address', 'l2 mtu', 'error-correction encoding'),
    ],
    mlag: values('domain-id; local-interface; peer-address; peer-link; reload-delay mlag; reload-delay non-mlag; heartbeat-interval'),
  },
};

/** Cisco NX-OS: neighbors are blocks. */
export const nxos: Dialect = {
  ...ios,
  platform: 'nxos',
  sections: {
    ...ios.sections,
    root: [
      ...rootRows,
      { match: 'feature {name}', order: 1, remove: 'no {line}' },
      { match: 'vpc domain {id}', opens: 'vpc', remove: 'no {line}' },
      ...values(
        'power redundancy-mode; cli alias name {name}; hardware access-list tcam region {name}; ip telnet source-interface',
        'system jumbomtu; snmp-server user {name}',
      ),
    ],
    interface: [
      ...interfaceRows,
      ...values('vpc', 'medium', 'hsrp version', 'ip ospf authentication-key', 'rate-mode'),
      ...blocks('hsrp', 'hsrp {group}', 'hsrp {group} ipv4', 'hsrp {group} ipv6', 'vrrp {group}'),
    ],
    hsrp: values('ip', 'priority', 'timers', 'authentication md5 key-string', 'preempt'),
    vpc: values('role priority', 'peer-keepalive destination', 'delay restore', 'system-priority', 'system-mac', 'auto-recovery'),
    bgp: [
      { match: 'address-family {family*}', opens: 'bgp-family', close: 'exit', remove: 'no {line}' },
      {
        match: ['neighbor {peer} remote-as {asn}', 'neighbor {peer}'],
        opens: 'bgp-neighbor',
        key: 'neighbor {peer}',
        remove: 'no neighbor {peer}',
      },
      { match: 'template peer|peer-policy|peer-session {name}', opens: 'bgp-neighbor', defines: 'peer-group {name}', remove: 'no {line}' },
      { match: 'vrf {vrf}', opens: 'bgp', uses: 'vrf {vrf}', remove: 'no {line}' },
      ...bgpValues,
    ],
    'bgp-neighbor': [
      { match: 'address-family {family*}', opens: 'bgp-family', close: 'exit', remove: 'no {line}' },
      { match: 'inherit peer <group>', uses: 'peer-group {group}' },
      { match: 'password <secret*>', secret: 'secret', remove: 'no {line}' },
      ...values('remote-as', 'update-source', 'ebgp-multihop', 'local-as', 'timers', 'description', 'ttl-security hops'),
      { match: 'shutdown', negated: 'kept', fades: true, removed: 'after' },
    ],
    'bgp-family': [
      ...bgpValues,
      { match: 'route-map <map> dir=in|out', uses: 'route-map {map}', remove: 'no {line}' },
      { match: 'prefix-list <list> dir=in|out', uses: 'prefix-list {list}', remove: 'no {line}' },
      ...values('maximum-prefix', 'soft-reconfiguration inbound', 'allowas-in', 'default-originate'),
    ],
  },
};
