import { expect, test } from 'vitest';
import { stateOf } from '../../test/builders/state.ts';
import { compileDevice } from '../compile/index.ts';
import { accept, announce } from './announce.ts';
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
