import { describe, expect, test } from 'vitest';
import { stateOf } from '../../test/builders/state.ts';
import type { DeviceIntent, RouteMapEntryIntent } from '../api/index.ts';
import { formatPosition } from '../lib/index.ts';
import { compileDevice } from './compile-device.ts';

const sets = `
---
kind: PrefixSet
name: mixed
spec: { entries: [{ prefix: 10.0.0.0/8, le: 24 }, { prefix: "2001:db8::/32" }, { prefix: 192.0.2.0/24, action: Deny, ge: 25 }] }
---
kind: PrefixSet
name: four
spec: { entries: [{ prefix: 203.0.113.0/24 }] }
---
kind: PrefixSet
name: none
spec: { entries: [], allowEmpty: true }
---
kind: CommunitySet
name: standard
spec: { type: Standard, communities: ["64496:2", "64496:1"] }
---
kind: CommunitySet
name: every
spec: { type: Large, match: All, communities: ["64496:2:1", "64496:1:1"] }
---
kind: CommunitySet
name: no-communities
spec: { type: Standard, communities: [], allowEmpty: true }
---
kind: ASPathSet
name: paths
spec: { entries: [{ regex: "^64500$" }] }
`;

/** A policy with these terms, used by redistribution into the families. */
function compile(terms: string, families: readonly string[] = ['ipv4', 'ipv6'], fallback = 'Deny'): ReturnType<typeof compileDevice> {
  const uses = families.map((family) => `{ protocol: Static, family: ${family}-unicast, policy: p }`).join(', ');
  return compileDevice(
    stateOf(`kind: Device
name: r
spec: { platform: frr, management: { address: 192.0.2.250, hostKeys: ["SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] }, credentials: { observe: { name: o } }, bgp: { asn: 64496, routerId: 10.0.0.1, redistribute: [${uses}] } }
---
kind: RoutePolicy
name: p
spec:
  default: ${fallback}
  terms: [${terms}]
${sets}`),
    'r',
  );
}

function intentOf(terms: string, families?: readonly string[], fallback?: string): DeviceIntent {
  const { intent, problems } = compile(terms, families, fallback);
  expect(problems.map(({ message }) => message)).toEqual([]);
  if (!intent) throw new Error('no intent');
  return intent;
}

function entriesOf(terms: string, families?: readonly string[], fallback?: string): readonly RouteMapEntryIntent[] {
  return intentOf(terms, families, fallback).routeMaps[0]?.entries ?? [];
}

const summary = (entries: readonly RouteMapEntryIntent[]): string[] =>
  entries.map((entry) => `${entry.sequence} ${entry.action} ${entry.family ?? 'all'} ${entry.term ?? 'default'}`);

describe('numbers', () => {
  test.each<{ name: string; terms: string; families?: string[]; gives: string[] }>([
    { name: 'the default action is the last entry', terms: '', gives: ['65535 Deny all default'] },
    {
      name: 'terms without numbers take 10, 20, 30',
      terms: '{ name: a, action: Permit }, { name: b, action: Deny }',
      gives: ['10 Permit all a', '20 Deny all b', '65535 Deny all default'],
    },
    {
      name: 'written numbers stay, so that a term between them renumbers nothing',
      terms:
        '{ name: a, sequence: 5, action: Permit }, { name: new, sequence: 7, action: Permit }, { name: b, sequence: 100, action: Deny }',
      gives: ['5 Permit all a', '7 Permit all new', '100 Deny all b', '65535 Deny all default'],
    },
    {
      name: 'a mixed set takes two numbers where both families are used',
      terms: '{ name: a, action: Permit, match: { prefixSet: mixed } }, { name: b, action: Permit }',
      gives: ['10 Permit ipv4 a', '11 Permit ipv6 a', '20 Permit all b', '65535 Deny all default'],
    },
    {
      name: 'IPv6 keeps its number when it is alone',
      terms: '{ name: a, action: Permit, match: { prefixSet: mixed } }',
      families: ['ipv6'],
      gives: ['11 Permit ipv6 a', '65535 Deny all default'],
    },
    {
      name: 'a set of one family gives one entry',
      terms: '{ name: a, action: Permit, match: { prefixSet: four } }',
      gives: ['10 Permit ipv4 a', '65535 Deny all default'],
    },
    {
      name: 'a family condition that is always true costs nothing',
      terms: '{ name: a, action: Permit, match: { family: ipv4-unicast } }',
      families: ['ipv4'],
      gives: ['10 Permit all a', '65535 Deny all default'],
    },
    {
      name: 'a term that no route can fulfil gives no entry',
      terms:
        '{ name: a, action: Deny, match: { prefixSet: none } }, { name: b, action: Deny, match: { communitySet: no-communities } }, { name: c, action: Permit, match: { family: ipv6-unicast, prefixSet: four } }',
      gives: ['65535 Deny all default'],
    },
  ])('$name', ({ terms, families, gives }) => expect(summary(entriesOf(terms, families))).toEqual(gives));

  test('a term of two numbers that has room for one is an error at the term', () => {
    const { intent, problems } = compile(
      '{ name: a, sequence: 10, action: Permit, match: { prefixSet: mixed } }, { name: b, sequence: 11, action: Permit }',
    );
    expect(intent).toBeUndefined();
    expect(problems.map((problem) => `${problem.at ? formatPosition(problem.at) : ''} ${problem.message}`)).toEqual([
      'state.yaml:9:11 RoutePolicy p: term a needs the numbers 10 and 11 on r, one per address family',
    ]);
  });
});

test.each<{ name: string; match: string; has: object }>([
  { name: 'a prefix set of the family', match: 'prefixSet: mixed', has: { prefixList: 'mixed', nextHopList: null } },
  { name: 'a next hop', match: 'nextHopSet: four', has: { prefixList: null, nextHopList: 'four' } },
  { name: 'a community set, with its type', match: 'communitySet: every', has: { communityList: { list: 'every', type: 'Large' } } },
  { name: 'an AS-path set', match: 'asPathSet: paths', has: { asPathList: 'paths' } },
  { name: 'an origin', match: 'origin: IGP', has: { origin: 'IGP' } },
  { name: 'a local preference of zero', match: 'localPreference: 0', has: { localPreference: 0 } },
  { name: 'a MED', match: 'med: 1', has: { med: 1 } },
  { name: 'a family alone, where both are used', match: 'family: ipv6-unicast', has: { prefixList: 'PLUMBLINE_ANY' } },
])('a term matches $name', ({ match, has }) =>
  expect(entriesOf(`{ name: a, action: Permit, match: { ${match} } }`)[0]?.match).toMatchObject(has),
);

test.each<{ name: string; set: string; has: object }>([
  {
    name: 'nothing',
    set: '',
    has: {
      localPreference: null,
      med: null,
      origin: null,
      weight: null,
      nextHop: null,
      communities: { replace: null, deleteList: null, add: [] },
      asPathPrepend: [],
    },
  },
  { name: 'numbers, also zero', set: 'localPreference: 0, med: 0, weight: 0', has: { localPreference: 0, med: 0, weight: 0 } },
  { name: 'the origin', set: 'origin: EGP', has: { origin: 'EGP' } },
  { name: 'an IPv4 next hop', set: 'nextHop: 192.0.2.1', has: { nextHop: { address: '192.0.2.1', mode: 'Address', families: ['ipv4'] } } },
  {
    name: 'no IPv6 next hop on IPv4 routes',
    set: 'nextHop: "2001:db8::1"',
    has: { nextHop: null },
  },
  {
    name: 'the next hop to the neighbor, by family',
    set: 'nextHop: PeerAddress',
    has: { nextHop: { address: null, mode: 'PeerAddress', families: ['ipv4'] } },
  },
  {
    name: 'communities added, sorted as routers print them',
    set: 'communities: { add: [no-export, "64496:10", "64496:9"] }',
    has: { communities: { replace: null, deleteList: null, add: ['64496:9', '64496:10', 'no-export'] } },
  },
  {
    name: 'communities deleted and added',
    set: 'communities: { delete: standard, add: ["64496:9"] }',
    has: { communities: { replace: null, deleteList: 'standard', add: ['64496:9'] } },
  },
  {
    name: 'communities replaced: what is deleted and added is known',
    set: 'communities: { replace: ["64496:1", "64496:7"], delete: standard, add: ["64496:3"] }',
    has: { communities: { replace: ['64496:3', '64496:7'], deleteList: null, add: [] } },
  },
  {
    name: 'all communities removed',
    set: 'communities: { replace: [] }',
    has: { communities: { replace: [], deleteList: null, add: [] } },
  },
  { name: 'nothing deleted by an empty set', set: 'communities: { delete: no-communities }', has: { communities: { deleteList: null } } },
  {
    name: 'large communities',
    set: 'largeCommunities: { delete: every, add: ["64496:5:5"] }',
    has: { largeCommunities: { deleteList: 'every', add: ['64496:5:5'] } },
  },
  {
    name: 'extended communities by kind',
    set: 'extendedCommunities: { add: ["soo:64496:1", "rt:64496:2"] }',
    has: { extendedCommunities: { routeTargets: ['64496:2'], sitesOfOrigin: ['64496:1'] } },
  },
  { name: 'a longer path', set: 'asPathPrepend: [64496, 64496]', has: { asPathPrepend: [64496, 64496] } },
])('a term sets $name', ({ set, has }) => expect(entriesOf(`{ name: a, action: Permit, set: { ${set} } }`)[0]?.set).toMatchObject(has));

test('a term that sets a next hop has an entry for each family: FRR would give it to routes of the other one', () => {
  const [ipv4, ipv6] = entriesOf('{ name: a, action: Permit, set: { nextHop: "2001:db8::1" } }');
  expect(ipv4).toMatchObject({ sequence: 10, family: 'ipv4', match: { prefixList: 'PLUMBLINE_ANY' }, set: { nextHop: null } });
  expect(ipv6).toMatchObject({
    sequence: 11,
    family: 'ipv6',
    match: { prefixList: 'PLUMBLINE_ANY' },
    set: { nextHop: { address: '2001:db8::1', mode: 'Address', families: ['ipv6'] } },
  });
});

test('a term can go on with the next one', () => expect(entriesOf('{ name: a, action: Permit, continue: true }')[0]?.continue).toBe(true));

test('the default action is the one written', () =>
  expect(entriesOf('', ['ipv4'], 'Permit').at(-1)).toMatchObject({ action: 'Permit', sequence: 65535 }));

test('entries know the line of their term', () => {
  expect(entriesOf('{ name: a, action: Permit }').map(({ source }) => source.line)).toEqual([9, 8]);
});

test('a community that is added and deleted by one term is an error, since FRR does not keep the order', () => {
  const { problems } = compile('{ name: a, action: Permit, set: { communities: { delete: standard, add: ["64496:1"] } } }');
  expect(problems.map(({ message }) => message)).toEqual([
    'RoutePolicy p: term a adds 64496:1 and deletes CommunitySet standard, which holds it (on r)',
  ]);
});

describe('sets', () => {
  test('come to the device only when one of its policies uses them, in the families it uses', () => {
    const { prefixLists, communityLists, asPathLists } = intentOf(
      '{ name: a, action: Permit, match: { prefixSet: mixed, communitySet: standard } }',
      ['ipv4'],
    );
    expect(prefixLists.map(({ list, family }) => `${family} ${list}`)).toEqual(['ipv4 mixed']);
    expect(communityLists.map(({ list }) => list)).toEqual(['standard']);
    expect(asPathLists).toEqual([]);
  });

  test('that hold both families become two lists, each numbered by itself', () => {
    const { prefixLists } = intentOf('{ name: a, action: Permit, match: { prefixSet: mixed } }');
    expect(
      prefixLists.map(({ family, entries }) => [
        family,
        ...entries.map((entry) => `${entry.sequence} ${entry.action} ${entry.prefix} ${entry.ge} ${entry.le}`),
      ]),
    ).toEqual([
      ['ipv4', '10 Permit 10.0.0.0/8 null 24', '20 Deny 192.0.2.0/24 25 null'],
      ['ipv6', '10 Permit 2001:db8::/32 null null'],
    ]);
  });

  test('of communities match any by an entry each, all by one entry', () => {
    const { communityLists } = intentOf(
      '{ name: a, action: Permit, match: { communitySet: standard } }, { name: b, action: Permit, match: { communitySet: every } }',
    );
    expect(communityLists.map(({ list, entries }) => [list, ...entries.map(({ communities }) => communities.join(' '))])).toEqual([
      ['every', '64496:1:1 64496:2:1'],
      ['standard', '64496:2', '64496:1'],
    ]);
  });

  test('that are used by deletion alone come too', () => {
    expect(
      intentOf('{ name: a, action: Permit, set: { communities: { delete: standard } } }').communityLists.map(({ list }) => list),
    ).toEqual(['standard']);
  });

  test('that do not exist give no intent', () => {
    const { intent, problems } = compile('{ name: a, action: Deny, match: { prefixSet: nope } }');
    expect(intent).toBeUndefined();
    expect(problems.map(({ message }) => message)).toEqual(['r: RoutePolicy/p cannot be compiled, PrefixSet/nope does not exist']);
  });
});
