import type { PlannedCommand } from '../../api/index.ts';
import type { Dialect, Row } from '../dialect.ts';
import { genericBraces } from './flat.ts';
import { genericNo } from './generic.ts';
import { ios } from './ios.ts';
import { blocks, values } from './rows.ts';

/** B4Com: an IOS-like line in which the families of `router bgp` are printed without indentation. */
const peer = { object: 'neighbor {peer}', scope: 'bgp', shared: true } as const;
const neighborRows: readonly Row[] = [
  { match: 'neighbor {peer:address} remote-as <asn>', ...peer, cascades: true, change: 'recreate', remove: 'no {line}' },
  // A group goes with its members.
  { match: 'neighbor {peer} peer-group', ...peer, cascades: true, remove: 'no {line}' },
  { match: 'neighbor {peer} remote-as <asn>', ...peer, apart: true },
  { match: 'neighbor {peer} peer-group <group>', ...peer, joins: 'neighbor {group}', key: 'neighbor {peer} member', remove: 'no {line}' },
  { match: 'neighbor {peer} {option*}', ...peer, remove: 'no {line}' },
  ...values('max-paths ebgp', 'bgp router-id'),
  { match: 'network {prefix*}', remove: 'no {line}' },
];

export const b4com: Dialect = {
  ...ios,
  platform: 'b4com',
  sections: {
    ...ios.sections,
    root: [
      ...blocks('prefix-list', 'ip prefix-list {name}', 'ipv6 prefix-list {name}'),
      { match: 'username {name} role|sshkey <value*>', remove: 'no username {name}', key: 'username {name} {choice0}' },
      ...values('clock timezone', 'sflow agent-ip'),
      ...(ios.sections['root'] ?? []),
    ],
    bgp: [{ match: 'address-family {family*}', opens: 'bgp-family', close: 'exit-address-family', remove: 'no {line}' }, ...neighborRows],
    'bgp-family': neighborRows,
    'prefix-list': [
      { match: 'seq {seq} permit|deny <entry*>', key: 'seq {seq}', remove: 'no seq {seq}', change: 'recreate' },
      { match: 'description <text*>' },
    ],
    interface: [...(ios.sections['interface'] ?? []), ...blocks('any', 'lldp-agent'), ...values('sflow sampling-rate')],
    any: [],
  },
  prepare: nestFamilies,
};

/** Lines after `address-family` belong to it until the next one, or until the indentation says that `router bgp` is over. */
function nestFamilies(text: string): string {
  let base = -1;
  return text
    .split('\n')
    .map((line) => {
      const indent = line.length - line.trimStart().length;
      const said = line.trim();
      if (said === '' || said === '!') return line;
      if (said.startsWith('address-family ')) {
        base = indent;
        return line;
      }
      if (base < 0 || indent !== base || base === 0 || said === 'exit-address-family') {
        if (indent < base) base = -1;
        return line;
      }
      return ` ${line}`;
    })
    .join('\n');
}

/** The settings of an Aruba access point, `key:value` as it prints them, set by commands of other words. */
const flags = ['usb-port-disable', 'iap_master', 'iap_conductor'];
export const aruba: Dialect = {
  ...genericNo,
  platform: 'aruba',
  removal: 'key',
  sections: {
    root: [
      { match: 'hostname <name>', remove: null },
      { match: 'ip-address <parameters*>', remove: null },
      { match: 'zone <zones*>', remove: null },
      { match: 'ap-installation <place>', remove: 'ap-installation default' },
      { match: 'swarm-mode <mode>', remove: 'swarm-mode cluster' },
      { match: 'a-channel <channel*>', remove: 'a-channel 0 0' },
      { match: 'g-channel <channel*>', remove: 'g-channel 0 0' },
      ...['a-external-antenna', 'g-external-antenna', 'a-ant-pol', 'g-ant-pol'].map(
        (head): Row => ({ match: `${head} <value*>`, remove: `${head} 0` }),
      ),
      ...blocks(
        'profile; arm; rf dot11g-radio-profile; rf dot11a-radio-profile; ip dhcp pool; ip dhcp {name}; wlan ssid-profile {name*}',
        'wlan auth-server {name*}; wlan tacacs-server {name}',
      ),
      { match: 'wlan access-rule {name*}', opens: 'rules', shape: 'ordered', remove: 'no {line}' },
      ...values('name; ntp-server; rf-band; virtual-controller-ip; virtual-controller-country; syslog-server; hash-mgmt-user {name}'),
    ],
    profile: values(
      'wide-bands; a-channels; g-channels; min-tx-power; max-tx-power; 160mhz-support; free-channel-index; band-steering-mode',
      'backoff-time; air-time-fairness-mode; max-distance; interference-immunity; dhcp-server; dns-server; domain-name',
      'lease-time; subnet; subnet-mask; g-basic-rates; a-basic-rates; wpa-passphrase; radius-reauth-interval; dtim-period; ip',
      'deadtime; key; timeout',
    ),
    rules: [],
  },
  prepare: sayAsCommands,
};

/** `key:value` lines as the commands that set them; those that one command sets together become one line, in the place of the first. */
function sayAsCommands(text: string): string {
  const lines = text.split('\n');
  const settings = new Map<string, string>();
  for (const line of lines) {
    const setting = /^([a-z]\w*):(.*)$/i.exec(line.trim()) ?? /^([a-z][\w-]*):(\S*)$/i.exec(line.trim());
    if (setting) settings.set(setting[1] ?? '', (setting[2] ?? '').trim());
  }
  const value = (name: string, otherwise = ''): string => settings.get(name) || otherwise;
  const said: Readonly<Record<string, () => string>> = {
    name: () => `hostname ${value('name')}`,
    ipaddr: () => ['ip-address', ...['ipaddr', 'netmask', 'gatewayip', 'dnsip', 'domainname'].map((part) => value(part))].join(' ').trim(),
    iap_zone: () => `zone ${value('iap_zone')}`,
    dot11a_radio: () => `dot11a-radio-${value('dot11a_radio')}`,
    dot11g_radio: () => `dot11g-radio-${value('dot11g_radio')}`,
    installation_type: () => `ap-installation ${value('installation_type')}`,
    standalone_mode: () => 'swarm-mode standalone',
    wifi0_arm_channel: () => `a-channel ${value('wifi0_arm_channel', '0')} ${value('wifi0_arm_power_10x', '0')}`,
    wifi1_arm_channel: () => `g-channel ${value('wifi1_arm_channel', '0')} ${value('wifi1_arm_power_10x', '0')}`,
    a_ant_gain_10x: () => `a-external-antenna ${value('a_ant_gain_10x')}`,
    g_ant_gain_10x: () => `g-external-antenna ${value('g_ant_gain_10x')}`,
    a_ant_pol: () => `a-ant-pol ${value('a_ant_pol')}`,
    g_ant_pol: () => `g-ant-pol ${value('g_ant_pol')}`,
  };
  const parts = new Set(['netmask', 'gatewayip', 'dnsip', 'domainname', 'wifi0_arm_power_10x', 'wifi1_arm_power_10x']);
  return lines
    .map((line) => {
      const name = /^([a-z][\w-]*):/i.exec(line.trim())?.[1];
      if (name === undefined || !settings.has(name)) return line;
      if (parts.has(name)) return '';
      return said[name]?.() ?? (flags.includes(name) ? name.replaceAll('_', '-') : line);
    })
    .join('\n');
}

/** Nokia SR OS, model-driven: braces when it is read, whole paths when it is written. */
export const srosModel: Dialect = {
  ...genericBraces,
  platform: 'nokia-sros',
  assertion: '/configure',
  flat: { collapse: true, ordered: ['policy-statement * entry'], reorder: 'rebuild' },
  phrase: sayFromTop,
};

/** Whole paths, the verb behind the first word. */
export function sayFromTop(commands: readonly PlannedCommand[]): PlannedCommand[] {
  return commands.map(({ path, text }) => ({
    path,
    text: text.replace(/^delete (configure )?/, '/configure delete ').replace(/^\/configure configure /, '/configure '),
  }));
}

/** Nokia SR OS, classic CLI: blocks by indentation under `echo` titles. */
export const sros: Dialect = {
  ...genericNo,
  platform: 'nokia-sros',
  comments: ['#', 'echo', '!'],
  exits: ['exit', 'exit all'],
  removal: 'key',
  sections: {
    root: [],
  },
  everywhere: [
    { match: 'description <text*>' },
    ...values('name', 'mtu', 'address', 'port', 'peer-as', 'autonomous-system', 'router-id', 'local-as'),
  ],
};
