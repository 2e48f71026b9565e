import type { Row } from '../../dialect.ts';
import { vrfRows } from './root.ts';

/** BFD, RPKI, key chains, policy routing, segment routing, terminals. */
export const serviceSections: Readonly<Record<string, readonly Row[]>> = {
  vrf: vrfRows,
  'line-vty': [],
  rpki: [
    { match: 'rpki polling_period <seconds>' },
    { match: 'rpki expire_interval <seconds>' },
    { match: 'rpki retry_interval <seconds>' },
  ],
  'key-chain': [{ match: 'key {id}', opens: 'key' }],
  key: [{ match: 'key-string <string>', secret: 'string' }, { match: 'cryptographic-algorithm <name>' }],
  'nexthop-group': [],
  'pbr-map': [{ match: 'match {what} <value*>' }, { match: 'set {what} <value*>' }],
  bfd: [
    { match: 'profile {name}', opens: 'bfd-peer', object: 'bfd profile {name}', defines: 'bfd profile {name}' },
    { match: 'peer {peer*}', opens: 'bfd-peer' },
  ],
  'bfd-peer': [
    { match: 'profile <name>', uses: 'bfd profile {name}' },
    { match: 'detect-multiplier <n>' },
    { match: 'receive-interval <n>' },
    { match: 'transmit-interval <n>' },
  ],
  'segment-routing': [
    { match: 'traffic-eng', opens: 'traffic-eng' },
    { match: 'srv6', opens: 'srv6' },
  ],
  'traffic-eng': [
    { match: 'segment-list {name}', opens: 'segment-list', defines: 'segment-list {name}' },
    { match: 'policy color {color} endpoint {endpoint}', opens: 'sr-policy' },
    { match: 'pcep', opens: 'pcep' },
  ],
  'segment-list': [],
  'sr-policy': [{ match: 'candidate-path preference {preference} name {name} dynamic', opens: 'sr-path' }],
  'sr-path': [],
  pcep: [
    { match: 'pce {name}', opens: 'pce' },
    { match: 'pce-config {name}', opens: 'pce' },
    { match: 'pcc', opens: 'pce' },
  ],
  pce: [],
  srv6: [{ match: 'locators', opens: 'locators' }],
  locators: [{ match: 'locator {name}', opens: 'locator' }],
  locator: [],
};
