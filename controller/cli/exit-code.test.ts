import { expect, it } from 'vitest';
import type { DeviceVerdict } from '../api/index.ts';
import { type ExitCode, exitCodeOf, worstOf } from './exit-code.ts';

const judged = (...verdicts: DeviceVerdict['verdict'][]) => verdicts.map((verdict) => ({ verdict }) as DeviceVerdict);

it.each<{ name: string; verdicts: DeviceVerdict['verdict'][]; code: ExitCode }>([
  { name: 'no device', verdicts: [], code: 0 },
  { name: 'all in sync', verdicts: ['InSync', 'InSync'], code: 0 },
  { name: 'one pending', verdicts: ['InSync', 'Pending'], code: 1 },
  { name: 'one drifted', verdicts: ['Drifted'], code: 1 },
  { name: 'one diverged', verdicts: ['Diverged', 'InSync'], code: 1 },
  { name: 'one unadopted', verdicts: ['Unadopted'], code: 1 },
  { name: 'one unknown', verdicts: ['InSync', 'Unknown'], code: 2 },
  { name: 'unknown beside drifted: nobody may read 1 as "all were seen"', verdicts: ['Unknown', 'Drifted'], code: 2 },
])('$name is $code', ({ verdicts, code }) => expect(exitCodeOf(judged(...verdicts))).toBe(code));

it('gives the worst of several', () => {
  expect(worstOf([])).toBe(0);
  expect(worstOf([0, 1, 0])).toBe(1);
  expect(worstOf([2, 1])).toBe(2);
});
