import {
  type DeviceVerdict,
  type Difference,
  type DriftReportSpec,
  type DriftReportStatus,
  type ReportedDifference,
  type ReportedRecord,
  setConditions,
  shownDifferences,
} from '../../api/index.ts';
import { digestOf } from '../../lib/index.ts';
import type { Candidate } from './who.ts';

type Judged = Exclude<DeviceVerdict, { verdict: 'Unknown' }>;

/** Bytes of the differences in the object. */
const shownBytes = 256 * 1024;
/** Sections around a line. */
const shownPath = 32;

const severities = ['info', 'warning', 'critical'] as const;

/** Everything there is to report about a device, the worst and oldest first; empty when there is nothing. */
export function reportedOf({ differences, news = [] }: Judged): ReportedDifference[] {
  const all: ReportedDifference[] = [
    ...differences.map(({ recorded: _recorded, record: _record, stays: _stays, path, ...difference }: Difference) => ({
      ...difference,
      path: [...path],
    })),
    ...news.map(({ path, live, was, severity, since }) => ({
      path: [...path],
      verdict: 'New' as const,
      severity,
      ...(was !== undefined && { baseline: was }),
      live,
      since,
    })),
  ];
  return all.toSorted(
    (a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity) || (a.since < b.since ? -1 : a.since > b.since ? 1 : 0),
  );
}

/** Names a set of differences whatever their age: an acknowledgement holds as long as it stays. */
export function digestOfReported(reported: readonly ReportedDifference[]): string {
  const bare = reported.map(({ since: _since, source: _source, ...rest }) => rest);
  return digestOf(bare.toSorted(byPath));
}

function byPath(a: Pick<ReportedDifference, 'path' | 'verdict'>, b: Pick<ReportedDifference, 'path' | 'verdict'>): number {
  const [one, other] = [a, b].map(({ path, verdict }) => [...path, verdict].join('\n'));
  return (one ?? '') < (other ?? '') ? -1 : 1;
}

/** Names what NetBox says otherwise, whatever its age and wherever it stands in Git. None where nothing differs. */
function digestOfRecords(records: readonly ReportedRecord[]): string | undefined {
  if (records.length === 0) return undefined;
  const bare = records.map(({ record, object, field, desired, recorded, live }) =>
    [record, object, field, desired, recorded, live].map((each) => each ?? ''),
  );
  return digestOf(bare.toSorted((a, b) => (a.join('\n') < b.join('\n') ? -1 : 1)));
}

/** True while somebody looks after exactly this of NetBox. */
function isRecordAcknowledged(spec: DriftReportSpec | undefined, digest: string | undefined, now: Date): boolean {
  const given = spec?.acknowledgement;
  return digest !== undefined && given?.recordDigest === digest && Date.parse(given.expires) > now.getTime();
}

/** True while somebody looks after exactly these differences. */
export function isAcknowledged(spec: DriftReportSpec | undefined, digest: string, now: Date): boolean {
  const given = spec?.acknowledgement;
  return given !== undefined && given.digest === digest && Date.parse(given.expires) > now.getTime();
}

/** A report on a device that cannot be judged, when the acknowledgement of its lines is over: they alert again, whoever cannot be read. */
export function withoutAcknowledgement({ acknowledged: _over, ...status }: DriftReportStatus): DriftReportStatus {
  const conditions = status.conditions.map((each) => ({
    ...each,
    message: each.message.replace(' to look at, acknowledged', ` to look at, the first since ${status.since ?? ''}`),
  }));
  return { ...status, conditions };
}

/** The status of a report. `report` is the digest of the full text when more differs than the object shows. */
export function describeDrift(input: {
  judged: Judged;
  /** The revision that last changed what this device should be: a commit that changes another one moves nothing here. */
  revision: string;
  reported: readonly ReportedDifference[];
  last: DriftReportStatus | undefined;
  generation: number;
  at: Date;
  acknowledged: boolean;
  /** What people wrote into the report. */
  spec?: DriftReportSpec | undefined;
  who: readonly Candidate[];
  report: string | undefined;
  /** There should be a full text, and it could not be kept. */
  isCut?: boolean;
  /** What NetBox is beside the device. Absent: as it was. */
  record?: ReportedRecords | undefined;
}): DriftReportStatus {
  const { judged, revision, reported, last, generation, at, acknowledged, spec, who, report, isCut, record } = input;
  const differs = judged.verdict !== 'InSync';
  const beside = record ? printRecords(record) : recordsOf(last);
  const records = beside.records ?? [];
  const lines = `${reported.length} ${reported.length === 1 ? 'line' : 'lines'} to look at, ${acknowledged ? 'acknowledged' : `the first since ${oldest(reported)}`}`;
  const cut = isCut ? '; only some are shown, the full report could not be kept: plumb logs says why' : '';
  const subject = `${judged.device}: ${reported.length > 0 ? lines : `nothing differs on it, and NetBox is ${beside.record ?? 'Unknown'}`}${cut}`;
  return {
    observedGeneration: generation,
    conditions: setConditions(
      last?.conditions ?? [],
      [{ type: 'Ready', status: differs ? 'False' : 'True', reason: judged.verdict, message: subject }],
      { at, generation },
    ),
    verdict: judged.verdict,
    revision,
    total: reported.length,
    worst: (reported[0] ?? records[0])?.severity ?? 'info',
    since: oldest(reported.length > 0 ? reported : records),
    digest: digestOfReported(reported),
    ...(report !== undefined && { report }),
    differences: shownOf(reported),
    ...beside,
    who: [...who],
    ...(acknowledged && { acknowledged }),
    ...(isRecordAcknowledged(spec, beside.recordDigest, at) && { recordAcknowledged: true }),
  };
}

interface ReportedRecords {
  /** Absent: nobody compares the device with NetBox. */
  record: DriftReportStatus['record'];
  records: readonly ReportedRecord[];
}

/** The status of a report on a device that cannot be judged: what is said of its lines stays as it was. */
export function describeRecords(
  input: ReportedRecords & {
    device: string;
    revision: string;
    last: DriftReportStatus | undefined;
    generation: number;
    at: Date;
    /** What people wrote into the report. */
    spec: DriftReportSpec | undefined;
  },
): DriftReportStatus {
  const { device, revision, last, generation, at, records, spec } = input;
  const {
    record: _record,
    recordTotal: _total,
    records: _records,
    recordDigest: _digest,
    recordAcknowledged: _by,
    ...lines
  } = last ?? unjudged(device, generation, at);
  const own = (lines.total ?? 0) > 0 ? {} : { worst: records[0]?.severity ?? ('info' as const), since: oldest(records) };
  const beside = printRecords(input);
  const isSeenTo = isRecordAcknowledged(spec, beside.recordDigest, at);
  return { revision, ...lines, ...own, ...beside, ...(isSeenTo && { recordAcknowledged: true }) };
}

function unjudged(device: string, generation: number, at: Date): DriftReportStatus {
  const message = `${device}: it was not judged yet`;
  const conditions = setConditions([], [{ type: 'Ready', status: 'Unknown', reason: 'Unverified', message }], { at, generation });
  return { observedGeneration: generation, conditions, total: 0, differences: [], who: [] };
}

function printRecords({ record, records }: ReportedRecords): ReturnType<typeof recordsOf> {
  if (record === undefined) return {};
  const recordDigest = digestOfRecords(records);
  if (recordDigest === undefined) return { record };
  return { record, recordTotal: records.length, records: records.slice(0, shownDifferences), recordDigest };
}

function recordsOf(last: DriftReportStatus | undefined): Pick<DriftReportStatus, 'record' | 'recordTotal' | 'records' | 'recordDigest'> {
  return {
    ...(last?.record && { record: last.record }),
    ...(last?.recordTotal !== undefined && { recordTotal: last.recordTotal }),
    ...(last?.records && { records: last.records }),
    ...(last?.recordDigest !== undefined && { recordDigest: last.recordDigest }),
  };
}

function oldest(reported: readonly { since: string }[]): string {
  return reported.reduce((first, { since }) => (since < first ? since : first), reported[0]?.since ?? '');
}

/** As many as the object may show, of however long lines: etcd takes 1.5 MB, and other objects live there too. */
function shownOf(reported: readonly ReportedDifference[]): ReportedDifference[] {
  let left = shownBytes;
  return reported
    .slice(0, shownDifferences)
    .map(shorten)
    .filter((each) => (left -= Buffer.byteLength(JSON.stringify(each))) >= 0);
}

function shorten(difference: ReportedDifference): ReportedDifference {
  const { path, desired, baseline, live, source } = difference;
  return {
    ...difference,
    path: (path.length <= shownPath ? path : [...path.slice(0, shownPath - 1), path.at(-1) ?? '']).map(short),
    ...(desired !== undefined && { desired: short(desired) }),
    ...(baseline !== undefined && { baseline: short(baseline) }),
    ...(live !== undefined && { live: short(live) }),
    ...(source !== undefined && { source: { ...source, file: short(source.file) } }),
  };
}

/** The object is small; the full report holds the whole line. */
function short(text: string): string {
  return text.length <= 500 ? text : `${text.slice(0, 499)}…`;
}
