import type { PlannedCommand } from '../api/index.ts';
import { compare } from './compare.ts';
import type { Dialect } from './dialect.ts';
import { intendedWith } from './ownership.ts';
import { compileDialect, isNegated, matchLine, type Section } from './rules.ts';
import type { Tree } from './types.ts';

/**
 * Commands as the platform takes them: a section is opened once for the commands that follow each other in it and closed after them.
 * For FRR this is what `vtysh -f` reads.
 */
export function printCommands(commands: readonly PlannedCommand[], dialect: Dialect): string {
  const compiled = compileDialect(dialect);
  if (dialect.syntax === 'set' || dialect.syntax === 'braces') return commands.map((command) => `${command.text}\n`).join('');
  const lines: string[] = [];
  let open: { text: string; close: string; section: Section; verbatim: boolean }[] = [];
  const closeTo = (depth: number): void => {
    while (open.length > depth) {
      const inner = open.pop();
      if (inner && inner.close !== '') lines.push(' '.repeat(open.length) + inner.close);
    }
  };
  const enter = (text: string): void => {
    const section = open.at(-1)?.section ?? compiled.root;
    const rule = matchLine(section, text.split(' '), compiled.negations)?.rule;
    lines.push(' '.repeat(open.length) + text);
    // Lines that are taken as they stand say themselves where their blocks end.
    const inside = open.at(-1)?.verbatim === true;
    const close = inside ? '' : (rule?.row.close ?? dialect.exit);
    open.push({ text, close, section: rule?.inner ?? compiled.unknownBlock.inner, verbatim: inside || rule?.row.verbatim === true });
  };
  let unsettled = false;
  for (const [i, { path, text }] of commands.entries()) {
    // The command is the opener of the section that the next one stands in.
    const next = commands[i + 1]?.path;
    const opens = next?.[path.length] === text && path.every((opener, at) => next[at] === opener);
    let shared = 0;
    while (shared < path.length && open[shared]?.text === path[shared]) shared++;
    // The opener of the section we are in, again, for the lines that follow.
    if (shared === path.length && open[shared]?.text === text) continue;
    if (unsettled && dialect.settle && !isNegated(text, compiled.negations)) {
      closeTo(0);
      shared = 0;
      lines.push(...dialect.settle);
      unsettled = false;
    }
    closeTo(shared);
    for (const opener of path.slice(shared)) enter(opener);
    const match = matchLine(open.at(-1)?.section ?? compiled.root, text.split(' '), compiled.negations);
    unsettled ||= match?.negated === true && match.rule.row.unsettles === true;
    if (opens || (match?.rule.inner && !match.negated)) enter(text);
    else lines.push(' '.repeat(open.length) + text);
  }
  closeTo(0);
  open = [];
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** The commands as the platform wants them said: joined, or with what has to follow. */
export function phraseCommands(commands: readonly PlannedCommand[], live: Tree, want: Tree): readonly PlannedCommand[] {
  return live.dialect.phrase ? live.dialect.phrase(commands, live, want) : commands;
}

/** What differs, for people: `-` what goes, `+` what comes, sections as context. */
export function diffText(live: Tree, intended: Tree, dialect: Dialect, scope: 'owned' | 'all' = 'all'): string {
  const target = intendedWith(live, intended, { scope }, dialect);
  const lines: string[] = [];
  let path: readonly string[] = [];
  const changes = compare(live.roots, target);
  for (const change of dialect.structured?.countedOnce(changes, live, target) ?? changes) {
    if (change.quiet) continue;
    const here = change.path.map((node) => node.text);
    let shared = 0;
    while (shared < here.length && path[shared] === here[shared]) shared++;
    for (const [i, text] of here.entries()) if (i >= shared) lines.push(`  ${' '.repeat(i)}${text}`);
    path = here;
    const add = (mark: string, node: (typeof live.roots)[number], depth: number): void => {
      lines.push(`${mark} ${' '.repeat(depth)}${node.text}`);
      for (const child of node.children) add(mark, child, depth + 1);
    };
    const bare = change.kind === 'change' && change.want.rule.row.change !== 'recreate';
    if (change.kind !== 'add') add('-', bare ? { ...change.live, children: [] } : change.live, here.length);
    if (change.kind !== 'remove') add('+', bare ? { ...change.want, children: [] } : change.want, here.length);
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
