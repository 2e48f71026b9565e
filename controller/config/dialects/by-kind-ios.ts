import type { PlannedCommand } from '../../api/index.ts';
import type { Dialect, Finish, Place, Row } from '../dialect.ts';
import { onePerEntry } from '../places.ts';
import type { Tree } from '../types.ts';
import { ios, nxos } from './ios.ts';
import { joinVlans, removeInterface as removePort, writtenAs } from './ios-rows.ts';
import { lineages } from './lineages.ts';
import { xr } from './xr.ts';

/** The platforms after IOS by kind of line: see `by-kind.ts`. */

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
    'interface > description; interface > mtu; interface > ipv6 link-local; interface > ipv6 address *',
    'interface > switchport mode; interface > switchport trunk native vlan; interface > switchport access vlan',
    'interface > channel-group; interface > storm-control * level; interface > spanning-tree portfast; router bgp > router-id',
    'router bgp > vrf > router-id; router bgp > vrf > address-family > maximum-paths',
    'router bgp > vrf > neighbor > update-source; line > exec-timeout; line > transport input; vlan > name',
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
  '-banner login; feature; service; aaa new-model; aaa; no password strength-check; username; tacacs-server; radius',
  'radius-server; dot1x; privilege; file; ip access-list; ipv6 access-list; class-map; policy-map; system qos; control-plane',
  'snmp-server source-interface; snmp-server user; snmp-server host; snmp-server enable; snmp-server context',
  'snmp-server community; snmp-server mib; ntp distribute; ntp server; ntp commit; vlan; vlan group; spanning-tree',
  '-system jumbomtu; system jumbomtu; route-map; service dhcp; ip dhcp relay; ipv6 dhcp relay; vrf context',
  'interface ~^Vlan\\d+',
  [
    'interface *',
    [
      'switchport',
      'encapsulation',
      'vrf member',
      'vrf forwarding',
      'ip vrf forwarding',
      'ip',
      'ipv6',
      '-ipv6 nd',
      'ipv6 nd',
      '*',
      'channel-group',
    ],
  ],
  'interface ~\\S+\\.\\d+',
  '-interface ~port-channel\\d+',
  'router bgp',
  'line',
];

/** VLANs without lines of their own are made and removed in one command, after those that have some; a list is compared as it is written. */
function joinVlanLines(commands: readonly PlannedCommand[], live: Tree, want: Tree): PlannedCommand[] {
  const [had, has] = [vlanLines(live), vlanLines(want)];
  const idsOf = (lines: ReadonlyMap<string, number[]>, others: ReadonlyMap<string, number[]>): Set<number> =>
    new Set([...lines].flatMap(([text, ids]) => (others.has(text) ? [] : ids)));
  const [leave, enter] = [idsOf(had, has), idsOf(has, had)];
  const wanted = new Set([...has.values()].flat());
  const gone = [...leave].filter((id) => !wanted.has(id));
  const said: PlannedCommand[] = [];
  const alone = new Set<number>();
  let at = -1;
  for (const [i, command] of commands.entries()) {
    const [, no, id] = /^(no )?vlan (\d+)$/.exec(command.path.length === 0 ? command.text : '') ?? [];
    if (id === undefined || commands[i + 1]?.path[0] === command.text) said.push(command);
    else if (!no) alone.add(Number(id));
    else if (at < 0) at = said.push(command) - 1;
  }
  const comes = alone.size === 0 ? [] : [...enter].filter((id) => !leave.has(id) && (alone.has(id) || isListed(want, id)));
  if (at >= 0) said[at] = { path: [], text: removal(gone, alone.size > 0 || said.some(({ path }) => path[0]?.startsWith('vlan '))) };
  if (comes.length === 0) return said;
  // Behind the last VLAN that has lines, or where VLANs stand.
  const before = said.findLastIndex(({ path, text }) => /^(no )?vlan /.test(path[0] ?? text));
  said.splice(before + 1, 0, { path: [], text: joinVlans(comes) });
  return said;
}

/** Numbers by the line in which they are written. */
function vlanLines(tree: Tree): Map<string, number[]> {
  const lines = new Map<string, number[]>();
  for (const node of tree.roots) {
    const id = Number(/^vlan (\d+)$/.exec(node.text)?.[1] ?? 0);
    if (id === 0) continue;
    for (const text of new Set([writtenAs(node), ...(node.children.length > 0 ? [node.text] : [])]))
      lines.set(text, [...(lines.get(text) ?? []), id]);
  }
  return lines;
}

function isListed(tree: Tree, id: number): boolean {
  return tree.roots.some((node) => node.text === `vlan ${id}` && writtenAs(node) !== node.text);
}

/** Where nothing but VLANs goes, these switches list two in a row one by one. */
function removal(ids: readonly number[], more: boolean): string {
  const text = joinVlans(ids, 'no');
  return more
    ? text
    : text.replaceAll(/(\d+)-(\d+)/g, (range, first: string, last: string) =>
        Number(last) === Number(first) + 1 ? `${first},${last}` : range,
      );
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

export const iosByKind: Dialect = {
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

export const nxosByKind: Dialect = {
  ...nxos,
  ...likeIos,
  sections: lineages(
    'overwritten',
    [
      'interface > mtu; interface > ipv6 link-local; interface > ipv6 address *; interface > switchport mode',
      'interface > switchport trunk native vlan; interface > switchport access vlan; interface > spanning-tree link-type',
      'interface > storm-control * level; router bgp > router-id; router bgp > vrf > router-id',
      'router bgp > vrf > address-family > maximum-paths; router bgp > vrf > neighbor > update-source',
      'policy-map type queuing > class type queuing > bandwidth; vlan > name',
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
    'hostname; feature; service; interface breakout; no password strength-check; username; tacacs-server; radius-server',
    'aaa group server; ip access-list; ipv6 access-list; class-map; policy-map; system qos; control-plane; -policy-map',
    '-class-map; bfd; snmp-server source-interface; snmp-server user; snmp-server host; snmp-server enable; snmp-server context',
    'snmp-server community; snmp-server mib; no ntp server; no ntp distribute; clear ntp session; ntp distribute; ntp server',
    'ntp commit; aaa; vlan; vlan group; spanning-tree; -system jumbomtu; system jumbomtu; route-map; service dhcp',
    'ip dhcp relay; ipv6 dhcp relay; vrf context; vpc; lldp',
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
    '-switchport; switchport; switchport mode; switchport access; switchport trunk; encapsulation; vrf member; vrf forwarding; ip vrf forwarding; ip; ipv6',
    '-ipv6 nd; ipv6 nd; *; channel-group; shutdown',
  ];
}

export const eosByKind: Dialect = {
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
    'alias; service; switch; hardware; transceiver; logging trap; logging monitor; logging; platform; hostname; ip name-server',
    'ip domain-name; ntp; qos profile; snmp-server; spanning-tree; username; username * ssh-key; tacacs-server; aaa group; aaa',
    'role; vlan; vrf instance; mpls label range dynamic; mpls label range isis-sr; mpls ip; mpls ldp; router isis; interface',
    'ip|ipv6 access-list; ip|ipv6 route; ip|ipv6 routing; ip community-list; ip ftp; qos rewrite; qos map; route-map',
    'router bfd; router bgp; router multicast; ip tacacs; management',
  ],
};

const iosOrder = onePerEntry(iosPlaces);
export const xrByKind: Dialect = {
  ...xr,
  arrange: 'kinds',
  finish: [implied],
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
    ...iosOrder.slice(0, iosOrder.indexOf('route-map')),
    ...iosOrder.slice(iosOrder.indexOf('service dhcp'), -3),
    'as-path-set; prefix-set; community-set; extcommunity-set; route-policy',
    '-interface ~port-channel\\d+',
    ['router bgp', ['bgp', 'neighbor-group', 'vrf', 'neighbor']],
    'line',
  ],
};
