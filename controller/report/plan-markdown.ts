import { type DeviceVerdict, nameSession, type Plan, type PlanReview } from '../api/index.ts';
import { describeDrain, formatCommands } from './commands.ts';
import { fitParts, type Part } from './fit.ts';
import { leaseLines } from './lease-lines.ts';
import { cell, code, fenced, link } from './markdown-cell.ts';
import { groupPlans, type PlanGroup, worstRisk } from './plan-groups.ts';
import { applicable, notePlan } from './plan-notes.ts';
import { describeProof, describeUnknown } from './plan-text.ts';
import { plural } from './problems.ts';
import { reviewParts, testParts } from './review-text.ts';
import { routingParts } from './routing-text.ts';

export interface PlanMarkdownOptions {
  /** As in `formatPlan`; with them the plan is one from what devices hold. */
  verdicts?: readonly DeviceVerdict[] | undefined;
  /** What stands around the plan. Absent: whoever shows the plan says that elsewhere. */
  review?: PlanReview | undefined;
  /** Most bytes, as UTF-8: whatever a forge counts, there are no more of them. Default: no limit. */
  limit?: number | undefined;
  /** Where all of it is when something is left out: an address. Default: words that say how to have it. */
  details?: string | undefined;
}

/**
 * A plan for a reviewer, what matters most first: the sum in one line; sessions, routes and leases; each distinct change with its way back
 * folded away; what was found on the devices; who must agree and when; what nobody looked at. Nothing is left out without a word.
 */
export function planMarkdown(
  plan: Plan,
  { verdicts = [], review, limit = Number.MAX_SAFE_INTEGER, details }: PlanMarkdownOptions = {},
): string {
  const groups = groupPlans(plan);
  const unknown = verdicts.filter(({ verdict }) => verdict === 'Unknown').map(({ device }) => device);
  const title = [
    unknown.length === 0 ? '' : `**${cell(describeUnknown(unknown.slice(0, namedDevices), unknown.length))}**\n\n`,
    plan.devices.length > 0
      ? `**Plumbline:** ${plural(plan.devices.length, 'device')}, ${plural(groups.length, 'distinct change')}, worst risk **${worstRisk(plan)}** (${plan.id})\n`
      : unknown.length === 0
        ? '**Plumbline:** nothing to change.\n'
        : '',
    ...(plan.wholeRisk?.riskReasons ?? []).map((reason) => `\nRisk of the whole: ${cell(reason)}.\n`),
    sayTests(review),
  ].join('');
  const ready = applicable(plan, verdicts);
  const parts: readonly Part[] = [
    ...(plan.devices.length > 0 ? [resetPart(plan)] : []),
    ...routingParts(plan.routing),
    ...testParts(review),
    ...leasePart(plan),
    ...(groups.length > 0 ? [groupPart(groups)] : []),
    ...notePart(plan, verdicts),
    ...reviewParts(plan, review),
    ...(ready.length > 0 ? [{ head: `\nNext: ${code(`plumb apply ${nameSome(ready, ' ')}`)}\n`, entries: [], left: () => '' }] : []),
  ];
  const whole = fitParts(parts, Number.MAX_SAFE_INTEGER).text;
  if (Buffer.byteLength(title + whole) <= limit) return title + whole;
  const where = details ?? 'the same command without --limit';
  // First measured with the longest numbers that the sentence can hold.
  const note = (shortened: number, left: number): string =>
    `\n> **Shortened to ${limit} bytes:** ${plural(shortened, 'change')} in a shorter form, ${left} lines or changes left out; each place says so. All of it: ${link(where)}\n`;
  const fitted = fitParts(parts, limit - Buffer.byteLength(title + note(9_999_999, 9_999_999)));
  return title + note(fitted.shortened, fitted.left) + fitted.text;
}

/** Devices that one line names. */
const namedDevices = 10;

function nameSome(names: readonly string[], separator = ', '): string {
  return names.length > namedDevices
    ? `${names.slice(0, namedDevices).join(separator)}${separator}… (${names.length} devices)`
    : names.join(separator);
}

function sayTests(review: PlanReview | undefined): string {
  if (!review || review.tests.tests === 0) return '';
  const { tests, failures } = review.tests;
  return failures.length === 0
    ? `\n${plural(tests, 'RouteTest')}: all hold.\n`
    : `\n**${plural(failures.length, 'assertion')} of ${plural(tests, 'RouteTest')} ${failures.length === 1 ? 'does' : 'do'} not hold.**\n`;
}

function resetPart(plan: Plan): Part {
  const rows = plan.devices.flatMap(({ effect }) =>
    effect.resets.map((reset) => [`| ${cell(effect.device)} | ${cell(nameSession(reset))} | ${cell(reset.because)} |\n`] as const),
  );
  return {
    head: rows.length > 0 ? '\n### Sessions that reset\n\n| device | neighbor | because |\n|---|---|---|\n' : '\nNo session resets.\n',
    entries: rows,
    left: (count) => `| | ${plural(count, 'more session')} left out | |\n`,
  };
}

function leasePart(plan: Plan): Part[] {
  const lines = leaseLines(
    plan,
    plan.devices.map(({ effect }) => effect.device),
  );
  if (lines.length === 0) return [];
  return [
    {
      head: '\n### Leases\n\n',
      entries: lines.map((line) => [`- ${cell(line)}\n`]),
      left: (count) => `- ${plural(count, 'more line')} left out\n`,
    },
  ];
}

function groupPart(groups: readonly PlanGroup[]): Part {
  return {
    head: '\n### Changes\n',
    entries: groups.map(groupForms),
    left: (count) => `\n- ${plural(count, 'more distinct change')} left out, none of a higher risk than the last one here\n`,
  };
}

/** Commands that stand in the short form of a long change. */
const shortCommands = 20;

function groupForms({ devices, plan: { effect, effectDigest, proof } }: PlanGroup): readonly [string, ...string[]] {
  const { commands, rollback, risk } = effect;
  const title = `\n#### ${cell(nameSome(devices))} (risk ${risk})\n\n`;
  const all =
    devices.length > namedDevices
      ? `<details><summary>all ${devices.length} devices</summary>\n\n${cell(devices.join(', '))}\n</details>\n\n`
      : '';
  const facts = [
    ...describeDrain(effect.drain),
    ...effect.gaps.map((gap) => `gap: ${gap.what}: ${gap.because}`),
    ...effect.deferred.map((late) => `takes effect later: ${late.text}, ${late.until}`),
    ...effect.riskReasons,
  ].map((fact) => `- ${cell(fact)}\n`);
  const said = facts.join('') + (facts.length > 0 ? '\n' : '');
  const sent = fenced(formatCommands(commands, ''));
  const back = `way back; ${describeProof(proof)}; effect ${effectDigest.slice(0, 19)}`;
  const long = commands.length > shortCommands;
  const first = fenced(formatCommands(commands.slice(0, shortCommands), ''));
  const line = effect.riskReasons[0] ?? commands[0]?.text ?? '';
  return [
    `${title}${all}${said}${sent}\n<details><summary>${back}</summary>\n\n${fenced(formatCommands(rollback, ''))}\n</details>\n`,
    `${title}${said}${sent}\nLeft out: the way back, ${plural(rollback.length, 'command')}.\n`,
    ...(long ? [`${title}${said}${first}\nLeft out: ${plural(commands.length - shortCommands, 'more command')}, and the way back.\n`] : []),
    `\n- **${cell(nameSome(devices.slice(0, 3)))}${devices.length > 3 ? ` and ${devices.length - 3} more` : ''}** (risk ${risk}): ${plural(commands.length, 'command')} left out${line === '' ? '' : `; ${cell(line.slice(0, 200))}`}\n`,
  ];
}

function notePart(plan: Plan, verdicts: readonly DeviceVerdict[]): Part[] {
  const planned = new Set(plan.devices.map(({ effect }) => effect.device));
  const known = verdicts.toSorted((a, b) => Number(planned.has(b.device)) - Number(planned.has(a.device)));
  const notes = known.flatMap(({ device }) => notePlan(device, verdicts));
  if (notes.length === 0) return [];
  return [
    {
      head: '\n### What was found on the devices\n\n',
      entries: notes.map((note) => [`- ${cell(note)}\n`]),
      left: (count) => `- ${plural(count, 'more note')} left out\n`,
    },
  ];
}
