import { expect, it } from 'vitest';
import { judgeWhole, type TouchedGroup } from './risk.ts';

const names = (count: number) => Array.from({ length: count }, (_, k) => `edge${k}`);
const pair = (unavailable: readonly string[] = []): TouchedGroup => ({ name: 'reflectors', members: ['rr1', 'rr2'], unavailable });
const three = (unavailable: readonly string[] = []): TouchedGroup => ({ name: 'spines', members: ['s1', 's2', 's3'], unavailable });
const judge = (devices: readonly string[], ...groups: readonly TouchedGroup[]) => judgeWhole({ devices: new Set(devices), groups });

it.each([
  { count: 20, is: undefined },
  { count: 21, is: { risk: 'medium', riskReasons: ['it changes 21 devices, more than 20'] } },
  { count: 200, is: { risk: 'medium', riskReasons: ['it changes 200 devices, more than 20'] } },
  { count: 201, is: { risk: 'high', riskReasons: ['it changes 201 devices, more than 200'] } },
])('a plan of $count devices risks that as a whole', ({ count, is }) => expect(judge(names(count))).toEqual(is));

it.each([
  { name: 'one of a pair whose other one is well', devices: ['rr1'], group: pair(), risk: undefined },
  { name: 'the one of a pair that is not well', devices: ['rr1'], group: pair(['rr1']), risk: undefined },
  { name: 'both of a pair that is well', devices: ['rr1', 'rr2'], group: pair(), risk: 'medium' },
  { name: 'the last one of a pair that is well', devices: ['rr1'], group: pair(['rr2']), risk: 'high' },
  { name: 'both of a pair, one not well', devices: ['rr1', 'rr2'], group: pair(['rr2']), risk: 'high' },
  { name: 'one of three that are well', devices: ['s1'], group: three(), risk: undefined },
  { name: 'all but one of three', devices: ['s1', 's2'], group: three(), risk: 'medium' },
  { name: 'one of three, another one not well', devices: ['s1'], group: three(['s2']), risk: 'medium' },
  { name: 'one of three, the others not well', devices: ['s1'], group: three(['s2', 's3']), risk: 'high' },
  { name: 'a group of one', devices: ['x'], group: { name: 'lonely', members: ['x'], unavailable: ['x'] }, risk: undefined },
])('a plan that changes $name: $risk', ({ devices, group, risk }) => expect(judge(devices, group)?.risk).toBe(risk));

it('says which group is left with whom, every rule once', () => {
  expect(judge(['rr1', 's1', 's2'], pair(['rr2']), three())).toEqual({
    risk: 'high',
    riskReasons: [
      'no member is left that is well and not changed: reflectors (rr1 changed, rr2 not known to be well)',
      'at most one member is left as it is: spines (s1, s2 changed)',
    ],
  });
});
