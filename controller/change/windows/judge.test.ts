import { describe, expect, test } from 'vitest';
import type { NamedWindow } from '../../api/index.ts';
import { judgeWindows, judgeWindowsOfSet, type WindowJudgement } from './judge.ts';

const all = { matchLabels: {}, matchExpressions: [] };
const at = (time: string): Date => new Date(time);

/** Monday to Thursday, 22:00 to 04:00 in Frankfurt. */
const nights: NamedWindow = {
  name: 'ChangeWindow/nights',
  effect: 'Allow',
  selector: { ...all, matchLabels: { site: 'fra' } },
  intervals: [],
  schedule: { cron: '0 22 * * 1-4', timeZone: 'Europe/Berlin', durationMinutes: 360 },
  source: { file: 'windows.yaml', line: 3 },
};

function stated(name: string, effect: NamedWindow['effect'], ...times: string[]): NamedWindow {
  const intervals = times.map((time) => {
    const [from = '', to = ''] = time.split(' ');
    return { from, to };
  });
  return { name, effect, selector: all, intervals };
}

const migration = stated('ChangeWindow/migration', 'Allow', '2026-06-02T10:00:00Z 2026-06-02T12:00:00Z');
const yearEnd = stated('freeze 1 of the Fleet', 'Freeze', '2026-06-01T00:00:00+02:00 2026-06-04T00:00:00+02:00');
const always: NamedWindow = {
  ...stated('ChangeWindow/always', 'Freeze'),
  schedule: { cron: '0 0 * * *', timeZone: 'UTC', durationMinutes: 1440 },
};

interface Row {
  name: string;
  windows: readonly NamedWindow[];
  site?: string;
  time: string;
  is: Omit<WindowJudgement, 'nextChangeAt'> & { next?: string };
}

test.each<Row>([
  { name: 'is open where there is no window', windows: [], time: '2026-06-01T12:00:00Z', is: { open: true } },
  { name: 'is open where none selects the device', windows: [nights], site: 'lon', time: '2026-06-01T12:00:00Z', is: { open: true } },
  {
    name: 'is closed outside of the one that does, which is Monday',
    windows: [nights],
    time: '2026-06-01T12:00:00Z',
    is: {
      open: false,
      because: 'closed until 2026-06-01T20:00Z: ChangeWindow/nights (windows.yaml:3) is not open',
      next: '2026-06-01T20:00:00.000Z',
    },
  },
  {
    name: 'is open from its first moment',
    windows: [nights],
    time: '2026-06-01T20:00:00Z',
    is: { open: true, next: '2026-06-02T02:00:00.000Z' },
  },
  {
    name: 'is open in a run that began yesterday',
    windows: [nights],
    time: '2026-06-05T01:59:59.999Z',
    is: { open: true, next: '2026-06-05T02:00:00.000Z' },
  },
  {
    name: 'is closed from its last moment on, until after the weekend',
    windows: [nights],
    time: '2026-06-05T02:00:00Z',
    is: {
      open: false,
      because: 'closed until 2026-06-08T20:00Z: ChangeWindow/nights (windows.yaml:3) is not open',
      next: '2026-06-08T20:00:00.000Z',
    },
  },
  {
    name: 'is open while one of several is',
    windows: [nights, migration],
    time: '2026-06-02T11:00:00Z',
    is: { open: true, next: '2026-06-02T12:00:00.000Z' },
  },
  {
    name: 'names all of them while none is',
    windows: [nights, migration],
    time: '2026-06-02T09:00:00Z',
    is: {
      open: false,
      because: 'closed until 2026-06-02T10:00Z: none of ChangeWindow/nights (windows.yaml:3), ChangeWindow/migration is open',
      next: '2026-06-02T10:00:00.000Z',
    },
  },
  {
    name: 'stays open from one window into the next',
    windows: [nights, stated('ChangeWindow/more', 'Allow', '2026-06-02T02:00:00Z 2026-06-02T05:00:00Z')],
    time: '2026-06-01T23:00:00Z',
    is: { open: true, next: '2026-06-02T05:00:00.000Z' },
  },
  {
    name: 'takes overlapping intervals for one',
    windows: [
      stated(
        'ChangeWindow/x',
        'Allow',
        '2026-06-02T11:00:00Z 2026-06-02T13:00:00Z',
        '2026-06-02T10:00:00Z 2026-06-02T12:00:00Z',
        '2026-06-02T13:00:00Z 2026-06-02T14:00:30Z',
      ),
    ],
    time: '2026-06-02T10:30:00Z',
    is: { open: true, next: '2026-06-02T14:00:30.000Z' },
  },
  {
    name: 'is closed for good when the last interval is over',
    windows: [migration],
    time: '2026-06-02T12:00:00Z',
    is: { open: false, because: 'closed for good: ChangeWindow/migration is not open' },
  },
  {
    name: 'is closed in a freeze although a window is open, until one is open again',
    windows: [nights, yearEnd],
    time: '2026-06-01T23:00:00Z',
    is: {
      open: false,
      because: 'closed until 2026-06-03T22:00Z: freeze 1 of the Fleet is in force',
      next: '2026-06-03T22:00:00.000Z',
    },
  },
  {
    name: 'does not open with the end of a freeze when no window is open then',
    windows: [nights, stated('freeze 2 of the Fleet', 'Freeze', '2026-06-01T00:00:00Z 2026-06-02T09:00:00Z')],
    time: '2026-06-01T12:00:00Z',
    is: {
      open: false,
      because: 'closed until 2026-06-02T20:00Z: freeze 2 of the Fleet is in force',
      next: '2026-06-02T20:00:00.000Z',
    },
  },
  {
    name: 'closes with the begin of a freeze',
    windows: [yearEnd],
    site: 'lon',
    time: '2026-05-31T12:00:00Z',
    is: { open: true, next: '2026-05-31T22:00:00.000Z' },
  },
  {
    name: 'is open when the last freeze is over, for ever',
    windows: [yearEnd],
    site: 'lon',
    time: '2026-06-04T00:00:00Z',
    is: { open: true },
  },
  {
    name: 'names each freeze in force',
    windows: [yearEnd, stated('ChangeWindow/event', 'Freeze', '2026-06-02T00:00:00Z 2026-06-02T08:00:00Z')],
    time: '2026-06-02T06:00:00Z',
    is: {
      open: false,
      because: 'closed until 2026-06-03T22:00Z: freeze 1 of the Fleet is in force; ChangeWindow/event is in force',
      next: '2026-06-03T22:00:00.000Z',
    },
  },
  {
    name: 'says how far it looked into a freeze that goes on and on',
    windows: [always],
    time: '2026-06-01T12:00:00Z',
    is: {
      open: false,
      because: 'closed at least until 2029-02-25T00:00Z: ChangeWindow/always is in force',
      next: '2029-02-25T00:00:00.000Z',
    },
  },
  {
    name: 'never opens with a schedule that cannot be read',
    windows: [{ ...nights, schedule: { cron: '0 25 * * *', timeZone: 'UTC', durationMinutes: 60 } }],
    time: '2026-06-01T12:00:00Z',
    is: { open: false, because: 'closed for good: ChangeWindow/nights (windows.yaml:3) is not open' },
  },
  {
    name: 'is frozen by one whose time zone this machine does not know',
    windows: [{ ...always, schedule: { cron: '0 0 * * *', timeZone: 'Europe/Atlantis', durationMinutes: 60 } }],
    time: '2026-06-01T12:00:00Z',
    is: { open: false, because: 'closed for good: ChangeWindow/always is in force' },
  },
  {
    name: 'is closed at the end of a freeze of whole days when the clock goes back: a day has 25 hours then',
    windows: [{ ...always, schedule: { cron: '0 0 * * *', timeZone: 'Europe/Berlin', durationMinutes: 1500 } }],
    time: '2026-10-25T22:30:00Z',
    is: {
      open: false,
      because: 'closed at least until 2029-07-20T23:00Z: ChangeWindow/always is in force',
      next: '2029-07-20T23:00:00.000Z',
    },
  },
])('$name', ({ windows, site = 'fra', time, is }) => {
  const { next, ...rest } = is;
  expect(judgeWindows(windows, { site }, at(time))).toEqual({ ...rest, ...(next === undefined ? {} : { nextChangeAt: at(next) }) });
});

describe('daylight saving', () => {
  const early: NamedWindow = { ...nights, schedule: { cron: '30 2 * * *', timeZone: 'Europe/Berlin', durationMinutes: 60 } };
  test.each<{ name: string; time: string; open: boolean; next: string }>([
    { name: 'opens at 03:00 when 02:30 is skipped', time: '2026-03-29T00:59:00Z', open: false, next: '2026-03-29T01:00:00.000Z' },
    { name: 'and lasts as long as ever', time: '2026-03-29T01:00:00Z', open: true, next: '2026-03-29T02:00:00.000Z' },
    { name: 'opens at the first of two 02:30', time: '2026-10-25T00:29:00Z', open: false, next: '2026-10-25T00:30:00.000Z' },
    { name: 'and closes after an hour, at the second', time: '2026-10-25T00:31:00Z', open: true, next: '2026-10-25T01:30:00.000Z' },
    { name: 'and does not open again', time: '2026-10-25T01:31:00Z', open: false, next: '2026-10-26T01:30:00.000Z' },
  ])('$name', ({ time, open, next }) => {
    expect(judgeWindows([early], { site: 'fra' }, at(time))).toMatchObject({ open, nextChangeAt: at(next) });
  });
});

describe('devices that change as one unit', () => {
  const inLondon: NamedWindow = {
    ...stated('ChangeWindow/london', 'Allow', '2026-06-02T01:00:00Z 2026-06-02T05:00:00Z'),
    selector: { ...all, matchLabels: { site: 'lon' } },
  };
  const members = [{ site: 'fra' }, { site: 'lon' }, { site: 'fra' }];

  test('may begin only when each may', () => {
    expect(judgeWindowsOfSet([nights, inLondon], members, at('2026-06-01T23:00:00Z'))).toEqual({
      open: false,
      because: 'closed until 2026-06-02T01:00Z: ChangeWindow/london is not open',
      nextChangeAt: at('2026-06-02T01:00:00Z'),
    });
    expect(judgeWindowsOfSet([nights, inLondon], members, at('2026-06-02T01:30:00Z'))).toEqual({
      open: true,
      nextChangeAt: at('2026-06-02T02:00:00Z'),
    });
  });

  test('says why each may not, once', () => {
    expect(judgeWindowsOfSet([nights, inLondon], members, at('2026-06-01T12:00:00Z')).because).toBe(
      'closed until 2026-06-02T01:00Z: ChangeWindow/nights (windows.yaml:3) is not open; ChangeWindow/london is not open',
    );
  });
});

test('the same question has the same answer, in whatever order times are asked for', () => {
  const times = Array.from({ length: 200 }, (_, i) => new Date(Date.UTC(2026, 5, 1) + ((i * 7919) % 200) * 3_600_000));
  const ask = (time: Date): WindowJudgement => judgeWindows([nights, migration, yearEnd], { site: 'fra' }, time);
  const first = times.map(ask);
  expect(times.map((time) => judgeWindows([{ ...nights }, { ...migration }, { ...yearEnd }], { site: 'fra' }, time))).toEqual(first);
  expect(times.toReversed().map(ask).toReversed()).toEqual(first);
});
