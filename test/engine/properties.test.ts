import { assert, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dialectFor, listItems, parse, planPatch, print, printCommands, simulate, type Tree } from '../../controller/config/index.ts';
import { frrConfigs } from './frr-configs.ts';

const frr = dialectFor('frr');
const read = (text: string): Tree => parse(text, frr);
const whole = { scope: 'all' } as const;

/** What a tree says, without the order of what has none. */
function items(tree: Tree): string[] {
  return listItems(tree, frr)
    .map(({ key, text }) => `${key} = ${text}`)
    .sort();
}

describe('any FRR configuration', () => {
  it('prints back as it was read', () => {
    assert(
      property(frrConfigs, (text) => {
        const tree = read(text);
        expect(items(read(print(tree)))).toEqual(items(tree));
        expect(print(read(print(tree)))).toBe(print(tree));
      }),
    );
  });

  it('needs no command to become itself', () => {
    assert(
      property(frrConfigs, (text) => {
        expect(planPatch(read(text), read(text), frr, whole).commands).toEqual([]);
      }),
    );
  });

  it('reads the same without indentation, with tabs and with CRLF', () => {
    assert(
      property(frrConfigs, (text) => {
        const expected = items(read(text));
        expect(items(read(text.replaceAll(/^ +/gm, '')))).toEqual(expected);
        expect(items(read(text.replaceAll(/^ +/gm, '\t').replaceAll('\n', ' \r\n')))).toEqual(expected);
      }),
    );
  });
});

describe('a text that is like one read before', () => {
  it('reads the same as without that one', () => {
    assert(
      property(frrConfigs, frrConfigs, (before, after) => {
        const like = read(before);
        for (const text of [before, after, `${before}${after}`, after.replaceAll(/^ +/gm, '')])
          expect(print(parse(text, frr, { like }))).toBe(print(read(text)));
      }),
    );
  });
});

describe('any change from one FRR configuration to another', () => {
  it('arrives, and its rollback comes back, from the end and from every prefix', () => {
    assert(
      property(frrConfigs, frrConfigs, (before, after) => {
        const [live, intended] = [read(before), read(after)];
        const patch = planPatch(live, intended, frr, whole);
        const reached = simulate(live, patch.commands, frr);
        expect(items(reached)).toEqual(items(intended));
        expect(items(simulate(reached, patch.rollback, frr))).toEqual(items(live));
        expect(patch.proof).toMatchObject({ forward: true, rollback: true });
      }),
    );
  });

  it('keeps the instance when the AS number stays', () => {
    assert(
      property(frrConfigs, frrConfigs, (before, after) => {
        const openers = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('router bgp '));
        const text = printCommands(planPatch(read(before), read(after), frr, whole).commands, frr);
        const kept = openers(before).filter((opener) => openers(after).includes(opener));
        expect(kept.filter((opener) => text.includes(`no ${opener}\n`))).toEqual([]);
      }),
    );
  });

  it('never lets a reference dangle that neither side lets dangle, but in a declared gap', () => {
    assert(
      property(frrConfigs, frrConfigs, (before, after) => {
        const patch = planPatch(read(before), read(after), frr, whole);
        for (const gap of patch.gaps)
          expect(gap.because).toMatch(/is refused while|can only change by removing|is missing from|need each other/);
      }),
    );
  });

  it('touches nothing that only the device has when Git owns parts', () => {
    assert(
      property(frrConfigs, frrConfigs, (before, after) => {
        const [live, intended] = [read(before), read(after)];
        const patch = planPatch(live, intended, frr, { scope: 'owned' });
        const wanted = new Set(listItems(intended, frr).flatMap(({ key, object }) => [key, ...(object === undefined ? [] : [object])]));
        const kept = new Set(listItems(simulate(live, patch.commands, frr), frr).map(({ key }) => key));
        const lost = listItems(live, frr).filter(({ key, object }) => {
          // A family is there as long as a line is in it, and what a neighbor says of it depends on the default of the instance.
          if (/address-family \S+ \S+$| activate$/.test(key)) return false;
          return !kept.has(key) && !wanted.has(key) && (object === undefined || !wanted.has(object));
        });
        expect(lost).toEqual([]);
      }),
    );
  });
});
