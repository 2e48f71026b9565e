import { expect, it } from 'vitest';
import type { DesiredDevice, DesiredFleet } from '../fleet/desired-fleet.ts';
import type { Judgement } from './proposal.ts';
import { isSettled } from './settled.ts';

const wanted = (name: string) => ({ name, ready: { rendered: { digest: 'new' } } }) as unknown as DesiredDevice;
const inForce = { devices: new Map(['a', 'b'].map((name) => [name, wanted(name)])) } as unknown as DesiredFleet;
const judged = (digest: string, verdict: Judgement['verdict'] = 'InSync'): Judgement => ({ digest, verdict, atMs: 0 });

it.each<{ name: string; b?: Judgement; busy?: readonly string[]; settled: boolean }>([
  { name: 'every device was judged by what it should be now', b: judged('new'), settled: true },
  { name: 'one could not be read', b: judged('new', 'Unknown'), settled: true },
  { name: 'one was judged by what it should have been before', b: judged('old'), settled: false },
  { name: 'one was not looked at', settled: false },
  { name: 'one was not looked at because a plan changes it', busy: ['b'], settled: true },
])('what is planned is $settled when $name', ({ b, busy = [], settled }) => {
  const judgements = new Map([['a', judged('new')], ...(b ? [['b', b] as const] : [])]);
  expect(isSettled({ inForce, judgements }, new Set(busy))).toBe(settled);
});

it('nothing is planned while nothing is in force', () => {
  expect(isSettled({ inForce: undefined, judgements: new Map() }, new Set())).toBe(false);
});
