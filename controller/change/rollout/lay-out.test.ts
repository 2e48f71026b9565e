import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RolloutPolicy } from '../../api/index.ts';
import { layOut, type LayoutFacts } from './lay-out.ts';

const policy = (given: Partial<RolloutPolicy> = {}): RolloutPolicy => RolloutPolicy.parse(given);
const devices = (count: number, prefix = 'r') => Array.from({ length: count }, (_, i) => [`${prefix}${i}`]);
const facts = (given: Partial<LayoutFacts> = {}): LayoutFacts => ({ policyOf: () => policy(), effectOf: () => 'same', ...given });
const sizesOf = (waveOf: readonly number[]) => {
  const counts: number[] = [];
  for (const wave of waveOf) counts[wave] = (counts[wave] ?? 0) + 1;
  return Array.from(counts, (count) => count ?? 0);
};

describe('waves', () => {
  it.each([
    { name: 'one canary, then all others', sets: 5, given: {}, sizes: [1, 4] },
    {
      name: 'each percentage is what is done at the end of its wave, the canary included',
      sets: 100,
      given: { waves: [10, 50, 100] },
      sizes: [1, 9, 40, 50],
    },
    { name: 'no canary when none is asked for', sets: 4, given: { canary: 0, waves: [50, 100] }, sizes: [0, 2, 2] },
    { name: 'a wave that the canary has done already is none', sets: 4, given: { canary: 2, waves: [10, 50, 100] }, sizes: [2, 2] },
    { name: 'a single device is its own canary', sets: 1, given: { waves: [10, 100] }, sizes: [1] },
    { name: 'more canaries than sets are all sets', sets: 2, given: { canary: 5 }, sizes: [2] },
    { name: 'a percentage of few sets is rounded up', sets: 3, given: { waves: [34, 100] }, sizes: [1, 1, 1] },
  ])('$name', ({ sets, given, sizes }) => {
    expect(sizesOf(layOut(devices(sets), facts({ policyOf: () => policy(given) })).waveOf)).toEqual(sizes);
  });

  it('take the most careful value of each field that any device of the plan asks for', () => {
    const careful = { r0: { canary: 2, atOnce: 50 }, r1: { bakeSeconds: 600, waves: [10, 100] }, r2: { onFailure: 'RollBack' as const } };
    const laid = layOut(devices(30), facts({ policyOf: (device) => policy((careful as Record<string, object>)[device]) }));
    expect(laid.policy).toEqual({ canary: 2, waves: [10, 100], bakeSeconds: 600, atOnce: 10, onFailure: 'RollBack' });
    expect(sizesOf(laid.waveOf)).toEqual([2, 1, 27]);
  });
});

describe('canaries', () => {
  const canariesOf = (sets: readonly (readonly string[])[], given: Partial<LayoutFacts>) =>
    layOut(sets, facts(given)).waveOf.flatMap((wave, set) => (wave === 0 ? [sets[set]!.join('+')] : []));

  it('try each distinct effect', () => {
    const effectOf = (device: string) => String(Number(device.slice(1)) % 20);
    const canaries = canariesOf(devices(1_000), { effectOf });
    expect(canaries).toHaveLength(20);
    expect(new Set(canaries.map(effectOf)).size).toBe(20);
  });

  it('are no more than a tenth of all sets for that, and a hundred', () => {
    expect(canariesOf(devices(30), { effectOf: (device) => device })).toHaveLength(3);
    expect(canariesOf(devices(3_000), { effectOf: (device) => device })).toHaveLength(100);
  });

  it('beyond that are of different sites and redundancy groups', () => {
    const sets = [['fra1'], ['fra2'], ['lon1'], ['lon2']];
    const sharesOf = (device: string) => [device.slice(0, 3)];
    expect(canariesOf(sets, { policyOf: () => policy({ canary: 2 }), sharesOf })).toEqual(['fra1', 'lon1']);
  });

  it('are the smallest sets', () => {
    expect(canariesOf([['a', 'b', 'c'], ['d', 'e'], ['f']], {})).toEqual(['f']);
  });

  it('that are several devices try the effects of all of them', () => {
    const effectOf = (device: string) => device.slice(0, 1);
    const many = Array.from({ length: 20 }, (_, i) => [`x${i}`]);
    expect(canariesOf([...many, ['x', 'y']], { effectOf })).toEqual(['x+y']);
  });
});

it('puts every set in one wave, numbers waves without holes, and answers the same to the same', () => {
  const given = fc.record({
    effects: fc.array(fc.nat(8), { minLength: 1, maxLength: 60 }),
    canary: fc.nat(5),
    waves: fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 5 }).map((some) => [...some.toSorted((a, b) => a - b), 100]),
  });
  fc.assert(
    fc.property(given, ({ effects, canary, waves }) => {
      const sets = devices(effects.length);
      const all = facts({ policyOf: () => policy({ canary, waves }), effectOf: (device) => String(effects[Number(device.slice(1))]) });
      const { waveOf } = layOut(sets, all);
      expect(layOut(sets, all).waveOf).toEqual(waveOf);
      expect(waveOf).toHaveLength(sets.length);
      const [first = 0, ...later] = sizesOf(waveOf);
      expect(first >= Math.min(canary, sets.length)).toBe(true);
      expect(canary > 0 || first === 0).toBe(true);
      expect(later.every((size) => size > 0)).toBe(true);
    }),
  );
});
