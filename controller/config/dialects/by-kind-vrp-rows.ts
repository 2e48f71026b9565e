import type { Dialect, Row } from '../dialect.ts';
import { lineages } from './lineages.ts';
import { bgpRows, removeInterface, removeRoute, routePolicyRows, vlanSet } from './vrp-rows.ts';

/** Lines of VRP that hold one value in the manner of annet; every other line is a member of a set and is taken back in full. */
const common = [
  'clock daylight-saving-time; clock timezone; header login; header shell; sysname; rsa local-key-pair create; ecc local-key-pair create',
  'info-center filter-id bymodule-alias * *; info-center loghost source; info-center loghost ipv6 * vpn-instance *',
  'info-center loghost ipv6 *; info-center loghost * vpn-instance *; info-center loghost *; info-center source * channel *',
  'info-center * channel; info-center max-logfile-number; info-center * size; info-center timestamp log',
  'assign forward ipv6 longer-mask resource *; port mode 200GE interface *; ntp unicast-server domain *; ntp unicast-server ipv6 *',
  'ntp unicast-server *; ntp-service unicast-server ipv6 *; ntp-service unicast-server *; dns snooping ttl delay-time; observe-port *',
  'qos local-precedence-queue-map *; diffserv domain * > 8021p-inbound *; diffserv domain * > ip-dscp-inbound *',
  'diffserv domain * > ip-dscp-outbound * *; diffserv domain * > mpls-exp-inbound *; diffserv domain * > mpls-exp-outbound *',
  'stp mode; stp region-configuration > region-name; ftp|FTP|ssh|telnet server acl; ftp|FTP|ssh|telnet ipv6 server acl; ftp|FTP acl',
  'ftp|FTP ipv6 acl; ftp|FTP server-source; ftp|FTP server source all-interface; ssh client key-exchange; ssh client hmac',
  'ssh client cipher; ssh server key-exchange; ssh server dh-exchange; ssh server cipher; ssh server hmac; ssh server publickey',
  'ip vpn-instance * > ipv6-family > route-distinguisher *; ip vpn-instance * > ipv6-family > export route-policy',
  'ip as-path-filter * index *; ip community-filter * * index *; ip extcommunity-filter * * index *; mpls lsr-id',
  'traffic behavior * > remark 8021p; traffic behavior * > remark dscp; traffic behavior * > car *; traffic policy *',
  'radius-server template * > radius-server accounting * *; radius-server template * > radius-server authentication * *',
  'hwtacacs-server template * > hwtacacs-server shared-key; hwtacacs server template * > hwtacacs server shared-key',
  'hwtacacs-server template * > hwtacacs-server source-ip; hwtacacs server template * > hwtacacs server source-ip',
  'ssh authentication-type default password; ssh server rsa-key min-length; ssh user * authentication-type; ssh user * service-type',
  'ssh user * assign *; snmp-agent protocol ipv6 *; user-interface maximum-vty; user-interface * > protocol inbound',
  'user-interface * > idle-timeout; user-interface * > screen-length; user-interface * > user privilege level',
  'user-interface * > authentication-mode; tunnel-policy * > tunnel select-seq; sflow collector *',
  'ip|ipv6 netstream timeout active; ip|ipv6 netstream timeout inactive; ip|ipv6 netstream export index-switch',
  'ip|ipv6 netstream export source ipv6; ip|ipv6 netstream export source; ip|ipv6 netstream export version',
  'ip|ipv6 netstream export template timeout-rate; ip|ipv6 netstream export template option timeout-rate',
  'bridge-domain * > vxlan vni *; bgp path-attribute attr-set *; bgp path-attribute *; isis * > set-overload *',
  'ospf * > area * > mpls-te; error-down auto-recovery cause link-flap; configuration file auto-save backup-to-server server',
  'set save-configuration interval; set save-configuration backup-to-server server; ip route-static default-bfd',
  'ipv6 route-static default-bfd; snmp-agent protocol vpn-instance; snmp-agent protocol get-bulk timeout',
  'snmp-agent sys-info version; snmp-agent sys-info *; snmp-agent community * cipher *; snmp-agent target-host host-name *',
  'snmp-agent target-host trap address udp-domain * params securityname cipher *; snmp-agent trap source',
  'snmp-agent target-host trap address udp-domain * params securityname *; snmp-agent packet max-size',
  'snmp-agent protocol source-interface *; pce-client > connect-server * > preference; pce-client > timer state-timeout *',
  'cpu-defend-policy * global; cpu-defend-policy; slot * > cpu-defend-policy; stp region-configuration > instance *',
  'interface * > jumboframe enable; interface * > stp bpdu-filter; interface * > port default vlan; interface * > port link-type',
  'interface * > port trunk pvid vlan; interface * > port hybrid pvid vlan; interface * > port mode *; interface * > mode',
  'interface * > lldp admin-status; interface * > qos queue * drr weight; interface * > qos queue * drr wred',
  'interface * > qos queue * wfq weight; interface * > qos queue * wred; interface * > qos queue * shaping',
  'interface * > qos schedule-profile; interface * > damping time; interface * > isis enable; interface * > isis circuit-level',
  'interface * > isis circuit-type; interface * > isis timer lsp-throttle; interface * > isis cost; interface * > ospf cost',
  'interface * > ospf network-type; interface * > authentication-profile; interface * > set flow-stat interval',
  'interface * > least active-linknumber; interface * > lacp timeout; interface * > storm-control *; interface * > storm control *',
  'interface * > mpls ldp transport-address; interface * > trust upstream; interface * > dhcp snooping check dhcp-rate',
  'interface * > mac-address notification learning; interface * > mac-address; interface * > ipv6 nd ra min-interval',
  'interface * > ipv6 nd ra max-interval; interface * > ipv6 nd ra router-lifetime; interface * > ipv6 neighbor *',
  'interface * > ipv6 nd ra prefix *; interface * > mpls te igp metric; interface * > tunnel-protocol; interface * > destination',
  'interface * > mpls te signalled tunnel-name; interface * > mpls te reserved-for-binding; interface * > mpls te tunnel-id',
  'interface * > mpls te path metric-type; interface * > mpls te path; vlan * > name',
];

const recreate = { change: 'recreate' } as const;

/** A line of a neighbor that is changed is taken back first; the AS number takes the rest with it. */
const peerRows: readonly Row[] = bgpRows.map((row) => {
  const match = String(row.match);
  return match.startsWith('peer ') && !row.apart && !row.cascades && match.includes('<') ? { ...row, change: 'recreate' } : row;
});

const acl: readonly Row[] = [
  { match: 'rule {id} description <text*>', remove: 'undo rule {id} description' },
  { match: 'rule {id} <rule*>', remove: 'undo rule {id}', numbered: true, ...recreate },
];

const local: readonly Row[] = [
  { match: 'local-user {user} password <secret*>', secret: 'secret', remove: 'undo local-user {user}' },
  { match: 'local-user {user} privilege level <level>', remove: 'undo local-user {user}' },
  { match: ['local-user {user} ftp-directory <path*>', 'local-user {user} level <level>'] },
  { match: 'local-user {user} service-type <types*>', remove: null, same: (words) => [...words.slice(0, 3), ...words.slice(3).sort()] },
  { match: 'local-user {user} {what} <rest*>', remove: null },
];

const scheme: readonly Row[] = [{ match: ['authentication-mode <modes*>', 'authorization-mode <modes*>', 'accounting-mode <modes*>'] }];

function allOf(head: string): Row {
  return { ...vlanSet(head), remove: `undo ${head} all` };
}

const verbatim = { opens: 'verbatim', shape: 'whole', verbatim: true } as const;

/** Sections of VRP; `edged` is how the model takes `stp edged-port` back. */
export function vrpSections(edged: 'stp edged-port' | 'stp edged-port *' | undefined, root: readonly Row[] = []): Dialect['sections'] {
  return lineages('overwritten', edged === undefined ? common : [...common, `interface * > ${edged}`], {
    root: [
      ...root,
      { match: 'interface {name}', opens: 'interface *', remove: removeInterface },
      vlanSet('vlan batch'),
      { match: 'bgp <asn>', opens: 'bgp', key: 'bgp', remove: 'undo bgp', ...recreate },
      { match: ['acl number {name}', 'acl name {name}', 'acl name {name} {kind}'], opens: 'acl' },
      { match: ['acl ipv6 number {name}', 'acl ipv6 name {name}', 'acl ipv6 name {name} {kind}'], opens: 'acl' },
      { match: 'traffic classifier {name} <operator*>', opens: 'classifier', ...recreate },
      { match: 'rsa|dsa|ecc peer-public-key {name} <coding*>', close: '', ...verbatim },
      { match: 'xpl {list*}', ...verbatim },
      { match: 'aaa', opens: 'aaa' },
      { match: 'user-interface {lines*}', opens: 'user-interface *' },
      { match: 'vlan pool {name}', opens: 'pool' },
      { match: 'explicit-path {name}', opens: 'hops', shape: 'ordered' },
      { match: 'segment-routing', opens: 'segment-routing' },
      { match: ['ip ip-prefix {name} index {index} <entry*>', 'ip ipv6-prefix {name} index {index} <entry*>'], ...recreate },
      {
        match: 'route-policy {name} permit|deny node {node}',
        opens: 'route-policy',
        key: 'route-policy {name} {node}',
        remove: 'undo route-policy {name} node {node}',
      },
      { match: 'configuration file auto-save interval <rest*>', remove: 'undo configuration file auto-save' },
      { match: ['ip route-static {route*}', 'ipv6 route-static {route*}'], remove: removeRoute },
      { match: 'ipv6 icmp {what} send disable', remove: 'clear ipv6 icmp {what} send' },
      { match: 'ftp client source <source*>', ...recreate },
    ],
    'interface *': [
      { match: 'ip binding vpn-instance <vrf>', remove: 'undo {line}', wipes: ['ip address', 'ipv6 '], ...recreate },
      {
        match: 'dhcp server dns-list {servers*}',
        remove: (words) =>
          words
            .slice(3)
            .map((server) => `undo dhcp server dns-list ${server}`)
            .join('\n'),
      },
      { match: 'port trunk allow-pass vlan 1', key: 'port trunk allow-pass vlan 1', defaultOn: true },
      allOf('port trunk allow-pass vlan'),
      allOf('port hybrid tagged vlan'),
      allOf('port hybrid untagged vlan'),
      { match: ['mtu <bytes*>'], ...recreate },
      { match: ['ipv6 mtu <bytes*>'], ...recreate },
      { match: ['eth-trunk <id>'], ...recreate },
      { match: 'ipv6 enable' },
      { match: 'ipv6 {rest*}', remove: 'undo {line}' },
      {
        match: 'port-queue {queue*}',
        remove: (words) =>
          `undo ${words.includes('weight') ? [...words.slice(0, words.indexOf('weight')), 'outbound'].join(' ') : words.join(' ')}`,
      },
    ],
    bgp: [{ match: ['ipv4-family {family*}', 'ipv6-family {family*}'], opens: 'family' }, ...peerRows],
    family: peerRows,
    acl,
    classifier: [
      { match: ['if-match mpls-exp <value*>'] },
      { match: ['if-match dscp <value*>'] },
      { match: ['if-match ipv6 acl name {acl} <rest*>'] },
      { match: ['if-match acl name {acl} <rest*>'] },
    ],
    aaa: [
      { match: ['authentication-scheme {name}', 'authorization-scheme {name}', 'accounting-scheme {name}'], opens: 'scheme' },
      { match: 'domain {name}', opens: 'domain' },
      { match: 'task-group {name}', opens: 'tasks' },
      ...local,
    ],
    scheme,
    tasks: [{ match: 'task {name} <rights*>' }],
    domain: [
      {
        match: ['authentication-scheme {name}', 'authorization-scheme {name}', 'accounting-scheme {name}'],
        remove: (words) => `undo ${words[0] ?? ''}`,
      },
      { match: 'radius-server {name}', remove: 'undo radius-server' },
      { match: 'hwtacacs-server {name}', remove: 'undo hwtacacs-server' },
    ],
    pool: [vlanSet('vlan')],
    hops: [],
    'user-interface *': [
      {
        match: 'acl {rest*}',
        remove: (words) => `undo acl ${words.length === 4 && words[1] === 'ipv6' ? 'ipv6 ' : ''}${words.at(-1) ?? ''}`,
      },
    ],
    'route-policy': routePolicyRows.filter((row) => String(row.match).includes('<value*>')),
    'ospf *': [{ match: 'stub-router <rest*>', ...recreate }],
  });
}
