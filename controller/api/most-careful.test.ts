import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { carefulDrain, carefulProbes, carefulRollout } from './most-careful.ts';
import { DrainPolicy, ProbePolicy, RolloutPolicy } from './rollout-policy.ts';

type Written<Policy> = Partial<Policy>;
const rollouts = (...written: Written<RolloutPolicy>[]): RolloutPolicy[] => written.map((each) => RolloutPolicy.parse(each));

describe('rollouts', () => {
  test.each<{ name: string; of: Written<RolloutPolicy>[]; is: Written<RolloutPolicy> }>([
    { name: 'none is the default', of: [], is: RolloutPolicy.parse({}) },
    {
      name: 'one counts as it is, looser than the default too',
      of: [{ canary: 0, bakeSeconds: 0, atOnce: 100 }],
      is: { canary: 0, bakeSeconds: 0, atOnce: 100 },
    },
    {
      name: 'each field has its own most careful value',
      of: [
        { canary: 5, bakeSeconds: 10, atOnce: 50, onFailure: 'Keep' },
        { canary: 1, bakeSeconds: 600, atOnce: 20, onFailure: 'RollBack' },
        { canary: 2, bakeSeconds: 60, atOnce: 30, onFailure: 'Keep' },
      ],
      is: { canary: 5, bakeSeconds: 600, atOnce: 20, onFailure: 'RollBack' },
    },
    { name: 'a default counts as if it were written', of: [{ atOnce: 50 }, { bakeSeconds: 600 }], is: { atOnce: 10, bakeSeconds: 600 } },
    {
      name: 'the smaller first wave',
      of: [{ waves: [10, 100] }, { waves: [5, 80, 100] }, { waves: [20, 100] }],
      is: { waves: [5, 80, 100] },
    },
    {
      name: 'of the same first wave, the smaller second',
      of: [{ waves: [10, 100] }, { waves: [10, 50, 100] }],
      is: { waves: [10, 50, 100] },
    },
    { name: 'any waves before none', of: [{ waves: [100] }, { waves: [99, 100] }], is: { waves: [99, 100] } },
  ])('$name', ({ of, is }) => expect(carefulRollout(rollouts(...of))).toMatchObject(is));

  test('it does not matter in which order policies come, nor how often one does', () => {
    const waves = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 4 }).map((list) => [...list.sort((a, b) => a - b), 100]);
    const rollout = fc.record({
      canary: fc.nat(5),
      waves,
      bakeSeconds: fc.nat(100),
      atOnce: fc.integer({ min: 1, max: 9 }),
      onFailure: fc.constantFrom('Keep' as const, 'RollBack' as const),
    });
    fc.assert(
      fc.property(fc.array(rollout, { minLength: 1, maxLength: 4 }), fc.nat(4), (all, cut) => {
        const is = carefulRollout(all);
        expect(carefulRollout(all.toReversed())).toEqual(is);
        expect(carefulRollout([carefulRollout(all.slice(0, cut + 1)), ...all.slice(cut)])).toEqual(is);
        for (const each of all) {
          expect(is.canary >= each.canary && is.bakeSeconds >= each.bakeSeconds && is.atOnce <= each.atOnce).toBe(true);
          expect(is.waves[0]).toBeLessThanOrEqual(each.waves[0] ?? 0);
        }
      }),
    );
  });
});

describe('drains', () => {
  const drain = (written: Written<DrainPolicy>): DrainPolicy => DrainPolicy.parse({ scope: 'Session', ...written });
  test.each<{ name: string; of: Written<DrainPolicy>[]; is: DrainPolicy | undefined }>([
    { name: 'none is no drain', of: [], is: undefined },
    { name: 'one counts as it is', of: [{ leftPrefixes: 9 }], is: { scope: 'Session', waitSeconds: 120, leftPrefixes: 9 } },
    {
      name: 'the wider scope, the longer wait, fewer prefixes left',
      of: [
        { scope: 'Device', waitSeconds: 30, leftPrefixes: 5 },
        { scope: 'Session', waitSeconds: 300, leftPrefixes: 2 },
      ],
      is: { scope: 'Device', waitSeconds: 300, leftPrefixes: 2 },
    },
  ])('$name', ({ of, is }) => {
    expect(carefulDrain(of.map(drain))).toEqual(is);
    expect(carefulDrain(of.map(drain).toReversed())).toEqual(is);
  });
});

test('the probes of all count, each once', () => {
  const probes = [
    { pings: [{ to: '192.0.2.1' }], commands: [{ command: 'show version', expect: 'FRR' }] },
    { pings: [{ from: '192.0.2.9', to: '192.0.2.1' }, { to: '192.0.2.1' }], commands: [{ command: 'show version', expect: '8' }] },
    { commands: [{ expect: 'FRR', command: 'show version' }] },
  ];
  expect(carefulProbes(probes.map((each) => ProbePolicy.parse(each)))).toEqual({
    pings: [{ to: '192.0.2.1' }, { to: '192.0.2.1', from: '192.0.2.9' }],
    commands: [
      { command: 'show version', expect: 'FRR' },
      { command: 'show version', expect: '8' },
    ],
  });
  expect(carefulProbes([])).toEqual({ pings: [], commands: [] });
});
