import type { PlannedCommand } from '../api/index.ts';
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

function commonDepth(a: readonly string[], b: readonly string[]): number {
  let depth = 0;
  while (depth < b.length && depth < a.length && a[depth] === b[depth]) depth++;
  return depth;
}
