import { expect, test } from 'vitest';
import { type Clock, systemClock } from '../../lib/index.ts';
import { nextLookMs } from './reconcile-device.ts';

const now = new Date('2026-11-21T10:00:00Z');
const clock: Clock = { ...systemClock, now: () => now };
const after = (ms: number) => new Date(now.getTime() + ms).toISOString();

test('devices that were read at the same moment are not read at the same moment for ever', () => {
  const looks = Array.from({ length: 1000 }, () => nextLookMs(300_000, [], clock));
  expect(Math.min(...looks)).toBeGreaterThanOrEqual(285_000);
  expect(Math.max(...looks)).toBeLessThanOrEqual(315_000);
  // Spread over the whole tenth, not around one end of it.
  const tenths = new Set(looks.map((ms) => Math.floor((ms - 285_000) / 3000)));
  expect(tenths.size).toBeGreaterThanOrEqual(10);
});

test('the end of a hold or of an acknowledgement is met, and one that is over is none', () => {
  expect(nextLookMs(300_000, [after(60_000), after(20_000)], clock)).toBe(20_000);
  expect(nextLookMs(300_000, [after(10)], clock)).toBe(1000);
  expect(nextLookMs(300_000, [after(-5000)], clock)).toBeGreaterThan(200_000);
});
