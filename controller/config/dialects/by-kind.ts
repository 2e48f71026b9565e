import type { Dialect, Finish, Place, Row } from '../dialect.ts';
import type { PlannedCommand } from '../../api/plan-records.ts';
import { comware, sitonica } from './comware.ts';
import { junos } from './flat.ts';
import { ios, nxos } from './ios.ts';
import { joinVlans, removeInterface as removePort } from './ios-rows.ts';
import { lineages } from './lineages.ts';
import { aruba, b4com, routeros, sros } from './others.ts';
import { rangesOf } from '../numbers.ts';
import type { Node, Tree } from '../types.ts';
import { vrp } from './vrp.ts';
import { xr } from './xr.ts';

/**
 * The policy of annet, for those who compare with it: section by section in an order that each platform fixes, lines of one kind together, removals
 * in the opposite order ahead, and only the lines it names overwritten in place.
 */

/** Ports stay and are emptied; what configuration made is removed. */
function emptyPort(words: readonly string[]): string | null {
  return removePort(words).startsWith('default') ? null : `no ${words.join(' ')}`;
}

const addresses = ['ip ', 'ipv6 '];
const vrfRow = (head: string): Row => ({ match: `${head} <vrf>`, wipes: addresses });

/** Rows of the command lines after IOS: everything is a member of a set but these. */
const likeIos: Partial<Dialect> = { arrange: 'kinds', removal: 'key', negation: ['no', 'default'], finish: [] };

const iosRows = lineages(
  'overwritten',
  [
    'interface > description',
    'interface > mtu',
    'interface > ipv6 link-local',
    'interface > ipv6 address *',
    'interface > switchport mode',
    'interface > switchport trunk native vlan',
    'interface > switchport access vlan',
    'interface > channel-group',
    'interface > storm-control * level',
    'interface > spanning-tree portfast',
    'router bgp > router-id',
    'router bgp > vrf > router-id',
    'router bgp > vrf > address-family > maximum-paths',
    'router bgp > vrf > neighbor > update-source',
    'line > exec-timeout',
    'line > transport input',
    'vlan > name',
  ],
  {
    root: [
      { match: 'interface {name*}', opens: 'interface', remove: emptyPort },
      { match: 'vlan {id}', opens: 'vlan' },
      { match: 'banner {kind} <mark*>', shape: 'opaque', remove: 'no banner {kind}' },
      { match: 'policy-map type qos {name}', opens: 'classes' },
    ],
    interface: [
      vrfRow('vrf member'),
      vrfRow('vrf forwarding'),
      vrfRow('ip vrf forwarding'),
      {
        match: [
          'switchport trunk allowed vlan add <vlans*>',
          'switchport trunk allowed vlan remove <vlans*>',
          'switchport trunk allowed vlan <vlans*>',
        ],
        key: 'switchport trunk allowed vlan',
        remove: 'no switchport trunk allowed vlan',
        numbers: {
          style: 'comma',
          head: 'switchport trunk allowed vlan',
          add: 'add',
          drop: 'remove',
          empty: 'none',
          start: 'switchport trunk allowed vlan none',
          perLine: 5,
        },
      },
    ],
  },
);

const iosPlaces: readonly Place[] = [
  '-banner login',
  'feature',
  'service',
  'aaa new-model',
  'aaa',
  'no password strength-check',
  'username',
  'tacacs-server',
  'radius',
  'radius-server',
  'dot1x',
  'privilege',
  'file',
  'ip access-list',
  'ipv6 access-list',
  'class-map',
  'policy-map',
  'system qos',
  'control-plane',
  'snmp-server source-interface',
  'snmp-server user',
  'snmp-server host',
  'snmp-server enable',
  'snmp-server context',
  'snmp-server community',
  'snmp-server mib',
  'ntp distribute',
  'ntp server',
  'ntp commit',
  'vlan',
  'vlan group',
  'spanning-tree',
  '-system jumbomtu',
  'system jumbomtu',
  'route-map',
  'service dhcp',
  'ip dhcp relay',
  'ipv6 dhcp relay',
  'vrf context',
  ['interface ~^Vlan\\d+', []],
  ['interface *', ['switchport', 'encapsulation', 'vrf member', 'ip', 'ipv6', '-ipv6 nd', 'ipv6 nd', '*', 'channel-group']],
  'interface ~\\S+\\.\\d+',
  '-interface ~port-channel\\d+',
  'router bgp',
  'line',
];

/** VLANs without lines of their own are made and removed in one command, after those that have some. */
function joinVlanLines(commands: readonly PlannedCommand[], _live: Tree, want: Tree): PlannedCommand[] {
  const said: PlannedCommand[] = [];
  let at = -1;
  const gone = new Set<number>();
  const comes = new Set<number>();
  for (const [i, command] of commands.entries()) {
    const [, no, id] = /^(no )?vlan (\d+)$/.exec(command.path.length === 0 ? command.text : '') ?? [];
    const opens = commands[i + 1]?.path[0] === command.text;
    if (id === undefined || opens) said.push(command);
    else {
      (no ? gone : comes).add(Number(id));
      if (no && at < 0) at = said.push({ path: [], text: '' }) - 1;
    }
  }
  if (at >= 0) said[at] = { path: [], text: comes.size > 0 || said.some(({ path }) => path[0]?.startsWith('vlan ')) ? joinVlans(gone, 'no') : spellPairs(joinVlans(gone, 'no')) };
  if (comes.size === 0) return said;
  // The others of a list that brings a new one are named with it.
  const lists = new Set(want.roots.filter((node) => comes.has(idOf(node))).map((node) => node.line));
  for (const node of want.roots) if (idOf(node) > 0 && lists.has(node.line)) comes.add(idOf(node));
  // Behind the last VLAN that has lines, or where VLANs stand.
  const before = said.findLastIndex(({ path, text }) => /^(no )?vlan /.test(path[0] ?? text));
  said.splice(before + 1, 0, { path: [], text: joinVlans(comes) });
  return said;
}

/** Where nothing but VLANs goes, these switches list two in a row one by one. */
function spellPairs(text: string): string {
  return text.replaceAll(/(\d+)-(\d+)/g, (range, first: string, last: string) => (Number(last) === Number(first) + 1 ? `${first},${last}` : range));
}

function idOf(node: Node): number {
  return Number(/^vlan (\d+)$/.exec(node.text)?.[1] ?? 0);
}

/** A new port gets what the platform sets without saying it. */
const implied: Finish = (root, { place }) => {
  for (const child of root.children) {
    if (!/^interface (\S*Ethernet\S+|Loopback[\d.]+|port-channel[\d.]+)$/i.test(child.text)) continue;
    const has = (start: string): boolean => child.children.some((inner) => inner.text.startsWith(start));
    if (!has('mtu ')) place(child, 'mtu 1500', child.line, [child.text]);
    if (!has('shutdown') && !has('no shutdown')) place(child, 'no shutdown', child.line, [child.text]);
  }
};

const iosByKind: Dialect = {
  ...ios,
  ...likeIos,
  sections: iosRows,
  everywhere: [{ match: 'description <text*>' }],
  finish: [...(ios.finish ?? []), implied],
  places: iosPlaces,
  phrase: (commands, live, want) => joinVlanLines(commands, live, want).map((command) => ({ ...command, text: sayBanner(command.text) })),
};

/** The mark of a banner is the one letter that the device takes, not the two that it prints. */
function sayBanner(text: string): string {
  return text.startsWith('banner ') ? text.replaceAll('^C', '^') : text;
}

const nxosByKind: Dialect = {
  ...nxos,
  ...likeIos,
  sections: lineages(
    'overwritten',
    [
      'interface > mtu',
      'interface > ipv6 link-local',
      'interface > ipv6 address *',
      'interface > switchport mode',
      'interface > switchport trunk native vlan',
      'interface > switchport access vlan',
      'interface > spanning-tree link-type',
      'interface > storm-control * level',
      'router bgp > router-id',
      'router bgp > vrf > router-id',
      'router bgp > vrf > address-family > maximum-paths',
      'router bgp > vrf > neighbor > update-source',
      'policy-map type queuing > class type queuing > bandwidth',
      'vlan > name',
    ],
    {
      root: [
        { match: 'interface {name*}', opens: 'interface', remove: emptyPort },
        { match: 'vlan {id}', opens: 'vlan' },
        { match: 'banner {kind} <mark*>', shape: 'opaque', remove: 'no banner {kind}' },
      ],
      interface: [
        vrfRow('vrf member'),
        {
          match: [
            'switchport trunk allowed vlan add <vlans*>',
            'switchport trunk allowed vlan remove <vlans*>',
            'switchport trunk allowed vlan <vlans*>',
          ],
          key: 'switchport trunk allowed vlan',
          remove: 'no switchport trunk allowed vlan',
          numbers: { style: 'comma', head: 'switchport trunk allowed vlan', add: 'add', drop: 'remove', empty: 'none', perLine: 64 },
        },
      ],
    },
  ),
  finish: ios.finish ?? [],
  phrase: joinVlanLines,
  places: [
    'hostname',
    'feature',
    'service',
    'interface breakout',
    'no password strength-check',
    'username',
    'tacacs-server',
    'radius-server',
    'aaa group server',
    'ip access-list',
    'ipv6 access-list',
    'class-map',
    'policy-map',
    'system qos',
    'control-plane',
    '-policy-map',
    '-class-map',
    'bfd',
    'snmp-server source-interface',
    'snmp-server user',
    'snmp-server host',
    'snmp-server enable',
    'snmp-server context',
    'snmp-server community',
    'snmp-server mib',
    'no ntp server',
    'no ntp distribute',
    'clear ntp session',
    'ntp distribute',
    'ntp server',
    'ntp commit',
    'aaa',
    'vlan',
    'vlan group',
    'spanning-tree',
    '-system jumbomtu',
    'system jumbomtu',
    'route-map',
    'service dhcp',
    'ip dhcp relay',
    'ipv6 dhcp relay',
    'vrf context',
    'vpc',
    'lldp',
    'interface ~^Vlan\\d+',
    ['interface ~^port-channel\\d+', nexusInterface()],
    'interface nve',
    ['interface *', nexusInterface()],
    'interface ~\\S+\\.\\d+',
    '-interface ~port-channel\\d+',
    ['router bgp', ['address-family', 'template', 'neighbor']],
    'evpn',
    'logging',
  ],
};

function nexusInterface(): Place[] {
  return [
    '-switchport',
    'switchport',
    'switchport mode',
    'switchport access',
    'switchport trunk',
    'encapsulation',
    'vrf member',
    'ip',
    'ipv6',
    '-ipv6 nd',
    'ipv6 nd',
    '*',
    'channel-group',
    'shutdown',
  ];
}

const eosByKind: Dialect = {
  ...ios,
  ...likeIos,
  platform: 'eos',
  finish: [],
  everywhere: [{ match: 'description <text*>' }],
  sections: {
    root: [
      {
        match: 'interface {name}',
        opens: 'interface',
        remove: (words) =>
          /^((Port-Channel|Loopback|Vlan)\d+|(Ethernet|Port-Channel)[\d/]+\.\d+)$/.test(words[1] ?? '') ? `no ${words.join(' ')}` : null,
      },
      { match: ['ip access-list standard {name}', 'ipv6 access-list standard {name}', 'ipv6 access-list {name}'], opens: 'acl' },
      { match: ['ip prefix-list {name} seq {seq} <entry*>', 'ipv6 prefix-list {name} seq {seq} <entry*>'], change: 'recreate' },
      { match: ['ip prefix-list {name}', 'ipv6 prefix-list {name}'], opens: 'prefix-list' },
      { match: 'username {name} ssh-key <key*>' },
      { match: 'username {name} <rest*>' },
      { match: 'ip load-sharing trident fields {family} <fields*>', remove: 'default ip load-sharing trident fields {family}' },
      { match: 'router bgp {asn}', opens: 'bgp' },
      { match: 'banner {kind}', shape: 'opaque' },
    ],
    interface: [
      { match: 'lacp rate {rate}' },
      { match: 'channel-group {group} <mode*>' },
      { match: 'service-profile {name}' },
      { match: 'switchport trunk allowed vlan {vlans*}' },
    ],
    acl: [{ match: '{seq} <entry*>', key: '{seq}', change: 'recreate', remove: 'no {seq}' }],
    'prefix-list': [{ match: 'seq {seq} <entry*>', change: 'recreate', remove: 'no seq {seq}' }],
    bgp: [{ match: 'neighbor {peer} maximum-routes <limit*>' }],
  },
  places: [
    'alias',
    'service',
    'switch',
    'hardware',
    'transceiver',
    'logging trap',
    'logging monitor',
    'logging',
    'platform',
    'hostname',
    'ip name-server',
    'ip domain-name',
    'ntp',
    'qos profile',
    'snmp-server',
    'spanning-tree',
    'username',
    'username * ssh-key',
    'tacacs-server',
    'aaa group',
    'aaa',
    'role',
    'vlan',
    'vrf instance',
    'mpls label range dynamic',
    'mpls label range isis-sr',
    'mpls ip',
    'mpls ldp',
    'router isis',
    'interface',
    'ip|ipv6 access-list',
    'ip|ipv6 route',
    'ip|ipv6 routing',
    'ip community-list',
    'ip ftp',
    'qos rewrite',
    'qos map',
    'route-map',
    'router bfd',
    'router bgp',
    'router multicast',
    'ip tacacs',
    'management',
  ],
};

const xrByKind: Dialect = {
  ...xr,
  arrange: 'kinds',
  sections: {
    ...iosRows,
    root: [
      { match: 'interface {name*}', opens: 'interface', remove: emptyPort },
      { match: 'router bgp <asn>', opens: 'bgp', change: 'recreate' },
      { match: 'banner {kind} <mark*>', shape: 'opaque', remove: 'no banner {kind}' },
      ...(xr.sections['root'] ?? []).filter((row) => row.shape === 'whole'),
    ],
    bgp: [{ match: 'router-id <id>' }],
  },
  places: [
    ...iosPlaces.slice(0, iosPlaces.indexOf('route-map')),
    ...iosPlaces.slice(iosPlaces.indexOf('service dhcp'), -3),
    'as-path-set',
    'prefix-set',
    'community-set',
    'extcommunity-set',
    'route-policy',
    '-interface ~port-channel\\d+',
    ['router bgp', ['bgp', 'neighbor-group', 'vrf', 'neighbor']],
    'line',
  ],
};

const vrpInterface: readonly Place[] = [
  '-mac-address learning',
  'undo portswitch',
  '-ip address * * sub',
  '-ip address * *',
  '-portswitch',
  'ip binding',
  'ipv6 enable',
  'ipv6 nd ra prefix',
  'ipv6',
  'ip address',
  'ip address * * sub',
  'dhcpv6',
  'isis enable',
  'isis',
  '-isis enable',
  'mpls',
  'mpls ldp',
  'mpls ldp transport-address interface',
  'mpls rsvp-te',
  'mpls rsvp-te bfd',
  'port link-type',
  'port trunk pvid',
  'port trunk allow-pass',
  'port hybrid',
  'port hybrid tagged',
  'port hybrid untagged',
  'port hybrid vlan',
  'port hybrid pvid',
  'voice-vlan',
  'eth-trunk',
  'mode',
  'qos wfq|drr',
  'qos queue',
  'vrrp6 vrid',
  'vrrp vrid',
  '*',
  'poe',
];

const families: readonly Place[] = ['undo undo maximum', 'maximum load-balancing', 'group', 'peer * as-number', 'peer * enable', 'peer *'];

const vrpPlaces: readonly Place[] = [
  'port split mode',
  'port split dimension',
  'port split refresh',
  'dfs-group',
  'assign forward',
  'port mode 200GE',
  'ip vpn-instance ~[Mm][Ee][Tt]h',
  'ip ip-prefix|ipv6-prefix * index 99999999',
  '-ip ip-prefix|ipv6-prefix * index',
  'ip ip-prefix|ipv6-prefix',
  'xpl',
  'ip as-path-filter',
  'ip community-filter',
  'ip extcommunity-filter',
  'tunnel-policy',
  'evpn-overlay',
  'route-policy ~VRF_',
  ['ip vpn-instance', [['ipv4-family', ['route-distinguisher', '*']], ['ipv6-family', ['route-distinguisher', '*']], '*']],
  'ntp',
  'acl port-pool',
  'acl ip-pool',
  'acl ipv6-pool',
  'acl',
  'system tcam',
  'traffic classifier',
  'traffic behavior',
  'traffic policy',
  'qos group',
  'qos schedule-profile',
  'port-wred',
  'dhcp',
  'vlan reserved',
  'vlan batch',
  'vlan pool',
  'vlan',
  'hwtacacs-server',
  'hwtacacs server',
  [
    'aaa',
    [
      'undo local-user policy security-enhance',
      'undo user-password complexity-check',
      '-user-group',
      '-task-group',
      'local-user',
      'authentication-scheme|authorization-scheme|accounting-scheme',
      'domain',
      'task-group',
      'user-group',
      '*',
    ],
  ],
  'user-interface',
  'drop-profile',
  ['interface ~^[Mm][Ee][Tt]h', vrpInterface],
  'FTP client',
  'ftp client',
  'sflow',
  ['segment-routing', [['sr-te policy', [['candidate-path', ['-segment-list']]]], '-segment-list']],
  ['mpls', ['mpls te cspf', 'mpls te cspf preferred-igp']],
  'mpls ldp',
  'mpls ldp remote-peer',
  'explicit-path',
  'route-policy EXPORT_ISIS',
  'isis',
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
  '-qos group',
  '-qos schedule-profile',
  '-traffic policy',
  '-traffic behavior',
  '-traffic classifier',
  '-diffserv domain',
  'ip route-static',
  'ipv6 route-static',
  'route-policy',
  ['ospf', ['opaque-capability enable', 'area']],
  [
    'bgp',
    [
      'router-id',
      'maximum load-balancing',
      'group',
      'peer * as-number',
      'peer * local-as',
      ['ipv4-family|ipv6-family|link-state-family', families],
      ['l2vpn-family', families],
      '-peer * description',
      '-peer * * *',
      '-peer * *',
      '-peer *',
      '-group',
      'peer * *',
    ],
  ],
  'bfd',
  '-bfd',
  '-ip vpn-instance',
  '-route-policy',
  '-route-policy ~VRF_',
  '-ip community-filter',
  '-ip extcommunity-filter',
  '-ip as-path-filter',
  'info-center',
  'snmp-agent sys-info',
  'snmp-agent mib-view',
  'snmp-agent community complexity-check',
  'snmp-agent community',
  'snmp-agent target-host',
  'snmp-agent trap source',
  'snmp-agent',
  'cpu-defend policy',
  'cpu-defend-policy',
  ['slot', ['-cpu-defend-policy']],
  '-cpu-defend policy',
  'configuration file auto-save interval',
  'configuration file auto-save backup-to-server',
  'ssh server rsa-key min-length',
  'rsa peer-public-key',
  'ssh user',
  'ssh user * assign',
  'ssh user * authentication-type',
  'ssh user * service-type',
  'stelnet server',
  'stelnet ipv4 server',
  'stelnet ipv6 server',
  'telnet server acl',
  'ssh server acl',
  'ftp|FTP server acl',
  'ftp|FTP acl',
  'telnet ipv6 server acl',
  'ssh ipv6 server acl',
  'ssh server-source all-interface',
  'ssh ipv6 server-source all-interface',
  'domain',
  'default-domain',
  ['telemetry', ['sensor-group', 'destination-group', 'subscription']],
  '-acl',
  '-interface ~\\.\\d+$',
  '-interface ~^Vlanif\\d+',
  '-interface ~^Vbdif\\d+',
  '-interface ~^Eth-Trunk\\d+$',
  '-interface',
  '-interface ~^Tunnel',
  '-explicit-path',
  '-drop-profile',
  '-vlan',
  '-vlan batch',
  '-observe-port',
  '-sflow',
  '-ip ip-prefix|ipv6-prefix * index 99999999',
];

/** All VLANs go by name of none, and a list of ports is done when it is refreshed. */
const vrpByKind: Dialect = {
  ...vrp,
  arrange: 'kinds',
  sections: {
    ...vrp.sections,
    root: [...splitRows(), ...(vrp.sections['root'] ?? [])],
    interface: (vrp.sections['interface'] ?? []).map((row) =>
      row.numbers && row.numbers.head.startsWith('port ') ? { ...row, remove: `undo ${row.numbers.head} all` } : row,
    ),
  },
  places: vrpPlaces,
  phrase: refreshSplit,
};

function splitRows(): Row[] {
  return [
    { match: 'port split dimension interface {ports*}', remove: 'undo {line}' },
    { match: 'port split refresh', undoes: '' },
  ];
}

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
    return rangesOf(Array.from({ length: Math.max(0, last - first) }, (_, n) => first + n + 1).filter((n) => n > 0)).flatMap((range) => {
      const [from = 0, to = from] = range.split('-').map(Number);
      return Array.from({ length: to - from + 1 }, (_, n) => `${head}${from + n}`);
    });
  });
}

const comwareByKind: Dialect = {
  ...comware,
  arrange: 'kinds',
  places: [
    'sysname',
    'm-lag',
    'undo hardware-resource firmware-mode',
    'ip vpn-instance ~[OoMm][OoLl][BbAa]',
    ...vrpPlaces.slice(7, vrpPlaces.indexOf('route-policy')).map((place) => place),
    'ip community-list',
    'route-policy',
    ['ospf', ['area']],
    [
      'bgp',
      [
        'router-id',
        'graceful-restart',
        'timer keepalive',
        'maximum load-balancing',
        'group',
        'peer * as-number',
        'peer * local-as',
        'peer * group',
        'peer * connect-interface',
        ['address-family', ['balance', 'pic', 'additional-paths', 'import-route', ...families.slice(2)]],
        '-peer * description',
        '-peer * * *',
        '-peer * *',
        '-peer *',
        '-group',
        'peer * *',
      ],
    ],
    '-bfd',
    '-ip vpn-instance',
    '-route-policy',
    '-ip community-filter',
    '-ip community-list',
    '-ip as-path-filter',
    'info-center',
    'snmp-agent',
    '-acl',
    '-interface',
    '-vlan',
  ],
};

const sitonicaByKind: Dialect = {
  ...sitonica,
  arrange: 'level',
  sections: {
    ...sitonica.sections,
    'bgp-family': [{ match: 'peer {peer} enable', object: 'peer {peer}', cascades: true }, ...(sitonica.sections['bgp-family'] ?? [])],
  },
  places: [
    'local-user',
    'public-key peer',
    'ssh user',
    'interface',
    'ntp',
    'bmp server',
    [
      'bgp',
      ['...', 'bmp', '-bmp', 'group', 'peer * as-number', 'peer * group', 'peer', ['address-family', ['...', 'peer * enable', 'peer']]],
    ],
  ],
};

const neighborPlaces: readonly Place[] = [
  'max-paths ebgp',
  'neighbor * fall-over bfd',
  'neighbor * advertisement-interval',
  'neighbor * peer-group',
  'neighbor * remote-as',
  'neighbor * description',
  'neighbor * activate',
  'network',
];

const b4comByKind: Dialect = {
  ...b4com,
  arrange: 'kinds',
  places: [
    '-feature',
    'clock',
    'logging',
    'ntp enable',
    'ntp server',
    '-key',
    '-username',
    '-rsa',
    'snmp-server enable',
    'snmp-server view',
    'snmp-server community',
    'sflow',
    'ip prefix-list',
    'ipv6 prefix-list',
    'route-map',
    'ip vrf',
    ['interface *', ['description', 'ip vrf forwarding', 'ipv6 address', 'mtu', ['lldp-agent', ['set lldp', 'lldp tlv']], 'sflow']],
    'ip community-list',
    ['router bgp', ['bgp', ...neighborPlaces.slice(1, -2), 'network', ['address-family', neighborPlaces]]],
    'line',
  ],
};

const arubaByKind: Dialect = {
  ...aruba,
  arrange: 'kinds',
  places: [
    'hostname',
    'ip-address',
    'iap-master',
    'iap-conductor',
    'zone',
    'dot11a-radio-disable',
    'dot11g-radio-disable',
    'ap-installation',
    'a-channel',
    'g-channel',
    'a-external-antenna',
    'g-external-antenna',
    'a-ant-pol',
    'g-ant-pol',
    'virtual-controller-country',
    'virtual-controller-key',
    'name',
    'virtual-controller-ip',
    'ip-mode',
    'syslog-server',
    'terminal-access',
    'telnet-server',
    'loginsession timeout',
    'ntp-server',
    'clock timezone',
    'rf-band',
    'allow-new-aps',
    'allowed-ap',
    'snmp-server',
    'arm',
    'rf',
    'syslog-level',
    'iot',
    'wlan',
    'wired-port-profile',
    'uplink',
    'airgroup',
    'airgroupservice',
    'ipm',
    'cluster-security',
  ],
};

const junosByKind: Dialect = {
  ...junos,
  flat: {
    collapse: true,
    ordered: ['term', 'then community+'],
    reorder: 'rebuild',
    byBlock: true,
    rebuilt: ['aggregate|static route *'],
    single: [
      'aggregate|static route *',
      'class-of-service forwarding-classes class *',
      'group * local-as',
      'unit * vlan-tags',
      '* hold-time',
    ],
  },
};

const noTree: Tree = { platform: 'routeros', version: '', dialect: routeros, roots: [] };

/** Menu by menu: what goes from the innermost out, then what comes. */
function byMenu(commands: readonly PlannedCommand[]): PlannedCommand[] {
  const said = (routeros.phrase ?? ((all) => [...all]))(commands, noTree, noTree);
  const menuOf = ({ text }: PlannedCommand): string => text.split(' ', 1)[0] ?? '';
  const pathOf = ({ text }: PlannedCommand): string => text.split(/ (?:remove|add|set) /, 1)[0] ?? '';
  return [...new Set(said.map(menuOf))].flatMap((menu) => {
    const mine = said.filter((command) => menuOf(command) === menu);
    const gone = mine.filter(({ text }) => text.includes(' remove '));
    const paths = [...new Set(gone.map(pathOf))].reverse();
    return [
      ...paths.flatMap((path) => gone.filter((command) => pathOf(command) === path)),
      ...mine.filter((command) => !gone.includes(command)),
    ];
  });
}

/** By the name that annet gives a vendor. */
export const byKind: Readonly<Record<string, Dialect>> = {
  cisco: iosByKind,
  nexus: nxosByKind,
  arista: eosByKind,
  asr: xrByKind,
  iosxr: xrByKind,
  huawei: vrpByKind,
  'huawei ce': vrpByKind,
  h3c: comwareByKind,
  sitonica: sitonicaByKind,
  b4com: b4comByKind,
  aruba: arubaByKind,
  juniper: junosByKind,
  routeros: { ...routeros, arrange: 'level', phrase: byMenu },
  nokia: sros,
};
