import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangeState, WorkingState } from '../../api/index.ts';
import { foldAnswers, foldComparisons, foldEnds, type MemberComparison, type MemberEnd } from './fold.ts';
import { decisionAt, isEnd, nextState, recoverAt, table } from './table.ts';

const working = Object.keys(table) as WorkingState[];
const waysOut = (state: ChangeState): ChangeState[] => (isEnd(state) ? [] : Object.values(table[state].on));

/** Everything that can come after a state. */
function reachableFrom(state: ChangeState, seen = new Set<ChangeState>()): Set<ChangeState> {
  for (const next of waysOut(state)) {
    if (!seen.has(next)) reachableFrom(next, seen.add(next));
  }
  return seen;
}

describe('the table', () => {
  it.each(working)('has a way on from %s when the process died, when a person stops, and when time is up', (state) => {
    expect(table[state].on).toHaveProperty('crashed');
    expect(Object.keys(table[state].on)).toEqual(expect.arrayContaining(['timeUp', 'stopped']));
  });

  it.each(working)('leads from %s to an end', (state) => {
    expect([...reachableFrom(state)].some(isEnd)).toBe(true);
  });

  it('sends the change in one state, which is entered when all are armed, or drained and empty, and in no other way', () => {
    const entries = working.flatMap((state) =>
      Object.entries(table[state].on).flatMap(([outcome, next]) => (next === 'Applying' ? [`${state} ${outcome}`] : [])),
    );
    expect(entries).toEqual(['Arming armed', 'Emptying emptied']);
    expect(working.filter((state) => table[state].do === 'apply')).toEqual(['Applying']);
  });

  it('decides to confirm after a healthy probe, and in no other way', () => {
    const entries = working.flatMap((state) =>
      Object.entries(table[state].on).flatMap(([outcome, next]) =>
        next === 'Confirming' && state !== 'Confirming' ? [`${state} ${outcome}`] : [],
      ),
    );
    expect(entries).toEqual(['Probing healthy']);
  });

  it('never goes back on a decision', () => {
    expect(reachableFrom('Confirming')).not.toContain('RollingBack');
    expect(reachableFrom('RollingBack')).not.toContain('Confirming');
    expect(reachableFrom('Disarming')).not.toContain('Confirming');
  });

  it('never sends after a recovery', () => {
    for (const state of working) {
      const entered = recoverAt({ state });
      expect(entered).not.toBe('Applying');
      expect(reachableFrom(entered).has('Applying')).toBe(false);
    }
  });

  it('goes on with an unknown outcome where the decision points', () => {
    expect(recoverAt({ state: 'OutcomeUnknown', decision: 'confirm' })).toBe('Confirming');
    expect(recoverAt({ state: 'OutcomeUnknown', decision: 'rollback' })).toBe('RollingBack');
    expect(recoverAt({ state: 'OutcomeUnknown' })).toBe('RollingBack');
  });

  it('leaves ends alone', () => expect(recoverAt({ state: 'Confirmed', decision: 'confirm' })).toBe('Confirmed'));

  it('does not guess at a pair that has no row', () =>
    expect(() => nextState('Fencing', 'healthy')).toThrow('no row for healthy in Fencing'));

  it('keeps a decision once it is made', () => {
    expect(decisionAt('Confirming', undefined)).toBe('confirm');
    expect(decisionAt('Disarming', undefined)).toBe('rollback');
    expect(decisionAt('Comparing', 'confirm')).toBe('confirm');
    expect(decisionAt('Probing', undefined)).toBeUndefined();
  });
});

describe('foldAnswers', () => {
  it.each([
    { answers: ['asPlanned', 'asPlanned'], outcome: 'asPlanned' },
    { answers: ['asPlanned', 'moved'], outcome: 'moved' },
    { answers: ['unknown', 'moved'], outcome: 'moved' },
    { answers: ['armed', 'lost'], outcome: 'lost' },
    { answers: ['refused', 'lost'], outcome: 'refused' },
    { answers: ['applied', 'lost'], outcome: 'lost' },
    { answers: ['applied', 'refused'], outcome: 'refused' },
    { answers: ['asPredicted', 'unknown'], outcome: 'unknown' },
    { answers: ['healthy', 'notYet'], outcome: 'notYet' },
    { answers: ['emptied', 'notYet'], outcome: 'notYet' },
    { answers: ['sick', 'notYet'], outcome: 'sick' },
  ] as const)('folds $answers to $outcome, in either order', ({ answers, outcome }) => {
    expect(foldAnswers(answers)).toBe(outcome);
    expect(foldAnswers(answers.toReversed())).toBe(outcome);
  });

  it('refuses answers of different actions', () => expect(() => foldAnswers(['armed', 'healthy'])).toThrow('different actions'));
});

describe('foldEnds', () => {
  const ends = fc.array(fc.constantFrom<MemberEnd>('old', 'new', 'incomplete', 'pending', 'unclear'), { minLength: 1, maxLength: 3 });

  it('calls nothing an end before every member has one', () => {
    fc.assert(
      fc.property(ends, (members) => {
        const outcome = foldEnds(members);
        expect(outcome === 'lost').toBe(members.includes('pending'));
        expect(outcome === 'new').toBe(members.every((end) => end === 'new'));
        expect(outcome === 'old').toBe(members.every((end) => end === 'old'));
        expect(outcome).toBe(foldEnds(members.toReversed()));
      }),
    );
  });

  it('calls a set in halves mixed', () => {
    expect(foldEnds(['old', 'new'])).toBe('mixed');
    expect(foldEnds(['incomplete', 'new'])).toBe('mixed');
    expect(foldEnds(['incomplete', 'old'])).toBe('incomplete');
  });
});

describe('foldComparisons', () => {
  it('believes in new only what was decided', () => {
    expect(foldComparisons(['new', 'new'], 'confirm')).toBe('new');
    expect(foldComparisons(['new', 'new'], 'rollback')).toBe('other');
    expect(foldComparisons(['new'], undefined)).toBe('other');
  });

  it('is unknown while any member is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<MemberComparison>('old', 'new', 'other', 'unknown'), { minLength: 1, maxLength: 3 }),
        (found) => {
          expect(foldComparisons(found, 'confirm') === 'unknown').toBe(found.includes('unknown'));
        },
      ),
    );
  });

  it('tells halves from leftovers', () => {
    expect(foldComparisons(['new', 'old'], 'confirm')).toBe('mixed');
    expect(foldComparisons(['other', 'old'], 'confirm')).toBe('other');
  });
});
