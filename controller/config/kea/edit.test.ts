import { describe, expect, it } from 'vitest';
import { dialectFor, editJson, type JsonMap, parse, parseDocument, planPatch, print, simulate, type Tree } from '../index.ts';

const kea = dialectFor('kea');
const version = '2.2.0';
const of = (document: JsonMap) => parseDocument(document, kea, { version });
const bare = { Dhcp4: { 'valid-lifetime': 3600 } };
const listens = { Dhcp4: { 'valid-lifetime': 3600, 'interfaces-config': { interfaces: ['eth0'] } } };
const quiet = { Dhcp4: { 'valid-lifetime': 3600, 'interfaces-config': { interfaces: ['eth0'], 're-detect': false } } };
const longer = { Dhcp4: { 'valid-lifetime': 7000 } };
const both = { ...bare, Dhcp6: { 'valid-lifetime': 7000, 'interfaces-config': { interfaces: ['eth0'] } } };

describe('a server without interfaces-config does not look for interfaces again, with one it does', () => {
  it.each<{ name: string; from: JsonMap; to: JsonMap }>([
    { name: 'one that gets interfaces, and is to look', from: bare, to: listens },
    { name: 'one that gets interfaces, and is not to look', from: bare, to: quiet },
    { name: 'one in which something else changes', from: bare, to: longer },
    { name: 'one that loses them', from: listens, to: bare },
    { name: 'one that is to look no more', from: listens, to: quiet },
    { name: 'a new server beside it', from: bare, to: both },
  ])('$name is edited to what the lines say', ({ from, to }) => {
    const [live, intended] = [of(from), of(to)];
    const { commands } = planPatch(live, intended, kea, { scope: 'all' });
    const edited = editJson(from, commands, kea, (token) => token);
    const linesOf = (tree: Tree) => print(tree).split('\n').toSorted();
    expect(linesOf(of(edited))).toEqual(linesOf(simulate(live, commands, kea)));
    expect(linesOf(of(edited))).toEqual(linesOf(intended));
  });

  it('nothing of it is made where no line speaks of it', () => {
    const { commands } = planPatch(of(bare), of(longer), kea, { scope: 'all' });
    expect(editJson(bare, commands, kea, (token) => token)).toEqual(longer);
    expect(print(parse(JSON.stringify(bare), kea, { version }))).toContain('re-detect false');
  });
});
