/** How Kea calls the types of option data. */
export const dhcpOptionTypes = [
  'binary', 'boolean', 'empty', 'fqdn', 'int8', 'int16', 'int32', 'internal', 'ipv4-address', 'ipv6-address', 'ipv6-prefix', 'psid',
  'record', 'string', 'tuple', 'uint8', 'uint16', 'uint32',
] as const; // biome-ignore format: a list of words

export type DhcpOptionType = (typeof dhcpOptionTypes)[number];

/** One option as servers know it. */
export interface DhcpOption {
  family: 'ipv4' | 'ipv6';
  /** Codes are unique in a space: `dhcp4`, `dhcp6`, or one that another option encapsulates. */
  space: string;
  code: number;
  name: string;
  type: DhcpOptionType;
  /** Types of the fields, one after another, when type is `record`; empty otherwise. */
  record: readonly DhcpOptionType[];
  /** True when the value, or the last field of a record, may repeat. */
  array: boolean;
}

/**
 * The options that Kea knows without being told, as lines of `code name type`, `type[]` for a list, `a+b` for a record. Codes and names were read from
 * a running Kea 2.2 (test/kea/dhcp-options.test.ts asks it again); those it does not know yet are of Kea 2.4 to 3.0.
 */
const rows: Readonly<Record<string, string>> = {
  'ipv4 dhcp4': `
    1 subnet-mask ipv4-address
    2 time-offset int32
    3 routers ipv4-address[]
    4 time-servers ipv4-address[]
    5 name-servers ipv4-address[]
    6 domain-name-servers ipv4-address[]
    7 log-servers ipv4-address[]
    8 cookie-servers ipv4-address[]
    9 lpr-servers ipv4-address[]
    10 impress-servers ipv4-address[]
    11 resource-location-servers ipv4-address[]
    12 host-name string
    13 boot-size uint16
    14 merit-dump string
    15 domain-name string
    16 swap-server ipv4-address
    17 root-path string
    18 extensions-path string
    19 ip-forwarding boolean
    20 non-local-source-routing boolean
    21 policy-filter ipv4-address[]
    22 max-dgram-reassembly uint16
    23 default-ip-ttl uint8
    24 path-mtu-aging-timeout uint32
    25 path-mtu-plateau-table uint16[]
    26 interface-mtu uint16
    27 all-subnets-local boolean
    28 broadcast-address ipv4-address
    29 perform-mask-discovery boolean
    30 mask-supplier boolean
    31 router-discovery boolean
    32 router-solicitation-address ipv4-address
    33 static-routes ipv4-address[]
    34 trailer-encapsulation boolean
    35 arp-cache-timeout uint32
    36 ieee802-3-encapsulation boolean
    37 default-tcp-ttl uint8
    38 tcp-keepalive-interval uint32
    39 tcp-keepalive-garbage boolean
    40 nis-domain string
    41 nis-servers ipv4-address[]
    42 ntp-servers ipv4-address[]
    43 vendor-encapsulated-options empty
    44 netbios-name-servers ipv4-address[]
    45 netbios-dd-server ipv4-address[]
    46 netbios-node-type uint8
    47 netbios-scope string
    48 font-servers ipv4-address[]
    49 x-display-manager ipv4-address[]
    50 dhcp-requested-address ipv4-address
    51 dhcp-lease-time uint32
    52 dhcp-option-overload uint8
    53 dhcp-message-type uint8
    54 dhcp-server-identifier ipv4-address
    55 dhcp-parameter-request-list uint8[]
    56 dhcp-message string
    57 dhcp-max-message-size uint16
    58 dhcp-renewal-time uint32
    59 dhcp-rebinding-time uint32
    60 vendor-class-identifier string
    61 dhcp-client-identifier binary
    62 nwip-domain-name string
    63 nwip-suboptions binary
    64 nisplus-domain-name string
    65 nisplus-servers ipv4-address[]
    66 tftp-server-name string
    67 boot-file-name string
    68 mobile-ip-home-agent ipv4-address[]
    69 smtp-server ipv4-address[]
    70 pop-server ipv4-address[]
    71 nntp-server ipv4-address[]
    72 www-server ipv4-address[]
    73 finger-server ipv4-address[]
    74 irc-server ipv4-address[]
    75 streettalk-server ipv4-address[]
    76 streettalk-directory-assistance-server ipv4-address[]
    77 user-class binary
    78 slp-directory-agent boolean+ipv4-address[]
    79 slp-service-scope boolean+string
    81 fqdn uint8+uint8+uint8+fqdn
    82 dhcp-agent-options empty
    85 nds-servers ipv4-address[]
    86 nds-tree-name string
    87 nds-context string
    88 bcms-controller-names fqdn[]
    89 bcms-controller-address ipv4-address[]
    90 authenticate binary
    91 client-last-transaction-time uint32
    92 associated-ip ipv4-address[]
    93 client-system uint16[]
    94 client-ndi uint8+uint8+uint8
    97 uuid-guid uint8+binary
    98 uap-servers string
    99 geoconf-civic binary
    100 pcode string
    101 tcode string
    108 v6-only-preferred uint32
    112 netinfo-server-address ipv4-address[]
    113 netinfo-server-tag string
    114 v4-captive-portal string
    116 auto-config uint8
    117 name-service-search uint16[]
    118 subnet-selection ipv4-address
    119 domain-search fqdn[]
    121 classless-static-route internal
    124 vivco-suboptions uint32+binary
    125 vivso-suboptions uint32
    136 pana-agent ipv4-address[]
    137 v4-lost fqdn
    138 capwap-ac-v4 ipv4-address[]
    141 sip-ua-cs-domains fqdn[]
    143 v4-sztp-redirect tuple[]
    146 rdnss-selection uint8+ipv4-address+ipv4-address+fqdn[]
    151 status-code uint8+string
    152 base-time uint32
    153 start-time-of-state uint32
    154 query-start-time uint32
    155 query-end-time uint32
    156 dhcp-state uint8
    157 data-source uint8
    159 v4-portparams uint8+psid
    162 v4-dnr internal
    212 option-6rd uint8+uint8+ipv6-address+ipv4-address[]
    213 v4-access-domain fqdn`,
  'ipv4 dhcp-agent-options-space': `
    1 circuit-id binary
    2 remote-id binary
    4 docsis-device-class uint32
    5 link-selection ipv4-address
    6 subscriber-id string
    7 radius binary
    8 auth binary
    9 vendor-specific-info binary
    10 relay-flags uint8
    11 server-id-override ipv4-address
    12 relay-id binary
    13 access-techno-type uint16
    14 access-network-name string
    15 access-point-name string
    16 access-point-bssid binary
    17 operator-id uint32
    18 operator-realm string
    19 relay-port uint16
    151 virtual-subnet-select binary
    152 virtual-subnet-select-ctrl empty`,
  'ipv4 vendor-4491': `
    1 oro uint8[]
    2 tftp-servers ipv4-address[]`,
  'ipv6 dhcp6': `
    1 clientid binary
    2 serverid binary
    3 ia-na uint32+uint32+uint32
    4 ia-ta uint32
    5 iaaddr ipv6-address+uint32+uint32
    6 oro uint16[]
    7 preference uint8
    8 elapsed-time uint16
    9 relay-msg binary
    11 auth binary
    12 unicast ipv6-address
    13 status-code uint16+string
    14 rapid-commit empty
    15 user-class binary
    16 vendor-class uint32+binary
    17 vendor-opts uint32
    18 interface-id binary
    19 reconf-msg uint8
    20 reconf-accept empty
    21 sip-server-dns fqdn[]
    22 sip-server-addr ipv6-address[]
    23 dns-servers ipv6-address[]
    24 domain-search fqdn[]
    25 ia-pd uint32+uint32+uint32
    26 iaprefix uint32+uint32+uint8+ipv6-address
    27 nis-servers ipv6-address[]
    28 nisp-servers ipv6-address[]
    29 nis-domain-name fqdn[]
    30 nisp-domain-name fqdn[]
    31 sntp-servers ipv6-address[]
    32 information-refresh-time uint32
    33 bcmcs-server-dns fqdn[]
    34 bcmcs-server-addr ipv6-address[]
    36 geoconf-civic uint8+uint16+binary
    37 remote-id uint32+binary
    38 subscriber-id binary
    39 client-fqdn uint8+fqdn
    40 pana-agent ipv6-address[]
    41 new-posix-timezone string
    42 new-tzdb-timezone string
    43 ero uint16[]
    44 lq-query uint8+ipv6-address
    45 client-data empty
    46 clt-time uint32
    47 lq-relay-data ipv6-address+binary
    48 lq-client-link ipv6-address[]
    51 v6-lost fqdn
    52 capwap-ac-v6 ipv6-address[]
    53 relay-id binary
    57 v6-access-domain fqdn
    58 sip-ua-cs-list fqdn[]
    59 bootfile-url string
    60 bootfile-param tuple[]
    61 client-arch-type uint16[]
    62 nii uint8+uint8+uint8
    64 aftr-name fqdn
    65 erp-local-domain-name fqdn
    66 rsoo empty
    67 pd-exclude ipv6-prefix
    74 rdnss-selection ipv6-address+uint8+fqdn[]
    79 client-linklayer-addr binary
    80 link-address ipv6-address
    82 solmax-rt uint32
    83 inf-max-rt uint32
    87 dhcpv4-message binary
    88 dhcp4o6-server-addr ipv6-address[]
    94 s46-cont-mape empty
    95 s46-cont-mapt empty
    96 s46-cont-lw empty
    103 v6-captive-portal string
    135 relay-source-port uint16
    136 v6-sztp-redirect tuple[]
    143 ipv6-address-andsf ipv6-address[]
    144 v6-dnr internal`,
  'ipv6 s46-cont-mape-options': `
    89 s46-rule uint8+uint8+uint8+ipv4-address+ipv6-prefix
    90 s46-br ipv6-address`,
  'ipv6 s46-cont-mapt-options': `
    89 s46-rule uint8+uint8+uint8+ipv4-address+ipv6-prefix
    91 s46-dmr ipv6-prefix`,
  'ipv6 s46-cont-lw-options': `
    90 s46-br ipv6-address
    92 s46-v4v6bind ipv4-address+ipv6-prefix`,
  'ipv6 s46-rule-options': `
    93 s46-portparams uint8+psid`,
  'ipv6 s46-v4v6bind-options': `
    93 s46-portparams uint8+psid`,
  'ipv6 vendor-4491': `
    1 oro uint16[]
    2 device-type string
    10 vendor-type string
    32 tftp-servers ipv6-address[]
    33 config-file string
    34 syslog-servers ipv6-address[]
    35 device-id binary
    37 time-servers ipv6-address[]
    38 time-offset int32
    1026 cmts-cm-mac binary`,
};

/** Every option that Kea knows without being told, by family, space and code. */
export const dhcpOptions: readonly DhcpOption[] = Object.entries(rows).flatMap(([place, text]) => {
  const [family = '', space = ''] = place.split(' ');
  return text
    .trim()
    .split('\n')
    .map((row) => parseRow(row.trim(), family as DhcpOption['family'], space));
});

function parseRow(row: string, family: DhcpOption['family'], space: string): DhcpOption {
  const [code = '', name = '', written = ''] = row.split(' ');
  const array = written.endsWith('[]');
  const types = (array ? written.slice(0, -2) : written).split('+') as DhcpOptionType[];
  const [only] = types;
  const type = types.length === 1 && only !== undefined ? only : 'record';
  return { family, space, code: Number(code), name, type, record: type === 'record' ? types : [], array };
}

const index = new Map<string, DhcpOption>();
for (const option of dhcpOptions) {
  index.set(`${option.family} ${option.space} ${option.code}`, option);
  index.set(`${option.family} ${option.space} ${option.name}`, option);
}

/** The space of a family's own options. */
export function ownOptionSpace(family: DhcpOption['family']): 'dhcp4' | 'dhcp6' {
  return family === 'ipv4' ? 'dhcp4' : 'dhcp6';
}

/** A standard option by its name or code. Undefined when there is none: it needs a definition then. */
export function findDhcpOption(
  family: DhcpOption['family'],
  nameOrCode: string | number,
  space: string = ownOptionSpace(family),
): DhcpOption | undefined {
  return index.get(`${family} ${space} ${nameOrCode}`);
}
