import { describe, expect, test } from 'vitest';
import { network } from '../../test/builders/edge-network.ts';
import type { DeviceIntent, RoutingEffects } from '../api/index.ts';
import { compileAll } from '../compile/index.ts';
import { stateOf } from '../../test/builders/state.ts';
import { compareRouting } from './compare-routing.ts';
import { ownRoute, readNetwork, type Route } from './route.ts';
import type { ReceivedRoute } from './seeds.ts';

function compile(yaml: string): DeviceIntent[] {
  return compileAll(stateOf(yaml)).map(({ device, intent, problems }) => {
    if (!intent) throw new Error(`${device}: ${problems.map(({ message }) => message).join('; ')}`);
    return intent;
  });
}

/** What an edit of the network of `test/builders/edge-network.ts` does: transit-a and core at fra, peer-b and customer-c at lon. */
function effectsOf(
  edit: readonly [from: string, to: string][],
  received: readonly ReceivedRoute[] = [],
  first: readonly [string, string][] = [],
): RoutingEffects {
  const change = (text: string, edits: readonly (readonly [string, string])[]): string =>
    edits.reduce((edited, [from, to]) => {
      if (!edited.includes(from)) throw new Error(`the network does not hold ${from}`);
      return edited.replace(from, to);
    }, text);
  const base = change(network, first);
  return compareRouting({ before: compile(base), after: compile(change(base, edit)), received });
}

function received(device: string, neighbor: string, prefix: string, fields: Partial<Route> = {}): ReceivedRoute {
  const read = readNetwork(prefix);
  if (!read) throw new Error(prefix);
  return { device, neighbor, route: { ...ownRoute(read), nextHop: neighbor, weight: 0, ...fields } };
}

/** `edge1>transit-a -192.0.2.0/24`: short words for what changes. */
function brief({ neighbors }: RoutingEffects): string[] {
  return neighbors.flatMap(({ device, peer, announced, withdrawn, changed }) => [
    ...announced.prefixes.map((prefix) => `${device}>${peer} +${prefix}`),
    ...withdrawn.prefixes.map((prefix) => `${device}>${peer} -${prefix}`),
    ...changed.flatMap(({ prefixes, attributes }) =>
      attributes.map(({ attribute, before, after }) => `${device}>${peer} ${prefixes.join()} ${attribute}: ${before} > ${after}`),
    ),
  ]);
}

describe('what neighbors outside get', () => {
  test('nothing changes when nothing is edited, or only names are', () => {
    expect(brief(effectsOf([]))).toEqual([]);
    expect(brief(effectsOf([['name: own, action', 'name: ours, action']]))).toEqual([]);
  });

  test.each<[name: string, from: string, to: string, expected: readonly string[]]>([
    [
      'a network that is not originated',
      '{ prefix: 192.0.2.0/24, policy: originate }',
      '',
      ['edge1>transit-a -192.0.2.0/24', 'edge2>peer-b -192.0.2.0/24', 'edge2>customer-c -192.0.2.0/24'],
    ],
    [
      'a new network two devices away',
      'networks: [',
      'networks: [{ prefix: 198.18.0.0/24, policy: originate }, ',
      ['edge1>transit-a +198.18.0.0/24', 'edge2>peer-b +198.18.0.0/24', 'edge2>customer-c +198.18.0.0/24'],
    ],
    [
      'a mark that export looks for',
      'add: ["64500:1"]',
      'add: ["64500:2"]',
      ['edge1>transit-a -192.0.2.0/24', 'edge2>peer-b -192.0.2.0/24', 'edge2>customer-c 192.0.2.0/24 communities: 64500:1 > 64500:2'],
    ],
    [
      'a longer path',
      'name: own, action: Permit',
      'name: own, action: Permit, set: { asPathPrepend: [64500] }',
      ['edge1>transit-a 192.0.2.0/24 AS path: 64500 > 64500 64500', 'edge2>peer-b 192.0.2.0/24 AS path: 64500 > 64500 64500'],
    ],
    ['an export that is taken away', 'import: upstream-in, export: upstream-out', 'import: upstream-in', ['edge1>transit-a -192.0.2.0/24']],
    ['a session that is shut down', 'adminState: Up', 'adminState: Shutdown', ['edge1>transit-a -192.0.2.0/24']],
    [
      'a static route that is redistributed',
      'staticRoutes: []',
      'staticRoutes: [{ prefix: 198.18.1.0/24, blackhole: true }]',
      ['edge1>transit-a +198.18.1.0/24', 'edge2>peer-b +198.18.1.0/24', 'edge2>customer-c +198.18.1.0/24'],
    ],
    ['a default route', 'softReconfiguration: false', 'defaultOriginate: true', ['edge2>customer-c +0.0.0.0/0']],
    ['the reflector forgets a client', 'routeReflectorClient: true } } } # edge2', 'nextHopSelf: true } } } # edge2', []],
  ])('%s', (_name, from, to, expected) => {
    expect(brief(effectsOf([[from, to]])).toSorted()).toEqual(expected.toSorted());
  });

  test('names the devices that lose a route, and the sites that announce it no more', () => {
    const { unreachable, lastOfSite } = effectsOf([['{ prefix: 192.0.2.0/24, policy: originate }', '']]);
    expect(unreachable.map(({ device }) => device)).toEqual(['core', 'edge1', 'edge2']);
    expect(lastOfSite).toEqual([
      { site: 'fra', count: 1, prefixes: ['192.0.2.0/24'] },
      { site: 'lon', count: 1, prefixes: ['192.0.2.0/24'] },
    ]);
  });
});

describe('aggregates', () => {
  const aggregate = (fields: string): [string, string] => [
    'aggregates: []',
    `aggregates: [{ prefix: 192.0.0.0/16, policy: mark ${fields} }]`,
  ];

  test('are announced while a route inside is known', () => {
    expect(brief(effectsOf([aggregate('')]))).toContain('edge1>transit-a +192.0.0.0/16');
    const { neighbors } = effectsOf([['{ prefix: 192.0.2.0/24, policy: originate }', '']], [], [aggregate('')]);
    expect(neighbors[0]?.withdrawn.prefixes).toEqual(['192.0.0.0/16', '192.0.2.0/24']);
  });

  test('keep what is inside to themselves with summaryOnly', () => {
    expect(brief(effectsOf([aggregate(', summaryOnly: true')]))).toEqual(
      expect.arrayContaining(['edge1>transit-a +192.0.0.0/16', 'edge1>transit-a -192.0.2.0/24', 'edge2>peer-b -192.0.2.0/24']),
    );
  });

  test('are taken to be there where nothing inside was ever known, and that is said', () => {
    const { neighbors, notEvaluated } = effectsOf([['aggregates: []', 'aggregates: [{ prefix: 198.18.0.0/15, policy: mark }]']]);
    expect(neighbors.map(({ announced }) => announced.prefixes)).toEqual([['198.18.0.0/15'], ['198.18.0.0/15'], ['198.18.0.0/15']]);
    expect(notEvaluated).toContain('core: aggregate 198.18.0.0/15 is taken to be announced: no route inside it is known');
  });
});

describe('received routes', () => {
  const customer = received('edge2', '10.0.2.9', '203.0.113.0/24', { asPath: '64511', communities: ['64500:3'] });

  test('go through the policies of the whole network', () => {
    expect(brief(effectsOf([['communities: ["64500:1", "64500:3"]', 'communities: ["64500:1"]']], [customer]))).toEqual([
      'edge1>transit-a -203.0.113.0/24',
      'edge2>peer-b -203.0.113.0/24',
    ]);
  });

  test('go through an import policy anew when it changes, and that is said', () => {
    const { neighbors, notEvaluated } = effectsOf([['{ prefix: 203.0.113.0/24, le: 25 }', '{ prefix: 203.0.113.128/25 }']], [customer]);
    expect(neighbors.map(({ peer, withdrawn }) => [peer, withdrawn.count])).toEqual([
      ['transit-a', 1],
      ['peer-b', 1],
    ]);
    expect(notEvaluated.join()).toContain('edge2 from 10.0.2.9: the import policy changes');
  });

  test('of a provider that go to a peer are a leak', () => {
    const provider = received('edge1', '10.0.1.9', '198.51.100.0/24', { asPath: '64496', communities: ['64500:4'] });
    const { leaks } = effectsOf([['communities: ["64500:1", "64500:3"]', 'communities: ["64500:1", "64500:3", "64500:4"]']], [provider]);
    expect(leaks).toEqual([
      {
        from: { device: 'edge1', peer: 'transit-a', relationship: 'Transit' },
        to: { device: 'edge2', peer: 'peer-b', relationship: 'Peer' },
        prefixes: { count: 1, prefixes: ['198.51.100.0/24'] },
        received: true,
      },
      expect.objectContaining({ from: expect.objectContaining({ peer: 'peer-b' }), received: false }),
    ]);
  });
});

describe('route leaks that nobody has seen yet', () => {
  test('are found by trying routes that neighbors might send', () => {
    const { leaks } = effectsOf([['communities: ["64500:1", "64500:3"]', 'communities: ["64500:1", "64500:3", "64500:4"]']]);
    expect(leaks.map(({ from, to, received: known }) => [from.peer, to.peer, known])).toEqual([
      ['transit-a', 'peer-b', false],
      ['peer-b', 'transit-a', false],
    ]);
  });

  test('are told once, when they come', () => {
    const wide: [string, string] = ['communities: ["64500:1", "64500:3"]', 'communities: ["64500:1", "64500:3", "64500:4"]'];
    expect(effectsOf([['name: own, action', 'name: ours, action']], [], [wide]).leaks).toEqual([]);
  });
});

test('prefixes that no policy can tell apart are walked once: ten thousand cost no more than one', () => {
  const many = Array.from({ length: 4_000 }, (_, i) => `{ prefix: 10.${i >> 8}.${i & 255}.0/24, policy: originate }`).join(', ');
  const start = performance.now();
  const { neighbors } = effectsOf([['add: ["64500:1"]', 'add: ["64500:2"]']], [], [['networks: [', `networks: [${many}, `]]);
  expect(neighbors[0]?.withdrawn).toMatchObject({ count: 4_001 });
  expect(neighbors[0]?.withdrawn.prefixes).toHaveLength(100);
  expect(performance.now() - start).toBeLessThan(20_000);
});
