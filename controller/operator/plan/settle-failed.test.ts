import { describe, expect, it } from 'vitest';
import type { DevicePlan, Plan, Quarantine } from '../../api/index.ts';
import { sentDigestOf } from '../../change/index.ts';
import type { World } from '../world.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { findDrained } from './settle-failed.ts';

const line = { path: ['router bgp 64500'], text: 'bgp graceful-shutdown' };
const full = {
  devices: ['a', 'b'].map((device) => ({ effect: { device, drain: { commands: [line] } } })),
} as unknown as Plan;
const failed = { name: 'p1', status: { phase: 'Failed', failed: ['a', 'b'] } } as unknown as ChangePlanObject;
const endedMs = 1_000_000;

/** What a way back left on `a`; the reason may name another member of the set. */
const stuck = (device = 'a'): Quarantine => ({
  effectDigest: sentDigestOf((full.devices[0] as DevicePlan).effect),
  device: 'a',
  inputsDigest: '',
  reason: { code: 'DrainStuck', message: '', device },
  at: new Date(endedMs).toISOString(),
});

type Facts = Parameters<typeof findDrained>[0];

function drained(
  {
    verdict,
    atMs = endedMs + 1,
    lines = [],
    seen,
    before,
  }: { verdict?: string; atMs?: number; lines?: readonly string[]; seen?: readonly string[]; before?: boolean },
  { plans = [failed], quarantines = [stuck()] } = {},
) {
  const differences = lines.map((text) => ({ path: [...line.path, text] }));
  const world = {
    judgements: new Map(verdict === undefined ? [] : [['a', { verdict, atMs, digest: undefined, ...(seen && { reported: seen }) }]]),
    drifts: { get: () => ({ status: { differences } }) },
    fullPlans: new Map([['p1', full]]),
    drained: new Map(before === undefined ? [] : [['a', before]]),
  } as unknown as Pick<World, keyof Facts>;
  return findDrained(world, plans, quarantines).get('a');
}

describe('a device that a way back left drained', () => {
  it.each<{ name: string; given: Parameters<typeof drained>[0]; still: boolean }>([
    { name: 'is, until somebody looked', given: {}, still: true },
    { name: 'is, by a look that was made before', given: { verdict: 'InSync', atMs: endedMs - 1 }, still: true },
    { name: 'is while it does not answer', given: { verdict: 'Unknown' }, still: true },
    {
      name: 'is while it holds the line, though nothing that Git claims differs',
      given: { verdict: 'InSync', lines: [line.text] },
      still: true,
    },
    {
      name: 'is when the look saw the line, though its report is not published yet',
      given: { verdict: 'Pending', seen: ['router bgp 64500\nbgp graceful-shutdown'] },
      still: true,
    },
    {
      name: 'is no more when the line is gone, whatever else differs',
      given: { verdict: 'Pending', lines: ['something else'] },
      still: false,
    },
    { name: 'is no more when it was seen to be gone and does not answer now', given: { verdict: 'Unknown', before: false }, still: false },
  ])('$name', ({ given, still }) => expect(drained(given)).toBe(still));

  it('is not the one whose set it shared', () => {
    expect(drained({}, { quarantines: [stuck('b')] })).toBeUndefined();
  });

  it('is not told any more once its plan was settled', () => {
    const settled = { ...failed, status: { ...failed.status, settledAt: '2026-11-21T10:00:00Z' } } as ChangePlanObject;
    expect(drained({}, { plans: [settled] })).toBeUndefined();
  });
});
