import { describe, expect, it } from 'vitest';
import { plain } from '../report/index.ts';
import { describeEnd, describeOrphan, describeOrphanEnd, describeResult } from './apply-words.ts';

describe('the end of a set', () => {
  const base = { devices: ['edge1', 'edge2'], notes: [], reads: new Map() };

  it('names device, end and reason once', () => {
    const reason = { code: 'Rejected', message: 'edge1 + edge2: refused' };
    expect(describeResult({ ...base, end: 'RolledBack', reason })).toBe('edge1 + edge2: RolledBack: refused (Rejected)');
    expect(describeResult({ ...base, end: 'Confirmed' })).toBe('edge1 + edge2: Confirmed');
  });

  it('says what to do now, and what else is to be known', () => {
    const text = describeEnd({ ...base, end: 'RollbackIncomplete', notes: ['edge1: 1 line differs'] }, plain);
    expect(text.split('\n')).toEqual([
      'edge1 + edge2: RollbackIncomplete',
      '    Look at once: plumb why edge1, plumb why edge2 lists what is left over.',
      '    edge1: 1 line differs',
      '',
    ]);
  });
});

it('no word of a device moves the cursor, least of all before a question', () => {
  const hostile = 'a\u001b[2J\u001b[1;1Hb\rc\u009b2Kd';
  const reason = { code: 'Rejected', message: hostile };
  const said = [
    describeEnd({ devices: ['edge1'], end: 'RolledBack', reason, notes: [hostile], reads: new Map() }, plain),
    describeOrphan({ device: 'edge1', token: hostile, holder: hostile, state: hostile, epoch: 1 }),
    describeOrphanEnd({ device: 'edge1', end: 'RollbackIncomplete', message: hostile, rest: [hostile] }, plain),
  ].join('');
  // oxlint-disable-next-line no-control-regex -- what must not be there
  expect(said).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  expect(said.split('\n')).toHaveLength(6);
});
