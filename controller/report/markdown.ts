import type { DeviceVerdict, Plan } from '../api/index.ts';
import { adviseDevice } from './advice.ts';
import { formatCommands } from './commands.ts';
import { groupPlans, worstRisk } from './plan-groups.ts';
import { describeProof, describeUnknown } from './plan-text.ts';
import { plural } from './problems.ts';
import { printable } from './style.ts';
import { countVerdicts } from './verdict-text.ts';

/** A plan for a reviewer: the sum in one line, what resets, then each distinct change with its way back folded away. */
export function planMarkdown(plan: Plan, unknown: readonly string[] = []): string {
  const unread = unknown.length === 0 ? '' : `**${cell(describeUnknown(unknown))}**\n\n`;
  if (plan.devices.length === 0) return unread === '' ? '**Plumbline:** nothing to change.\n' : unread;
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
    ...groups.map(({ devices, plan: { effect, effectDigest, proof } }) =>
      [
        `\n### ${devices.map(cell).join(', ')} (risk ${effect.risk})\n\n`,
        ...effect.gaps.map((gap) => `- gap: ${cell(gap.what)}: ${cell(gap.because)}\n`),
        ...effect.deferred.map((late) => `- takes effect later: ${code(late.text)}, ${late.until}\n`),
        ...effect.riskReasons.map((reason) => `- ${cell(reason)}\n`),
        fenced(formatCommands(effect.commands, '')),
        `\n<details><summary>way back; ${describeProof(proof)}; effect ${effectDigest.slice(0, 19)}</summary>\n\n${fenced(formatCommands(effect.rollback, ''))}\n</details>\n`,
      ].join(''),
    ),
  ].join('');
}

/** Verdicts for a reviewer: a table, and one folded list of differences per device that has any. */
export function verdictsMarkdown(verdicts: readonly DeviceVerdict[]): string {
  const rows = verdicts.map((judged) => {
    const detail =
      judged.verdict === 'Unknown' ? `${judged.reason}: ${cell(judged.message)}` : plural(judged.differences.length, 'difference');
    return `| ${cell(judged.device)} | ${judged.verdict} | ${detail} | ${cell(adviseDevice(judged).words)} |\n`;
  });
  const details = verdicts.flatMap((judged) =>
    judged.verdict === 'Unknown' || judged.differences.length === 0 ? [] : [differenceList(judged)],
  );
  return `**Plumbline:** ${countVerdicts(verdicts)}\n\n| device | verdict | what | next |\n|---|---|---|---|\n${rows.join('')}${details.join('')}`;
}

function differenceList(judged: Exclude<DeviceVerdict, { verdict: 'Unknown' }>): string {
  const rows = judged.differences.map(
    (difference) =>
      `| ${difference.verdict} | ${code(difference.path.join(' > '))} | ${code(difference.desired)} | ${code(difference.live)} | ${cell(difference.source ? `${difference.source.file}:${difference.source.line}` : '')} |\n`,
  );
  return `\n<details><summary>${cell(judged.device)}</summary>\n\n| verdict | item | Git | device | source |\n|---|---|---|---|---|\n${rows.join('')}\n</details>\n`;
}

/** Text of a repository or a device inside a table: it cannot end the cell or start HTML. */
function cell(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('|', '\\|').replaceAll('\n', ' ');
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
