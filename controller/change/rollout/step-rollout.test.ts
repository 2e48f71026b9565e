import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RolloutPolicy } from '../../api/index.ts';
import { letterOf, markProgress } from './progress.ts';
import {
  isPlanEnd,
  type MayBegin,
  type RolloutFacts,
  type RolloutState,
  type RolloutStep,
  stepRollout,
  withholdSets,
} from './step-rollout.ts';

const at = new Date('2026-11-20T12:00:00.000Z');
const later = (seconds: number) => new Date(at.getTime() + seconds * 1000);
const policy = (given: Partial<RolloutPolicy> = {}): RolloutPolicy => RolloutPolicy.parse(given);
const no = (code: string, because = 'because', until?: Date): MayBegin => ({ ok: false, code, because, until });

/** One canary, two sets in wave 1, three in wave 2. */
const state = (progress: string, given: Partial<RolloutState> = {}): RolloutState => ({
  progress,
  waveOf: [0, 1, 1, 2, 2, 2].slice(0, progress.length),
  phase: /^\.*$/.test(progress) ? 'Proposed' : 'Running',
  ...given,
});
const facts = (given: Partial<RolloutFacts> = {}): RolloutFacts => ({
  at,
  plan: 'plan-1',
  nameOf: (set) => `edge${set}`,
  policy: policy(),
  atOnceLeft: 20,
  mayBegin: () => ({ ok: true }),
  mayTakeBack: () => ({ ok: true }),
  healthOf: () => ({ is: 'healthy' }),
  ...given,
});

interface Row {
  name: string;
  given: RolloutState;
  with?: Partial<RolloutFacts>;
  step: Partial<RolloutStep>;
}
const rows = (table: readonly Row[]) =>
  it.each(table)('$name', ({ given, with: more, step }) => expect(stepRollout(given, facts(more))).toMatchObject(step));

describe('what begins', () => {
  rows([
    {
      name: 'is nothing for good when a person ends a plan of which nobody sees how a set ended',
      given: state('cu....', { wave: 1 }),
      with: { order: 'Stop' },
      step: { begin: [], phase: 'Failed', code: 'OutcomeUnknown' },
    },
    {
      name: 'is nothing while a set of the wave has not been looked at, however long that takes',
      given: state('c.....', { wave: 0, bakedUntil: later(-3600).toISOString() }),
      with: { healthOf: () => ({ is: 'unread', because: 'edge0 is being read' }) },
      step: { begin: [], phase: 'Running', progress: 'c.....' },
    },
    { name: 'is the canary, alone', given: state('......'), step: { begin: [0], phase: 'Running', wave: 0 } },
    { name: 'is nothing while the canary is at work', given: state('a.....', { wave: 0 }), step: { begin: [], wave: 0 } },
    {
      name: 'is the next wave when the canary was watched',
      given: state('c.....', { wave: 0, bakedUntil: at.toISOString() }),
      step: { begin: [1, 2], wave: 1, phase: 'Running' },
    },
    {
      name: 'is as much as the policy allows at the same time',
      given: state('cccac.', { wave: 2 }),
      with: { policy: policy({ atOnce: 1 }) },
      step: { begin: [] },
    },
    {
      name: 'is as much as the Fleet allows at the same time',
      given: state('ccc...', { wave: 2 }),
      with: { atOnceLeft: 2 },
      step: { begin: [3, 4] },
    },
    {
      name: 'is nothing while sets of other plans are all that may change at the same time, and it says so',
      given: state('......'),
      with: { atOnceLeft: 0 },
      step: { begin: [], phase: 'Waiting', code: 'BudgetExhausted', message: expect.stringContaining('sets of other plans') },
    },
    {
      name: 'of a wave without a canary is one, until one is confirmed',
      given: state('......', { waveOf: [1, 1, 1, 1, 1, 1] }),
      with: { policy: policy({ canary: 0 }) },
      step: { begin: [0], wave: 1 },
    },
    {
      name: 'leaves out those that may not, and takes the next ones',
      given: state('c.....', { wave: 1, waveOf: [0, 1, 1, 1, 1, 1] }),
      with: { policy: policy({ atOnce: 2 }), mayBegin: (set) => (set < 3 ? no('BudgetExhausted') : { ok: true }) },
      step: { begin: [3, 4] },
    },
  ]);
});

describe('sets that get no place', () => {
  const given = state('c.....', { wave: 1, waveOf: [0, 1, 1, 1, 1, 1] });
  const full = no('BudgetExhausted', 'of site=fra at most 1 member may be unavailable') as Extract<MayBegin, { ok: false }>;
  const asked = facts({ policy: policy({ atOnce: 2 }) });
  const step = stepRollout(given, asked);

  it('wait, and are not said to be at work', () => {
    expect(step).toMatchObject({ begin: [1, 2], message: expect.stringContaining('2 at work') as string });
    const held = withholdSets(step, new Map([[2, full]]), given, asked);
    expect(held).toMatchObject({ begin: [1], phase: 'Running' });
    expect(held.message).toBe(
      'Wave 1 of 1: 1 of 6 sets confirmed, 1 at work; 1 waits: edge2: of site=fra at most 1 member may be unavailable.',
    );
    const none = withholdSets(step, new Map([1, 2].map((set) => [set, full])), given, asked);
    expect(none).toMatchObject({ begin: [], phase: 'Running', code: 'BudgetExhausted' });
    expect(none.message).not.toContain('at work');
  });

  it('keep a plan that has not begun waiting', () => {
    const fresh = state('......');
    const held = withholdSets(stepRollout(fresh, facts()), new Map([[0, full]]), fresh, facts());
    expect(held).toMatchObject({ begin: [], phase: 'Waiting', code: 'BudgetExhausted' });
  });
});

describe('a wave', () => {
  rows([
    {
      name: 'waits for a set whose device is being read, and is not passed over',
      given: state('cc....', { wave: 1 }),
      with: {
        mayBegin: (set) => (set === 2 ? { ok: false, code: 'Pending', because: 'edge2 is being read', isBrief: true } : { ok: true }),
      },
      step: { begin: [], wave: 1, phase: 'Running', code: 'Pending', message: expect.stringContaining('edge2 is being read') },
    },
    {
      name: 'is watched after its last set was confirmed',
      given: state('c.....', { wave: 0 }),
      step: { begin: [], wave: 0, bakedUntil: later(60).toISOString(), nextAt: later(60), phase: 'Running' },
    },
    {
      name: 'is watched no longer than once, also when the next one may not begin yet',
      given: state('c.....', { wave: 1 }),
      with: { mayBegin: () => no('WindowClosed', 'closed until tonight', later(3600)) },
      step: { begin: [], wave: 1, phase: 'Running', code: 'WindowClosed', nextAt: later(3600) },
    },
    {
      name: 'is not over while a set of it is at work',
      given: state('cca...', { wave: 1 }),
      step: { begin: [], wave: 1 },
    },
    {
      name: 'that is the last one is watched as well before the plan has succeeded',
      given: state('cccccc', { wave: 2 }),
      step: { phase: 'Running', bakedUntil: later(60).toISOString() },
    },
    {
      name: 'that was watched and was the last one ends the plan',
      given: state('cccccc', { wave: 2, bakedUntil: at.toISOString() }),
      step: { phase: 'Succeeded', begin: [], message: 'All of 6 sets confirmed.' },
    },
    {
      name: 'without time to watch it is followed at once',
      given: state('c.....', { wave: 0 }),
      with: { policy: policy({ bakeSeconds: 0 }) },
      step: { begin: [1, 2], wave: 1 },
    },
    {
      name: 'with a set that is not healthy fails',
      given: state('c.....', { wave: 0, bakedUntil: later(30).toISOString() }),
      with: { healthOf: () => ({ is: 'sick', because: 'edge0 is Drifted' }) },
      step: { progress: 's.....', phase: 'Failed', code: 'ApplyFailed', begin: [], message: expect.stringContaining('edge0 is Drifted') },
    },
    {
      name: 'with a set that was healthy before it is over does not fail for what comes after',
      given: state('c.a...', { wave: 1 }),
      with: { healthOf: (set) => (set === 0 ? { is: 'sick', because: 'x' } : { is: 'healthy' }) },
      step: { progress: 'c.a...', phase: 'Running' },
    },
    {
      name: 'with a set that nobody knows of just now is watched longer',
      given: state('c.....', { wave: 0, bakedUntil: at.toISOString() }),
      with: { healthOf: () => ({ is: 'unclear', because: 'edge0 does not answer' }) },
      step: { begin: [], progress: 'c.....', nextAt: later(15), code: 'Held' },
    },
    {
      name: 'with a set that nobody knows of for too long fails',
      given: state('c.....', { wave: 0, bakedUntil: later(-300).toISOString() }),
      with: { healthOf: () => ({ is: 'unclear', because: 'edge0 does not answer' }) },
      step: { begin: [], progress: 's.....', phase: 'Failed' },
    },
  ]);
});

describe('what may not begin', () => {
  rows([
    {
      name: 'for lack of approval is a proposal',
      given: state('......'),
      with: { mayBegin: () => no('ApprovalRequired', 'one person must approve') },
      step: { begin: [], phase: 'Proposed', code: 'ApprovalRequired', message: expect.stringContaining('one person must approve') },
    },
    {
      name: 'for a window waits, and says until when',
      given: state('......'),
      with: { mayBegin: () => no('WindowClosed', 'closed', later(60)) },
      step: { phase: 'Waiting', code: 'WindowClosed', nextAt: later(60) },
    },
    {
      name: 'because all of it was rejected is Rejected',
      given: state('......'),
      with: { mayBegin: () => no('Rejected') },
      step: { phase: 'Rejected', code: 'Rejected' },
    },
    {
      name: 'because its canary was rejected waits: the others are not begun without one',
      given: state('......'),
      with: { mayBegin: (set) => (set === 0 ? no('Rejected') : { ok: true }) },
      step: { phase: 'Waiting', begin: [], code: 'Rejected' },
    },
    {
      name: 'because its device is on hold is left out, and the next wave begins',
      given: state('cc....', { wave: 1 }),
      with: { policy: policy({ bakeSeconds: 0 }), mayBegin: (set) => (set === 2 ? no('Held', 'ann holds it') : { ok: true }) },
      step: { begin: [3, 4, 5], wave: 2 },
    },
    {
      name: 'because of the budget makes the wave wait for it',
      given: state('cc....', { wave: 1 }),
      with: { mayBegin: (set) => (set === 2 ? no('BudgetExhausted') : { ok: true }) },
      step: { begin: [], wave: 1, code: 'BudgetExhausted' },
    },
    {
      name: 'when all others are done ends the plan, which says what it left out',
      given: state('ccccc.', { wave: 2, bakedUntil: at.toISOString() }),
      with: { mayBegin: () => no('Held', 'ann holds it') },
      step: { phase: 'Succeeded', progress: 'ccccc.', message: '5 of 6 sets confirmed. Left out: edge5: ann holds it.' },
    },
    {
      name: 'for lack of approval does not stop those that are approved, and keeps the plan open',
      given: state('c.c.cc', { wave: 2, bakedUntil: at.toISOString() }),
      with: { mayBegin: () => no('ApprovalRequired') },
      step: { phase: 'Running', code: 'ApprovalRequired', begin: [] },
    },
  ]);

  it('and is approved later begins with its canary, which is watched again', () => {
    const given = state('c.a...', { wave: 1, waveOf: [0, 0, 1, 1, 1, 1] });
    const begun = stepRollout(given, facts());
    expect(begun).toMatchObject({ begin: [1], wave: 0 });
    const confirmed = stepRollout({ ...given, ...begun, progress: 'ccc...' }, facts());
    expect(confirmed).toMatchObject({ begin: [], wave: 0, bakedUntil: later(60).toISOString() });
  });
});

describe('a set that failed', () => {
  const back = policy({ onFailure: 'RollBack', atOnce: 2 });
  rows([
    {
      name: 'stops the others, and what runs ends',
      given: state('cra...', { wave: 1 }),
      step: { begin: [], phase: 'Running', code: 'ApplyFailed' },
    },
    {
      name: 'ends the plan when nothing runs any more; what was confirmed stays',
      given: state('crc...', { wave: 1 }),
      step: {
        phase: 'Failed',
        code: 'ApplyFailed',
        takeBack: [],
        message: 'edge1: rolled back. 2 of 6 sets stay confirmed, 3 were not begun. To take back what stays: plumb rollback plan-1.',
      },
    },
    {
      name: 'has the others taken back where policy says so, the last first',
      given: state('ccccr.', { wave: 2 }),
      with: { policy: back },
      step: { takeBack: [3, 2], phase: 'Running', begin: [] },
    },
    {
      name: 'has nothing taken back before what runs has ended',
      given: state('ccacr.', { wave: 2 }),
      with: { policy: back },
      step: { takeBack: [] },
    },
    {
      name: 'has the next taken back when there is room',
      given: state('ccbtr.', { wave: 2 }),
      with: { policy: back },
      step: { takeBack: [1] },
    },
    {
      name: 'ends the plan when all is taken back',
      given: state('ttttr.', { wave: 2 }),
      with: { policy: back },
      step: { phase: 'Failed' },
    },
    {
      name: 'that could not be taken back ends it as well: the others stay',
      given: state('cckrr.', { wave: 2 }),
      with: { policy: back },
      step: { phase: 'Failed', code: 'RollbackIncomplete', takeBack: [] },
    },
    {
      name: 'that was confirmed and then not healthy is taken back too',
      given: state('cs....', { wave: 1 }),
      with: { policy: back },
      step: { takeBack: [1, 0] },
    },
    {
      name: 'has nothing taken back that may not be, and waits for it',
      given: state('cr....', { wave: 1 }),
      with: { policy: back, mayTakeBack: () => no('Held', 'ann holds it', later(60)) },
      step: { takeBack: [], phase: 'Running', nextAt: later(60), message: expect.stringContaining('ann holds it') },
    },
    {
      name: 'and left something over is loud',
      given: state('ci....', { wave: 1 }),
      step: { phase: 'Failed', code: 'RollbackIncomplete', message: expect.stringContaining('Look at edge1 first') },
    },
    {
      name: 'of which nobody knows blocks everything until somebody does, also taking back',
      given: state('ucr...', { wave: 1 }),
      with: { policy: back },
      step: { begin: [], takeBack: [], phase: 'Running', code: 'OutcomeUnknown', message: expect.stringContaining('edge0') },
    },
  ]);
});

describe('a person', () => {
  rows([
    {
      name: 'who pauses it lets run what runs, and nothing begins',
      given: state('ca....', { wave: 1 }),
      with: { order: 'Pause' },
      step: { begin: [], phase: 'Paused', code: 'Paused', message: expect.stringContaining('plumb continue plan-1') },
    },
    {
      name: 'who lets it go on has it go on',
      given: state('c.....', { wave: 1, phase: 'Paused' }),
      with: { order: 'Continue' },
      step: { begin: [1, 2], phase: 'Running' },
    },
    {
      name: 'who stops it has what runs end first',
      given: state('ca....', { wave: 1 }),
      with: { order: 'Stop' },
      step: { begin: [], phase: 'Running', code: 'Stopped' },
    },
    {
      name: 'who stops it keeps what was confirmed, and learns how to take it back',
      given: state('cc....', { wave: 1 }),
      with: { order: 'Stop' },
      step: { phase: 'Stopped', message: expect.stringContaining('plumb rollback plan-1') },
    },
    {
      name: 'who stops it before it began ends it',
      given: state('......'),
      with: { order: 'Stop' },
      step: { phase: 'Stopped', begin: [] },
    },
    {
      name: 'who pauses while it is taken back has nothing more taken back',
      given: state('ccr...', { wave: 1 }),
      with: { order: 'Pause', policy: policy({ onFailure: 'RollBack' }) },
      step: { phase: 'Paused', takeBack: [] },
    },
    {
      name: 'who stops while it is taken back ends it there',
      given: state('ctr...', { wave: 1 }),
      with: { order: 'Stop', policy: policy({ onFailure: 'RollBack' }) },
      step: { phase: 'Failed', takeBack: [] },
    },
    {
      name: 'cannot make an end begin again',
      given: state('cr....', { phase: 'Failed' }),
      with: { order: 'Continue' },
      step: { phase: 'Failed', begin: [] },
    },
  ]);
});

/** What may come of a step, drawn at random, until the plan ends. */
function run(tape: number[], size: number, given: RolloutPolicy): { steps: RolloutStep[]; last: RolloutState } {
  const waveOf = Array.from({ length: size }, (_, i) => Math.min(2, i % 4));
  let now: RolloutState = { progress: '.'.repeat(size), waveOf, phase: 'Proposed' };
  let clock = 0;
  const steps: RolloutStep[] = [];
  const draw = (below: number) => (tape.shift() ?? 0) % below;
  const forward = ['Confirmed', 'Confirmed', 'Confirmed', 'RolledBack', 'NothingWritten', 'PartiallyApplied', 'OutcomeUnknown'] as const;
  const backward = ['Confirmed', 'Confirmed', 'Confirmed', 'RolledBack', 'OutcomeUnknown'] as const;
  const refusals = ['WindowClosed', 'ApprovalRequired', 'Held'];
  for (let i = 0; !isPlanEnd(now.phase); i++) {
    if (i > 400) throw new Error(`does not end: ${JSON.stringify(now)}`);
    const sleepy = draw(4) === 3;
    const step = stepRollout(
      now,
      facts({
        at: later(clock),
        policy: given,
        mayBegin: () => (sleepy ? no(refusals[draw(3)]!) : { ok: true }),
        healthOf: () => (draw(8) === 7 ? { is: 'sick', because: 'x' } : { is: 'healthy' }),
      }),
    );
    steps.push(step);
    let { progress } = step;
    progress = markProgress(progress, step.begin, 'a');
    progress = markProgress(progress, step.takeBack, 'b');
    for (const [set, letter] of progress.split('').entries()) {
      if (letter === 'u' && draw(2) === 0) progress = markProgress(progress, [set], draw(2) === 0 ? 'c' : 'r');
      if ((letter !== 'a' && letter !== 'b') || draw(2) === 1) continue;
      const end = letter === 'a' ? forward[draw(forward.length)]! : backward[draw(backward.length)]!;
      progress = markProgress(progress, [set], letterOf(end, letter === 'a' ? 'forward' : 'back'));
    }
    now = { waveOf, progress, phase: step.phase, wave: step.wave, bakedUntil: step.bakedUntil };
    clock += 1 + draw(90);
  }
  return { steps, last: now };
}

it('ends, keeps within its limits, begins nothing after a failure, and nobody waits for something that is over', () => {
  const policies = fc.record({
    canary: fc.nat(2),
    atOnce: fc.integer({ min: 1, max: 4 }),
    bakeSeconds: fc.nat(60),
    onFailure: fc.constantFrom('Keep' as const, 'RollBack' as const),
  });
  const ends = new Map<string, number>();
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { maxLength: 120 }), fc.integer({ min: 1, max: 12 }), policies, (tape, size, given) => {
      const { steps, last } = run([...tape], size, policy(given));
      ends.set(last.phase, (ends.get(last.phase) ?? 0) + 1);
      expect(last.progress).not.toMatch(/[abu]/);
      if (last.phase === 'Succeeded') expect(last.progress).toMatch(/^[c.]*$/);
      if (last.phase === 'Failed') expect(last.progress).toMatch(/[rnpistk]/);
      for (const { progress, begin, takeBack, message } of steps) {
        const busy = progress.split('').filter((letter) => letter === 'a' || letter === 'b').length;
        expect(busy + begin.length + takeBack.length).toBeLessThanOrEqual(Math.max(given.atOnce, busy));
        expect(begin.length > 0 && /[rnpiustbk]/.test(progress)).toBe(false);
        expect(begin.every((set) => progress[set] === '.')).toBe(true);
        expect(takeBack.every((set) => 'cs'.includes(progress[set] ?? ''))).toBe(true);
        expect(message).not.toMatch(/undefined|NaN|\[object|\.\./);
      }
    }),
    { numRuns: 600 },
  );
  expect([...ends.keys()].toSorted()).toEqual(['Failed', 'Succeeded']);
});
