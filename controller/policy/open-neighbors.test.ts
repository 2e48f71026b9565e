import { expect, test } from 'vitest';
import { stateOf } from '../../test/builders/state.ts';
import { compileDevice } from '../compile/index.ts';
import { accept, announce } from './announce.ts';
import { compareRouting } from './compare-routing.ts';
import { originsOf } from './origins.ts';
import { makeRegion } from './region.ts';
import { ownRoute, readNetwork } from './route.ts';

const world = ({ bgp = '', session = '', lifecycle = 'Planned' }): string => `
kind: Device
name: r1
spec:
  platform: frr
  lifecycle: ${lifecycle}
  management: { address: 192.0.2.14, hostKeys: ['SHA256:${'A'.repeat(43)}'] }
  credentials: { observe: { name: o } }
  interfaces: [{ name: t0, addresses: [192.0.2.1/28] }]
  staticRoutes: [{ prefix: 10.7.0.0/16, blackhole: true }]
  bgp: { asn: 64496, routerId: 192.0.2.1, ${bgp} }
---
kind: BGPSession
name: s
spec:
  type: External
  relationship: Customer
  families: [ipv4-unicast]
  ${session}
  ends:
    - { device: r1, interface: t0, families: { ipv4-unicast: { unfiltered: true } } }
    - external: { name: x, asn: 64501, address: 192.0.2.2 }
`;

function compiled(words: Parameters<typeof world>[0]) {
  const { intent, problems } = compileDevice(stateOf(world(words)), 'r1');
  if (!intent) throw new Error(problems.map(({ message }) => message).join());
  return intent;
}

function exchange(words: Parameters<typeof world>[0]) {
  const router = makeRegion([compiled(words)]).get('r1');
  const [peer] = router?.peers.ipv4 ?? [];
  const network = readNetwork('10.1.0.0/16');
  if (!router || !peer || !network) throw new Error('no such network');
  const sent = { ...ownRoute(network), asPath: '64501', nextHop: '192.0.2.2' };
  return { taken: accept(router, sent, peer), given: announce(router, { route: ownRoute(network), from: null }, peer) };
}

test.each(['', 'ebgpRequiresPolicy: true'])('without a policy an external neighbor gets and gives nothing: %j', (bgp) => {
  expect(exchange({ bgp })).toMatchObject({
    taken: { refused: 'there is no import policy (RFC 8212)' },
    given: { refused: 'there is no export policy (RFC 8212)' },
  });
});

test('where the device requires none, it gets and gives everything', () => {
  const { taken, given } = exchange({ bgp: 'ebgpRequiresPolicy: false' });
  expect(taken).toMatchObject({ route: { nextHop: '192.0.2.2', asPath: '64501' } });
  expect(given).toMatchObject({ route: { asPath: '64496' } });
});

test('and is drained by policies that let everything go, last of all', () => {
  const { taken, given } = exchange({ bgp: 'ebgpRequiresPolicy: false', session: 'adminState: Drained' });
  expect(taken).toMatchObject({ route: { localPreference: 0 } });
  expect(given).toMatchObject({ route: { communities: ['graceful-shutdown'] } });
});

test('a change that opens a router says what goes to whom then', () => {
  const networks = 'networks: [{ prefix: 10.1.0.0/16 }]';
  const [before, after] = ['', 'ebgpRequiresPolicy: false, '].map((open) => compiled({ bgp: `${open}${networks}` }));
  if (!before || !after) throw new Error('two of them');
  expect(compareRouting({ before: [before], after: [after] }).neighbors).toMatchObject([
    { peer: 'x', announced: { count: 1, prefixes: ['10.1.0.0/16'] } },
  ]);
});

test('what is redistributed without a policy is all of it', () => {
  const router = makeRegion([
    compiled({
      bgp: 'redistribute: [{ protocol: Static, family: ipv4-unicast, unfiltered: true }, { protocol: Connected, family: ipv4-unicast, unfiltered: true }]',
    }),
  ]).get('r1');
  expect(router && originsOf(router).map(({ kind, route }) => `${kind} ${route.network.text}`)).toEqual([
    'connected 192.0.2.0/28',
    'static 10.7.0.0/16',
  ]);
});

test('neighbors that come by themselves are drained with their router, by their group', () => {
  const group = (type: string, families: string): string =>
    `---\n{ kind: PeerGroup, name: hosts, spec: { type: ${type}, families: { ipv4-unicast: { ${families} } } } }\n---\n{ kind: RoutePolicy, name: p, spec: { default: Permit } }\n`;
  const mapsOf = (lifecycle: string, type: string, families: string, more = '') => {
    const text =
      world({ lifecycle, bgp: `${more}listen: { ranges: [{ prefix: 203.0.113.0/24, peerGroup: hosts }] }` }) + group(type, families);
    const { intent } = compileDevice(stateOf(text), 'r1');
    const [options] = intent?.bgp?.families[0]?.peerGroups ?? [];
    expect(intent?.routeMaps.map(({ routeMap }) => routeMap)).toEqual(
      expect.arrayContaining([options?.import, options?.export].filter((each) => each !== null && each !== undefined)),
    );
    return [options?.import, options?.export];
  };
  expect(mapsOf('Active', 'External', 'import: p, export: p')).toEqual(['p', 'p']);
  expect(mapsOf('Drained', 'External', 'import: p, export: p')).toEqual(['PLUMBLINE_DRAIN_IN_p', 'PLUMBLINE_DRAIN_OUT_p']);
  expect(mapsOf('Drained', 'Internal', '')).toEqual(['PLUMBLINE_DRAIN_IN_INTERNAL', 'PLUMBLINE_DRAIN_OUT_INTERNAL']);
  // Nothing goes there, and a policy would open it.
  expect(mapsOf('Drained', 'External', '')).toEqual([null, null]);
  expect(mapsOf('Drained', 'External', '', 'ebgpRequiresPolicy: false, ')).toEqual(['PLUMBLINE_DRAIN_IN', 'PLUMBLINE_DRAIN_OUT']);
});
