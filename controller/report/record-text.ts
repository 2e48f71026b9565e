import type { DriftReportStatus, RecordDifference, RecordReport } from '../api/index.ts';
import { plural } from './problems.ts';
import { sayBeside } from './record-lists.ts';
import { printable, type Style } from './style.ts';

/** NetBox beside Git and the devices: what differs, by what of Git it belongs to; why, and what is safe to do. */
export function formatRecord(report: RecordReport, style: Style): string {
  const owners = Map.groupBy(report.differences, ({ owner }) => owner);
  const parts = [...owners].map(([owner, differences]) => {
    const head = `${style.strong(printable(owner))}  ${countsOf(differences)}\n`;
    // One step for many differences is said once, under the last of them.
    const steps = Map.groupBy(foldMissing(differences), ({ why, next }) => `${why}\n${next.words}\n${next.command ?? ''}`);
    return head + [...steps.values()].map((same) => formatSame(same, style)).join('');
  });
  return `${parts.join('')}${countRecord(report)}\n`;
}

/** A device that is missing is told with the number of what would stand on it. */
function foldMissing(differences: readonly RecordDifference[]): readonly RecordDifference[] {
  const device = differences.find(({ record, kind }) => record === 'Missing' && kind === 'device');
  if (!device) return differences;
  const isOnIt = ({ record, object }: RecordDifference) => record === 'Missing' && object.startsWith(`${device.object} > `);
  const kinds = Map.groupBy(differences.filter(isOnIt), ({ kind }) => kind);
  const counts = [...kinds].map(([kind, same]) => `${same.length} of ${kind}`).join(', ');
  const object = counts === '' ? device.object : `${device.object}, and on it ${counts}`;
  return differences.flatMap((each) => (each === device ? [{ ...device, object }] : isOnIt(each) ? [] : [each]));
}

/** `1 Behind, 2 Missing; 38 of 41 match (NetBox 4.7.3 at https://netbox.example.net, main@sha1:…)`. */
function countRecord({ compared, differences, url, version, revision }: RecordReport): string {
  const found = differences.length === 0 ? '' : `${countsOf(differences)}; `;
  return `${found}${compared - differences.length} of ${compared} match (NetBox ${printable(version)} at ${printable(url)}, ${revision})`;
}

function countsOf(differences: readonly RecordDifference[]): string {
  return [...Map.groupBy(differences, ({ record }) => record)].map(([record, same]) => `${same.length} ${record}`).join(', ');
}

function formatSame(same: readonly RecordDifference[], style: Style): string {
  const [first] = same;
  if (!first) return '';
  const { why, next } = first;
  const command = next.command === undefined ? '' : `    ${style.strong(next.command)}\n`;
  return `${same.map((each) => formatOne(each, style)).join('')}  ${style.faint(`${printable(why)}.`)}\n  ${style.faint('next:')} ${printable(next.words)}\n${command}`;
}

function formatOne({ record, kind, object, field, source, ids, ...values }: RecordDifference, style: Style): string {
  const paint = record === 'Behind' || record === 'Missing' ? style.warn : style.bad;
  const place = source ? `  (${source.file}:${source.line})` : '';
  const where =
    ids.length === 0 ? '' : ` ${style.faint(plural(ids.length, 'id') === '1 id' ? `id ${ids[0] ?? ''}` : `ids ${ids.join(', ')}`)}`;
  const rows = [
    ['Git', values.desired],
    ['device', values.live],
    ['NetBox', values.recorded],
  ] as const;
  const say = sayBeside([values.desired, values.live, values.recorded], '(none)');
  const shown = rows.flatMap(([name, value]) => (value === undefined ? [] : [`      ${name.padEnd(9)}${printable(say(value))}\n`]));
  const what = `${kind} ${object}${field === undefined ? '' : `: ${field}`}`;
  return `  ${paint(record)}  ${printable(what)}${where}${place}\n${shown.join('')}`;
}

/** The same as an operator reported it of one device; nothing when NetBox is what it should be. */
export function formatReportedRecords(report: DriftReportStatus | undefined, device: string, style: Style): string {
  const { records = [], recordTotal = 0 } = report ?? {};
  const body = records.map(({ record, severity, object, field, source, since, who, why, next, command, ...values }) => {
    const paint = severity === 'info' ? style.warn : style.bad;
    const place = source ? `  (${source.file}:${source.line})` : '';
    const rows = [
      ['Git', values.desired],
      ['baseline', record === 'Ahead' ? values.baseline : undefined],
      ['device', values.live],
      ['NetBox', values.recorded],
    ] as const;
    const shown = rows.flatMap(([name, value]) =>
      value === undefined ? [] : [`      ${name.padEnd(9)}${printable(value === '' ? '(none)' : value)}\n`],
    );
    const what = `${object}${field === undefined ? '' : `: ${field}`}`;
    const by = who
      ? `      changed  in NetBox by ${printable(who.who)}, ${who.at}${who.message === undefined ? '' : `: ${printable(who.message)}`}\n`
      : '';
    const step = command === undefined ? '' : `    ${style.strong(command)}\n`;
    return `  ${paint(record)}  ${printable(what)}${place}\n${shown.join('')}      since    ${since}\n${by}  ${style.faint(`${printable(why)}.`)}\n  ${style.faint('next:')} ${printable(next)}\n${step}`;
  });
  const rest = recordTotal > records.length ? `  and ${recordTotal - records.length} more: plumb netbox diff ${device}\n` : '';
  return body.join('') + rest;
}
