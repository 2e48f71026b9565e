import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NamedWindow } from '../../api/index.ts';
import { judgeWindows } from './judge.ts';

const minuteMs = 60_000;
const yearMinutes = 365 * 24 * 60;
const start = Date.UTC(2026, 0, 1);

/** What a clock on the wall shows in each minute of 2026, in minutes since 1970: by Intl, which the code does not use. */
function wallClock(timeZone: string): Int32Array {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  const offsetAt = (ms: number): number => {
    const [, sign = '+', hours = 0, minutes = 0] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(format.format(ms)) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  };
  const wall = new Int32Array(yearMinutes);
  let offset = 0;
  for (let i = 0; i < yearMinutes; i++) {
    // No zone of our time moves its clock but at a quarter of an hour.
    if (i % 15 === 0) offset = offsetAt(start + i * minuteMs);
    wall[i] = start / minuteMs + i + offset;
  }
  return wall;
}

interface Plan {
  minutes: number[];
  hours: number[];
  daysOfMonth: number[] | undefined;
  months: number[] | undefined;
  daysOfWeek: number[] | undefined;
}

/** Whether it is open in each minute, as one would find out with a calendar and much patience. */
function walk(wall: Int32Array, plan: Plan, durationMinutes: number): Uint8Array {
  const fits = (at: number): boolean => {
    const date = new Date(at * minuteMs);
    if (!plan.minutes.includes(date.getUTCMinutes()) || !plan.hours.includes(date.getUTCHours())) return false;
    if (plan.months && !plan.months.includes(date.getUTCMonth() + 1)) return false;
    const [ofMonth, ofWeek] = [plan.daysOfMonth?.includes(date.getUTCDate()), plan.daysOfWeek?.includes(date.getUTCDay())];
    return ofMonth === undefined || ofWeek === undefined ? (ofMonth ?? true) && (ofWeek ?? true) : ofMonth || ofWeek;
  };
  const open = new Uint8Array(yearMinutes);
  let shown = (wall[0] ?? 0) - 1;
  let closes = 0;
  for (const [i, now] of wall.entries()) {
    // A time that was shown before is not new; those that were jumped over are all due now.
    for (let at = shown + 1; at <= now; at++) if (fits(at)) closes = i + durationMinutes;
    shown = Math.max(shown, now);
    open[i] = i < closes ? 1 : 0;
  }
  return open;
}

const listOf = (min: number, max: number, maxLength: number): fc.Arbitrary<number[]> =>
  fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength });

const plans = fc.record({
  minutes: listOf(0, 59, 3),
  hours: fc.oneof(listOf(0, 23, 3), fc.constant<number[]>([1, 2, 3])),
  daysOfMonth: fc.option(listOf(1, 28, 4), { nil: undefined }),
  months: fc.option(listOf(1, 12, 6), { nil: undefined }),
  daysOfWeek: fc.option(listOf(0, 6, 4), { nil: undefined }),
});

const write = ({ minutes, hours, daysOfMonth, months, daysOfWeek }: Plan): string =>
  [minutes, hours, daysOfMonth, months, daysOfWeek].map((values) => values?.join(',') ?? '*').join(' ');

describe.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'])('a year in %s', (timeZone) => {
  const wall = wallClock(timeZone);
  const durations = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 601, max: 10_080 }));

  test('is as a walk from minute to minute finds it', () => {
    fc.assert(
      fc.property(plans, durations, (plan, durationMinutes) => {
        const window: NamedWindow = {
          name: 'ChangeWindow/any',
          effect: 'Allow',
          selector: { matchLabels: {}, matchExpressions: [] },
          intervals: [],
          schedule: { cron: write(plan), timeZone, durationMinutes },
        };
        const open = walk(wall, plan, durationMinutes);
        // What began in the old year the walk did not see.
        for (let i = 10_080; i < yearMinutes; ) {
          const judged = judgeWindows([window], {}, new Date(start + i * minuteMs));
          const until = ((judged.nextChangeAt?.getTime() ?? Number.POSITIVE_INFINITY) - start) / minuteMs;
          const wrong = open.subarray(i, until).findIndex((each) => (each === 1) !== judged.open);
          if (wrong >= 0)
            throw new Error(`${write(plan)} for ${durationMinutes} min: ${new Date(start + (i + wrong) * minuteMs).toISOString()}`);
          // And no sooner than it must; of nine runs a day a thousand are looked at, so that a hundred days are known.
          if (until < Math.min(yearMinutes, i + 100 * 1440)) expect(open[until] === 1).toBe(!judged.open);
          i = until;
        }
      }),
      { numRuns: 6 },
    );
  });
});

test('several windows together answer as each of them does, and change when they do', () => {
  const all = { matchLabels: {}, matchExpressions: [] };
  const minutes = 300;
  const timeOf = (minute: number): string => new Date(start + minute * minuteMs).toISOString();
  const interval = fc
    .tuple(fc.nat(minutes - 30), fc.integer({ min: 1, max: 90 }))
    .map(([from, length]) => ({ from: timeOf(from), to: timeOf(from + length) }));
  const window = fc.record({
    effect: fc.constantFrom('Allow' as const, 'Allow' as const, 'Freeze' as const),
    intervals: fc.array(interval, { minLength: 1, maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.array(window, { minLength: 1, maxLength: 5 }), (some) => {
      const windows = some.map((each, i): NamedWindow => ({ ...each, name: `ChangeWindow/${i}`, selector: all }));
      const allows = windows.filter(({ effect }) => effect === 'Allow');
      const holds = ({ intervals }: NamedWindow, at: string): boolean => intervals.some(({ from, to }) => from <= at && at < to);
      const isOpen = (minute: number): boolean => {
        const at = timeOf(minute);
        if (windows.some((each) => each.effect === 'Freeze' && holds(each, at))) return false;
        return allows.length === 0 || allows.some((each) => holds(each, at));
      };
      for (let i = 0; i < minutes; i++) {
        const judged = judgeWindows(windows, {}, new Date(start + i * minuteMs));
        expect(judged.open).toBe(isOpen(i));
        let next = i + 1;
        while (next < 2 * minutes && isOpen(next) === judged.open) next++;
        expect(judged.nextChangeAt?.toISOString()).toBe(next < 2 * minutes ? timeOf(next) : undefined);
      }
    }),
    { numRuns: 25 },
  );
});
