import { assert, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dialectFor, diffText, editJson, parse, parseDocument, planPatch, print, simulate } from '../../../controller/config/index.ts';
import { anyContext, configOf } from './configs.ts';

describe.each([4, 6] as const)('any configuration of kea-dhcp%i', (family) => {
  const dialect = dialectFor(`kea-dhcp${family}`);
  const root = `Dhcp${family}`;
  const version = '2.2.0';
  const two = tuple(configOf(family), configOf(family), anyContext);

  it('is the same after it was printed and read, and needs nothing to become itself', () => {
    assert(
      property(configOf(family), anyContext, (config, context) => {
        const tree = parseDocument({ [root]: { ...config, 'user-context': context } }, dialect, { version });
        const again = parse(print(tree), dialect, { version });
        expect(print(again)).toBe(print(tree));
        expect(planPatch(tree, again, dialect, { scope: 'all' }).commands).toEqual([]);
        expect(
          diffText(tree, parse(JSON.stringify({ [root]: { ...config, 'user-context': context } }, null, 1), dialect, { version }), dialect),
        ).toBe('');
      }),
      { numRuns: 30 },
    );
  });

  it('becomes any other one, in lines and in JSON alike, and itself again', () => {
    assert(
      property(two, ([one, other, context]) => {
        const raw = { [root]: { ...one, 'user-context': context }, beside: { kept: true } };
        const before = JSON.stringify(raw);
        const live = parseDocument(raw, dialect, { version });
        const want = parseDocument({ [root]: other }, dialect, { version });
        const patch = planPatch(live, want, dialect, { scope: 'all' });
        expect(patch.proof).toMatchObject({ forward: true, rollback: true });
        const edited = editJson(raw, patch.commands, dialect, () => undefined);
        const now = parseDocument(edited, dialect, { version });
        expect(print(now)).toBe(print(want));
        expect(diffText(now, simulate(live, patch.commands, dialect), dialect)).toBe('');
        expect(edited['beside']).toEqual({ kept: true });
        expect(JSON.stringify(raw)).toBe(before);
        const back = parseDocument(
          editJson(edited, patch.rollback, dialect, () => undefined),
          dialect,
          { version },
        );
        expect(print(back)).toBe(print(live));
      }),
      { numRuns: 40 },
    );
  });
});
