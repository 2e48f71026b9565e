import type { PlannedCommand } from '../../api/index.ts';
import type { Dialect, Place } from '../dialect.ts';
import { onePerEntry } from '../places.ts';
import { eosByKind, iosByKind, nxosByKind, xrByKind } from './by-kind-ios.ts';
import { comwareByKind, sitonicaByKind, vrpByKind, vrpCeByKind } from './by-kind-vrp.ts';
import { junos } from './flat.ts';
import { aruba, b4com, sayFromTop, srosModel } from './others.ts';
import { routeros, sayPaths } from './routeros.ts';

/**
 * The policy of annet, for those who compare with it: section by section in an order that each platform fixes, lines of one kind together, removals
 * in the opposite order ahead, and only the lines it names overwritten in place.
 */

const neighborPlaces: readonly Place[] = [
  'max-paths ebgp; neighbor * fall-over bfd; neighbor * advertisement-interval; neighbor * peer-group; neighbor * remote-as',
  'neighbor * description; neighbor * activate; network',
];

const b4comByKind: Dialect = {
  ...b4com,
  arrange: 'kinds',
  places: [
    '-feature; clock; logging; ntp enable; ntp server; -key; -username; -rsa; snmp-server enable; snmp-server view',
    'snmp-server community; sflow; ip prefix-list; ipv6 prefix-list; route-map; ip vrf',
    ['interface *', ['description', 'ip vrf forwarding', 'ipv6 address', 'mtu', ['lldp-agent', ['set lldp', 'lldp tlv']], 'sflow']],
    'ip community-list',
    ['router bgp', ['bgp', ...onePerEntry(neighborPlaces).slice(1, -2), 'network', ['address-family', neighborPlaces]]],
    'line',
  ],
};

const arubaByKind: Dialect = {
  ...aruba,
  arrange: 'kinds',
  places: [
    'hostname; ip-address; iap-master; iap-conductor; zone; dot11a-radio-disable; dot11g-radio-disable; ap-installation',
    'a-channel; g-channel; a-external-antenna; g-external-antenna; a-ant-pol; g-ant-pol; virtual-controller-country',
    'virtual-controller-key; name; virtual-controller-ip; ip-mode; syslog-server; terminal-access; telnet-server',
    'loginsession timeout; ntp-server; clock timezone; rf-band; allow-new-aps; allowed-ap; snmp-server; arm; rf; syslog-level',
    'iot; wlan; wired-port-profile; uplink; airgroup; airgroupservice; ipm; cluster-security',
  ],
};

const junosByKind: Dialect = {
  ...junos,
  flat: {
    collapse: true,
    ordered: ['term', 'then community+', 'mpls path *+', 'segment-list *'],
    notes: true,
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

const nokiaByKind: Dialect = {
  ...junosByKind,
  platform: srosModel.platform,
  assertion: '/configure',
  flat: { collapse: true, ordered: ['policy-statement * entry'], reorder: 'rebuild', byBlock: true, single: ['isis * overload'] },
  phrase: sayFromTop,
};

/** Menu by menu: what goes from the innermost out, then what comes. */
function byMenu(commands: readonly PlannedCommand[]): PlannedCommand[] {
  const said = sayPaths(commands);
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
  'huawei ce': vrpCeByKind,
  optixtrans: { ...vrpByKind, platform: 'optixtrans' },
  h3c: comwareByKind,
  sitonica: sitonicaByKind,
  b4com: b4comByKind,
  aruba: arubaByKind,
  juniper: junosByKind,
  routeros: { ...routeros, arrange: 'level', phrase: byMenu },
  nokia: nokiaByKind,
  ribbon: { ...junosByKind, platform: 'ribbon', flat: { collapse: true, ordered: [], reorder: 'insert', byBlock: true } },
};
