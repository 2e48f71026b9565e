import { changeErrors, type SetResult } from '../change/index.ts';
import type { Orphan, OrphanEnd } from '../pipeline/index.ts';
import { printable, type Style } from '../report/index.ts';

/*
 * What `plumb apply` says beside plans and problems. Much of it is a device's own words, and some of it stands right before a question
 * that a person answers with yes: none of it may move the cursor.
 */

/** How a set ended, in one line. */
export function describeResult({ devices, end, reason }: SetResult): string {
  const who = devices.join(' + ');
  const why = reason?.message.startsWith(`${who}: `) ? reason.message.slice(who.length + 2) : reason?.message;
  return printable(`${who}: ${end}${reason ? `: ${why} (${reason.code})` : ''}`);
}

/** What to do now: how it ended weighs more than why. */
function adviseResult({ devices, end, reason }: SetResult): string | undefined {
  if (end === 'RollbackIncomplete') return `Look at once: plumb why ${devices.join(', plumb why ')} lists what is left over.`;
  if (end === 'PartiallyApplied' || end === 'OutcomeUnknown') return changeErrors[end]({ devices: devices.join(', ') }).next;
  return reason?.next;
}

/** The same with what to do now, and what a person should know all the same. */
export function describeEnd(result: SetResult, style: Style): string {
  const paint = result.end === 'Confirmed' ? style.good : style.bad;
  const below = [adviseResult(result) ?? [], result.notes].flat();
  return `${paint(describeResult(result))}\n${indent(below)}`;
}

export function describeOrphan({ device, token, holder, state }: Orphan): string {
  const change = printable(`change ${token} by ${holder} was left there, ${state}`);
  return `${device}: ${change}: its dead-man is dead, and this store has no open record of it.\n`;
}

export function describeOrphanEnd({ device, end, message, rest }: OrphanEnd, style: Style): string {
  const paint = end === 'RolledBack' || end === 'Confirmed' ? style.good : style.bad;
  return `${paint(`${device}: ${end}: ${printable(message)}`)}\n${indent(rest)}`;
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `    ${printable(line)}\n`).join('');
}
