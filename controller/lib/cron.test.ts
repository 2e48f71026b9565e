import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cron, parseCron } from './cron.ts';

function read(text: string): Cron {
  const cron = parseCron(text);
  if ('mistake' in cron) throw new Error(`${text}: ${cron.mistake}`);
  return cron;
}

/** Times of a day, as `08:15`. */
function timesOf(text: string): string[] {
  return read(text).minutesOfDay.map((minute) => new Date(minute * 60_000).toISOString().slice(11, 16));
}

/** Days of 2024, a leap year, as `02-29 Thu`. */
function daysOf(text: string): string[] {
  const cron = read(text);
  const days = Array.from({ length: 366 }, (_, i) => new Date(Date.UTC(2024, 0, 1 + i)));
  return days
    .filter((day) => cron.fitsDay({ month: day.getUTCMonth() + 1, dayOfMonth: day.getUTCDate(), dayOfWeek: day.getUTCDay() }))
    .map((day) => `${day.toISOString().slice(5, 10)} ${day.toUTCString().slice(0, 3)}`);
}

describe('times of a day', () => {
  test.each<[cron: string, times: string[]]>([
    ['0 22 * * *', ['22:00']],
    ['  05\t08   *  * * ', ['08:05']],
    ['*/30 8-10 * * *', ['08:00', '08:30', '09:00', '09:30', '10:00', '10:30']],
    ['10-50/20 */12 * * *', ['00:10', '00:30', '00:50', '12:10', '12:30', '12:50']],
    ['30,0,15-16 23,1 * * *', ['01:00', '01:15', '01:16', '01:30', '23:00', '23:15', '23:16', '23:30']],
    ['0,0 4,4 * * *', ['04:00']],
    ['*/59 0 * * *', ['00:00', '00:59']],
  ])('%s', (cron, times) => expect(timesOf(cron)).toEqual(times));
});

describe('days', () => {
  test.each<[cron: string, days: string[]]>([
    ['0 0 29 2 *', ['02-29 Thu']],
    ['0 0 31 JAN,mar-May *', ['01-31 Wed', '03-31 Sun', '05-31 Fri']],
    ['0 0 1 */6 *', ['01-01 Mon', '07-01 Mon']],
    ['0 0 * 2 THU', ['02-01 Thu', '02-08 Thu', '02-15 Thu', '02-22 Thu', '02-29 Thu']],
    ['0 0 * 2 0', ['02-04 Sun', '02-11 Sun', '02-18 Sun', '02-25 Sun']],
    ['0 0 * 2 7', ['02-04 Sun', '02-11 Sun', '02-18 Sun', '02-25 Sun']],
    [
      '0 0 1-9 2 sat-SUN',
      [
        '02-01 Thu',
        '02-02 Fri',
        '02-03 Sat',
        '02-04 Sun',
        '02-05 Mon',
        '02-06 Tue',
        '02-07 Wed',
        '02-08 Thu',
        '02-09 Fri',
        '02-10 Sat',
        '02-11 Sun',
        '02-17 Sat',
        '02-18 Sun',
        '02-24 Sat',
        '02-25 Sun',
      ],
    ],
    ['0 0 */7 2 6-7', []],
    ['0 0 */14 2 THU', ['02-01 Thu', '02-15 Thu', '02-29 Thu']],
    ['0 0 30 2 MON', ['02-05 Mon', '02-12 Mon', '02-19 Mon', '02-26 Mon']],
    ['0 0 13 9 */5', ['09-13 Fri']],
    ['0 0 8-14 12 */6', ['12-08 Sun', '12-14 Sat']],
  ])('%s', (cron, days) => expect(daysOf(cron)).toEqual(days));
});

describe('mistakes', () => {
  test.each<[cron: string, mistake: string]>([
    ['', 'has 0 fields; write five: minute, hour, day of month, month, day of week'],
    ['0', 'has 1 field; write five: minute, hour, day of month, month, day of week'],
    ['0 0 22 * * 1-5', 'has 6 fields; write five: minute, hour, day of month, month, day of week'],
    ['60 0 * * *', 'has 60 as minute; write 0 to 59'],
    ['0 24 * * *', 'has 24 as hour; write 0 to 23'],
    ['0 0 0 * *', 'has 0 as day of month; write 1 to 31'],
    ['0 0 * 13 *', 'has 13 as month; write 1 to 12 or JAN to DEC'],
    ['0 0 * * 8', 'has 8 as day of week; write 0 to 6 or SUN to SAT'],
    ['0 0 * * Mo', 'has Mo as day of week; write 0 to 6 or SUN to SAT, a range such as 0-2, or */2'],
    ['0 0 * * Mon,Foo', 'has Foo as day of week; write 0 to 6 or SUN to SAT'],
    ['0 0 * MON *', 'has MON as month; write 1 to 12 or JAN to DEC'],
    ['0 JAN * * *', 'has JAN as hour; write 0 to 23'],
    ['0 22-2 * * *', 'has 22-2 as hour; write the smaller one first, or two ranges: 22-23,0-2'],
    ['0 0 * * fri-mon', 'has fri-mon as day of week; write the smaller one first, or two ranges: fri-SAT,SUN-mon'],
    ['0 8/2 * * *', 'has 8/2 as hour; write a range before the slash, 8-23/2'],
    ['*/0 * * * *', 'has */0 as minute; write a step from 1 to 59, or the one value without it'],
    ['*/90 * * * *', 'has */90 as minute; write a step from 1 to 59, or the one value without it'],
    ['0 0 * * 1-5/9', 'has 1-5/9 as day of week; write a step from 1 to 4, or the one value without it'],
    ['0 0 * * 1,', 'has an empty value as day of week; write 0 to 6 or SUN to SAT, a range such as 0-2, or */2'],
    ['0 0 L * *', 'has L as day of month; write 1 to 31, a range such as 1-3, or */2'],
    ['0 0 -1 * *', 'has -1 as day of month; write 1 to 31, a range such as 1-3, or */2'],
    ['0 0 ? * *', 'has characters that no cron expression has; write numbers, *, -, / and commas'],
    ['@daily', 'has characters that no cron expression has; write numbers, *, -, / and commas'],
    ['0 0 * * 5#3', 'has characters that no cron expression has; write numbers, *, -, / and commas'],
    ['0 0\u00a0* * *', 'has characters that no cron expression has; write numbers, *, -, / and commas'],
    ['0 0 30 2 *', 'names a day that never comes, 30 in month 2; write a day that the month has'],
    ['0 0 31 APR-JUN/2 *', 'names a day that never comes, 31 in month APR-JUN/2; write a day that the month has'],
  ])('%s', (cron, mistake) => expect(parseCron(cron)).toEqual({ mistake }));

  test('whatever is written, it answers', () => {
    const word = fc.oneof(fc.string({ maxLength: 6 }), fc.stringMatching(/^[0-9*,/-]{1,6}$/));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 7 }), (words) => {
        const cron = parseCron(words.join(' '));
        if (!('mistake' in cron)) expect(cron.minutesOfDay.length).toBeGreaterThan(0);
        else expect(cron.mistake).toMatch(/^(has|names) .+; write .+$/);
      }),
    );
  });
});
