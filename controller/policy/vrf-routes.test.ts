import { expect, test } from 'vitest';
import { stateOf } from '../../test/builders/state.ts';
import { compileDevice } from '../compile/index.ts';
import { compareRouting } from './compare-routing.ts';

const world = (vrf: string): string => `
kind: Device
name: r1
spec:
  platform: frr
  lifecycle: Planned
  credentials: { observe: { name: o } }
  interfaces:
    - { name: t0, addresses: [192.0.2.1/28] }
    - { name: c0, addresses: [198.51.100.1/24]${vrf} }
  vrfs: [{ name: CUSTOMERS }]
  bgp: { asn: 64496, routerId: 192.0.2.1, redistribute: [{ protocol: Connected, family: ipv4-unicast, policy: p }] }
---
{ kind: PrefixSet, name: ours, spec: { entries: [{ prefix: 198.51.100.0/24 }] } }
---
kind: RoutePolicy
name: p
spec: { default: Deny, terms: [{ name: a, action: Permit, match: { prefixSet: ours } }] }
---
kind: BGPSession
name: s
spec:
  type: External
  relationship: Transit
  families: [ipv4-unicast]
  ends:
    - { device: r1, interface: t0, families: { ipv4-unicast: { import: p, export: p } } }
    - external: { name: x, asn: 64501, address: 192.0.2.2 }
`;

test('an interface that goes into a VRF takes its network with it', () => {
  const [before, after] = ['', ', vrf: CUSTOMERS'].map((vrf) => {
    const { intent } = compileDevice(stateOf(world(vrf)), 'r1');
    return intent ? [intent] : [];
  });
  const { neighbors } = compareRouting({ before: before ?? [], after: after ?? [] });
  expect(neighbors).toMatchObject([{ device: 'r1', peer: 'x', withdrawn: { count: 1, prefixes: ['198.51.100.0/24'] } }]);
});
