import type { DeviceVerdict, Difference, News } from '../api/index.ts';
import { type Advice, adviseDevice, adviseDifference, describeApply, describeReason } from './advice.ts';
import { plural } from './problems.ts';
import { printable, type Style } from './style.ts';

/**
 * One line per device, and under it what differs: identical differences of many devices are shown once. Without `advice` nothing is said
 * of what comes next, for a command that is it.
 */
export function formatVerdicts(verdicts: readonly DeviceVerdict[], style: Style, { advice = true } = {}): string {
  // Devices of which the same is said: nobody's next step hides behind another's.
  const groups = Map.groupBy(verdicts, (judged) => `${bodyOf(judged)}${judged.verdict} ${adviseDevice({ ...judged, device: '' }).words}`);
  return [...groups.values()]
    .map((members) => `${members.map((judged) => headLine(judged, style)).join('')}${paintBody(members, style, advice)}`)
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
  const when = `  ${style.faint(`looked at ${judged.at}, Git at ${printable(judged.revision)}`)}\n`;
  return `${headLine(judged, style)}${when}${bodyOf(judged, true)}${nextLine(advice, style)}`;
}

function headLine(judged: DeviceVerdict, style: Style): string {
  const paint =
    judged.verdict === 'InSync' ? style.good : judged.verdict === 'Pending' || judged.verdict === 'Unadopted' ? style.warn : style.bad;
  const detail =
    judged.verdict === 'Unknown'
      ? printable(describeReason(judged))
      : `${plural(judged.differences.length, 'difference')}, ${judged.counts.inSync} of ${judged.counts.owned} owned items in sync, ${judged.counts.unmanaged} unmanaged${judged.news ? `, ${judged.news.length} of them new` : ''}`;
  return `${style.strong(printable(judged.device))}  ${paint(judged.verdict)}  ${style.faint(detail)}\n`;
}

/** Differences and news as `plumb why` shows them, each with what an apply would do. */
export function formatDetails(judged: Pick<Extract<DeviceVerdict, { differences: unknown }>, 'differences' | 'news'>): string {
  const { differences, news = [] } = judged;
  return [...differences.map((each) => formatDifference(each, true)), ...news.map((each) => formatNews(each, true))].join('');
}

/** Part of the grouping key, so it holds nothing of one device alone. */
function bodyOf(judged: DeviceVerdict, full = false): string {
  if (judged.verdict === 'Unknown') return '';
  const { differences, news = [], closing = [] } = judged;
  return [
    ...differences.map((each) => formatDifference(each, full)),
    ...news.map((each) => formatNews(each, full)),
    ...closing.map((says) => `  Closing  ${printable(says)}\n`),
  ].join('');
}

function formatNews({ path, was, live, severity, since }: News, full: boolean): string {
  const values = was === undefined ? [] : [`      ${'adopted'.padEnd(9)}${printable(was)}\n`];
  return [
    `  New [${severity}]  ${printable(path.join(' > '))}\n`,
    ...values,
    `      ${'device'.padEnd(9)}${printable(live)}\n`,
    full ? `      since    ${since}\n      apply    leaves it: nothing in Git claims it\n` : '',
  ].join('');
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
  if (!full) return head + values.join('');
  const keep = adviseDifference(difference);
  return [
    head,
    ...values,
    `      since    ${difference.since}\n`,
    `      apply    ${describeApply(difference)}\n`,
    keep ? `      keep     ${printable(keep)}\n` : '',
  ].join('');
}

function paintBody(members: readonly DeviceVerdict[], style: Style, advised: boolean): string {
  const [first] = members;
  if (!first || (first.verdict === 'InSync' && !first.news && !first.closing)) return '';
  if (!advised && first.verdict !== 'Unknown') return bodyOf(first);
  const advice = adviseDevice({ ...first, device: members.map(({ device }) => device).join(' ') });
  return `${bodyOf(first)}${nextLine(advice, style)}`;
}

function nextLine({ words, command }: Advice, style: Style): string {
  return `  ${style.faint('next:')} ${printable(words)}\n${command ? `    ${style.strong(command)}\n` : ''}`;
}

/** What JSON and YAML output give: the verdicts, each with its next step. */
export function verdictRecords(verdicts: readonly DeviceVerdict[]): readonly object[] {
  return verdicts.map((judged) => {
    const { words, command } = adviseDevice(judged);
    return { ...judged, next: words, ...(command !== undefined && { command }) };
  });
}
