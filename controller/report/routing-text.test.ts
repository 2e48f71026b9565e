import { expect, test } from 'vitest';
import type { RoutingEffects } from '../api/index.ts';
import { fitParts } from './fit.ts';
import { formatRouting, routingParts } from './routing-text.ts';
import { plain } from './style.ts';

const none: RoutingEffects = {
  neighbors: [],
  unreachable: [],
  leaks: [],
  lastOfSite: [],
  evaluated: { devices: 4, prefixes: 9, received: 0 },
  notEvaluated: [],
};
const some: RoutingEffects = {
  ...none,
  neighbors: [
    {
      device: 'edge1',
      neighbor: '192.0.2.9',
      peer: 'transit-a',
      relationship: 'Transit',
      announced: { count: 0, prefixes: [] },
      withdrawn: { count: 10, prefixes: Array.from({ length: 10 }, (_, i) => `10.${i}.0.0/16`) },
      changed: [{ count: 1, prefixes: ['203.0.113.0/24'], attributes: [{ attribute: 'MED', before: '', after: '5' }] }],
    },
  ],
  leaks: [
    {
      from: { device: 'edge1', peer: 'transit-a', relationship: 'Transit' },
      to: { device: 'edge2', peer: 'peer-b', relationship: 'Peer' },
      prefixes: { count: 1, prefixes: ['1.1.1.0/24'] },
      received: false,
    },
  ],
  unreachable: [{ device: 'core', count: 1, prefixes: ['10.0.0.0/16'] }],
  notEvaluated: ['a | thing'],
};

test('a terminal sees the worst first, then each neighbor, then what nobody looked at', () => {
  expect(formatRouting(some, plain)).toBe(`
Routes (4 devices, 9 prefixes)
  route leak: a route like 1.1.1.0/24 of transit-a (Transit, at edge1) would go to peer-b (Peer, at edge2)
  core would have no route to 10.0.0.0/16
  edge1 to transit-a (192.0.2.9, Transit)
    withdrawn 10.0.0.0/16, 10.1.0.0/16, 10.2.0.0/16, 10.3.0.0/16, 10.4.0.0/16, 10.5.0.0/16, 10.6.0.0/16, 10.7.0.0/16 and 2 more
    changed   203.0.113.0/24: MED none → 5
  not evaluated: a | thing
`);
});

const routingMarkdown = (effects: RoutingEffects | undefined): string => fitParts(routingParts(effects), Infinity).text;

test('a pull request sees a table that text cannot break', () => {
  const markdown = routingMarkdown(some);
  expect(markdown).toContain('| edge1 | transit-a (192.0.2.9, Transit) | **withdrawn** | 10.0.0.0/16,');
  expect(routingMarkdown({ ...some, unreachable: [{ device: 'a | b', count: 1, prefixes: [] }] })).toContain('a \\| b would have no route');
});

test('nothing that changes, nothing that was looked at, and no look at all are told apart', () => {
  expect(formatRouting(none, plain)).toContain('No neighbor outside gets anything else.');
  expect(formatRouting({ ...none, evaluated: { devices: 0, prefixes: 0, received: 0 } }, plain)).toContain('Not known.');
  expect([formatRouting(undefined, plain), routingMarkdown(undefined)]).toEqual(['', '']);
});
