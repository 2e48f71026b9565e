import { expect, test } from 'vitest';
import { compileAll } from '../compile/index.ts';
import { network } from '../../test/builders/edge-network.ts';
import { stateOf } from '../../test/builders/state.ts';
import { runRouteTests } from './route-tests.ts';

/** The words after the prefix, of each failure of one test on the network of `test/builders/edge-network.ts`. */
function failuresOf(spec: string, edit: readonly [from: string, to: string] = ['', '']): string[] {
  const state = stateOf(`${network.replace(...edit)}\n---\n{ kind: RouteTest, name: t, spec: ${spec} }`);
  return runRouteTests(
    [...state.objects.RouteTest.values()],
    compileAll(state).flatMap(({ intent }) => intent ?? []),
  ).map(({ message }) => message.replace(/^RouteTest\/t: /, ''));
}

test.each<[name: string, spec: string, failures: readonly string[]]>([
  [
    'what is announced',
    '{ prefixes: [192.0.2.0/24], announcedTo: [{ neighbor: transit-a, asPath: [64500], communities: ["64500:1"] }, { neighbor: peer-b, device: edge2 }] }',
    [],
  ],
  [
    'a community that is not there',
    '{ prefixes: [192.0.2.0/24], announcedTo: [{ neighbor: transit-a, communities: ["64500:9"] }] }',
    ['192.0.2.0/24: edge1 announces it to transit-a without 64500:9'],
  ],
  [
    'another path',
    '{ prefixes: [192.0.2.0/24], announcedTo: [{ neighbor: transit-a, asPath: [1] }] }',
    ['192.0.2.0/24: edge1 announces it to transit-a with the AS path 64500'],
  ],
  [
    'a MED that is not there',
    '{ prefixes: [192.0.2.0/24], announcedTo: [{ neighbor: peer-b, med: 5 }] }',
    ['192.0.2.0/24: edge2 announces it to peer-b with no MED'],
  ],
  [
    'what nobody originates',
    '{ prefixes: [198.18.0.0/24], announcedTo: [{ neighbor: transit-a }] }',
    ['198.18.0.0/24: no device originates it'],
  ],
  [
    'what must not go',
    '{ prefixes: [192.0.2.0/24], neverTo: [{ neighbor: peer-b }] }',
    ['192.0.2.0/24: edge2 announces it to peer-b (10.0.3.9)'],
  ],
  ['what does not go', '{ prefixes: [203.0.113.0/24], received: { neighbor: transit-a }, neverTo: [{ neighbor: peer-b }] }', []],
  [
    'a policy that denies',
    '{ prefixes: [203.0.113.0/24], received: { neighbor: transit-a }, announcedTo: [{ neighbor: peer-b }] }',
    ['203.0.113.0/24: edge2 does not announce it to peer-b: upstream-out denies it'],
  ],
  [
    'a route of a customer',
    '{ prefixes: [203.0.113.0/25], received: { neighbor: customer-c }, announcedTo: [{ neighbor: transit-a, asPath: [64500, 64511] }] }',
    [],
  ],
  [
    'a route that is not taken',
    '{ prefixes: [198.18.0.0/24], received: { neighbor: customer-c }, announcedTo: [{ neighbor: transit-a }] }',
    ['198.18.0.0/24: edge2 does not take it from customer-c: customer-in denies it'],
  ],
  [
    'a neighbor that is not there',
    '{ prefixes: [192.0.2.0/24], neverTo: [{ neighbor: peer-a }] }',
    ['no device has a session with a neighbor outside called peer-a'],
  ],
  [
    'a family without a session',
    '{ prefixes: ["2001:db8::/32"], announcedTo: [{ neighbor: peer-b }] }',
    ['2001:db8::/32: no device originates it'],
  ],
])('%s', (_name, spec, failures) => expect(failuresOf(spec)).toEqual(failures));

test('a test fails at the edit that breaks it, two devices away', () => {
  const spec = '{ prefixes: [192.0.2.0/24], announcedTo: [{ neighbor: transit-a }] }';
  expect(failuresOf(spec, ['add: ["64500:1"]', 'add: ["64500:2"]'])).toEqual([
    '192.0.2.0/24: edge1 does not announce it to transit-a: upstream-out denies it',
  ]);
});

test('what never goes is asked of routes that RPKI vouches for too', () => {
  const edit = [
    'match: { communitySet: announced } }',
    'match: { communitySet: announced } }, { name: vouched-for, action: Permit, match: { rpki: Valid } }',
  ] as const;
  const spec = '{ prefixes: [198.18.0.0/24], received: { neighbor: peer-b }, neverTo: [{ neighbor: transit-a }] }';
  expect(failuresOf(spec)).toEqual([]);
  expect(failuresOf(spec, edit)).toEqual(['198.18.0.0/24: edge1 announces it to transit-a (10.0.1.9), when RPKI says Valid']);
  expect(failuresOf('{ prefixes: [192.0.2.0/24], neverTo: [{ neighbor: peer-b }] }', edit)).toEqual([
    '192.0.2.0/24: edge2 announces it to peer-b (10.0.3.9)',
  ]);
});

test.each([
  [
    'a policy that asks for something',
    'defaultOriginatePolicy: customer-in',
    'announces it, when it has a route that its policy lets through, to',
  ],
  ['a policy that asks for nothing', 'defaultOriginatePolicy: everything', 'announces it to'],
  ['no policy', 'softReconfiguration: false', 'announces it to'],
])('a default route that is sent without being there may go: %s', (_what, option, says) => {
  const edit = ['softReconfiguration: false', `defaultOriginate: true, ${option}`] as const;
  expect(failuresOf('{ prefixes: [0.0.0.0/0], neverTo: [{ neighbor: customer-c }] }', edit)).toEqual([
    `0.0.0.0/0: edge2 ${says} customer-c (10.0.2.9)`,
  ]);
  expect(failuresOf('{ prefixes: [0.0.0.0/0], announcedTo: [{ neighbor: customer-c }] }', edit)).toEqual(
    says.includes('when') ? ['0.0.0.0/0: edge2 announces it to customer-c only while customer-in lets a route through'] : [],
  );
});
