import type { PlannedCommand } from '../../api/index.ts';
import type { Dialect, Row } from '../dialect.ts';
import { accessGroups, interfaceValues, lineRows, prefixListEntries, listEntries, rootValues, routerValues } from './ios-rows.ts';
import { blocks, values } from './rows.ts';

/** Cisco IOS XR: policies and sets are replaced whole by sending them; a change is one commit. */
function policy(match: string, close: string, more: Partial<Row> = {}): Row {
  return { match, opens: 'verbatim', shape: 'whole', verbatim: true, close, remove: 'no {line}', ...more };
}

const rootRows: readonly Row[] = [
  { match: 'interface {name*}', opens: 'interface', remove: 'no {line}', defines: 'interface {name}' },
  { match: 'vrf {name}', opens: 'vrf', defines: 'vrf {name}', remove: 'no {line}', order: 10 },
  policy('route-policy {name*}', 'end-policy', {
    defines: 'route-policy {name}',
    order: 30,
    // Its parameters are not part of its name.
    remove: (words) => `no ${words.join(' ').replace(/\(.*$/, '')}`,
  }),
  policy('prefix-set {name}', 'end-set', { defines: 'set {name}', order: 20 }),
  policy('as-path-set {name}', 'end-set', { defines: 'set {name}', order: 20 }),
  policy('community-set {name}', 'end-set', { defines: 'set {name}', order: 20 }),
  policy('large-community-set {name}', 'end-set', { defines: 'set {name}', order: 20 }),
  policy('rd-set {name}', 'end-set', { defines: 'set {name}', order: 20 }),
  policy('extcommunity-set {kind} {name}', 'end-set', { defines: 'set {name}', order: 20 }),
  {
    match: ['ipv4 access-list {name}', 'ipv6 access-list {name}', 'ethernet-services access-list {name}'],
    opens: 'acl',
    shape: 'ordered',
    defines: 'acl {name}',
    remove: 'no {line}',
  },
  {
    match: ['ipv4 prefix-list {name}', 'ipv6 prefix-list {name}'],
    opens: 'acl',
    shape: 'ordered',
    defines: 'prefix-list {name}',
    remove: 'no {line}',
  },
  { match: 'banner {kind} <mark*>', shape: 'opaque', remove: 'no banner {kind}' },
  { match: 'class-map {name*}', opens: 'any', close: 'end-class-map', remove: 'no {line}' },
  { match: 'policy-map {name*}', opens: 'policy-map', close: 'end-policy-map', remove: 'no {line}' },
  { match: 'router bgp {asn}', opens: 'bgp', remove: 'no {line}', order: 70 },
  ...blocks('router', 'router ospf {id}', 'router ospfv3 {id}', 'router isis {id}'),
  { match: 'router static', opens: 'static' },
  ...blocks('line', 'line {which*}'),
  ...rootValues,
  { match: 'snmp-server community {name} <rest*>', remove: 'no snmp-server community {name}' },
];

const neighborRows: readonly Row[] = [
  { match: 'address-family {family*}', opens: 'neighbor-family', remove: 'no {line}' },
  ...values(
    'remote-as; description; update-source; ebgp-multihop; local-as; timers; keepalive; local address; precedence',
    'advertisement-interval',
  ),
  { match: 'use neighbor-group|session-group|af-group <group>', uses: 'group {group}' },
  { match: 'password <secret*>', secret: 'secret' },
];

export const xr: Dialect = {
  platform: 'iosxr',
  syntax: 'indent',
  negation: ['no'],
  comments: ['!'],
  exits: ['exit', 'end', 'end-policy', 'end-set', 'end-policy-map', 'end-class-map', 'end-template', 'root'],
  exit: 'exit',
  removal: 'key',
  negated: 'kept',
  sections: {
    root: rootRows,
    interface: [
      { match: ['vrf <vrf>'], uses: 'vrf {vrf}', wipes: ['ipv4 address', 'ipv6 address'] },
      { match: 'ipv4 address {address*} secondary', remove: 'no {line}' },
      {
        match: ['ipv4 address <address> <mask>', 'ipv4 address <address>'],
        remove: 'no ipv4 address',
      },
      { match: 'ipv4 address {address} {mask} secondary', remove: 'no {line}' },
      { match: 'ipv6 address {address*}', remove: 'no {line}' },
      ...accessGroups,
      ...interfaceValues.filter((row) => !String(row.match).startsWith('ip ')),
      ...values('bundle id; ipv4 mtu; ipv4 unreachables; encapsulation dot1q; l2transport; mac-address; mac-accounting; dampening'),
    ],
    vrf: [...values('description', 'rd'), ...blocks('vrf-family', 'address-family {family*}')],
    'vrf-family': [
      ...blocks('any', 'import route-target', 'export route-target'),
      { match: 'import|export route-policy <policy>', uses: 'route-policy {policy}', remove: 'no {line}' },
    ],
    acl: [...listEntries, ...prefixListEntries],
    bgp: [
      { match: 'neighbor {peer} remote-as {asn}', remove: 'no {line}' },
      { match: 'neighbor {peer}', opens: 'neighbor', remove: 'no {line}' },
      { match: 'neighbor-group|session-group|af-group {name*}', opens: 'neighbor', defines: 'group {name}', remove: 'no {line}' },
      { match: 'vrf {vrf}', opens: 'bgp', uses: 'vrf {vrf}', remove: 'no {line}' },
      { match: 'address-family {family*}', opens: 'bgp-family', remove: 'no {line}' },
      ...values('bgp router-id', 'bgp cluster-id', 'rd', 'timers bgp', 'maximum-paths', 'bgp graceful-restart restart-time'),
    ],
    'bgp-family': [
      ...values('maximum-paths ibgp', 'maximum-paths ebgp', 'label mode', 'table-policy', 'additional-paths selection route-policy'),
      {
        match: 'network {prefix} route-policy <policy>',
        uses: 'route-policy {policy}',
        remove: 'no network {prefix}',
        key: 'network {prefix}',
      },
      { match: 'network {prefix}', remove: 'no {line}' },
    ],
    neighbor: neighborRows,
    'neighbor-family': [
      { match: 'route-policy <policy> dir=in|out', uses: 'route-policy {policy}', remove: 'no {line}' },
      { match: 'route-policy <policy> <rest*>', key: 'route-policy {rest}', remove: 'no {line}' },
      ...values('maximum-prefix', 'soft-reconfiguration inbound', 'allowas-in', 'weight', 'send-community-ebgp'),
    ],
    'policy-map': blocks('any', 'class {name*}'),
    static: blocks('static', 'vrf {vrf}', 'address-family {family*}'),
    router: [
      ...routerValues,
      ...blocks('area', 'area {id}'),
      ...blocks('isis-interface', 'interface {name}'),
      ...blocks('router', 'address-family {family*}', 'vrf {vrf}'),
    ],
    area: [...blocks('isis-interface', 'interface {name}'), ...values('authentication')],
    'isis-interface': values('cost', 'network', 'metric', 'priority', 'hello-interval', 'dead-interval', 'circuit-type'),
    line: lineRows,
    any: [],
  },
  everywhere: [{ match: 'description <text*>' }],
  phrase: sayEndif,
  versions: [],
};

/** An `endif` that the indentation of a policy implies is said. */
function sayEndif(commands: readonly PlannedCommand[]): PlannedCommand[] {
  const said: PlannedCommand[] = [];
  const open: { path: readonly string[]; text: string }[] = [];
  const close = (next: PlannedCommand | undefined): void => {
    for (let last = open.at(-1); last; last = open.at(-1)) {
      const { path, text } = last;
      if (next && next.path.length > path.length && [...path, text].every((line, i) => next.path[i] === line)) return;
      open.pop();
      const goesOn = next && next.path.length === path.length && /^(endif|else|elseif)\b/.test(next.text);
      if (!goesOn && said.at(-1)?.text !== 'endif') said.push({ path: [...path, text], text: 'endif' });
    }
  };
  for (const command of commands) {
    close(command);
    said.push(command);
    if (command.path[0]?.startsWith('route-policy ') && /^(if .*then|elseif .*then|else)$/.test(command.text)) open.push(command);
  }
  close(undefined);
  return said;
}
