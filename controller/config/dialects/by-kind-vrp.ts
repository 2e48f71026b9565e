import type { PlannedCommand } from '../../api/index.ts';
import type { Dialect, Place, Row } from '../dialect.ts';
import { onePerEntry } from '../places.ts';
import type { Tree } from '../types.ts';
import { comware, lists, sitonica } from './comware.ts';
import { vrpSections } from './by-kind-vrp-rows.ts';
import { vrp } from './vrp.ts';
import { vlanSet } from './vrp-rows.ts';

/** VRP and its cousins by kind of line: see `by-kind.ts`. */

const vrpInterface: readonly Place[] = [
  '-mac-address learning; undo portswitch; -ip address * * sub; -ip address * *; -portswitch; ip binding; ipv6 enable',
  'ipv6 nd ra prefix; ipv6; ip address; ip address * * sub; dhcpv6; isis enable; isis; -isis enable; mpls; mpls ldp',
  'mpls ldp transport-address interface; mpls rsvp-te; mpls rsvp-te bfd; port link-type; port trunk pvid',
  'port trunk allow-pass; port hybrid; port hybrid tagged; port hybrid untagged; port hybrid vlan; port hybrid pvid',
  'voice-vlan; eth-trunk; mode; qos wfq|drr; qos queue; vrrp6 vrid; vrrp vrid; *; poe',
];

const familyPlaces: readonly Place[] = [
  'undo undo maximum',
  'maximum load-balancing',
  'group',
  'peer * as-number',
  'peer * enable',
  'peer *',
];

const vrpPlaces: readonly Place[] = [
  'port split mode; port split dimension; port split refresh; dfs-group; assign forward; port mode 200GE',
  'ip vpn-instance ~[Mm][Ee][Tt]h; ip ip-prefix|ipv6-prefix * index 99999999; -ip ip-prefix|ipv6-prefix * index',
  'ip ip-prefix|ipv6-prefix; xpl; ip as-path-filter; ip community-filter; ip extcommunity-filter; tunnel-policy; evpn-overlay',
  'route-policy ~VRF_',
  ['ip vpn-instance', [['ipv4-family', ['route-distinguisher', '*']], ['ipv6-family', ['route-distinguisher', '*']], '*']],
  'ntp; acl port-pool; acl ip-pool; acl ipv6-pool; acl; system tcam; traffic classifier; traffic behavior; traffic policy',
  'qos group; qos schedule-profile; port-wred; dhcp; vlan reserved; vlan batch; vlan pool; vlan; hwtacacs-server',
  'hwtacacs server',
  [
    'aaa',
    [
      'undo local-user policy security-enhance; undo user-password complexity-check; -user-group; -task-group; local-user',
      'authentication-scheme|authorization-scheme|accounting-scheme; domain; task-group; user-group; *',
    ],
  ],
  'user-interface',
  'drop-profile',
  ['interface ~^[Mm][Ee][Tt]h', vrpInterface],
  'FTP client; ftp client; sflow',
  ['segment-routing', [['sr-te policy', [['candidate-path', ['-segment-list']]]], '-segment-list']],
  ['mpls', ['mpls te cspf', 'mpls te cspf preferred-igp']],
  'mpls ldp; mpls ldp remote-peer; explicit-path; route-policy EXPORT_ISIS; isis',
  ['bridge-domain', ['vxlan', 'evpn']],
  'diffserv domain',
  ['interface ~^Vbdif\\d+', vrpInterface],
  ['interface ~^Eth-Trunk\\d+$', vrpInterface],
  ['interface ~^LoopBack\\d+', vrpInterface],
  [
    'interface ~^Tunnel',
    ['tunnel-protocol', 'mpls te signal-protocol segment-routing', 'statistic enable', 'mpls te path', 'mpls te path metric-type'],
  ],
  ['interface *', vrpInterface],
  ['interface ~\\S+\\.\\d+$', vrpInterface],
  ['interface ~^Vlanif\\d+', vrpInterface],
  '-qos group; -qos schedule-profile; -traffic policy; -traffic behavior; -traffic classifier; -diffserv domain',
  'ip route-static; ipv6 route-static; route-policy',
  ['ospf', ['opaque-capability enable', 'area']],
  [
    'bgp',
    [
      'router-id; maximum load-balancing; group; peer * as-number; peer * local-as',
      ['ipv4-family|ipv6-family|link-state-family', familyPlaces],
      ['l2vpn-family', familyPlaces],
      '-peer * description; -peer * * *; -peer * *; -peer *; -group; peer * *',
    ],
  ],
  'bfd; -bfd; -ip vpn-instance; -route-policy; -route-policy ~VRF_; -ip community-filter; -ip extcommunity-filter',
  '-ip as-path-filter; info-center; snmp-agent sys-info; snmp-agent mib-view; snmp-agent community complexity-check',
  'snmp-agent community; snmp-agent target-host; snmp-agent trap source; snmp-agent; cpu-defend policy; cpu-defend-policy',
  ['slot', ['-cpu-defend-policy']],
  '-cpu-defend policy; configuration file auto-save interval; configuration file auto-save backup-to-server',
  'ssh server rsa-key min-length; rsa peer-public-key; ssh user; ssh user * assign; ssh user * authentication-type',
  'ssh user * service-type; stelnet server; stelnet ipv4 server; stelnet ipv6 server; telnet server acl; ssh server acl',
  'ftp|FTP server acl; ftp|FTP acl; telnet ipv6 server acl; ssh ipv6 server acl; ssh server-source all-interface',
  'ssh ipv6 server-source all-interface; domain; default-domain',
  ['telemetry', ['sensor-group', 'destination-group', 'subscription']],
  '-acl',
  '-interface ~\\.\\d+$',
  '-interface ~^Vlanif\\d+',
  '-interface ~^Vbdif\\d+',
  '-interface ~^Eth-Trunk\\d+$',
  '-interface; -interface ~^Tunnel; -explicit-path; -drop-profile; -vlan; -vlan batch; -observe-port; -sflow',
  '-ip ip-prefix|ipv6-prefix * index 99999999',
];

/** A list of ports is done when it is refreshed. */
const split: readonly Row[] = [
  { match: 'port split dimension interface {ports*}', remove: 'undo {line}' },
  { match: 'port split refresh', undoes: '' },
];

export const vrpByKind: Dialect = {
  ...vrp,
  arrange: 'kinds',
  sections: vrpSections('stp edged-port *', split),
  places: vrpPlaces,
  phrase: (commands, live, want) => keepLists(refreshSplit(commands), live, want),
};

/** The data centre switches. */
export const vrpCeByKind: Dialect = { ...vrpByKind, sections: vrpSections('stp edged-port', split) };

/** Split ports one by one where a list only changes; then the device has to be told that the list is complete. */
function refreshSplit(commands: readonly PlannedCommand[]): PlannedCommand[] {
  const split = /^(undo )?port split dimension interface (.*?)( split-type \S+)?$/;
  const gone = new Map<string, { ports: string[]; type: string }>();
  const comes = new Map<string, { ports: string[]; type: string }>();
  for (const { text } of commands) {
    const [, undo, list = '', type = ''] = split.exec(text) ?? [];
    if (list !== '') (undo ? gone : comes).set(slotOf(list), { ports: expandPorts(list), type });
  }
  if (gone.size + comes.size === 0) return [...commands];
  const said = commands.flatMap((command): PlannedCommand[] => {
    const [, undo, list = ''] = split.exec(command.text) ?? [];
    const before = gone.get(slotOf(list));
    const after = comes.get(slotOf(list));
    if (list === '' || !before || !after) return [command];
    const [mine, other] = undo ? [before, after] : [after, before];
    const ports = mine.type === other.type ? mine.ports.filter((port) => !other.ports.includes(port)) : mine.ports;
    return ports.map((port) => ({ path: [], text: `${undo ?? ''}port split dimension interface ${port}${mine.type}` }));
  });
  const last = said.findLastIndex(({ text }) => split.test(text));
  return [...said.slice(0, last + 1), { path: [], text: 'port split refresh' }, ...said.slice(last + 1)];
}

function slotOf(list: string): string {
  return /\d+(?=\/)/.exec(list.replace(/^\d+GE/, ''))?.[0] ?? '';
}

function expandPorts(list: string): string[] {
  const words = list.split(' ');
  return words.flatMap((word, i) => {
    if (word === 'to') return [];
    if (words[i - 1] !== 'to') return [word];
    const [head, first] = [word.replace(/\d+$/, ''), Number(/\d+$/.exec(words[i - 2] ?? '')?.[0])];
    const last = Number(/\d+$/.exec(word)?.[0]);
    return Array.from({ length: Math.max(0, Math.min(last - first, 1000)) }, (_, n) => `${head}${first + n + 1}`);
  });
}

const vrpOrder = onePerEntry(vrpPlaces);
const comwareRows = vrpSections(undefined, [
  ...lists,
  { match: 'local-user {name} {rest*}', opens: 'user' },
  { match: ['ip prefix-list {name} index {index} <entry*>', 'ipv6 prefix-list {name} index {index} <entry*>'], change: 'recreate' },
  { match: 'bfd peer-ip {address} {rest*}', remove: (words) => `undo ${words.slice(0, -1).join(' ')}` },
  { match: 'snmp-agent sys-info version <versions*>', remove: 'undo snmp-agent sys-info version v3' },
]);
const families = ['address-family {family*}', 'ip vpn-instance {vrf}'];
const balance: readonly Row[] = [
  { match: 'balance kind=eibgp|ebgp|ibgp|ingress-lsp <paths*>' },
  { match: 'balance <paths*>' },
  { match: ['additional-paths <rest*>'] },
  { match: ['pic <rest*>'] },
];

export const comwareByKind: Dialect = {
  ...comware,
  arrange: 'kinds',
  phrase: keepLists,
  sections: {
    ...comwareRows,
    'interface *': [
      { match: 'port link-mode <mode>', remove: (words) => `port link-mode ${words[2] === 'route' ? 'bridge' : 'route'}` },
      { match: 'port trunk pvid vlan <vlan>', remove: 'undo port trunk pvid' },
      { match: 'port trunk permit vlan 1', key: 'port trunk permit vlan 1', defaultOn: true },
      { ...vlanSet('port trunk permit vlan'), remove: 'undo port trunk permit vlan all' },
      ...(comwareRows['interface *'] ?? []),
    ],
    bgp: [{ match: families, opens: 'family' }, ...(comwareRows['bgp'] ?? []), ...balance],
    family: [{ match: families, opens: 'family' }, ...(comwareRows['family'] ?? []), ...balance],
    user: [{ match: 'password hash <secret*>', secret: 'secret' }],
  },
  places: [
    'sysname; m-lag; undo hardware-resource firmware-mode; ip vpn-instance ~[OoMm][OoLl][BbAa]',
    ...vrpOrder.slice(7, vrpOrder.indexOf('route-policy')),
    'ip community-list',
    'route-policy',
    ['ospf', ['area']],
    [
      'bgp',
      [
        'router-id; graceful-restart; timer keepalive; maximum load-balancing; group; peer * as-number; peer * local-as',
        'peer * group; peer * connect-interface',
        ['address-family', ['balance', 'pic', 'additional-paths', 'import-route', ...onePerEntry(familyPlaces).slice(2)]],
        '-peer * description; -peer * * *; -peer * *; -peer *; -group; peer * *',
      ],
    ],
    '-bfd; -ip vpn-instance; -route-policy; -ip community-filter; -ip community-list; -ip as-path-filter; info-center',
    'snmp-agent; -acl; -interface; -vlan',
  ],
};

export const sitonicaByKind: Dialect = {
  ...sitonica,
  arrange: 'level',
  sections: {
    ...sitonica.sections,
    'bgp-family': [
      { match: 'peer {peer} enable', object: 'peer {peer}', shared: true, cascades: true },
      ...(sitonica.sections['bgp-family'] ?? []),
    ],
  },
  places: [
    'local-user; public-key peer; ssh user; interface; ntp; bmp server',
    [
      'bgp',
      ['...', 'bmp', '-bmp', 'group', 'peer * as-number', 'peer * group', 'peer', ['address-family', ['...', 'peer * enable', 'peer']]],
    ],
  ],
};

const prefixEntry = /^ip (ip|ipv6)-prefix (\S+) index \d+ /;

/** A prefix list of which no entry stays would vanish on the way: an entry that denies nothing stands in until the end. */
function keepLists(commands: readonly PlannedCommand[], live: Tree, want: Tree): PlannedCommand[] {
  const stays = new Set(want.roots.map((node) => node.text));
  const lists = new Map<string, boolean>();
  for (const { text } of live.roots) {
    const [, family, name] = prefixEntry.exec(text) ?? [];
    if (name === undefined) continue;
    const list = `ip ${family}-prefix ${name}`;
    lists.set(list, (lists.get(list) ?? false) || stays.has(text));
  }
  const at = commands.findIndex(({ text }) => /^(undo )?ip (ip|ipv6)-prefix /.test(text));
  const vanish = [...lists].filter(([, kept]) => !kept).map(([list]) => `${list} index 99999999`);
  if (at < 0 || vanish.length === 0) return [...commands];
  const stub = (list: string): string => `${list} ${list.startsWith('ip ipv6') ? 'deny :: 128' : 'deny 0.0.0.0 32'}`;
  const say = (text: string): PlannedCommand => ({ path: [], text });
  return [
    ...commands.slice(0, at),
    ...vanish.map((list) => say(stub(list))),
    ...commands.slice(at),
    ...vanish.map((list) => say(`undo ${list}`)),
  ];
}
