import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPosition } from '../lib/index.ts';
import { compileDevice } from '../compile/index.ts';
import { randomWorld, type RandomRoute, type RandomWorld } from '../../test/policy/random-policies.ts';
import { stateOf } from '../../test/builders/state.ts';
import { findDeadTerms } from './dead-terms.ts';
import { compilePolicies } from './evaluate.ts';
import { readNetwork, type Route } from './route.ts';

const sets = `
{ kind: PrefixSet, name: ten, spec: { entries: [{ prefix: 10.0.0.0/8, le: 24 }] } }
---
{ kind: PrefixSet, name: low, spec: { entries: [{ prefix: 10.0.0.0/9, le: 24 }] } }
---
{ kind: PrefixSet, name: high, spec: { entries: [{ prefix: 10.128.0.0/9, le: 24 }] } }
---
{ kind: PrefixSet, name: itself, spec: { entries: [{ prefix: 10.0.0.0/8 }] } }
---
{ kind: PrefixSet, name: six, spec: { entries: [{ prefix: '2001:db8::/32', le: 48 }] } }
---
{ kind: PrefixSet, name: hosts, spec: { entries: [{ prefix: 10.0.0.0/8, ge: 32 }] } }
---
{ kind: PrefixSet, name: nothing, spec: { entries: [{ prefix: 10.0.0.0/8, le: 32, action: Deny }, { prefix: 10.1.0.0/16 }] } }
---
{ kind: PrefixSet, name: none, spec: { entries: [], allowEmpty: true } }
---
{ kind: CommunitySet, name: one, spec: { type: Standard, communities: ['1:1'] } }
---
{ kind: CommunitySet, name: two, spec: { type: Standard, communities: ['1:1', '1:2'] } }
---
{ kind: CommunitySet, name: both, spec: { type: Standard, match: All, communities: ['1:1', '1:2'] } }
---
{ kind: ASPathSet, name: path, spec: { entries: [{ regex: ^64496_ }] } }
---
`;

function deadIn(terms: readonly string[]): string[] {
  const list = terms.map((term, i) => `    - { name: t${i}, ${term} }`).join('\n');
  return findDeadTerms(stateOf(`${sets}kind: RoutePolicy\nname: p\nspec:\n  default: Deny\n  terms:\n${list}\n`).objects).map(
    ({ code, message }) => `${code} ${/term (\S+)/.exec(message)?.[1] ?? ''}: ${message.split(': ').slice(2).join(': ')}`,
  );
}

const by = (term: string, terms: string): string => `ShadowedTerm ${term}: ${terms} decided every route before that it matches`;

describe('a term is told of', () => {
  test.each<[name: string, terms: readonly string[], told: readonly string[]]>([
    ['behind the same match', ['action: Deny, match: { prefixSet: ten }', 'action: Permit, match: { prefixSet: ten }'], [by('t1', 't0')]],
    [
      'behind a wider prefix set',
      ['action: Deny, match: { prefixSet: ten }', 'action: Permit, match: { prefixSet: low, origin: IGP }'],
      [by('t1', 't0')],
    ],
    [
      'behind two that cover it together',
      [
        'action: Deny, match: { prefixSet: low }',
        'action: Deny, match: { prefixSet: high }',
        'action: Deny, match: { prefixSet: itself }',
        'action: Permit, match: { prefixSet: ten }',
      ],
      [by('t3', 't0, t1 and t2 together')],
    ],
    [
      'not when one prefix is left',
      ['action: Deny, match: { prefixSet: low }', 'action: Deny, match: { prefixSet: high }', 'action: Permit, match: { prefixSet: ten }'],
      [],
    ],
    ['not behind a narrower set', ['action: Deny, match: { prefixSet: low }', 'action: Permit, match: { prefixSet: ten }'], []],
    [
      'not behind one that continues',
      ['action: Permit, match: { prefixSet: ten }, continue: true', 'action: Permit, match: { prefixSet: ten }'],
      [],
    ],
    [
      'not behind one that asks for more',
      ['action: Deny, match: { prefixSet: ten, origin: EGP }', 'action: Permit, match: { prefixSet: ten }'],
      [],
    ],
    [
      'behind one of the communities',
      ['action: Deny, match: { communitySet: two }', 'action: Permit, match: { communitySet: one }'],
      [by('t1', 't0')],
    ],
    [
      'behind any, when it asks for all',
      ['action: Deny, match: { communitySet: one }', 'action: Permit, match: { communitySet: both }'],
      [by('t1', 't0')],
    ],
    [
      'not behind all, when it asks for any',
      ['action: Deny, match: { communitySet: both }', 'action: Permit, match: { communitySet: two }'],
      [],
    ],
    [
      'not when a term between changes what is asked',
      [
        'action: Deny, match: { communitySet: one }',
        'action: Permit, continue: true, set: { communities: { add: ["1:1"] } }',
        'action: Permit, match: { communitySet: one }',
      ],
      [],
    ],
    ['behind its family', ['action: Deny, match: { family: ipv4-unicast }', 'action: Permit, match: { prefixSet: ten }'], [by('t1', 't0')]],
    ['not behind the other family', ['action: Deny, match: { family: ipv6-unicast }', 'action: Permit, match: { prefixSet: ten }'], []],
    [
      'behind both families',
      [
        'action: Deny, match: { family: ipv6-unicast }',
        'action: Deny, match: { family: ipv4-unicast }',
        'action: Permit, match: { asPathSet: path }',
      ],
      [by('t2', 't0 and t1 together')],
    ],
    [
      'not behind further lines',
      ['action: Deny, match: { prefixSet: ten }, lines: [match interface eth0]', 'action: Permit, match: { prefixSet: ten }'],
      [],
    ],
    [
      'next hops that are networks',
      ['action: Permit, match: { nextHopSet: itself }'],
      ['ImpossibleTerm t0: PrefixSet/itself holds no single address, and a next hop is one'],
    ],
    ['next hops that are addresses', ['action: Permit, match: { nextHopSet: hosts }'], []],
    [
      'a set of which nothing is left',
      ['action: Permit, match: { prefixSet: nothing }'],
      ['ImpossibleTerm t0: every permitting entry of PrefixSet/nothing stands behind a denying one that covers it'],
    ],
    [
      'next hops of the other family',
      ['action: Permit, match: { prefixSet: six, nextHopSet: hosts }'],
      ['ImpossibleTerm t0: PrefixSet/six and PrefixSet/hosts hold prefixes of different address families'],
    ],
    [
      'nothing behind an empty set that is meant',
      ['action: Deny, match: { prefixSet: none }', 'action: Permit, match: { prefixSet: none }'],
      [],
    ],
    ['nothing behind one that takes everything: that is said already', ['action: Permit', 'action: Permit, match: { prefixSet: ten }'], []],
  ])('%s', (_name, terms, told) => expect(deadIn(terms)).toEqual(told));

  test('at its place', () => {
    const yaml = `${sets}kind: RoutePolicy\nname: p\nspec:\n  default: Deny\n  terms:\n    - { name: a, action: Deny, match: { prefixSet: ten } }\n    - { name: b, action: Permit, match: { prefixSet: low } }\n`;
    const [found] = findDeadTerms(stateOf(yaml).objects);
    const line = yaml.split('\n').findIndex((each) => each.includes('name: b,')) + 1;
    expect(found?.at && formatPosition(found.at)).toBe(`state.yaml:${line}:7`);
  });
});

/** Puts a route through a policy whose term in question would leave a mark. */
function isReached(world: RandomWorld, policy: string, term: string, routes: readonly Route[]): boolean {
  const marked = world.documents.map((document) => {
    const { kind, name, spec } = document as { kind: string; name: string; spec: { terms: Record<string, unknown>[] } };
    if (kind !== 'RoutePolicy' || name !== policy) return document;
    return {
      kind,
      name,
      spec: {
        ...spec,
        terms: spec.terms.map((each) =>
          each['name'] === term ? { ...each, action: 'Permit', set: { weight: 54_321 }, continue: false } : each,
        ),
      },
    };
  });
  const device = {
    kind: 'Device',
    name: 'r1',
    spec: {
      platform: 'frr',
      management: { address: '10.255.0.1', hostKeys: [`SHA256:${'A'.repeat(43)}`] },
      credentials: { observe: { name: 'o' } },
      bgp: {
        asn: 64_500,
        routerId: '10.0.0.1',
        networks: [
          { prefix: '10.0.0.0/8', policy },
          { prefix: '2001:db8::/32', policy },
        ],
      },
    },
  };
  const { intent, problems } = compileDevice(stateOf([...marked, device].map((each) => JSON.stringify(each)).join('\n---\n')), 'r1');
  if (!intent) throw new Error(problems.map(({ message }) => message).join('; '));
  const policies = compilePolicies(intent);
  return routes.some((route) => policies.evaluate(policy, route, { at: 'export' }).route.weight === 54_321);
}

function toRoute({ prefix, path, origin, med, ...rest }: RandomRoute): Route {
  const network = readNetwork(prefix);
  if (!network) throw new Error(prefix);
  return {
    ...rest,
    network,
    asPath: path.join(' '),
    origin: origin === 'igp' ? 'IGP' : origin === 'egp' ? 'EGP' : 'Incomplete',
    localPreference: null,
    med: med ?? null,
    weight: 0,
  };
}

test('no route ever comes to a term that is told of', () => {
  let told = 0;
  fc.assert(
    fc.property(randomWorld(20, 150), (world) => {
      const routes = world.routes.map(toRoute);
      const found = findDeadTerms(stateOf(world.documents.map((each) => JSON.stringify(each)).join('\n---\n')).objects);
      for (const { message } of found) {
        const [, policy = '', term = ''] = /RoutePolicy\/(\S+): term (\S+)/.exec(message) ?? [];
        told += 1;
        expect(`${message} ${isReached(world, policy, term, routes)}`).toBe(`${message} false`);
      }
    }),
    { numRuns: 12, seed: 7 },
  );
  expect(told).toBeGreaterThan(5);
}, 120_000);
