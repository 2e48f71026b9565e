import type { DeviceVerdict, Difference, News, Plan } from '../api/index.ts';
import { adviseDevice, describeReason } from './advice.ts';
import { describeDrain, formatCommands } from './commands.ts';
import { cell } from './markdown-cell.ts';
import { leaseLines } from './lease-lines.ts';
import { groupPlans, worstRisk } from './plan-groups.ts';
import { applicable, notePlan } from './plan-notes.ts';
import { describeProof, describeUnknown } from './plan-text.ts';
import { plural } from './problems.ts';
import { routingMarkdown } from './routing-text.ts';
import { countVerdicts } from './verdict-text.ts';

/**
 * A plan for a reviewer: the sum in one line, what resets, then each distinct change with its way back folded away. `unknown` and
 * `verdicts` as in `formatPlan`.
 */
export function planMarkdown(plan: Plan, unknown: readonly string[] = [], verdicts: readonly DeviceVerdict[] = []): string {
  const unread = unknown.length === 0 ? '' : `**${cell(describeUnknown(unknown))}**\n\n`;
  const planned = new Set(plan.devices.map(({ effect }) => effect.device));
  const left = verdicts
    .filter(({ device }) => !planned.has(device))
    .flatMap(({ device }) => notePlan(device, verdicts).map((note) => `- ${cell(note)}\n`))
    .join('');
  if (plan.devices.length === 0) return unread === '' ? `**Plumbline:** nothing to change.\n${left && `\n${left}`}` : unread + left;
  const ready = applicable(plan, verdicts);
  const groups = groupPlans(plan);
  const resets = plan.devices.flatMap(({ effect }) =>
    effect.resets.map((reset) => `| ${cell(effect.device)} | ${cell(reset.neighbor)} | ${cell(reset.because)} |\n`),
  );
  return [
    unread,
    `**Plumbline:** ${plural(plan.devices.length, 'device')}, ${plural(groups.length, 'distinct change')}, worst risk **${worstRisk(plan)}** (${plan.id})\n`,
    resets.length > 0
      ? `\n### Sessions that reset\n\n| device | neighbor | because |\n|---|---|---|\n${resets.join('')}`
      : '\nNo session resets.\n',
    routingMarkdown(plan.routing),
    ...groups.map(({ devices, plan: { effect, effectDigest, proof } }) =>
      [
        `\n### ${devices.map(cell).join(', ')} (risk ${effect.risk})\n\n`,
        ...devices.flatMap((device) => notePlan(device, verdicts).map((each) => `- ${cell(each)}\n`)),
        ...leaseLines(plan, devices).map((line) => `- ${cell(line)}\n`),
        ...describeDrain(effect.drain).map((fact) => `- ${cell(fact)}\n`),
        ...effect.gaps.map((gap) => `- gap: ${cell(gap.what)}: ${cell(gap.because)}\n`),
        ...effect.deferred.map((late) => `- takes effect later: ${code(late.text)}, ${late.until}\n`),
        ...effect.riskReasons.map((reason) => `- ${cell(reason)}\n`),
        fenced(formatCommands(effect.commands, '')),
        `\n<details><summary>way back; ${describeProof(proof)}; effect ${effectDigest.slice(0, 19)}</summary>\n\n${fenced(formatCommands(effect.rollback, ''))}\n</details>\n`,
      ].join(''),
    ),
    left && `\n### Devices that do not change\n\n${left}`,
    ready.length > 0 ? `\nNext: ${code(`plumb apply ${ready.join(' ')}`)}\n` : '',
  ].join('');
}

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

function code(text: string | undefined): string {
  return text === undefined ? '(absent)' : `<code>${cell(text)}</code>`;
}

/** A fence longer than any run of backticks inside. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}${fence}\n`;
}
