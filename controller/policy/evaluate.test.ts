import { expect, test } from 'vitest';
import { compileDevice } from '../compile/index.ts';
import { stateOf } from '../../test/builders/state.ts';
import { compilePolicies, type Outcome } from './evaluate.ts';
import { ownRoute, readNetwork, type Route } from './route.ts';

const world = (terms: string, fallback = 'Deny'): string => `
kind: Device
name: r1
spec:
  platform: frr
  management: { address: 192.0.2.1, hostKeys: ['SHA256:${'A'.repeat(43)}'] }
  credentials: { observe: { name: o } }
  bgp: { asn: 64496, routerId: 192.0.2.1, networks: [{ prefix: 10.0.0.0/8, policy: p }, { prefix: '2001:db8::/32', policy: p }] }
---
{ kind: PrefixSet, name: tens, spec: { entries: [{ prefix: 10.0.0.0/8, le: 24 }, { prefix: '2001:db8::/32', le: 48 }] } }
---
{ kind: CommunitySet, name: marks, spec: { type: Standard, communities: ['64496:1', no-export] } }
---
{ kind: CommunitySet, name: both, spec: { type: Standard, match: All, communities: ['64496:1', '64496:2'] } }
---
{ kind: ASPathSet, name: neighbors, spec: { entries: [{ regex: ^64511, action: Deny }, { regex: ^[0-9]+$ }] } }
---
kind: RoutePolicy
name: p
spec: { default: ${fallback}, terms: [${terms}] }
`;

function put(terms: string, given: Partial<Route> & { prefix?: string } = {}, fallback?: string): Outcome {
  const { intent, problems } = compileDevice(stateOf(world(terms, fallback)), 'r1');
  if (!intent) throw new Error(problems.map(({ message }) => message).join());
  const { prefix = '10.1.0.0/16', ...attributes } = given;
  const network = readNetwork(prefix);
  if (!network) throw new Error(prefix);
  return compilePolicies(intent).evaluate('p', { ...ownRoute(network), ...attributes }, { at: 'import', neighbor: '192.0.2.9' });
}

test.each<[name: string, terms: string, given: Partial<Route> & { prefix?: string }, permitted: boolean]>([
  ['the first term that matches', '{ name: a, action: Deny }, { name: b, action: Permit }', {}, false],
  ['the default, where none matches', '{ name: a, action: Permit, match: { origin: EGP } }', {}, false],
  ['a prefix in a set', '{ name: a, action: Permit, match: { prefixSet: tens } }', {}, true],
  ['a prefix that is too long for it', '{ name: a, action: Permit, match: { prefixSet: tens } }', { prefix: '10.1.1.1/32' }, false],
  ['an IPv6 prefix in a mixed set', '{ name: a, action: Permit, match: { prefixSet: tens } }', { prefix: '2001:db8:1::/48' }, true],
  ['one of the communities', '{ name: a, action: Permit, match: { communitySet: marks } }', { communities: ['no-export', '1:1'] }, true],
  ['all of the communities', '{ name: a, action: Permit, match: { communitySet: both } }', { communities: ['64496:1'] }, false],
  ['an AS path', '{ name: a, action: Permit, match: { asPathSet: neighbors } }', { asPath: '64500' }, true],
  ['an AS path that the set excludes', '{ name: a, action: Permit, match: { asPathSet: neighbors } }', { asPath: '64511' }, false],
  ['a family', '{ name: a, action: Permit, match: { family: ipv6-unicast } }', {}, false],
  ['a local preference that is not there, as zero', '{ name: a, action: Permit, match: { localPreference: 0 } }', {}, true],
  ['every condition', '{ name: a, action: Permit, match: { prefixSet: tens, origin: EGP } }', {}, false],
])('decides by %s', (_name, terms, given, permitted) => expect(put(terms, given).permitted).toBe(permitted));

test('a term that continues changes the route for those behind it', () => {
  const terms =
    '{ name: a, action: Permit, set: { localPreference: 200, communities: { add: ["64496:1"] } }, continue: true }, { name: b, action: Permit, match: { localPreference: 200, communitySet: marks }, set: { asPathPrepend: [1, 1] } }';
  expect(put(terms).route).toMatchObject({ localPreference: 200, communities: ['64496:1'], asPath: '1 1' });
});

test('a term that continues and is the last decides; with another behind it, that one does', () => {
  const native = (terms: string): boolean => put(terms, {}, 'Deny, layout: Native').permitted;
  const first = '{ name: a, sequence: 10, action: Permit, continue: true }';
  expect(native(first)).toBe(true);
  expect(native(`${first}, { name: b, sequence: 20, action: Permit, match: { origin: EGP } }`)).toBe(false);
});

test('a term that continues into a deny is denied', () => {
  expect(put('{ name: a, action: Permit, continue: true }').permitted).toBe(false);
});

test('communities are replaced, deleted, added', () => {
  const changed = (set: string, communities: readonly string[]): readonly string[] =>
    put(`{ name: a, action: Permit, set: { communities: ${set} } }`, { communities }).route.communities;
  expect(changed('{ delete: marks, add: ["1:1"] }', ['64496:1', '2:2'])).toEqual(['2:2', '1:1']);
  expect(changed('{ replace: [], add: ["1:1"] }', ['64496:1'])).toEqual(['1:1']);
  expect(changed('{ add: ["1:1"] }', ['1:1'])).toEqual(['1:1']);
});

test('the next hop of a neighbor is its address, in its own family', () => {
  const terms = '{ name: a, action: Permit, set: { nextHop: PeerAddress } }';
  expect(put(terms, { nextHop: '10.0.0.9' }).route.nextHop).toBe('192.0.2.9');
  expect(put(terms, { prefix: '2001:db8::/48', nextHop: '2001:db8::9' }).route.nextHop).toBe('2001:db8::9');
});

test('a policy that does not exist permits nothing', () => {
  const network = readNetwork('10.0.0.0/8');
  if (!network) throw new Error('no network');
  const none = compilePolicies({ prefixLists: [], communityLists: [], asPathLists: [], routeMaps: [] });
  expect([none.has('p'), none.evaluate('p', ownRoute(network), { at: 'export' }).permitted]).toEqual([false, false]);
});
