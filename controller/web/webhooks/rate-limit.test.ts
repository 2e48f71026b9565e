import { expect, test } from 'vitest';
import type { Clock } from '../../lib/index.ts';
import { createRateLimit } from './rate-limit.ts';

function clockAt(time: { ms: number }): Clock {
  return { now: () => new Date(time.ms), monotonicMs: () => time.ms, sleep: () => Promise.resolve() };
}

test('a key has its burst, then what time gives it, and never more than its burst', () => {
  const time = { ms: 0 };
  const limit = createRateLimit({ perMinute: 6, burst: 3, keys: 10 }, clockAt(time));
  const takes = (count: number): number => Array.from({ length: count }, () => limit.take('a')).filter(Boolean).length;
  expect(takes(10)).toBe(3);
  time.ms += 10_000;
  expect(takes(10)).toBe(1);
  time.ms += 3_600_000;
  expect(takes(10)).toBe(3);
  expect(limit.take('b')).toBe(true);
});

test('only so many keys are remembered: those used last', () => {
  const limit = createRateLimit({ perMinute: 1, burst: 1, keys: 2 }, clockAt({ ms: 0 }));
  expect(['a', 'b', 'a', 'c', 'a'].map((key) => limit.take(key))).toEqual([true, true, false, true, false]);
  expect(limit.take('b')).toBe(true);
});
