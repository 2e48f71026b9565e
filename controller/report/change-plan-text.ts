import type { ChangePlanSpec, ChangePlanStatus, PlannedCommand } from '../api/index.ts';
import { formatCommands } from './commands.ts';
import { paintRisk } from './plan-text.ts';
import { plural } from './problems.ts';
import { printable, type Style } from './style.ts';

type Group = ChangePlanSpec['groups'][number];

/** A ChangePlan as a person answers it: what it is for, then for each of these groups whom it changes, what that costs, and the commands. */
export function formatChangePlan(
  { name, spec, status }: { name: string; spec: ChangePlanSpec; status?: ChangePlanStatus | undefined },
  groups: readonly Group[],
  style: Style,
): string {
  const { mode, cause, revision, authors, asked, devices, sets, risk } = spec;
  const units = sets === devices ? '' : ` in ${plural(sets, 'unit')}`;
  const why =
    asked === undefined
      ? `${cause === 'Drift' ? 'the devices were changed' : 'Git moved'}: ${revision}${authors && authors.length > 0 ? `, by ${authors.join(', ')}` : ''}`
      : `asked for by ${asked.by}: ${asked.reason}${asked.of === undefined ? '' : `; it takes ${asked.of} back`}`;
  return [
    `${style.strong(name)}  ${status?.phase ?? 'Proposed'}  ${plural(devices, 'device')}${units}, ${plural(spec.groupCount, 'distinct change')}, mode ${mode}, risk ${paintRisk(risk, style)}\n`,
    `  ${printable(why)}\n`,
    ...(spec.wholeRisk?.riskReasons ?? []).map((reason) => `  ${style.warn(`risk of the whole: ${printable(reason)}`)}\n`),
    ...groups.map((group) => formatGroup(group, name, style)),
  ].join('');
}

function formatGroup(group: Group, plan: string, style: Style): string {
  const { effectDigest, devices, examples, risk, riskReasons, commands, total, resets } = group;
  const more = devices > examples.length ? ` and ${devices - examples.length} more` : '';
  const facts = [
    ...resets.map((reset) => style.bad(`resets the session with ${printable(reset)}`)),
    ...riskReasons.map((reason) => style.faint(`risk: ${printable(reason)}`)),
    style.faint(`effect ${effectDigest.slice(0, 19)}`),
  ];
  return [
    `\n${style.strong(examples.join(', '))}${more}  risk ${paintRisk(risk, style)}\n`,
    ...facts.map((fact) => `  ${fact}\n`),
    style.faint('  commands\n'),
    formatCommands(commands.map(asCommand), '    '),
    total > commands.length ? `    ${style.warn(`… and ${total - commands.length} more: plumb plan show ${plan}`)}\n` : '',
  ].join('');
}

/** In the object a command stands with its sections before it. */
function asCommand(line: string): PlannedCommand {
  const words = line.split(' > ');
  return { path: words.slice(0, -1), text: words.at(-1) ?? '' };
}
