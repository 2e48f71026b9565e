import { type Arbitrary, array, assert, constantFrom, integer, nat, oneof, property, string, tuple } from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBatchLine } from './batch.ts';
import { type Change, compare } from './compare.ts';
import { byKind } from './dialects/by-kind.ts';
import { inPlace } from './dialects/in-place.ts';
import { dialectFor, platforms } from './dialects/index.ts';
import { withoutHeads } from './flat.ts';
import { parse } from './parse.ts';
import { planPatch } from './plan.ts';
import { print } from './print.ts';
import { isAsGood } from './proof.ts';
import { compileDialect } from './rules.ts';
import { simulate } from './simulate.ts';
import type { Node, Tree } from './types.ts';

const words =
  'interface Ethernet1 Vlanif10 vlan 10,20-30 batch to no undo set delete shutdown ip address 192.0.2.1 255.255.255.0 192.0.2.0/24 secondary ' +
  'router bgp 64496 neighbor peer as-number remote-as route-map route-policy permit deny in out node 10 seq 5 prefix-list ip-prefix index ' +
  'acl rule access-list description "two words" "open banner motd ^C EOF # ! { } ; [ ] inactive: protect: /* */ config edit next end exit quit ' +
  'add name=a set [ find ] /interface \\ port trunk allow-pass all allowed none term then from group address-family ipv4 unicast vrf default';

/** Lines that look like configuration, nested and closed without much sense. */
const soup: Arbitrary<string> = array(tuple(integer({ min: 0, max: 3 }), array(constantFrom(...words.split(' ')), { maxLength: 6 })), {
  maxLength: 12,
}).map((lines) => lines.map(([indent, said]) => ' '.repeat(indent) + said.join(' ')).join('\n'));
const anything = oneof(soup, string({ unit: 'binary', maxLength: 80 }), string({ maxLength: 200 }));

const vendors: readonly (readonly [platform: string, vendor: string | undefined])[] = [
  ...[...platforms.filter((platform) => !dialectFor(platform).structured), 'unheard-of'].map((platform) => [platform, undefined] as const),
  ...[...Object.entries(byKind), ...Object.entries(inPlace)].map(([vendor, { platform }]) => [platform, vendor] as const),
];

describe.each(vendors)('any text as %s for %s', (platform, vendor) => {
  it('is answered, and needs nothing to become itself', () => {
    assert(
      property(anything, anything, (live, intended) => {
        const answer = (from: string, to: string): unknown =>
          JSON.parse(runBatchLine(JSON.stringify({ id: 1, platform, vendor, live: from, intended: to }), 'patch'));
        expect(answer(live, intended)).toEqual({ id: 1, commands: expect.any(Array) });
        expect(answer(live, live)).toEqual({ id: 1, commands: [] });
      }),
      { numRuns: 60 },
    );
  });
});

const golden = join(import.meta.dirname, 'golden');

/** Some of these blocks and lines, in their order. */
function someOf(nodes: readonly Node[], seed: number): Node[] {
  let state = seed;
  const keeps = (): boolean => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) % 100 < 70;
  const go = (each: readonly Node[]): Node[] =>
    each.filter(keeps).map((node) => (node.rule.row.shape === 'whole' ? node : { ...node, children: go(node.children) }));
  return go(nodes);
}

// FRR refuses parts without their ground; it has properties of its own in test/engine.
describe.each(readdirSync(golden).filter((name) => name !== 'frr'))('any parts of configurations of %s', (platform) => {
  it('lead to any others on the simulated device, and back', () => {
    const texts = readdirSync(join(golden, platform)).flatMap((name) =>
      ['live', 'intended'].map((side) => readFileSync(join(golden, platform, name, `${side}.conf`), 'utf8')),
    );
    const part: Arbitrary<[text: string, seed: number]> = tuple(constantFrom(...texts), nat());
    assert(
      property(part, part, ([one, first], [two, second]) => {
        const dialect = dialectFor(platform, { sample: one });
        const settled = dialect.flat ? withoutHeads : (nodes: readonly Node[]): readonly Node[] => nodes;
        const [live, intended] = (
          [
            [one, first],
            [two, second],
          ] as const
        ).map(([text, seed]) => {
          const tree = parse(text, dialect);
          const some = { ...tree, roots: someOf(tree.roots, seed) };
          // Marks are about statements that may be left out.
          if (dialect.flat) return { ...tree, roots: some.roots.filter(({ text }) => !/^(?:deactivate|protect|annotate) /.test(text)) };
          return parse(print(some), dialect);
        }) as [Tree, Tree];
        const { commands, predicted, rollback } = planPatch(live, intended, dialect, { scope: 'all' });
        const reached = simulate(live, commands, dialect);
        // A block of statements stays when the last one goes.
        const isEmptied = ({ kind, ...change }: Change): boolean =>
          dialect.flat !== undefined &&
          kind === 'add' &&
          'want' in change &&
          [...live.roots, ...intended.roots].some(({ text }) => text.startsWith(`${change.want.text} `));
        const isOff = (change: Change): boolean => !isAsGood(change, compileDialect(dialect)) && !isEmptied(change);
        expect(compare(settled(reached.roots), settled(predicted.roots)).filter(isOff)).toEqual([]);
        expect(compare(settled(simulate(reached, rollback, dialect).roots), settled(live.roots)).filter(isOff)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
