import type { Dialect, Row } from '../dialect.ts';
import { blocks, values } from './rows.ts';
import { vrp } from './vrp.ts';
import { bgpRows, interfaceRows, vlanSet } from './vrp-rows.ts';

/** H3C and HPE Comware: VRP's cousin with families as blocks of their own name. */
const families: readonly Row[] = blocks('bgp-family', 'address-family {family*}', 'ip vpn-instance {vrf}');

/** Access lists by their kind. */
export const lists: readonly Row[] = ['', 'ipv6 '].flatMap((family): Row[] =>
  [`acl ${family}basic|advanced|mac {name}`, `acl ${family}basic|advanced|mac name {name}`].map((match) => ({
    match,
    opens: 'acl',
    defines: 'acl {name}',
    remove: 'undo {line}',
  })),
);

const balance: readonly Row[] = [
  { match: 'balance kind=eibgp|ebgp|ibgp <paths*>' },
  { match: 'balance as-path-relax' },
  { match: 'balance <paths*>' },
];

export const comware: Dialect = {
  ...vrp,
  platform: 'h3c-comware',
  sections: {
    ...vrp.sections,
    root: [
      ...blocks('user', 'local-user {name}', 'local-user {name} class {class}'),
      { match: 'line {kind} {lines*}', opens: 'user-interface' },
      ...lists,
      {
        match: ['ip prefix-list {name} index {index} <entry*>', 'ipv6 prefix-list {name} index {index} <entry*>'],
        change: 'recreate',
        defines: 'prefix-list {name}',
      },
      { match: 'hardware-resource {what} <mode*>' },
      ...(vrp.sections['root'] ?? []),
    ],
    'route-policy': [
      {
        match: ['if-match ip address prefix-list <list>', 'if-match ipv6 address prefix-list <list>'],
        uses: 'prefix-list {list}',
        remove: 'undo {line}',
      },
      ...(vrp.sections['route-policy'] ?? []),
    ],
    interface: [
      ...interfaceRows,
      vlanSet('port trunk permit vlan'),
      { match: 'port trunk permit vlan 1', key: 'port trunk permit vlan 1', defaultOn: true },
      ...values('port access vlan; port link-mode; port link-aggregation group; link-aggregation mode; port bridge; stp edged-port'),
    ],
    bgp: [...families, ...bgpRows, ...balance],
    'bgp-family': [...families, ...bgpRows, ...balance, { match: 'import-route direct <rest*>' }],
    user: [{ match: 'password hash|simple|cipher <secret*>', secret: 'secret', key: 'password', remove: 'undo password' }],
  },
};

/** Sitonica: Comware's words for BGP, less of everything else. */
const peer = { object: 'peer {peer}', scope: 'bgp', shared: true } as const;
export const sitonica: Dialect = {
  ...comware,
  platform: 'sitonica',
  sections: {
    ...comware.sections,
    bgp: [...families, ...siteRows(), ...bgpRows, ...balance],
    'bgp-family': [...families, ...siteRows(), ...bgpRows, ...balance],
  },
};

function siteRows(): Row[] {
  return [
    ...['description', 'fake-as', 'route-update-interval', 'bfd', 'bmp server', 'route-limit'].map(
      (what): Row => ({ match: `peer {peer} ${what} <value*>`, ...peer }),
    ),
    { match: 'import-route {protocol} <rest*>' },
    { match: 'network {prefix} {length} <rest*>' },
    { match: 'aggregate {prefix} {length} <rest*>' },
    { match: 'forwarding-conversational-learning <rest*>' },
  ];
}
