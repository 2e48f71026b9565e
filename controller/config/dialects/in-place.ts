import type { Dialect, Draft, Finish, Row } from '../dialect.ts';
import { comware } from './comware.ts';
import { junos, junosSet, srl, vyos } from './flat.ts';
import { fortios } from './fortios.ts';
import { genericNo, genericUndo } from './generic.ts';
import { ios } from './ios.ts';
import { expandVlans } from './ios-rows.ts';
import { lineages } from './lineages.ts';
import { portByPort, procurve, procurveInPlace as procurveRows } from './procurve.ts';
import { xr } from './xr.ts';

/**
 * The policy of hier_config, for those who compare with it: in every section first what goes, line by line and in full, then what comes; only
 * the lines named here are overwritten in place. References are not looked at.
 */
const policy = { arrange: 'level', removal: 'line', negated: 'kept' } as const;

const banner: Row = { match: 'banner {kind} <mark*>', shape: 'opaque', remove: 'no {line}' };

/** Entries without a number get one, as the device would; remarks are left out. */
const numberEntries: Finish = (root) => {
  for (const list of root.children) {
    if (!list.text.startsWith('ip access-list ')) continue;
    let next = 10;
    list.children = list.children.filter((entry) => !/^(\d+ )?remark /.test(entry.text));
    for (const entry of list.children) {
      if (!/^(permit|deny) /.test(entry.text)) continue;
      rename(entry, `${next} ${entry.text}`);
      next += 10;
    }
  }
};

function rename(entry: Draft, text: string): void {
  entry.text = text;
  entry.key = text;
}

/** Second addresses stand beside the first one. */
function secondary(family: 'ip' | 'ipv4'): Row[] {
  return [{ match: [`${family} address {address} secondary`, `${family} address {address} {mask} secondary`] }];
}

const iosInPlace: Dialect = {
  ...genericNo,
  ...policy,
  platform: 'iosxe',
  exits: ios.exits,
  comments: [...ios.comments, '#'],
  sections: lineages(
    'displaced',
    [
      'vlan > name; interface > description; interface > ip address; interface > switchport mode',
      'interface > authentication host-mode; interface > authentication event server dead action authorize vlan',
      'errdisable recovery interval',
    ],
    {
      root: [
        banner,
        { match: ['logging console', 'logging console <level*>'], key: 'logging console', remove: 'logging console debugging' },
      ],
      interface: [...secondary('ip'), { match: 'ip address', negated: 'deletes' }],
    },
  ),
  finish: [expandVlans, numberEntries],
  places: [
    '...',
    '-tacacs-server',
    ['=interface', ['+switchport mode', '...', '-shutdown']],
    ['=aaa group server tacacs+', ['...', '-server']],
    '-vlan filter',
  ],
};

const eosInPlace: Dialect = {
  ...genericNo,
  ...policy,
  platform: 'eos',
  exits: ios.exits,
  sections: lineages(
    'displaced',
    [
      'hostname; logging source-interface; interface > ip address; interface > mtu; line vty > transport input',
      'line vty > access-class; line vty > ipv6 access-class; interface > standby * priority',
      'interface > standby * authentication md5; interface > ip ospf message-digest-key; router bgp > bgp router-id',
      'router bgp > neighbor * description; router ospf > router-id; router ospf > max-lsa; router ospf > maximum-paths',
      'router ospf > log-adjacency-changes; ipv6 router ospf > router-id; ipv6 router ospf > log-adjacency-changes',
      'snmp-server community; snmp-server location; snmp-server user; snmp-server source-interface; line con > exec-timeout',
      'logging buffered; logging facility; tacacs-server key; vlan internal allocation policy; username admin; ntp source',
      'management > idle-timeout; aaa authentication enable default group tacacs+; ip tftp client source-interface',
    ],
    { root: [{ ...banner, match: 'banner {kind}', key: 'banner', shape: 'opaque' }], interface: secondary('ip') },
  ),
};

const nxosInPlace: Dialect = {
  ...genericNo,
  ...policy,
  platform: 'nxos',
  exits: ['exit', 'end'],
  sections: lineages(
    'displaced',
    [
      'power redundancy-mode; cli alias name wr; aaa authentication login console; port-channel load-balance; hostname',
      'ip tftp source-interface; ip telnet source-interface; ip tacacs source-interface; logging source-interface',
      'hardware access-list tcam region *; router ospf > vrf > maximum-paths; router ospf > vrf > log-adjacency-changes',
      'router ospf > maximum-paths; router ospf > log-adjacency-changes; router bgp > vrf > address-family > maximum-paths',
      'router bgp > address-family > maximum-paths; router bgp > template > address-family > send-community',
      'interface > hsrp > ip; interface > hsrp > priority; interface > hsrp > authentication md5 key-string; interface > duplex',
      'interface > speed; interface > switchport mode; interface > switchport access vlan',
      'interface > switchport trunk native vlan; interface > switchport trunk allowed vlan; interface > udld port',
      'interface > ip ospf cost; interface > ipv6 link-local; interface > ospfv3 cost; interface > mtu',
      'line console > exec-timeout; line vty > transport input; line vty > ipv6 access-class; line vty > access-class',
      'router bgp > bgp router-id; router bgp > neighbor * description; router ospf > router-id; ipv6 router ospf > router-id',
      'ipv6 router ospf > log-adjacency-changes; mac address-table aging-time; snmp-server community; snmp-server location',
      'vpc domain > role priority; username admin password 5',
      'router bgp > vrf > neighbor > address-family > soft-reconfiguration inbound; router bgp > vrf > neighbor > password',
      'policy-map type control-plane copp-system-policy > class > police',
    ],
    {
      root: [{ ...banner, key: 'banner' }],
      interface: [
        ...secondary('ip'),
        { match: 'ip address <address*>' },
        { match: 'ip ospf passive-interface', remove: 'default {line}' },
        { match: 'ospfv3 passive-interface', remove: 'default {line}' },
        { match: 'ip ospf bfd', remove: 'default {line}' },
      ],
      'router bgp > address-family': [{ match: 'maximum-paths ibgp <paths>', remove: 'default maximum-paths ibgp' }],
      'router bgp > vrf > address-family': [{ match: 'maximum-paths ibgp <paths>', remove: 'default maximum-paths ibgp' }],
      'line vty': [{ match: 'session-limit <n>', remove: 'session-limit 32' }],
    },
  ),
};

const xrInPlace: Dialect = {
  ...xr,
  ...policy,
  everywhere: [],
  sections: {
    ...lineages(
      'displaced',
      [
        'router bgp > vrf > address-family > additional-paths selection route-policy; router bgp > bgp router-id',
        'router bgp > neighbor-group > address-family > soft-reconfiguration inbound',
        'router bgp > vrf > neighbor > address-family > soft-reconfiguration inbound',
        'router bgp > vrf > neighbor > address-family > maximum-prefix; router bgp > vrf > neighbor > password',
        'router bgp > vrf > neighbor > description; router bgp > neighbor > description; router bgp > neighbor > password',
        'router ospf > area > interface > cost; router ospf > router-id; router ospf > area > message-digest-key',
        'router ospf > max-metric router-lsa; l2vpn > router-id; line default > access-class ingress',
        'line default > transport input; hostname; logging source-interface; interface > ipv4 address; interface > mtu',
        'snmp-server community; snmp-server location; line console > exec-timeout; mpls ldp > session protection duration',
        'mpls ldp > igp sync delay',
      ],
      {
        root: [
          { ...banner, key: 'banner' },
          { match: 'template {name*}', opens: 'verbatim', shape: 'whole', verbatim: true, remove: 'no {line}' },
          { match: ['ipv4 access-list {name*}', 'ipv6 access-list {name*}'], opens: 'acl', remove: 'no {line}' },
          ...(xr.sections['root'] ?? []).filter((row) => row.shape === 'whole'),
        ],
        interface: secondary('ipv4'),
        acl: [{ match: ['{seq} permit|deny|remark <entry*>', '{seq} permit|deny'], key: '{seq}', remove: 'no {line}' }],
      },
    ),
  },
  places: ['+vrf', '...', '-vrf'],
};

const vrpInPlace: Dialect = {
  ...genericUndo,
  ...policy,
  platform: 'huawei-vrp',
  everywhere: [
    { match: 'description {text*}', remove: 'undo description' },
    { match: 'alias {text*}', remove: 'undo alias' },
    { match: 'remark {text*}', remove: 'undo remark' },
    { match: 'rule {id} remark {text*}', remove: 'undo rule {id} remark' },
    {
      match: 'snmp-agent community read|write cipher {secret} <rest*>',
      key: '{line}',
      remove: 'undo snmp-agent community {choice0} cipher {secret}',
    },
    { match: 'snmp-agent community read|write {secret} <rest*>', key: '{line}', remove: 'undo snmp-agent community {choice0} {secret}' },
  ],
};

const procurveInPlace: Dialect = {
  ...procurve,
  ...policy,
  sections: procurveRows,
  finish: [portByPort],
  places: [
    '-aaa port-access * auth-priority; -aaa port-access authenticator',
    '...',
    '+aaa server-group radius * host; -tacacs-server; -radius-server host * dyn-authorization; -aaa server-group radius * host',
    '-radius-server host',
    ['=interface', ['...', '-tagged vlan', '-untagged vlan']],
  ],
};

const leafByLeaf = { collapse: false, ordered: [], reorder: 'insert' } as const;

/** Platforms of either family without rows. */
export const anyNo: Dialect = { ...genericNo, ...policy };
export const anyUndo: Dialect = { ...genericUndo, ...policy };

/** By the name that hier_config gives a platform. */
export const inPlace: Readonly<Record<string, Dialect>> = {
  CISCO_IOS: iosInPlace,
  ARISTA_EOS: eosInPlace,
  CISCO_NXOS: nxosInPlace,
  CISCO_XR: xrInPlace,
  HUAWEI_VRP: vrpInPlace,
  HP_COMWARE5: { ...genericUndo, ...policy, platform: comware.platform },
  HP_PROCURVE: procurveInPlace,
  FORTINET_FORTIOS: { ...fortios, arrange: 'level' },
  JUNIPER_JUNOS: { ...junos, flat: leafByLeaf },
  JUNIPER_JUNOS_SET: { ...junosSet, flat: leafByLeaf },
  NOKIA_SRL: { ...srl, flat: leafByLeaf },
  VYOS: { ...vyos, flat: leafByLeaf },
  GENERIC: anyNo,
};
