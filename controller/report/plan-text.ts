import { type DevicePlan, type DeviceVerdict, nameSession, type Plan } from '../api/index.ts';
import { describeDrain, formatCommands } from './commands.ts';
import { leaseLines } from './lease-lines.ts';
import { groupPlans, worstRisk } from './plan-groups.ts';
import { applicable, notePlan } from './plan-notes.ts';
import { plural } from './problems.ts';
import { formatRouting } from './routing-text.ts';
import { printable, type Style } from './style.ts';

/**
 * A plan for a terminal: the verdict in one line, what it costs, then commands and the way back, once per distinct change.
 * `unknown` are devices that could not be read: "nothing to change" is never said of them. `verdicts` say what the plan takes back,
 * leaves or waits for; without them the plan was made without looking at a device.
 */
export function formatPlan(plan: Plan, style: Style, unknown: readonly string[] = [], verdicts: readonly DeviceVerdict[] = []): string {
  const unread = unknown.length === 0 ? '' : `${style.bad(describeUnknown(unknown))}\n`;
  const planned = new Set(plan.devices.map(({ effect }) => effect.device));
  const left = verdicts
    .filter(({ device }) => !planned.has(device))
    .flatMap(({ device }) => notePlan(device, verdicts).map((note) => `${style.warn(printable(note))}\n`))
    .join('');
  if (plan.devices.length === 0) return unread === '' ? `${left}Nothing to change.\n` : unread + left;
  const groups = groupPlans(plan);
  const risk = worstRisk(plan);
  const head = `${style.strong(plan.id)}: ${plural(plan.devices.length, 'device')}, ${plural(groups.length, 'distinct change')}, risk ${paintRisk(risk, style)}\n`;
  const sets = plan.sets.filter((set) => set.length > 1).map((set) => `  change together: ${set.join(' + ')}\n`);
  return [
    unread,
    left,
    head,
    ...sets,
    formatRouting(plan.routing, style),
    ...groups.map(({ devices, plan: member }) => {
      const notes = devices.flatMap((device) => notePlan(device, verdicts).map((note) => style.warn(printable(note))));
      const leases = leaseLines(plan, devices).map((line) => style.warn(printable(line)));
      return formatPlanGroup(devices, member, style, [...notes, ...leases]);
    }),
  ].join('');
}

/** The command that comes after looking at the plan; nothing when no device was looked at, or none would be let through. */
export function formatPlanNext(plan: Plan, style: Style, verdicts: readonly DeviceVerdict[]): string {
  const ready = applicable(plan, verdicts);
  return ready.length > 0 ? `\n${style.faint('next:')} ${style.strong(`plumb apply ${ready.join(' ')}`)}\n` : '';
}

/** Names what was not planned, because nothing is known of it. */
export function describeUnknown(unknown: readonly string[], count = unknown.length): string {
  const more = count > unknown.length ? ` and ${count - unknown.length} more` : '';
  return `Nothing is known of ${plural(count, 'device')}, so nothing is planned for ${count === 1 ? 'it' : 'them'}: ${unknown.map(printable).join(', ')}${more}`;
}

/** What some devices get: what is known of them, what it costs, the commands and the way back. */
export function formatPlanGroup(
  devices: readonly string[],
  { effect, effectDigest, proof }: DevicePlan,
  style: Style,
  known: readonly string[],
): string {
  const facts = [
    ...known,
    ...effect.resets.map((reset) => style.bad(`resets the session with ${nameSession(reset)}: ${printable(reset.because)}`)),
    ...describeDrain(effect.drain).map((fact) => printable(fact)),
    ...effect.gaps.map((gap) => style.warn(`gap: ${printable(gap.what)}: ${printable(gap.because)}`)),
    ...effect.deferred.map((late) => style.warn(`takes effect later: ${printable(late.text)}, ${late.until}`)),
    ...effect.riskReasons.map((reason) => style.faint(`risk: ${printable(reason)}`)),
    style.faint(`proof: ${describeProof(proof)}; effect ${effectDigest.slice(0, 19)}`),
  ];
  return [
    `\n${style.strong(devices.join(', '))}  risk ${paintRisk(effect.risk, style)}\n`,
    ...facts.map((fact) => `  ${fact}\n`),
    style.faint('  commands\n'),
    formatCommands(effect.commands, '    '),
    style.faint('  way back\n'),
    formatCommands(effect.rollback, '    '),
  ].join('');
}

/** How far the simulation went, in words; a sample is called a sample. */
export function describeProof({ forward, rollback, checked, of }: DevicePlan['proof']): string {
  if (!forward || !rollback) return 'NOT proven';
  return checked >= of ? `forward, and back from each of ${of} points` : `forward, and back from ${checked} of ${of} points (a sample)`;
}

/** A risk in the colour that it deserves. */
export function paintRisk(risk: string, style: Style): string {
  return risk === 'high' ? style.bad(risk) : risk === 'medium' ? style.warn(risk) : style.good(risk);
}
