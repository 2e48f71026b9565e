import { describe, expect, it } from 'vitest';
import type { ChangeRecord, ChangeState } from '../../api/index.ts';
import { letterOf, markProgress, settleProgress, type SetRecord, type Way } from './progress.ts';

const record = (state: ChangeState, way: Way = 'forward', ended = true): SetRecord => {
  const found: Pick<ChangeRecord, 'state' | 'endedAt'> = ended ? { state, endedAt: '2026-11-20T12:00:00.000Z' } : { state };
  return { way, record: found };
};

it('marks sets and leaves the others', () => {
  expect(markProgress('....', [1, 3], 'a')).toBe('.a.a');
  expect(() => markProgress('..', [2], 'a')).toThrow('no set 2');
});

describe('the letter of an end', () => {
  it.each([
    ['Confirmed', 'c', 't'],
    ['RolledBack', 'r', 'k'],
    ['NothingWritten', 'n', 'k'],
    ['PartiallyApplied', 'p', 'k'],
    ['RollbackIncomplete', 'i', 'k'],
    ['OutcomeUnknown', 'u', 'u'],
    ['Skipped', '.', 's'],
  ] as const)('%s is %s, and %s when it took back', (end, forward, back) => {
    expect([letterOf(end, 'forward'), letterOf(end, 'back')]).toEqual([forward, back]);
  });
});

describe('a set that its operator gave up, and left as it was', () => {
  it.each(['Stopped', 'StaleEpoch', 'Withdrawn'])('waits again: %s says nothing of the change', (code) => {
    for (const end of ['RolledBack', 'NothingWritten'] as const)
      expect([letterOf(end, 'forward', { code }), letterOf(end, 'back', { code })]).toEqual(['.', 's']);
    for (const end of ['RollbackIncomplete', 'PartiallyApplied', 'OutcomeUnknown', 'Confirmed'] as const)
      expect(letterOf(end, 'forward', { code })).toBe(letterOf(end, 'forward'));
  });

  it('waits again also when the journal tells of it', () => {
    const given = { ...record('RolledBack'), record: { ...record('RolledBack').record, reason: { code: 'Stopped', message: '' } } };
    expect(settleProgress('a', () => given)).toBe('.');
  });

  it('does not when its process was killed amid it', () => {
    expect(letterOf('RolledBack', 'forward', { code: 'LeftUnfinished' })).toBe('r');
  });
});

describe('after a process died', () => {
  it.each<{ name: string; letter: string; found?: SetRecord; letters: string }>([
    { name: 'a set that was never begun waits again', letter: 'a', letters: '.' },
    { name: 'a set that is at work stays so', letter: 'a', found: record('Probing', 'forward', false), letters: 'a' },
    { name: 'a set that ended has the letter of its end', letter: 'a', found: record('RolledBack'), letters: 'r' },
    { name: 'a set that was not yet taken back is still to be', letter: 'b', letters: 's' },
    { name: 'what was applied before says nothing of taking it back', letter: 'b', found: record('Confirmed'), letters: 's' },
    { name: 'a set that was taken back is', letter: 'b', found: record('Confirmed', 'back'), letters: 't' },
    { name: 'a set that could not be taken back stays so', letter: 'b', found: record('RolledBack', 'back'), letters: 'k' },
    { name: 'an unknown outcome that is known now is told', letter: 'u', found: record('Confirmed'), letters: 'c' },
    { name: 'an unknown outcome of taking back as well', letter: 'u', found: record('Confirmed', 'back'), letters: 't' },
    {
      name: 'an unknown outcome that is looked at is still unknown',
      letter: 'u',
      found: record('RollingBack', 'forward', false),
      letters: 'u',
    },
    { name: 'an unknown outcome without a record stays unknown', letter: 'u', letters: 'u' },
    { name: 'an end is an end', letter: 'c', found: record('RolledBack'), letters: 'c' },
  ])('$name', ({ letter, found, letters }) => expect(settleProgress(letter, () => found)).toBe(letters));
});
