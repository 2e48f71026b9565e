import { Command } from 'commander';
import { expect, it } from 'vitest';
import { printCompletion, shells } from './completion.ts';
import { buildProgram } from './program.ts';
import { openTerminal } from './terminal.ts';

const program = buildProgram({
  terminal: openTerminal({ color: false }),
  signal: new AbortController().signal,
  typed: [],
  done: () => undefined,
});

it.each(shells)('knows every command and every option in %s', (shell) => {
  const script = printCompletion(program, shell);
  for (const command of program.commands) {
    expect(script).toContain(command.name());
    for (const { long } of command.options) expect(script).toContain(shell === 'fish' ? `-l ${long?.slice(2)}` : long);
    for (const child of command.commands) expect(script).toContain(child.name());
  }
});

it('keeps a quote in the words of a command inside the words', () => {
  const quoting = new Command('plumb');
  quoting.command('look').summary("what isn't there");
  expect(printCompletion(quoting, 'fish')).toContain("-d 'what isn\\'t there'");
});

it('gives every command an example in its help', () => {
  const takesWords = ({ commands, registeredArguments }: Command) => commands.length === 0 || registeredArguments.length > 0;
  for (const command of program.commands.flatMap((each) => [each, ...each.commands]).filter(takesWords)) {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(help).toMatch(/Examples:\n {2}(source <\()?plumb /);
  }
});
