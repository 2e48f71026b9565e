import { describe, expect, test } from 'vitest';
import { isTimeZone, nextBegin } from './begins.ts';
import { type Cron, parseCron } from './cron.ts';

function beginsOf(cron: string, timeZone: string, after: string, count: number): string[] {
  const begins: string[] = [];
  let last = Date.parse(after);
  while (begins.length < count) {
    last = nextBegin(parseCron(cron) as Cron, timeZone, last) ?? Number.NaN;
    begins.push(Number.isNaN(last) ? 'never' : new Date(last).toISOString().slice(0, 16));
  }
  return begins;
}

describe('begins, in UTC', () => {
  test.each<{ name: string; cron: string; timeZone?: string; after: string; begins: string[] }>([
    {
      name: 'is after the moment, not at it',
      cron: '0 22 * * *',
      after: '2026-06-01T22:00:00Z',
      begins: ['2026-06-02T22:00', '2026-06-03T22:00'],
    },
    {
      name: 'is this minute when seconds have not passed',
      cron: '0 22 * * *',
      after: '2026-06-01T21:59:59.999Z',
      begins: ['2026-06-01T22:00'],
    },
    {
      name: 'follows the clock of the zone over the year',
      cron: '0 22 1 1,7 *',
      timeZone: 'Europe/Berlin',
      after: '2026-01-01T00:00:00Z',
      begins: ['2026-01-01T21:00', '2026-07-01T20:00'],
    },
    {
      name: 'takes the day of the zone, not that of UTC',
      cron: '0 1 * * MON',
      timeZone: 'Asia/Kathmandu',
      after: '2026-06-01T00:00:00Z',
      begins: ['2026-06-07T19:15', '2026-06-14T19:15'],
    },
    {
      name: 'begins at the next moment that exists where an hour is skipped',
      cron: '30 2 * * *',
      timeZone: 'Europe/Berlin',
      after: '2026-03-28T00:00:00Z',
      begins: ['2026-03-28T01:30', '2026-03-29T01:00', '2026-03-30T00:30'],
    },
    {
      name: 'begins once where several times are skipped together',
      cron: '*/20 2 * * *',
      timeZone: 'Europe/Berlin',
      after: '2026-03-28T01:39:00Z',
      begins: ['2026-03-28T01:40', '2026-03-29T01:00', '2026-03-30T00:00'],
    },
    {
      name: 'begins once, the first time, where an hour is repeated',
      cron: '30 2 * * *',
      timeZone: 'Europe/Berlin',
      after: '2026-10-24T12:00:00Z',
      begins: ['2026-10-25T00:30', '2026-10-26T01:30'],
    },
    {
      name: 'does not begin again when asked in the repeated hour',
      cron: '*/30 * * * *',
      timeZone: 'America/New_York',
      after: '2026-11-01T05:15:00Z',
      begins: ['2026-11-01T05:30', '2026-11-01T07:00', '2026-11-01T07:30'],
    },
    {
      name: 'knows a daylight saving of half an hour, forward',
      cron: '15 2 * * *',
      timeZone: 'Australia/Lord_Howe',
      after: '2026-10-03T00:00:00Z',
      begins: ['2026-10-03T15:30', '2026-10-04T15:15'],
    },
    {
      name: 'and back',
      cron: '45 1 * * *',
      timeZone: 'Australia/Lord_Howe',
      after: '2026-04-04T00:00:00Z',
      begins: ['2026-04-04T14:45', '2026-04-05T15:15'],
    },
    {
      name: 'begins at one where midnight is skipped',
      cron: '0 0 * * *',
      timeZone: 'Africa/Cairo',
      after: '2026-04-23T12:00:00Z',
      begins: ['2026-04-23T22:00', '2026-04-24T21:00'],
    },
    {
      name: 'keeps a day of the week at midnight that is skipped',
      cron: '0 0 * * FRI',
      timeZone: 'Africa/Cairo',
      after: '2026-04-20T12:00:00Z',
      begins: ['2026-04-23T22:00', '2026-04-30T21:00'],
    },
    {
      name: 'gives a day that a zone left out to the moment after it',
      cron: '0 12 30 12 *',
      timeZone: 'Pacific/Apia',
      after: '2011-01-01T00:00:00Z',
      begins: ['2011-12-30T10:00', '2012-12-29T22:00'],
    },
    {
      name: 'waits for leap years',
      cron: '0 0 29 2 *',
      after: '2095-01-01T00:00:00Z',
      begins: ['2096-02-29T00:00', '2104-02-29T00:00'],
    },
    {
      name: 'waits for a leap day that is a Sunday or a Saturday',
      cron: '0 0 29 2 */6',
      after: '2076-03-01T00:00:00Z',
      begins: ['2088-02-29T00:00', '2116-02-29T00:00', '2128-02-29T00:00'],
    },
  ])('$name', ({ cron, timeZone = 'UTC', after, begins }) => {
    expect(beginsOf(cron, timeZone, after, begins.length)).toEqual(begins);
  });
});

test.each<[name: string, is: boolean]>([
  ['UTC', true],
  ['Europe/Berlin', true],
  ['europe/berlin', true],
  ['CET', true],
  ['Etc/GMT+5', true],
  ['Europe/Berln', false],
  ['GMT+1', false],
  ['', false],
  ['x'.repeat(64), false],
])('time zone %s: %s', (name, is) => expect(isTimeZone(name)).toBe(is));
