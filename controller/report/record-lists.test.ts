import { expect, it } from 'vitest';
import type { FactValue } from '../api/index.ts';
import { sayBeside } from './record-lists.ts';

const lines = (...numbers: number[]) => numbers.map((i) => `line ${i}`);
const upTo = (count: number) => lines(...Array(count).keys());

it.each<{ name: string; sides: (FactValue | undefined)[]; says: string[] }>([
  { name: 'one word each', sides: ['a', undefined, null], says: ['a', '(none)'] },
  { name: 'short lists', sides: [lines(1, 2), lines(1), []], says: ['line 1, line 2', 'line 1', '(none)'] },
  { name: 'one of thirty that differs', sides: [[...upTo(30), 'new'], upTo(30)], says: ['new, 30 alike', '30 alike'] },
  { name: 'a long list beside nothing', sides: [upTo(30), null], says: [`${upTo(10).join(', ')}, 20 more`, '(none)'] },
  { name: 'a long list beside one that is empty', sides: [upTo(30), []], says: [`${upTo(10).join(', ')}, 20 more`, '(none)'] },
])('says of $name what differs', ({ sides, says }) => {
  const say = sayBeside(sides, '(none)');
  expect(sides.flatMap((side) => (side === undefined ? [] : [say(side)]))).toEqual(says);
});
