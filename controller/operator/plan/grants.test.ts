import { expect, it } from 'vitest';
import type { ChangePlanObject } from './full-plan.ts';
import { giveBackGrants } from './grants.ts';
import type { PlanPass } from './plan-pass.ts';

/** What stays taken of a plan with one set, on the device `a`, that ended so. */
async function keptAfter(
  letter: string,
  { verdict = 'Pending', isInGit = true, phase = 'Running', isOpen = false } = {},
): Promise<readonly string[]> {
  let kept: readonly string[] = [];
  const giveAllBut = async (atWork: ReadonlySet<string>) => void (kept = [...atWork]);
  const pass = {
    fleet: { state: { objects: { Device: new Map(isInGit ? [['a', {}]] : []) } } },
    world: {
      fleet: 'lab',
      selector: {},
      fullPlans: new Map([['plan-1', { sets: [['a']] }]]),
      judgements: new Map([['a', { verdict }]]),
      openChanges: isOpen ? [{ cause: { uid: 'u1', set: 0 } }] : [],
      atWork: new Map(),
      leadership: { epoch: { current: async () => 1 } },
      runtime: { corridor: { store: { grants: { giveAllBut } } } },
    },
  } as unknown as PlanPass;
  await giveBackGrants(pass, [{ name: 'plan-1', uid: 'u1', status: { phase, progress: letter } } as unknown as ChangePlanObject]);
  return kept;
}

it.each<{ name: string; letter: string; given?: Parameters<typeof keptAfter>[1]; isKept: boolean }>([
  { name: 'that is at work keeps its place', letter: 'a', isKept: true },
  {
    name: 'of a plan that was ended meanwhile keeps its place until its change is at its end',
    letter: 'a',
    given: { phase: 'Stopped', isOpen: true },
    isKept: true,
  },
  { name: 'of a plan that was ended, and that nobody works on, gives it back', letter: 'a', given: { phase: 'Stopped' }, isKept: false },
  { name: 'that was rolled back gives it back', letter: 'r', isKept: false },
  { name: 'of which nobody knows keeps it', letter: 'u', isKept: true },
  {
    name: 'of which nobody knows gives it back when its device is what Git says',
    letter: 'u',
    given: { verdict: 'InSync' },
    isKept: false,
  },
  { name: 'that holds a rest keeps it', letter: 'i', isKept: true },
  { name: 'whose device left Git gives it back: it is in no budget', letter: 'u', given: { isInGit: false }, isKept: false },
])('a set $name', async ({ letter, given, isKept }) => {
  expect(await keptAfter(letter, given)).toEqual(isKept ? ['lab/plan-1/0'] : []);
});
