import type { DeviceVerdict, Difference, News } from '../api/index.ts';
import { adviseDevice, describeReason } from './advice.ts';
import { cell, code } from './markdown-cell.ts';
import { plural } from './problems.ts';
import { countVerdicts } from './verdict-text.ts';

/** Verdicts for a reviewer: a table, and one folded list of differences per device that has any. */
export function verdictsMarkdown(verdicts: readonly DeviceVerdict[]): string {
  const rows = verdicts.map((judged) => {
    const { words, command } = adviseDevice(judged);
    const next = command === undefined ? cell(words) : `${cell(words)}: ${code(command)}`;
    return `| ${cell(judged.device)} | ${judged.verdict} | ${describeFindings(judged)} | ${next} |\n`;
  });
  const details = verdicts.flatMap((judged) =>
    judged.verdict === 'Unknown' || (judged.differences.length === 0 && !judged.news) ? [] : [differenceList(judged)],
  );
  return `**Plumbline:** ${countVerdicts(verdicts)}\n\n| device | verdict | what | next |\n|---|---|---|---|\n${rows.join('')}${details.join('')}`;
}

function describeFindings(judged: DeviceVerdict): string {
  if (judged.verdict === 'Unknown') return cell(describeReason(judged));
  const found = plural(judged.differences.length, 'difference');
  return judged.news ? `${found}, ${plural(judged.news.length, 'new line')} beside Git` : found;
}

/** Git, what it was when it was last right, and the device: with these three a reader sees who moved. */
function differenceList({ device, differences, news = [] }: Exclude<DeviceVerdict, { verdict: 'Unknown' }>): string {
  const row = (
    verdict: string,
    { path, severity, since }: Difference | News,
    values: readonly (string | undefined)[],
    place = '',
  ): string => `| ${verdict} | ${severity} | ${code(path.join(' > '))} | ${values.map(code).join(' | ')} | ${since} | ${cell(place)} |\n`;
  const rows = [
    ...differences.map((each) =>
      row(each.verdict, each, [each.desired, each.baseline, each.live], each.source && `${each.source.file}:${each.source.line}`),
    ),
    ...news.map((each) => row('New', each, [undefined, each.was, each.live])),
  ];
  return `\n<details><summary>${cell(device)}</summary>\n\n| verdict | severity | item | Git | last right | device | since | source |\n|---|---|---|---|---|---|---|---|\n${rows.join('')}\n</details>\n`;
}
