import { expect, test } from 'vitest';
import { stateOf } from '../../test/builders/state.ts';
import { compileDevice } from '../compile/index.ts';
import { accept, announce } from './announce.ts';
import { announcement } from './announcements.ts';
import { makeRegion } from './region.ts';
import { ownRoute, readNetwork, type Route } from './route.ts';

const world = (adminState: string, policies: string): string => `
kind: Device
name: r1
spec:
  platform: frr
  lifecycle: Planned
  credentials: { observe: { name: o } }
  interfaces: [{ name: t0, addresses: [192.0.2.1/28] }]
  bgp: { asn: 64496, routerId: 192.0.2.1 }
---
{ kind: PrefixSet, name: tens, spec: { entries: [{ prefix: 10.0.0.0/8, le: 24 }] } }
---
kind: RoutePolicy
name: p
spec: { default: Deny, terms: [{ name: a, action: Permit, match: { prefixSet: tens }, set: { localPreference: 300, communities: { add: ['64496:7'] } } }] }
---
kind: BGPSession
name: s
spec:
  type: External
  relationship: Customer
  adminState: ${adminState}
  families: [ipv4-unicast]
  ends:
    - { device: r1, interface: t0, families: { ipv4-unicast: { unfiltered: true, ${policies} } } }
    - external: { name: x, asn: 64501, address: 192.0.2.2 }
`;

function exchange(adminState: string, prefix: string, policies = 'import: p, export: p') {
  const { intent } = compileDevice(stateOf(world(adminState, policies)), 'r1');
  const router = intent && makeRegion([intent]).get('r1');
  const [peer] = router?.peers.ipv4 ?? [];
  const network = readNetwork(prefix);
  if (!router || !peer || !network) throw new Error('no such network');
  const sent: Route = { ...ownRoute(network), asPath: '64501', nextHop: '192.0.2.2' };
  return { taken: accept(router, sent, peer), given: announce(router, { route: ownRoute(network), from: null }, peer) };
}

test('a drained session takes what its policy takes, last of all, and marks what it sends', () => {
  const { taken, given } = exchange('Drained', '10.1.0.0/16');
  expect(taken).toMatchObject({ route: { localPreference: 0, communities: ['64496:7'] } });
  expect(given).toMatchObject({ route: { communities: ['64496:7', 'graceful-shutdown'] } });
});

test('one that is up does neither', () => {
  const { taken, given } = exchange('Up', '10.1.0.0/16');
  expect(taken).toMatchObject({ route: { localPreference: 300 } });
  expect(given).toMatchObject({ route: { communities: ['64496:7'] } });
});

test('a drained session lets nothing through that its policies deny', () => {
  const { taken, given } = exchange('Drained', '172.16.0.0/12');
  expect([taken, given]).toEqual([{ refused: 'PLUMBLINE_DRAIN_IN_p denies it' }, { refused: 'PLUMBLINE_DRAIN_OUT_p denies it' }]);
});

test('draining opens no direction that has no policy', () => {
  const { taken, given } = exchange('Drained', '10.1.0.0/16', 'export: p');
  expect(taken).toEqual({ refused: 'there is no import policy (RFC 8212)' });
  expect(given).toHaveProperty('route');
});

test('a device that is Drained drains its sessions that are up, at the other end as well', () => {
  const other = (lifecycle: string): string => `${world('Up', 'import: p, export: p')}---
kind: Device
name: r2
spec:
  platform: frr
  lifecycle: ${lifecycle}
  management: { address: 198.51.100.2, hostKeys: ['SHA256:${'A'.repeat(43)}'] }
  credentials: { observe: { name: o } }
  interfaces: [{ name: t0, addresses: [192.0.2.4/28] }]
  bgp: { asn: 64496, routerId: 192.0.2.4 }
---
kind: BGPSession
name: core
spec: { type: Internal, families: [ipv4-unicast], ends: [{ device: r1, interface: t0 }, { device: r2, interface: t0 }] }
`;
  const exportsOf = (lifecycle: string) =>
    ['r1', 'r2'].map((device) => {
      const { intent } = compileDevice(stateOf(other(lifecycle)), device);
      return intent?.bgp?.families[0]?.neighbors.map((neighbor) => neighbor.export);
    });
  expect(exportsOf('Active')).toEqual([['p', null], [null]]);
  expect(exportsOf('Drained')).toEqual([['p', 'PLUMBLINE_DRAIN_OUT_INTERNAL'], ['PLUMBLINE_DRAIN_OUT_INTERNAL']]);
});

test.each(['External', 'Internal'])('a default route that a drained %s session sends without having one is the last choice too', (type) => {
  const asn = type === 'External' ? 64501 : 64496;
  const relationship = type === 'External' ? 'relationship: Customer, ' : '';
  const text = (adminState: string): string => `${world('Up', 'import: p, export: p')}---
kind: PeerGroup
name: g
spec: { families: { ipv4-unicast: { unfiltered: true, defaultOriginate: true } } }
---
kind: BGPSession
name: stub
spec: { type: ${type}, ${relationship}adminState: ${adminState}, families: [ipv4-unicast], ends: [{ device: r1, interface: t0, peerGroup: g }, { external: { name: y, asn: ${asn}, address: 192.0.2.3 } }] }
`;
  const given = (adminState: string) => {
    const { intent } = compileDevice(stateOf(text(adminState)), 'r1');
    const router = intent && makeRegion([intent]).get('r1');
    const peer = router?.peers.ipv4.find(({ neighbor }) => neighbor.address === '192.0.2.3');
    const network = readNetwork('0.0.0.0/0');
    if (!router || !peer || !network) throw new Error('no such network');
    return { route: announcement(router, peer, network, undefined), inherited: peer.options.inherited };
  };
  expect(given('Up')).toMatchObject({ route: { communities: [], localPreference: null } });
  expect(given('Up').inherited).toContain('defaultOriginate');
  const drained = given('Drained');
  expect(drained.route).toMatchObject({ communities: ['graceful-shutdown'], localPreference: type === 'External' ? null : 0 });
  expect(drained.inherited).not.toContain('defaultOriginate');
});

test.each([
  ['its own', `families: { ipv4-unicast: { lines: ['route-map KEEP in', 'route-map KEEP out'] } }`, '[]'],
  ['those of its group', 'peerGroup: g', `['route-map KEEP in', 'route-map KEEP out']`],
])('draining puts nothing in place of route-maps that further lines name: %s', (_whose, end, lines) => {
  const text = `${world('Up', 'import: p, export: p')}---
{ kind: PeerGroup, name: g, spec: { families: { ipv4-unicast: { lines: ${lines} } } } }
---
kind: BGPSession
name: internal
spec:
  type: Internal
  adminState: Drained
  families: [ipv4-unicast]
  ends:
    - { device: r1, interface: t0, ${end} }
    - external: { name: y, asn: 64496, address: 192.0.2.3 }
`;
  const { intent } = compileDevice(stateOf(text), 'r1');
  const neighbor = intent?.bgp?.families[0]?.neighbors.find(({ address }) => address === '192.0.2.3');
  expect(neighbor).toMatchObject({ import: null, export: null });
  expect(intent?.routeMaps.map(({ routeMap }) => routeMap)).toEqual(['p']);
});
