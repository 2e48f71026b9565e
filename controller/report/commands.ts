import type { Drain, PlannedCommand } from '../api/index.ts';
import { printable } from './style.ts';

/** Commands as a person reads them: section lines once, what stands inside indented by two. */
export function formatCommands(commands: readonly PlannedCommand[], indent: string): string {
  const lines: string[] = [];
  let open: readonly string[] = [];
  for (const { path, text } of commands) {
    const shared = commonDepth(open, path);
    for (let depth = shared; depth < path.length; depth++) lines.push(`${indent}${'  '.repeat(depth)}${printable(path[depth] ?? '')}`);
    lines.push(`${indent}${'  '.repeat(path.length)}${printable(text)}`);
    open = [...path, text];
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** What is sent before and after the commands, and how long it may take; nothing where traffic is not led away. */
export function describeDrain(drain: Drain | undefined): readonly string[] {
  if (!drain) return [];
  const lines = (commands: readonly PlannedCommand[]) => commands.map(({ path, text }) => [...path, text].join(' > ')).join(', ');
  const left = drain.leftPrefixes === 0 ? '' : `, ${drain.leftPrefixes} prefixes for each session may stay`;
  const what = drain.scope === 'Device' ? 'of every session' : 'of the sessions that reset';
  const away = `leads traffic away first and waits up to ${drain.waitSeconds} s for that ${what}${left}: ${lines(drain.commands)}`;
  return [away, ...(drain.undo.length > 0 ? [`leads it back after the first probe: ${lines(drain.undo)}`] : [])];
}

function commonDepth(a: readonly string[], b: readonly string[]): number {
  let depth = 0;
  while (depth < b.length && depth < a.length && a[depth] === b[depth]) depth++;
  return depth;
}
