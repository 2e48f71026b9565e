import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeBudget } from '../../api/index.ts';
import { budgetsOf, findMisfits, wishesOf } from './budgets.ts';

const fleet = {
  budgets: [
    { label: 'site', maxUnavailable: 2 },
    { label: 'role', maxUnavailable: 5 },
  ],
};
const device = (redundancyGroups: readonly string[], labels: Record<string, string> = {}) => ({ redundancyGroups, labels });
const wish = (devices: readonly string[], unavailable: readonly string[] = [], max = 1) => ({
  group: 'site=fra',
  max,
  devices,
  unavailable,
});
const set = (holder: string) => ({ holder, region: '', epoch: 1 });
const held = (holder: string, ...devices: string[]) => ({ ...set(holder), devices, at: '2026-11-20T12:00:00.000Z' });

describe('groups of a device', () => {
  it('are its redundancy groups, of which one may be unavailable, and its values of the labels that the Fleet names', () => {
    expect(budgetsOf(device(['reflectors'], { site: 'fra', rack: 'a' }), fleet)).toEqual([
      { group: 'redundancyGroup reflectors', max: 1 },
      { group: 'site=fra', max: 2 },
    ]);
  });

  it('are none for a device that says nothing', () => expect(budgetsOf(device([]), fleet)).toEqual([]));

  it('do not take the members of an object for labels', () => {
    expect(budgetsOf(device([]), { budgets: [{ label: 'constructor', maxUnavailable: 1 }] })).toEqual([]);
  });

  it('of a label that the Fleet names twice allow the smaller number', () => {
    const budgets = [...fleet.budgets, { label: 'site', maxUnavailable: 1 }];
    expect(budgetsOf(device([], { site: 'fra' }), { budgets })).toEqual([{ group: 'site=fra', max: 1 }]);
  });
});

describe('a budget', () => {
  it.each([
    { name: 'is there when nobody else is unavailable', judged: judgeBudget(wish(['a']), []), ok: true },
    { name: 'is gone when another member is unavailable', judged: judgeBudget(wish(['a'], ['b']), []), ok: false },
    { name: 'is gone when another member changes', judged: judgeBudget(wish(['a']), [held('plan-2 0', 'b')]), ok: false },
    { name: 'counts a device once that changes though it is unavailable', judged: judgeBudget(wish(['a'], ['a']), []), ok: true },
    { name: 'counts a device once that is unavailable and held', judged: judgeBudget(wish(['a'], ['b'], 2), [held('x', 'b')]), ok: true },
    { name: 'counts what is one’s own already once', judged: judgeBudget(wish(['a']), [held('me', 'a')], set('me')), ok: true },
    { name: 'is gone for two devices that change together in a group of one', judged: judgeBudget(wish(['a', 'b']), []), ok: false },
    { name: 'takes as many as it says', judged: judgeBudget(wish(['a', 'b'], ['c'], 3), []), ok: true },
    {
      name: 'is gone for two holders of the same device, who must not both write',
      judged: judgeBudget(wish(['a']), [held('x', 'b', 'a')]),
      ok: false,
    },
  ])('$name', ({ judged, ok }) => expect(judged.ok).toBe(ok));

  it('says who has it, and whether waiting helps', () => {
    expect(judgeBudget(wish(['a'], ['b']), [held('plan-2 0', 'c')])).toEqual({
      ok: false,
      because: 'of site=fra at most 1 member may be unavailable, and b is not available; c changes now for plan-2 0',
      never: false,
      holders: ['plan-2 0'],
    });
    expect(judgeBudget(wish(['a', 'b']), [])).toMatchObject({
      never: true,
      because: expect.stringContaining('a, b would change together'),
    });
  });

  it('is never exceeded by what it allows', () => {
    const some = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 4 });
    fc.assert(
      fc.property(some, some, fc.array(some, { maxLength: 3 }), fc.integer({ min: 1, max: 5 }), (devices, unavailable, others, max) => {
        const holders = others.map((each, i) => held(`h${i}`, ...each));
        const union = new Set([...devices, ...unavailable, ...others.flat()]);
        expect(judgeBudget(wish(devices, unavailable, max), holders).ok).toBe(union.size <= max);
      }),
    );
  });
});

describe('what a set takes', () => {
  const groups: Record<string, { group: string; max: number }[]> = {
    a: [
      { group: 'redundancyGroup rr', max: 1 },
      { group: 'site=fra', max: 2 },
    ],
    b: [{ group: 'site=fra', max: 2 }],
    c: [
      { group: 'redundancyGroup rr', max: 1 },
      { group: 'site=lon', max: 2 },
    ],
  };
  const groupsOf = (name: string) => groups[name] ?? [];

  it('is one wish for each group, with all its members of the set and who is unavailable there', () => {
    expect(wishesOf(['a', 'b'], groupsOf, (group) => (group === 'site=fra' ? ['z'] : []))).toEqual([
      { group: 'redundancyGroup rr', max: 1, devices: ['a'], unavailable: [] },
      { group: 'site=fra', max: 2, devices: ['a', 'b'], unavailable: ['z'] },
    ]);
  });

  it('and never fits is a problem that names both devices, the group and the way out', () => {
    const [problem, ...others] = findMisfits([['a', 'b'], ['a', 'c'], ['b']], groupsOf);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: 'BudgetTooSmall', next: expect.stringContaining('redundancyGroups') });
    expect(problem?.message).toBe('a, c: change together, and of redundancyGroup rr at most 1 member may be unavailable');
  });
});
