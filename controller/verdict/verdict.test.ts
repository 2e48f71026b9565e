import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Baseline, DeviceVerdict } from '../api/index.ts';
import { adoptBaseline, advanceBaseline, refreshBaseline } from './baseline.ts';
import { compareItems } from './compare-items.ts';
import type { Facts, LiveItem, Standing } from './facts.ts';
import { judge, judgeUnknown } from './judge.ts';
import { type ItemFacts, type ItemVerdict, judgeItem } from './judge-item.ts';
import { observe, sinceFrom } from './observation.ts';

const noon = new Date('2026-11-20T12:00:00Z');
const later = new Date('2026-11-20T13:00:00Z');

function facts(given: {
  desired?: Record<string, string>;
  live?: Record<string, string | [text: string, standing: Standing]>;
  baseline?: Record<string, string>;
  adopted?: boolean;
  unmanaged?: string[];
  unmanagedLines?: Record<string, string>;
}): Facts {
  const baseline: Baseline | undefined = given.baseline && {
    device: 'edge1-fra',
    platform: 'frr',
    revision: 'main@sha1:1',
    items: given.baseline,
    unmanaged: given.unmanaged ?? [],
    ...(given.unmanagedLines && { unmanagedLines: given.unmanagedLines }),
    adopted: given.adopted ?? true,
  };
  return {
    device: 'edge1-fra',
    platform: 'frr',
    revision: 'main@sha1:2',
    desired: Object.entries(given.desired ?? {}).map(([key, text]) => ({ key, path: key.split(' > ').slice(0, -1), text })),
    live: Object.entries(given.live ?? {}).map(([key, value]): LiveItem => {
      const [text, standing] = typeof value === 'string' ? [value, 'owned' as const] : value;
      return { key, path: key.split(' > ').slice(0, -1), text, standing };
    }),
    baseline,
    at: noon,
    sinceOf: () => undefined,
  };
}

const known = (verdict: DeviceVerdict) => {
  if (verdict.verdict === 'Unknown') throw new Error('the verdict is Unknown');
  return verdict;
};

describe('judgeItem', () => {
  const adopted = { standing: 'owned', adopted: true, seenAtAdoption: false } as const;
  const values = (desired?: string, baseline?: string, live?: string) => ({ desired, baseline, live });
  it.each<{ name: string; given: Partial<ItemFacts>; want: ItemVerdict }>([
    { name: 'equal to Git is in sync', given: values('a', 'a', 'a'), want: 'InSync' },
    { name: 'equal to Git is in sync, even when both moved', given: values('b', 'a', 'b'), want: 'InSync' },
    { name: 'equal to Git is in sync without a baseline', given: values('a', undefined, 'a'), want: 'InSync' },
    { name: 'removed on both sides is in sync', given: values(undefined, 'a', undefined), want: 'InSync' },
    { name: 'Git moved', given: values('b', 'a', 'a'), want: 'Pending' },
    { name: 'Git removed what we owned', given: values(undefined, 'a', 'a'), want: 'Pending' },
    { name: 'Git added what the device lacks', given: values('a', undefined, undefined), want: 'Pending' },
    { name: 'the device moved', given: values('a', 'a', 'b'), want: 'Drifted' },
    { name: 'the device lost it', given: values('a', 'a', undefined), want: 'Drifted' },
    { name: 'both moved apart', given: values('b', 'a', 'c'), want: 'Diverged' },
    { name: 'Git changed what the device lost', given: values('b', 'a', undefined), want: 'Diverged' },
    { name: 'Git removed what the device changed', given: values(undefined, 'a', 'b'), want: 'Diverged' },
    { name: 'never agreed on what the device holds', given: values('a', undefined, 'b'), want: 'Unadopted' },
    { name: 'not adopted, and the device lacks it', given: { ...values('a', undefined, undefined), adopted: false }, want: 'Unadopted' },
    { name: 'a foreign line inside our object', given: { ...values(undefined, undefined, 'x'), standing: 'inside' }, want: 'Drifted' },
    { name: 'a foreign object in our container', given: { ...values(undefined, undefined, 'x'), standing: 'beside' }, want: 'Drifted' },
    {
      name: 'a foreign line inside our object that was there at adoption',
      given: { ...values(undefined, undefined, 'x'), standing: 'inside', seenAtAdoption: true },
      want: 'Unadopted',
    },
    {
      name: 'a foreign object in our container that was there at adoption',
      given: { ...values(undefined, undefined, 'x'), standing: 'beside', seenAtAdoption: true },
      want: 'Unmanaged',
    },
    {
      name: 'a line that joined an object as Git dropped it',
      given: { ...values(undefined, undefined, 'x'), standing: 'orphaned' },
      want: 'Diverged',
    },
    {
      name: 'a line in a dropped object that was there at adoption',
      given: { ...values(undefined, undefined, 'x'), standing: 'orphaned', seenAtAdoption: true },
      want: 'Unadopted',
    },
    { name: 'what Git dropped and nobody removes', given: { ...values(undefined, 'a', 'a'), standing: 'released' }, want: 'Unmanaged' },
    { name: 'the same, in other words', given: { ...values(undefined, 'a', 'b'), standing: 'released' }, want: 'Unmanaged' },
    {
      name: 'a foreign line in our object before adoption',
      given: { ...values(undefined, undefined, 'x'), standing: 'inside', adopted: false },
      want: 'Unadopted',
    },
    {
      name: 'a foreign object before adoption',
      given: { ...values(undefined, undefined, 'x'), standing: 'beside', adopted: false },
      want: 'Unmanaged',
    },
    { name: 'what nobody claims', given: { ...values(undefined, undefined, 'x'), standing: 'unmanaged' }, want: 'Unmanaged' },
  ])('$name: $want', ({ given, want }) => {
    expect(judgeItem({ ...adopted, ...values(), ...given })).toBe(want);
  });

  const value = fc.constantFrom(undefined, 'a', 'b', 'c');
  const anyItem = fc.record({
    desired: value,
    baseline: value,
    live: value,
    standing: fc.constantFrom<Standing>('owned', 'inside', 'orphaned', 'beside', 'unmanaged'),
    adopted: fc.boolean(),
    seenAtAdoption: fc.boolean(),
  });

  it('holds to the table over every combination of three values', () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        const { desired, baseline, live, adopted } = item;
        if (desired === undefined && baseline === undefined) return; // foreign: the rows above say all
        const holds: Record<ItemVerdict, boolean> = {
          InSync: live === desired,
          Pending: (live === baseline || (baseline === undefined && adopted && live === undefined)) && desired !== baseline,
          Drifted: desired === baseline && live !== baseline,
          Diverged: new Set([desired, baseline, live]).size === 3,
          Unadopted: baseline === undefined && live !== desired && (!adopted || live !== undefined),
          Unmanaged: false,
        };
        expect(holds[judgeItem(item)]).toBe(true);
        expect(judgeItem(item) === 'InSync').toBe(live === desired);
      }),
      { numRuns: 2_000 },
    );
  });

  it('depends on equality alone, never on what the values say', () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        const rename = (text: string | undefined) => (text === undefined ? undefined : `renamed ${text}`);
        const renamed = { ...item, desired: rename(item.desired), baseline: rename(item.baseline), live: rename(item.live) };
        expect(judgeItem(renamed)).toBe(judgeItem(item));
      }),
    );
  });
});

describe('compareItems', () => {
  it('looks at every item of the three sides once: as Git has them, then the device, then what is lost', () => {
    const side = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'constructor'));
    const valuesOf = (keys: readonly string[]) => Object.fromEntries(keys.map((key) => [key, key]));
    fc.assert(
      fc.property(side, side, side, (desired, live, baseline) => {
        const found = compareItems(facts({ desired: valuesOf(desired), live: valuesOf(live), baseline: valuesOf(baseline) }));
        expect(found.map(({ key }) => key)).toEqual([...new Set([...desired, ...live, ...baseline])]);
      }),
    );
  });
});

describe('judge', () => {
  it('gives a device the worst verdict of its items', () => {
    const given = facts({
      desired: { a: 'a', b: 'b2', c: 'c', d: 'd2' },
      baseline: { a: 'a', b: 'b', c: 'c', d: 'd' },
      live: { a: 'a', b: 'b', c: 'c3', d: 'd3' },
    });
    const verdict = known(judge(given));
    expect(verdict.verdict).toBe('Diverged');
    expect(verdict.differences.map((d) => [d.path.join(), d.verdict])).toEqual([
      ['b', 'Pending'],
      ['c', 'Drifted'],
      ['d', 'Diverged'],
    ]);
    expect(verdict.counts).toEqual({ owned: 4, inSync: 1, unmanaged: 0 });
  });

  it('counts as ours what Git wants or the device has of it, not what both forgot', () => {
    expect(known(judge(facts({ desired: { a: 'a' }, baseline: { gone: 'x', old: 'o' }, live: { old: 'o' } }))).counts).toEqual({
      owned: 2,
      inSync: 0,
      unmanaged: 0,
    });
  });

  it('is in sync when nothing is desired, nothing is owned and the device holds what it likes', () => {
    const verdict = known(judge(facts({ baseline: {}, unmanaged: ['log'], live: { log: ['log syslog', 'unmanaged'] } })));
    expect(verdict).toMatchObject({ verdict: 'InSync', differences: [], counts: { owned: 0, inSync: 0, unmanaged: 1 } });
    expect(verdict.news).toBeUndefined();
  });

  it('says critical of what nobody asked for, warning of what moved, info of what waits', () => {
    const given = facts({
      desired: { a: 'a', b: 'b2' },
      baseline: { a: 'a', b: 'b' },
      live: { a: 'a3', b: 'b', 'router bgp 64496 > neighbor 192.0.2.9': ['neighbor 192.0.2.9 remote-as 64511', 'beside'] },
    });
    expect(known(judge(given)).differences.map((d) => d.severity)).toEqual(['warning', 'info', 'critical']);
  });

  it('says which lines no apply removes: those of nobody in a section that others use', () => {
    const given = facts({
      desired: { a: 'a' },
      baseline: { a: 'a', b: 'b' },
      live: { a: 'a2', b: 'b', term: ['permit 99', 'inside'], late: ['permit 98', 'orphaned'], rogue: ['neighbor', 'beside'] },
    });
    expect(known(judge(given)).differences.flatMap(({ path, stays }) => (stays ? [path.join()] : []))).toEqual(['rogue']);
  });

  it('reports a new unmanaged line as news, without calling the device drifted', () => {
    const given = facts({
      baseline: {},
      unmanaged: ['log'],
      live: { log: ['log syslog', 'unmanaged'], user: ['username eve', 'unmanaged'] },
    });
    const verdict = known(judge(given));
    expect(verdict.verdict).toBe('InSync');
    expect(verdict.news).toEqual([{ path: ['user'], live: 'username eve', severity: 'warning', since: noon.toISOString() }]);
  });

  it('reports an unmanaged line that says something else than at adoption, with both', () => {
    const given = facts({
      baseline: {},
      unmanaged: ['peer', 'log'],
      unmanagedLines: { peer: 'peer remote-as 64511' },
      live: { peer: ['peer remote-as 64510', 'beside'], log: ['log', 'unmanaged'] },
    });
    expect(known(judge(given))).toMatchObject({
      verdict: 'InSync',
      news: [{ path: ['peer'], was: 'peer remote-as 64511', live: 'peer remote-as 64510', severity: 'warning' }],
    });
    expect(known(judge(given)).news).toHaveLength(1);
  });

  it('has no news of changed values from a baseline that does not hold them', () => {
    const given = facts({ baseline: {}, unmanaged: ['peer'], live: { peer: ['peer remote-as 64510', 'beside'] } });
    expect(known(judge(given)).news).toBeUndefined();
  });

  it('counts what Git dropped and nobody removes as unmanaged, and says when it changes', () => {
    const router = (text: string) => facts({ baseline: { router: 'router bgp 64496' }, live: { router: [text, 'released'] } });
    const same = known(judge(router('router bgp 64496')));
    expect(same).toMatchObject({ verdict: 'InSync', differences: [], counts: { owned: 0, inSync: 0, unmanaged: 1 } });
    expect(same.news).toBeUndefined();
    expect(known(judge(router('router bgp 64500'))).news).toMatchObject([{ was: 'router bgp 64496', live: 'router bgp 64500' }]);
  });

  it('pages for a line that joined an object as Git dropped it', () => {
    const given = facts({ baseline: {}, live: { term: ['permit 99', 'orphaned'] } });
    expect(known(judge(given)).differences).toMatchObject([{ verdict: 'Diverged', severity: 'critical' }]);
  });

  it('has no news at a first contact', () => {
    expect(known(judge(facts({ live: { user: ['username eve', 'unmanaged'] } }))).news).toBeUndefined();
  });

  it('names the item under its section', () => {
    const key = 'router bgp 64496 > neighbor 192.0.2.1 description';
    const verdict = known(judge(facts({ desired: { [key]: 'x' }, baseline: {}, live: {} })));
    expect(verdict.differences[0]?.path).toEqual(['router bgp 64496', 'neighbor 192.0.2.1 description']);
  });

  it('takes names of object members as item keys like any other', () => {
    const verdict = known(judge(facts({ desired: { constructor: 'x', toString: 'y' }, baseline: {}, live: {} })));
    expect(verdict.differences.map((d) => d.verdict)).toEqual(['Pending', 'Pending']);
  });

  it('keeps why a device is Unknown', () => {
    const unknown = {
      state: 'Unknown',
      device: 'a',
      at: noon.toISOString(),
      reason: 'DaemonDown',
      message: 'bgpd is down',
      next: 'Start it.',
    } as const;
    expect(judgeUnknown(unknown, 'r')).toMatchObject({ verdict: 'Unknown', reason: 'DaemonDown', next: 'Start it.' });
  });
});

describe('advanceBaseline', () => {
  it('starts at first contact with what agrees, and does not call that adopted', () => {
    const given = facts({ desired: { a: 'a', b: 'b' }, live: { a: 'a', b: 'other', x: ['x', 'unmanaged'] } });
    expect(advanceBaseline(given)).toMatchObject({ items: { a: 'a' }, unmanaged: ['x'], adopted: false, revision: 'main@sha1:2' });
  });

  it('leaves an item that the device lacks Unadopted until a person adopts', () => {
    const first = facts({ desired: { a: 'a', b: 'b' }, live: { a: 'a' } });
    const baseline = advanceBaseline(first);
    expect(known(judge({ ...first, baseline })).verdict).toBe('Unadopted');
    expect(known(judge({ ...first, baseline: adoptBaseline({ ...first, baseline }) })).verdict).toBe('Pending');
  });

  it('takes a first contact in which everything agrees for an adoption', () => {
    expect(advanceBaseline(facts({ desired: { a: 'a' }, live: { a: 'a' } }))).toMatchObject({ adopted: true });
  });

  it('does so whatever the device holds beside what Git wants', () => {
    const beside = { x: ['x', 'unmanaged'], peer: ['peer', 'beside'] } satisfies Record<string, [string, Standing]>;
    expect(advanceBaseline(facts({ desired: { a: 'a' }, live: { a: 'a', ...beside } }))).toMatchObject({
      adopted: true,
      unmanaged: ['peer', 'x'],
    });
  });

  it('moves with an item that Git and device changed together', () => {
    expect(advanceBaseline(facts({ desired: { a: 'b' }, baseline: { a: 'a' }, live: { a: 'b' } }))?.items).toEqual({ a: 'b' });
  });

  it('forgets an item that neither side holds any more', () => {
    expect(advanceBaseline(facts({ baseline: { a: 'a' } }))?.items).toEqual({});
  });

  it.each(['Pending', 'Drifted', 'Diverged'])('stays where it is while an item is %s', (verdict) => {
    const values = { Pending: ['b', 'a'], Drifted: ['a', 'b'], Diverged: ['b', 'c'] }[verdict] as [string, string];
    const given = facts({ desired: { i: values[0] }, baseline: { i: 'a' }, live: { i: values[1] } });
    expect(known(judge(given)).verdict).toBe(verdict);
    expect(advanceBaseline(given)).toBeUndefined();
  });

  it('does not move for a new revision, nor for news', () => {
    const given = facts({ desired: { a: 'a' }, baseline: { a: 'a' }, live: { a: 'a', eve: ['username eve', 'unmanaged'] } });
    expect(advanceBaseline(given)).toBeUndefined();
  });
});

describe('refreshBaseline', () => {
  const byHand = { a: 'a', hand: 'made by hand' };

  it('takes over no line that only a branch wants, so that Git without it plans no removal', () => {
    const onBranch = facts({ desired: byHand, baseline: { a: 'a' }, live: byHand });
    expect(known(judge(onBranch)).verdict).toBe('InSync');
    expect(refreshBaseline(onBranch)).toBeUndefined();
    expect(advanceBaseline(onBranch)?.items).toEqual(byHand); // what an apply of the branch decides
    const onMain = facts({ desired: { a: 'a' }, baseline: { a: 'a' }, live: { a: 'a', hand: ['made by hand', 'unmanaged'] } });
    expect(known(judge(onMain))).toMatchObject({ verdict: 'InSync', differences: [] });
  });

  it('moves items that are ours, and forgets those that neither side holds', () => {
    const given = facts({ desired: { a: 'b' }, baseline: { a: 'a', gone: 'x' }, live: { a: 'b' } });
    expect(refreshBaseline(given)?.items).toEqual({ a: 'b' });
  });

  it.each([
    { name: 'of a first contact', given: { desired: byHand, live: { a: 'a', hand: 'other' } } },
    { name: 'of a first contact in which everything agrees', given: { desired: byHand, live: byHand } },
    { name: 'before adoption', given: { desired: byHand, live: byHand, baseline: {}, adopted: false } },
  ])('starts the baseline $name like any other', ({ given }) => {
    expect(refreshBaseline(facts(given))).toEqual(advanceBaseline(facts(given)));
    expect(refreshBaseline(facts(given))).toBeDefined();
  });

  it('never owns an item of an adopted device that it did not own', () => {
    const side = fc.dictionary(fc.constantFrom('a', 'b', 'constructor'), fc.constantFrom('1', '2'), { noNullPrototype: true });
    fc.assert(
      fc.property(side, side, side, (desired, live, baseline) => {
        const next = refreshBaseline(facts({ desired, live, baseline }));
        for (const key of Object.keys(next?.items ?? {})) expect(Object.hasOwn(baseline, key)).toBe(true);
      }),
    );
  });
});

describe('adoptBaseline', () => {
  it('is the way out of Diverged: Git wins afterwards', () => {
    const given = facts({ desired: { a: 'b' }, baseline: { a: 'a' }, live: { a: 'c' } });
    expect(known(judge({ ...given, baseline: adoptBaseline(given) })).verdict).toBe('Pending');
  });

  it('takes in a foreign line of our object, so that Git removes it, and leaves a rogue neighbor alone', () => {
    const given = facts({
      desired: { a: 'a' },
      live: { a: 'a', term: ['permit 99', 'inside'], rogue: ['neighbor', 'beside'], log: ['log', 'unmanaged'] },
    });
    const baseline = adoptBaseline(given);
    expect(baseline).toMatchObject({ items: { a: 'a', term: 'permit 99' }, unmanaged: ['log', 'rogue'], adopted: true });
    const owned = facts({
      desired: { a: 'a' },
      live: { a: 'a', term: 'permit 99', rogue: ['neighbor', 'beside'], log: ['log', 'unmanaged'] },
    });
    expect(known(judge({ ...owned, baseline })).differences.map((d) => [d.path.join(), d.verdict])).toEqual([['term', 'Pending']]);
  });
});

describe('a second adoption', () => {
  const rogue = { rogue: ['neighbor 192.0.2.9 remote-as 64511', 'beside'] } satisfies Record<string, [string, Standing]>;

  it('does not accept a rogue neighbor that appeared after the first one', () => {
    const given = facts({ desired: { a: 'b' }, baseline: { a: 'a' }, live: { a: 'c', ...rogue, log: ['log', 'unmanaged'] } });
    const baseline = adoptBaseline(given);
    expect(baseline).toMatchObject({ items: { a: 'c' }, unmanaged: ['log'] });
    expect(known(judge({ ...given, baseline })).differences.map((d) => [d.path.join(), d.verdict, d.severity])).toEqual([
      ['a', 'Pending', 'info'],
      ['rogue', 'Drifted', 'critical'],
    ]);
    expect(adoptBaseline({ ...given, baseline })).toBeUndefined();
  });

  it('leaves alone the one that was there at the first', () => {
    const given = facts({ baseline: {}, unmanaged: ['rogue'], unmanagedLines: { rogue: rogue.rogue[0] }, live: rogue });
    expect(adoptBaseline(given)).toBeUndefined();
    expect(known(judge(given)).verdict).toBe('InSync');
  });
});

describe('a baseline of unmanaged lines', () => {
  const peer = (asn: number) =>
    ({ peer: [`peer remote-as ${asn}`, 'beside'], log: ['log', 'unmanaged'] }) satisfies Record<string, [string, Standing]>;
  const seen = { unmanaged: ['log', 'peer'], unmanagedLines: { peer: 'peer remote-as 64511' } };

  it('holds the lines that their keys do not say, from the first contact and from an adoption', () => {
    expect(advanceBaseline(facts({ live: peer(64511) }))).toMatchObject(seen);
    expect(adoptBaseline(facts({ live: peer(64511) }))).toMatchObject(seen);
  });

  it('takes in a new line with the next adoption, and forgets one that is gone', () => {
    const given = facts({ baseline: {}, unmanaged: ['gone'], live: { log: ['log', 'unmanaged'] } });
    expect(adoptBaseline(given)?.unmanaged).toEqual(['log']);
  });

  it('moves with adoption alone', () => {
    const given = facts({ baseline: {}, ...seen, live: peer(64510) });
    expect([advanceBaseline(given), refreshBaseline(given)]).toEqual([undefined, undefined]);
    const adopted = adoptBaseline(given);
    expect(adopted?.unmanagedLines).toEqual({ peer: 'peer remote-as 64510' });
    expect(known(judge({ ...given, baseline: adopted })).news).toBeUndefined();
  });

  it('of an older version is not written again before a person adopts', () => {
    const given = facts({ desired: { a: 'a' }, baseline: { a: 'a' }, unmanaged: seen.unmanaged, live: { a: 'a', ...peer(64511) } });
    expect([advanceBaseline(given), refreshBaseline(given)]).toEqual([undefined, undefined]);
    expect(adoptBaseline(given)).toMatchObject(seen);
  });

  it('keeps what Git dropped and nobody removes, so that it can go when its lines are gone', () => {
    const held = facts({ baseline: { router: 'router' }, live: { router: ['router', 'released'] } });
    expect([advanceBaseline(held), adoptBaseline(held)]).toEqual([undefined, undefined]);
    const empty = facts({ baseline: { router: 'router' }, live: { router: 'router' } });
    expect(known(judge(empty)).verdict).toBe('Pending');
  });

  it('never holds a line in an object that Git dropped: adoption makes it ours, and Git removes it', () => {
    const given = facts({ baseline: {}, live: { term: ['permit 99', 'orphaned'] } });
    expect(adoptBaseline(given)).toMatchObject({ items: { term: 'permit 99' }, unmanaged: [] });
  });
});

describe('baselines over time', () => {
  const side = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2'), { noNullPrototype: true });

  it('are reached once: the second look at the same state writes nothing, and no item gets worse', () => {
    fc.assert(
      fc.property(side, side, fc.option(side, { nil: undefined }), fc.boolean(), (desired, live, baseline, adopted) => {
        const given = facts({ desired, live, ...(baseline && { baseline }), adopted });
        const next = advanceBaseline(given) ?? given.baseline;
        expect(advanceBaseline({ ...given, baseline: next })).toBeUndefined();
        const adoption = adoptBaseline({ ...given, baseline: next }) ?? next;
        expect(adoptBaseline({ ...given, baseline: adoption })).toBeUndefined();
        const verdicts = known(judge({ ...given, baseline: adoption })).differences.map(({ verdict }) => verdict);
        expect(verdicts.every((verdict) => verdict === 'Pending')).toBe(true);
      }),
    );
  });
});

describe('observe', () => {
  const drifted = facts({ desired: { a: 'a' }, baseline: { a: 'a' }, live: { a: 'b' } });

  it('keeps the first sight of a difference while it stands, whatever the value is now', () => {
    const first = observe(undefined, judge(drifted));
    const again = judge({
      ...facts({ desired: { a: 'a' }, baseline: { a: 'a' }, live: { a: 'c' } }),
      at: later,
      sinceOf: sinceFrom(first),
    });
    expect(known(again).differences[0]?.since).toBe(noon.toISOString());
    expect(observe(first, again)).toBeUndefined();
  });

  it('writes nothing of a device that is in sync from the first look on', () => {
    const inSync = judge(facts({ desired: { a: 'a' }, baseline: { a: 'a' }, live: { a: 'a' } }));
    expect(observe(undefined, inSync)).toBeUndefined();
  });

  it('writes on a transition, and once', () => {
    const first = observe(undefined, judge(drifted));
    const healed = judge({
      ...facts({ desired: { a: 'a' }, baseline: { a: 'a' }, live: { a: 'a' } }),
      at: later,
      sinceOf: sinceFrom(first),
    });
    const second = observe(first, healed);
    expect(second).toEqual({
      device: 'edge1-fra',
      verdict: 'InSync',
      revision: 'main@sha1:2',
      since: later.toISOString(),
      differences: {},
    });
    expect(observe(second, { ...healed, at: '2026-11-20T14:00:00.000Z' })).toBeUndefined();
  });

  it('keeps since when a verdict stands while its differences change', () => {
    const first = observe(undefined, judge(drifted));
    const more = { ...facts({ desired: { a: 'a', b: 'b' }, baseline: { a: 'a', b: 'b' }, live: { a: 'b' } }), at: later };
    const second = observe(first, judge({ ...more, sinceOf: sinceFrom(first) }));
    expect(second?.since).toBe(noon.toISOString());
    expect(second?.differences).toEqual({ 'Drifted a': noon.toISOString(), 'Drifted b': later.toISOString() });
  });

  it('writes when the reason of an Unknown changes', () => {
    const dark = (reason: 'Unreachable' | 'AuthFailed') =>
      judgeUnknown({ state: 'Unknown', device: 'edge1-fra', at: later.toISOString(), reason, message: '', next: '' }, 'r');
    const first = observe(undefined, dark('Unreachable'));
    expect(observe(first, dark('Unreachable'))).toBeUndefined();
    expect(observe(first, dark('AuthFailed'))).toMatchObject({ reason: 'AuthFailed' });
  });

  it('keeps the first sight of news', () => {
    const given = facts({ baseline: {}, live: { user: ['username eve', 'unmanaged'] } });
    const first = observe(undefined, judge(given));
    const again = judge({ ...given, at: later, sinceOf: sinceFrom(first) });
    expect(known(again).news).toMatchObject([{ since: noon.toISOString() }]);
    expect(observe(first, again)).toBeUndefined();
    expect(sinceFrom(first)('constructor')).toBeUndefined();
  });

  it('remembers differences through an outage', () => {
    const first = observe(undefined, judge(drifted));
    const dark = observe(
      first,
      judgeUnknown({ state: 'Unknown', device: 'edge1-fra', at: later.toISOString(), reason: 'Unreachable', message: '', next: '' }, 'r'),
    );
    expect(dark).toMatchObject({ verdict: 'Unknown', reason: 'Unreachable', since: later.toISOString() });
    expect(known(judge({ ...drifted, at: later, sinceOf: sinceFrom(dark) })).differences[0]?.since).toBe(noon.toISOString());
  });
});
