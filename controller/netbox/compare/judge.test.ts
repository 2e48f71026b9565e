import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeRecord, type Side, type Values } from './judge.ts';

const told = (value: string | null): Side => ({ is: 'told', value });

describe('the record beside Git and the device', () => {
  it.each<{ name: string; values: Partial<Values>; record: string; reason: string }>([
    { name: 'all three agree', values: { recorded: 'a', live: told('a') }, record: 'Match', reason: 'Same' },
    {
      name: 'Git and NetBox agree against the device: that is drift',
      values: { recorded: 'a', live: told('b') },
      record: 'Match',
      reason: 'Same',
    },
    {
      name: 'Git and NetBox agree, and the device was not read',
      values: { recorded: 'a', live: { is: 'unread' } },
      record: 'Match',
      reason: 'Same',
    },
    { name: 'NetBox says nothing', values: { recorded: null, live: told('a') }, record: 'Match', reason: 'NotAsserted' },
    { name: 'NetBox is alone', values: { recorded: 'b', live: told('a') }, record: 'Behind', reason: 'NetBoxStale' },
    { name: 'the device does not tell', values: { recorded: 'b' }, record: 'Behind', reason: 'OnlyGitSays' },
    { name: 'somebody changed device and NetBox', values: { recorded: 'b', live: told('b') }, record: 'Ahead', reason: 'DeviceMoved' },
    {
      name: 'a merge is not rolled out yet',
      values: { recorded: 'b', live: told('b'), baseline: { value: 'b' } },
      record: 'Match',
      reason: 'RolloutAhead',
    },
    {
      name: 'nobody adopted the device',
      values: { recorded: 'b', live: told('b'), baseline: undefined },
      record: 'Unknown',
      reason: 'NeverAdopted',
    },
    { name: 'three different words', values: { recorded: 'b', live: told('c') }, record: 'Conflict', reason: 'ThreeWords' },
    {
      name: 'the device holds nothing, and NetBox something else than Git',
      values: { recorded: 'b', live: told(null) },
      record: 'Conflict',
      reason: 'ThreeWords',
    },
    {
      name: 'Git and NetBox disagree and the device was not read',
      values: { recorded: 'b', live: { is: 'unread' } },
      record: 'Unknown',
      reason: 'NotRead',
    },
  ])('$name: $record', ({ values, record, reason }) => {
    expect(judgeRecord({ desired: 'a', recorded: null, live: { is: 'silent' }, baseline: { value: 'a' }, ...values })).toEqual({
      record,
      reason,
    });
  });

  const value = fc.constantFrom('a', 'b', 'c');
  const side = fc.oneof(value.map(told), fc.constant<Side>({ is: 'silent' }), fc.constant<Side>({ is: 'unread' }), fc.constant(told(null)));
  const baseline = fc.option(
    value.map((each) => ({ value: each })),
    { nil: undefined },
  );
  const values = fc.record({ desired: value, recorded: fc.option(value), live: side, baseline }) satisfies fc.Arbitrary<Values>;

  it('never calls a difference what is none', () => {
    fc.assert(
      fc.property(values, (each) => {
        const isQuiet = each.recorded === each.desired || each.recorded === null;
        if (isQuiet) expect(judgeRecord(each).record).toBe('Match');
      }),
    );
  });

  it('asks for a write only where NetBox stands alone, or the device is silent', () => {
    fc.assert(
      fc.property(values, (each) => {
        if (judgeRecord(each).record !== 'Behind') return;
        expect(each.recorded).not.toBe(each.desired);
        expect(each.live.is === 'silent' || (each.live.is === 'told' && each.live.value === each.desired)).toBe(true);
      }),
    );
  });

  it('is Ahead only of a device that is not what it was', () => {
    fc.assert(
      fc.property(values, (each) => {
        if (judgeRecord(each).record !== 'Ahead') return;
        expect(each.live).toEqual(told(each.recorded as string));
        expect(each.baseline?.value).not.toBe(each.recorded);
      }),
    );
  });

  it('asserts nothing about what it has not read', () => {
    fc.assert(
      fc.property(values, (each) => {
        if (each.live.is === 'unread') expect(['Match', 'Unknown']).toContain(judgeRecord(each).record);
      }),
    );
  });
});
