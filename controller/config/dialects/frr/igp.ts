import type { Around, Row } from '../../dialect.ts';
import { byDefault } from './defaults.ts';
import { on, prefixAt, silentWhen } from './normal.ts';
import { members, perLevel, redistribution, value, values, whole } from './rows.ts';

/** An area number as an address. */
function dottedArea(area: string): string {
  if (!/^\d+$/.test(area)) return area;
  const number = Number(area);
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}

/** FRR prints an area the way it was written first; both ways are one area. */
const areaAt = (at: number): { same: NonNullable<Row['same']> } => ({
  same: (words) => (/^\d+$/.test(words[at] ?? '') ? words.with(at, dottedArea(words[at] ?? '')) : words),
});

const passiveOnRequest = {
  on: (_words: readonly string[], around: Around): boolean => around.lineOf('passive-interface default') !== undefined,
};

const distribution = members(
  'distribute-list {list} out|in {what*}',
  'distribute-list prefix {list} in|out {what*}',
  'distribute-list prefix {list} in|out',
  'distribute-list {list} in|out',
);

/** Keys of a virtual link, alone or behind how they are used. Any word does for the key that goes. */
const virtualLinkKeys = ['', ' authentication', ' authentication {mode}'].flatMap((used): Row[] => [
  {
    match: `area {area} virtual-link {peer}${used} message-digest-key {id} md5 <key>`,
    secret: 'key',
    remove: `no area {area} virtual-link {peer}${used} message-digest-key {id} md5 removed`,
    change: 'recreate',
    ...areaAt(1),
  },
  {
    match: `area {area} virtual-link {peer}${used} authentication-key <key>`,
    secret: 'key',
    remove: `no area {area} virtual-link {peer}${used} authentication-key removed`,
    ...areaAt(1),
  },
]);

const ospf: readonly Row[] = [
  value('ospf router-id', { effect: 'none' }),
  { match: 'router-id <id>', key: 'ospf router-id', remove: 'no ospf router-id', normal: (words) => ['ospf', ...words] },
  ...values(
    'auto-cost reference-bandwidth',
    'default-metric',
    'timers throttle spf',
    'timers throttle lsa all',
    'timers lsa min-arrival',
    'refresh timer',
    'write-multiplier',
  ),
  ...values('mpls ldp-sync holddown', 'mpls-te inter-as', 'max-metric router-lsa on-startup', 'max-metric router-lsa on-shutdown'),
  whole('maximum-paths', { remove: 'no maximum-paths' }),
  whole('ospf abr-type'),
  whole('distance', { remove: 'no distance {value}' }),
  value('distance ospf'),
  // Nothing but the end of it takes the address back.
  whole('mpls-te router-address', { object: 'mpls-te', shared: true, change: 'rebuild' }),
  { match: 'mpls-te on', lingers: true, object: 'mpls-te', shared: true, cascades: true },
  // Segment routing turns it on again: it goes after that.
  { match: 'router-info <scope*>', remove: 'no router-info', lingers: true, undoOrder: 1 },
  {
    match: 'segment-routing prefix {prefix} index <index*>',
    remove: 'no segment-routing prefix {prefix}',
    change: 'recreate',
    lingers: true,
  },
  // Segment routing is kept outside the instance: it is taken back before the instance goes.
  value('segment-routing global-block', { lingers: true }),
  value('segment-routing node-msd', { lingers: true }),
  { match: 'segment-routing on', removed: 'after', lingers: true },
  // FRR takes areas of networks or areas of interfaces, never both: the old kind goes first.
  { match: 'network {prefix} area {area}', removed: 'first', ...areaAt(3), ...prefixAt(1) },
  { match: 'area {area} range {prefix} <rest*>', ...areaAt(1), change: 'recreate' },
  { match: 'area {area} authentication <rest*>', ...areaAt(1), remove: 'no area {area} authentication' },
  { match: 'area {area} nssa <rest*>', ...areaAt(1), change: 'recreate' },
  { match: 'area {area} stub <rest*>', ...areaAt(1), remove: 'no area {area} stub {rest}', change: 'recreate' },
  { match: 'area {area} default-cost <cost>', ...areaAt(1) },
  { match: 'area {area} {what} <rest*>', ...areaAt(1) },
  ...virtualLinkKeys,
  { match: 'area {area} virtual-link {peer} {rest*}', ...areaAt(1) },
  { match: 'area {area} virtual-link {peer}', ...areaAt(1) },
  { match: 'log-adjacency-changes detail', key: 'log-adjacency-changes', remove: 'no log-adjacency-changes' },
  { match: 'log-adjacency-changes', key: 'log-adjacency-changes', ...byDefault('log-adjacency-changes') },
  {
    match: 'graceful-restart grace-period <seconds>',
    key: 'graceful-restart',
    normal: (words) => (words[2] === '120' ? ['graceful-restart'] : words),
  },
  value('graceful-restart helper supported-grace-time'),
  { match: 'graceful-restart helper strict-lsa-checking', ...on },
  { match: 'graceful-restart', remove: 'no graceful-restart' },
  { match: 'passive-interface default' },
  { match: 'passive-interface {name}', ...passiveOnRequest },
  { match: 'passive-interface {name} {address}', ...passiveOnRequest },
  { match: 'capability opaque' },
  { match: 'ospf opaque-lsa', key: 'capability opaque', remove: 'no capability opaque', normal: () => ['capability', 'opaque'] },
  { match: 'compatible rfc1583' },
  { match: 'ospf rfc1583compatibility', key: 'compatible rfc1583', normal: () => ['compatible', 'rfc1583'] },
  { match: 'proactive-arp', ...on },
  { match: 'default-information originate <rest*>', remove: 'no default-information originate', change: 'recreate' },
  { match: 'neighbor {address} <rest*>', remove: 'no neighbor {address}' },
  ...redistribution(),
  ...distribution,
  ...prefixedSummary('summary-address'),
];

function prefixedSummary(word: string): Row[] {
  return [{ match: `${word} {prefix} <rest*>`, change: 'recreate', ...prefixAt(1) }];
}

const ospf6: readonly Row[] = [
  value('ospf6 router-id'),
  { match: 'router-id <id>', key: 'ospf6 router-id', remove: 'no ospf6 router-id', normal: (words) => ['ospf6', ...words] },
  ...values(
    'auto-cost reference-bandwidth',
    'timers throttle spf',
    'timers lsa min-arrival',
    'stub-router administrative',
    'maximum-paths',
  ),
  value('distance ospf6'),
  whole('distance'),
  { match: 'area {area} range {prefix} <rest*>', ...areaAt(1), change: 'recreate' },
  { match: 'area {area} nssa <rest*>', ...areaAt(1), change: 'recreate' },
  { match: 'area {area} stub <rest*>', ...areaAt(1), change: 'recreate' },
  { match: 'area {area} {what} <rest*>', ...areaAt(1) },
  { match: 'interface {name} area {area}', ...areaAt(3) },
  { match: 'log-adjacency-changes detail', key: 'log-adjacency-changes', remove: 'no log-adjacency-changes' },
  { match: 'log-adjacency-changes', ...byDefault('log-adjacency-changes') },
  {
    match: 'graceful-restart grace-period <seconds>',
    key: 'graceful-restart',
    normal: (words) => (words[2] === '120' ? ['graceful-restart'] : words),
  },
  { match: 'graceful-restart', remove: 'no graceful-restart' },
  value('graceful-restart helper supported-grace-time'),
  { match: 'default-information originate <rest*>', remove: 'no default-information originate', change: 'recreate' },
  ...redistribution(),
  ...prefixedSummary('summary-address'),
];

const isis: readonly Row[] = [
  // Two addresses of one instance must agree on their system id: the old one goes first.
  { match: 'net {title}', removed: 'first', unsettles: true },
  value('is-type', silentWhen(1, 'level-1-2')),
  value('metric-style', silentWhen(1, 'wide')),
  value('segment-routing global-block', silentWhen(2, '16000 23999')),
  ...values(
    'spf-delay-ietf',
    'mpls-te router-address ipv6',
    'mpls-te router-address',
    'mpls-te inter-as',
    'segment-routing node-msd',
    'lsp-mtu',
    'mpls ldp-sync holddown',
  ),
  ...['spf-interval', 'lsp-gen-interval', 'lsp-refresh-interval', 'max-lsp-lifetime'].flatMap(perLevel),
  { match: 'lsp-timers level-1|level-2 <values*>', remove: 'no lsp-timers {choice0}' },
  value('lsp-timers'),
  { match: 'area-password clear|md5 <password> <rest*>', key: 'area-password', remove: 'no area-password', secret: 'password' },
  { match: 'domain-password clear|md5 <password> <rest*>', key: 'domain-password', remove: 'no domain-password', secret: 'password' },
  {
    match: 'segment-routing prefix {prefix} index|absolute <value*>',
    key: 'segment-routing prefix {prefix}',
    change: 'recreate',
    remove: 'no segment-routing prefix {prefix} {choice0} {value}',
  },
  { match: 'segment-routing prefix {prefix} algorithm {algorithm} index|absolute <value*>', change: 'recreate' },
  { match: 'topology {name}' },
  { match: 'topology {name} overload', key: 'topology {name}' },
  { match: 'log-adjacency-changes', ...byDefault('log-adjacency-changes') },
  { match: 'hostname dynamic', ...on },
  {
    match: 'redistribute ipv4|ipv6 {source} level-1|level-2 <rest*>',
    key: 'redistribute {choice0} {source} {choice1}',
    change: 'recreate',
    remove: 'no redistribute {choice0} {source} {choice1}',
  },
  {
    match: 'default-information originate ipv4|ipv6 level-1|level-2 <rest*>',
    change: 'recreate',
    remove: 'no default-information originate {choice0} {choice1}',
  },
  { match: 'fast-reroute {what} {more*}' },
];

const rip: readonly Row[] = [
  ...values('distance', 'default-metric', 'version', 'timers basic'),
  { match: 'passive-interface default' },
  { match: 'passive-interface {name}', ...passiveOnRequest },
  { match: 'default-information originate' },
  { match: 'network {what}', ...prefixAt(1) },
  { match: 'neighbor {address}' },
  { match: 'distance <value> {prefix} <list*>', remove: 'no distance {value} {prefix}' },
  { match: 'offset-list {list} in|out <metric> <name*>' },
  { match: 'route {prefix}', ...prefixAt(1) },
  { match: 'allow-ecmp' },
  { match: 'aggregate-address {prefix}', ...prefixAt(1) },
  { match: 'route-map {map} in|out {name}', uses: 'route-map {map}' },
  ...redistribution(),
  ...distribution,
];

export const igpSections: Readonly<Record<string, readonly Row[]>> = {
  ospf,
  ospf6,
  isis,
  rip,
  ripng: [...rip, ...members('ipv6 distribute-list {rest*}')],
  eigrp: [
    ...values('variance', 'maximum-paths', 'metric weights', 'timers active-time', 'eigrp router-id'),
    { match: 'network {prefix}', ...prefixAt(1) },
    { match: 'neighbor {address}' },
    { match: 'passive-interface {name}' },
    { match: 'redistribute {source} <metric*>', remove: 'no redistribute {source}' },
  ],
  babel: [
    { match: 'babel diversity' },
    whole('babel diversity-factor'),
    whole('babel resend-delay'),
    whole('babel smoothing-half-life'),
    { match: 'network {name}' },
    { match: 'redistribute {family} {source}' },
    ...distribution,
  ],
  'mpls-ldp': [
    whole('router-id'),
    { match: 'neighbor {address} password <password>', secret: 'password' },
    { match: 'neighbor {address} {what} <value*>' },
    { match: 'discovery {kind} {what} <value*>' },
    { match: 'address-family {family}', opens: 'ldp-family', close: 'exit-address-family' },
    { match: 'dual-stack {what*}' },
    { match: 'ordered-control' },
  ],
  'ldp-family': [
    { match: 'discovery transport-address <address>', change: 'recreate' },
    { match: 'discovery {kind} {what} <value*>' },
    { match: 'interface {name}', opens: 'ldp-interface' },
    { match: 'neighbor {address} targeted' },
    { match: 'label local|remote {what} <rest*>' },
    { match: 'ttl-security disable' },
    whole('session holdtime'),
  ],
  'ldp-interface': [{ match: 'discovery {kind} {what} <value*>' }],
  l2vpn: [
    { match: 'member pseudowire {name}', opens: 'pseudowire' },
    { match: 'member interface {name}' },
    whole('mtu'),
    whole('bridge'),
    whole('vc type'),
  ],
  pseudowire: [whole('neighbor lsr-id'), whole('neighbor address'), whole('pw-id'), whole('control-word'), { match: 'pw-status disable' }],
};
