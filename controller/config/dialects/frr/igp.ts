import type { Row } from '../../dialect.ts';

export const igpSections: Readonly<Record<string, readonly Row[]>> = {
  ospf: [
    { match: 'ospf router-id <id>', remove: 'no ospf router-id' },
    { match: 'auto-cost reference-bandwidth <value>' },
    { match: 'area {area} range {prefix} <rest*>' },
    { match: 'redistribute ospf|table {instance} <rest*>', change: 'recreate' },
    { match: 'redistribute {source} <rest*>', change: 'recreate' },
    { match: 'default-information originate <rest*>', change: 'recreate', remove: 'no default-information originate' },
    { match: 'default-metric <value>' },
    { match: 'distance <value>' },
    { match: 'maximum-paths <value>' },
    { match: 'timers {what*}' },
  ],
  ospf6: [
    { match: 'ospf6 router-id <id>', remove: 'no ospf6 router-id' },
    { match: 'auto-cost reference-bandwidth <value>' },
    { match: 'redistribute {source} <rest*>', change: 'recreate' },
    { match: 'default-information originate <rest*>', change: 'recreate', remove: 'no default-information originate' },
  ],
  isis: [],
  rip: [
    { match: 'distance <value>' },
    { match: 'default-metric <value>' },
    { match: 'passive-interface default' },
    { match: 'version <version>' },
    { match: 'timers basic <values*>' },
  ],
  ripng: [{ match: 'default-metric <value>' }],
  eigrp: [],
  babel: [],
  'mpls-ldp': [
    { match: 'router-id <address>' },
    { match: 'neighbor {address} password <password>', secret: 'password' },
    { match: 'address-family {family}', opens: 'ldp-family', close: 'exit-address-family' },
  ],
  'ldp-family': [{ match: 'discovery transport-address <address>' }, { match: 'interface {name}', opens: 'ldp-interface' }],
  'ldp-interface': [],
  l2vpn: [{ match: 'member pseudowire {name}', opens: 'pseudowire' }],
  pseudowire: [],
};
