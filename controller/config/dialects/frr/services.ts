import type { Row } from '../../dialect.ts';
import { prefixAt } from './normal.ts';
import { vrfRows } from './root.ts';
import { value, values, whole } from './rows.ts';

/** A number that FRR takes back only by its default. */
const timer = (word: string, fallback: number): Row => ({
  match: `${word} <milliseconds>`,
  remove: `${word} ${fallback}`,
  normal: (words) => (words.at(-1) === String(fallback) ? null : words),
});

const bfdProfile: readonly Row[] = [
  timer('detect-multiplier', 3),
  timer('receive-interval', 300),
  timer('transmit-interval', 300),
  timer('echo receive-interval', 50),
  timer('echo transmit-interval', 50),
  { match: 'echo-interval <n>', key: 'echo', normal: (words) => words },
  { match: 'echo-mode' },
  { match: 'passive-mode' },
  { match: 'shutdown' },
  value('minimum-ttl'),
];

/** BFD, RPKI, key chains, policy routing, segment routing, terminals. */
export const serviceSections: Readonly<Record<string, readonly Row[]>> = {
  vrf: vrfRows,
  'line-vty': [
    // `no exec-timeout` means no timeout at all.
    {
      match: 'exec-timeout <minutes> <seconds*>',
      key: 'exec-timeout',
      remove: 'exec-timeout 10 0',
      normal: (words) => (words.join(' ') === 'exec-timeout 10 0' ? null : words),
    },
    ...values('access-class', 'ipv6 access-class'),
    { match: 'login', defaultOn: true },
  ],
  rpki: [
    ...values('rpki polling_period', 'rpki expire_interval', 'rpki retry_interval'),
    { match: 'rpki cache {host} {port} preference {n}' },
    { match: 'rpki cache {rest*}' },
  ],
  'key-chain': [{ match: 'key {id}', opens: 'key' }],
  key: [
    { match: 'key-string <string>', secret: 'string', remove: 'no key-string' },
    ...values('cryptographic-algorithm', 'accept-lifetime', 'send-lifetime'),
  ],
  'nexthop-group': [{ match: 'nexthop {rest*}' }, value('backup-group')],
  'pbr-map': [
    { match: 'match {what} <value*>' },
    { match: 'set nexthop-group <name>', uses: 'nexthop-group {name}' },
    { match: 'set {what} <value*>' },
  ],
  bfd: [
    {
      match: 'profile {name}',
      opens: 'bfd-profile',
      object: 'bfd profile {name}',
      defines: 'bfd profile {name}',
      scope: 'root',
      removed: 'after',
    },
    { match: 'peer {peer*}', opens: 'bfd-peer' },
  ],
  'bfd-profile': bfdProfile,
  'bfd-peer': [{ match: 'profile <name>', uses: 'bfd profile {name}' }, ...bfdProfile],
  'segment-routing': [
    { match: 'traffic-eng', opens: 'traffic-eng', remove: null, emptyIsAbsent: true },
    { match: 'srv6', opens: 'srv6', removed: 'first' },
  ],
  'traffic-eng': [
    { match: 'segment-list {name}', opens: 'segment-list', defines: 'segment-list {name}', order: 1 },
    { match: 'policy color {color} endpoint {endpoint}', opens: 'sr-policy' },
    { match: 'pcep', opens: 'pcep' },
    { match: 'mpls-te on' },
    value('mpls-te import'),
  ],
  'segment-list': [{ match: 'index {n} <what*>', remove: 'no index {n}' }],
  'sr-policy': [
    {
      match: 'candidate-path preference {preference} name <name> explicit segment-list <list>',
      uses: 'segment-list {list}',
      key: 'candidate-path {preference}',
      remove: 'no candidate-path preference {preference}',
      change: 'recreate',
    },
    {
      match: 'candidate-path preference {preference} name <name> dynamic',
      opens: 'sr-path',
      key: 'candidate-path {preference}',
      remove: 'no candidate-path preference {preference}',
    },
    value('binding-sid'),
    value('name'),
  ],
  'sr-path': [
    { match: 'affinity {kind} <pattern>', remove: 'no affinity {kind}' },
    { match: 'metric bound {type} <value*>' },
    { match: 'metric {type} <value*>' },
    value('bandwidth'),
  ],
  pcep: [
    { match: 'pce {name}', opens: 'pce' },
    { match: 'pce-config {name}', opens: 'pce' },
    { match: 'pcc', opens: 'pce' },
  ],
  pce: [{ match: 'tcp-md5-auth <key>', secret: 'key', remove: 'no tcp-md5-auth' }, { match: '{line*}' }],
  srv6: [{ match: 'locators', opens: 'locators', remove: null, emptyIsAbsent: true }],
  locators: [{ match: 'locator {name}', opens: 'locator', remove: null }],
  locator: [{ match: 'prefix <prefix> <rest*>', ...prefixAt(1), remove: null }, whole('behavior')],
};
