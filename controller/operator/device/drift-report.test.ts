import { describe, expect, it, test } from 'vitest';
import { type DeviceVerdict, type Difference, DriftReportStatus, type News, type ReportedRecord } from '../../api/index.ts';
import { describeDrift, describeRecords, digestOfReported, isAcknowledged, reportedOf } from './drift-report.ts';

const at = new Date('2026-11-21T10:00:00.000Z');
type Judged = Exclude<DeviceVerdict, { verdict: 'Unknown' }>;

const drift: Difference = {
  path: ['router bgp 64500', 'neighbor 192.0.2.1 description'],
  verdict: 'Drifted',
  desired: 'description transit',
  baseline: 'description transit',
  live: 'description by hand',
  source: { file: 'sessions.yaml', line: 3 },
  severity: 'warning',
  since: '2026-11-21T09:00:00.000Z',
};
const rogue: Difference = {
  path: ['neighbor 192.0.2.66 remote-as'],
  verdict: 'Drifted',
  live: 'remote-as 64510',
  severity: 'critical',
  since: '2026-11-21T09:30:00.000Z',
};
const merged: Difference = {
  path: ['bgp router-id'],
  verdict: 'Pending',
  desired: 'bgp router-id 10.0.0.9',
  severity: 'info',
  since: '2026-11-21T08:00:00.000Z',
};
const user: News = { path: ['username eve'], live: 'username eve nopassword', severity: 'warning', since: '2026-11-21T08:30:00.000Z' };
const judged = (differences: Difference[], news?: News[]): Judged => ({
  device: 'edge1-fra',
  verdict: differences.length > 0 ? 'Drifted' : 'InSync',
  at: at.toISOString(),
  revision: 'main@sha1:2',
  differences,
  counts: { owned: 40, inSync: 40, unmanaged: 1 },
  ...(news && { news }),
});
const describeReport = (of: Judged, more: Partial<Parameters<typeof describeDrift>[0]> = {}) =>
  DriftReportStatus.parse(
    describeDrift({
      judged: of,
      revision: 'main@sha1:1',
      reported: reportedOf(of),
      last: undefined,
      generation: 1,
      at,
      acknowledged: false,
      who: [],
      report: undefined,
      ...more,
    }),
  );

describe('what is reported', () => {
  test('is the worst first, and the oldest of the equally bad', () => {
    const all = reportedOf(judged([merged, drift, rogue], [user]));
    expect(all.map(({ severity, path }) => `${severity} ${path.at(-1)}`)).toEqual([
      'critical neighbor 192.0.2.66 remote-as',
      'warning username eve',
      'warning neighbor 192.0.2.1 description',
      'info bgp router-id',
    ]);
  });

  test('is nothing for a device that is in sync and has no news', () => {
    expect(reportedOf(judged([]))).toEqual([]);
  });

  test('of a line of nobody that says something else now is also what it was', () => {
    expect(reportedOf(judged([], [{ ...user, was: 'username eve password x' }]))).toMatchObject([
      { verdict: 'New', baseline: 'username eve password x', live: 'username eve nopassword' },
    ]);
  });
});

describe('the digest of a report', () => {
  const base = digestOfReported(reportedOf(judged([drift, rogue], [user])));
  it.each<{ name: string; now: Judged; same: boolean }>([
    { name: 'is the same in another order', now: judged([rogue, drift], [user]), same: true },
    { name: 'is the same when they grow old', now: judged([{ ...drift, since: '2026-11-20T00:00:00.000Z' }, rogue], [user]), same: true },
    {
      name: 'is the same when the place in Git moves',
      now: judged([{ ...drift, source: { file: 'sessions.yaml', line: 9 } }, rogue], [user]),
      same: true,
    },
    { name: 'is another one when a line goes', now: judged([drift], [user]), same: false },
    {
      name: 'is another one when a line says something else',
      now: judged([{ ...drift, live: 'description x' }, rogue], [user]),
      same: false,
    },
    {
      name: 'is another one when Git wants something else',
      now: judged([{ ...drift, desired: 'description y' }, rogue], [user]),
      same: false,
    },
    { name: 'is another one when the verdict moves', now: judged([{ ...drift, verdict: 'Diverged' }, rogue], [user]), same: false },
    { name: 'is another one when news says something else', now: judged([drift, rogue], [{ ...user, live: 'username eve' }]), same: false },
  ])('$name', ({ now, same }) => {
    expect(digestOfReported(reportedOf(now)) === base).toBe(same);
  });

  test('sees a change far behind what the object shows of a line', () => {
    const long = (end: string) => judged([{ ...drift, live: `${'x'.repeat(900)}${end}` }]);
    expect(digestOfReported(reportedOf(long('a')))).not.toBe(digestOfReported(reportedOf(long('b'))));
  });
});

describe('the status of a report', () => {
  test('sums up what stands in it', () => {
    expect(describeReport(judged([merged, drift, rogue], [user]))).toMatchObject({
      verdict: 'Drifted',
      revision: 'main@sha1:1',
      total: 4,
      worst: 'critical',
      since: merged.since,
      conditions: [
        { type: 'Ready', status: 'False', reason: 'Drifted', message: `edge1-fra: 4 lines to look at, the first since ${merged.since}` },
      ],
    });
  });

  test('is Ready when there is only news', () => {
    expect(describeReport(judged([], [user])).conditions).toMatchObject([
      { status: 'True', reason: 'InSync', message: expect.stringContaining('1 line to look at') as string },
    ]);
  });

  test('shows fifty lines and cuts each, and says how many there are and where all of them stand', () => {
    const many = Array.from({ length: 200 }, (_, k) => ({ ...drift, path: [`network ${k}`.padEnd(3000, 'x')], live: 'y'.repeat(3000) }));
    const status = describeReport(judged(many), { report: 'sha256:full' });
    expect([status.total, status.differences.length, status.report]).toEqual([200, 50, 'sha256:full']);
    expect(Math.max(...status.differences.map((each) => JSON.stringify(each).length))).toBeLessThan(1500);
  });

  test('says that it is acknowledged only while it is', () => {
    expect(describeReport(judged([drift]), { acknowledged: true })).toMatchObject({
      acknowledged: true,
      conditions: [{ message: expect.stringContaining('acknowledged') as string }],
    });
    expect(describeReport(judged([drift]))).not.toHaveProperty('acknowledged');
  });
});

describe('an acknowledgement', () => {
  const given = { owner: 'mona', reason: 'moved on Friday', expires: '2026-11-21T12:00:00Z', digest: 'sha256:a' };
  it.each<{ name: string; acknowledgement?: typeof given; digest?: string; now?: string; holds: boolean }>([
    { name: 'is in force for exactly its differences until it expires', acknowledgement: given, holds: true },
    { name: 'is over at its end', acknowledgement: given, now: given.expires, holds: false },
    { name: 'is void for other differences', acknowledgement: given, digest: 'sha256:b', holds: false },
    { name: 'that nobody gave is none', holds: false },
  ])('$name', ({ acknowledgement, digest = 'sha256:a', now = '2026-11-21T10:00:00Z', holds }) => {
    expect(isAcknowledged({ device: 'edge1-fra', ...(acknowledgement && { acknowledgement }) }, digest, new Date(now))).toBe(holds);
  });
});

describe('an acknowledgement of what NetBox says otherwise', () => {
  const serial: ReportedRecord = {
    record: 'Conflict',
    severity: 'warning',
    object: 'device edge1-fra',
    field: 'serial',
    ids: [7],
    desired: 'S1',
    recorded: 'S2',
    since: '2026-11-20T10:00:00Z',
    why: 'why',
    next: 'next',
  };
  const other: ReportedRecord = { ...serial, object: 'interface edge1-fra > eth0', field: 'mtu' };
  const standing = (records: readonly ReportedRecord[]) => ({ record: { record: 'Conflict' as const, records } });
  const { recordDigest = '' } = describeReport(judged([]), standing([serial, other]));
  const acknowledgement = { owner: 'mona', reason: 'a new box', expires: '2030-01-01T00:00:00Z', digest: '', recordDigest };
  it.each<{ name: string; records: readonly ReportedRecord[]; expires?: string; holds: true | undefined }>([
    { name: 'is in force for exactly that, in whatever order', records: [other, serial], holds: true },
    {
      name: 'goes on whoever is named, and wherever Git says it',
      records: [{ ...serial, since: '2026-11-21T10:00:00Z', source: { file: 'b.yaml', line: 9 } }, other],
      holds: true,
    },
    { name: 'is void for another value', records: [{ ...serial, recorded: 'S3' }, other], holds: undefined },
    { name: 'is void for another verdict', records: [{ ...serial, record: 'Ahead' }, other], holds: undefined },
    { name: 'is void when more differs', records: [serial, other, { ...other, field: 'vrf' }], holds: undefined },
    { name: 'is over at its end', records: [serial, other], expires: '2026-11-20T00:00:00Z', holds: undefined },
  ])('$name', ({ records, expires = acknowledgement.expires, holds }) => {
    const spec = { device: 'edge1-fra', acknowledgement: { ...acknowledgement, expires } };
    expect(describeReport(judged([]), { ...standing(records), spec }).recordAcknowledged).toBe(holds);
    const last = describeReport(judged([]), standing(records));
    // A look that heard nothing of NetBox, and one that could not judge the device.
    expect(describeReport(judged([]), { last, spec }).recordAcknowledged).toBe(holds);
    const unread = { device: 'edge1-fra', revision: 'main@sha1:1', last, generation: 1, at, spec, record: 'Conflict' as const, records };
    expect(describeRecords(unread).recordAcknowledged).toBe(holds);
  });

  test('says nothing of lines', () => {
    const spec = { device: 'edge1-fra', acknowledgement };
    expect(describeReport(judged([drift]), { ...standing([serial, other]), spec })).not.toHaveProperty('acknowledged');
  });
});

describe('what a device or a repository says at any length', () => {
  const many = (difference: Difference) => Array.from({ length: 60 }, () => difference);
  const letter = '\u6f22';

  test('fits into the object, the deepest line with its own end', () => {
    const path = Array.from({ length: 40 }, (_, k) => `section ${k}`);
    const source = { file: `${'d/'.repeat(2000)}a.yaml`, line: 1 };
    const [shown] = describeReport(judged([{ ...drift, path, source }])).differences;
    expect([shown?.path.length, shown?.path.at(-1)]).toEqual([32, 'section 39']);
    expect(shown?.source?.file).toHaveLength(500);
  });

  test('leaves the object small: what does not fit is only counted', () => {
    const path = Array.from({ length: 32 }, () => letter.repeat(900));
    const { differences, total } = describeReport(judged(many({ ...drift, path, live: letter.repeat(900) })));
    expect(Buffer.byteLength(JSON.stringify(differences))).toBeLessThan(300 * 1024);
    expect(differences.length).toBeGreaterThan(0);
    expect(total).toBe(60);
  });
});
