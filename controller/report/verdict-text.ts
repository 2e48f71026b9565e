import type { DeviceVerdict, Difference } from '../api/index.ts';
import { adviseDevice, adviseDifference } from './advice.ts';
import { plural } from './problems.ts';
import { printable, type Style } from './style.ts';

/** One line per device, and under it what differs: identical differences of many devices are shown once. */
export function formatVerdicts(verdicts: readonly DeviceVerdict[], style: Style): string {
  const groups = Map.groupBy(verdicts, (judged) => bodyOf(judged));
  return [...groups]
    .map(([body, members]) => `${members.map((judged) => headLine(judged, style)).join('')}${paintBody(body, members, style)}`)
    .join('');
}

/** `3 devices: 1 InSync, 2 Drifted`. */
export function countVerdicts(verdicts: readonly DeviceVerdict[]): string {
  const counts = Map.groupBy(verdicts, ({ verdict }) => verdict);
  return `${plural(verdicts.length, 'device')}: ${[...counts].map(([verdict, members]) => `${members.length} ${verdict}`).join(', ')}`;
}

/** Everything known about one device: each item with its four values, who is wrong, since when, and what is safe. */
export function formatWhy(judged: DeviceVerdict, style: Style): string {
  const advice = adviseDevice(judged);
  return `${headLine(judged, style)}${bodyOf(judged, true)}${nextLine(advice.words, advice.command, style)}`;
}

function headLine(judged: DeviceVerdict, style: Style): string {
  const paint =
    judged.verdict === 'InSync' ? style.good : judged.verdict === 'Pending' || judged.verdict === 'Unadopted' ? style.warn : style.bad;
  const detail =
    judged.verdict === 'Unknown'
      ? `${judged.reason}: ${printable(judged.message)}`
      : `${plural(judged.differences.length, 'difference')}, ${judged.counts.inSync} of ${judged.counts.owned} owned items in sync, ${judged.counts.unmanaged} unmanaged`;
  return `${style.strong(printable(judged.device))}  ${paint(judged.verdict)}  ${style.faint(detail)}\n`;
}

/** The body is the grouping key, so it holds nothing of one device alone. */
function bodyOf(judged: DeviceVerdict, full = false): string {
  return judged.verdict === 'Unknown' ? '' : judged.differences.map((difference) => formatDifference(difference, full)).join('');
}

function formatDifference(difference: Difference, full: boolean): string {
  const place = difference.source ? `  (${difference.source.file}:${difference.source.line})` : '';
  const rows: [string, string | undefined][] = [
    ['Git', difference.desired],
    ['baseline', full || difference.verdict === 'Diverged' ? (difference.baseline ?? '(none)') : undefined],
    ['NetBox', difference.recorded],
    ['device', difference.live ?? '(absent)'],
  ];
  const severity = difference.severity === 'info' ? '' : ` [${difference.severity}]`;
  const head = `  ${difference.verdict}${severity}  ${printable(difference.path.join(' > '))}${place}\n`;
  const values = rows
    .filter(([name, value]) => value !== undefined || name === 'Git')
    .map(([name, value]) => `      ${name.padEnd(9)}${printable(value ?? '(absent)')}\n`);
  const keep = full ? adviseDifference(difference) : undefined;
  return (
    head + values.join('') + (full ? `      since    ${difference.since}\n` : '') + (keep ? `      keep     ${printable(keep)}\n` : '')
  );
}

function paintBody(body: string, members: readonly DeviceVerdict[], style: Style): string {
  const [first] = members;
  if (!first || first.verdict === 'InSync') return body;
  const advice = adviseDevice({ ...first, device: members.map(({ device }) => device).join(' ') });
  return `${body}${nextLine(advice.words, advice.command, style)}`;
}

function nextLine(words: string, command: string | undefined, style: Style): string {
  return `  ${style.faint('next:')} ${words}${command ? `: ${style.strong(command)}` : ''}\n`;
}
