import { Command, InvalidArgumentError } from 'commander';
import { shells } from './completion.ts';
import type { Context } from './context.ts';
import { version } from './version.ts';
import { addAsking } from './words/asking.ts';
import { addDesiredState } from './words/desired-state.ts';
import { addDevices } from './words/devices.ts';
import { addLooking } from './words/looking.ts';
import { examples } from './words/options.ts';
import { addRunning } from './words/running.ts';

/**
 * The command tree; `words/` has a file for each kind of reader. It holds words and options only: what a command does is loaded when it
 * runs, so that `--help` and completion start fast.
 */
export function buildProgram(context: Context): Command {
  const program = new Command('plumb')
    .description(
      'Git says what should be, the device says what is. plumb compares them, says which is wrong, and changes what policy allows.',
    )
    .version(`plumb ${version()}`, '-V, --version')
    .option('--no-color', 'no colours, also on a terminal')
    .showHelpAfterError('(plumb <command> --help shows examples)')
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      examples(
        ['plumb check', 'every mistake in the folder at once, with file:line:col'],
        ['plumb drift edge1-fra', 'what differs between Git and the router, and which of them moved'],
        ['plumb plan -l site=fra', 'what would be sent to the routers of a site, and the way back'],
        ['plumb apply edge1-fra', 'show the plan, ask, apply with a dead-man timer, read back, probe, confirm'],
      ) +
        '\nExit code: 0 nothing differs or all applied; 1 something differs, an error was found or nothing was applied; 2 anything is Unknown.\n',
    );

  addDesiredState(program, context);
  addDevices(program, context);
  addRunning(program, context);
  addLooking(program, context);
  addAsking(program, context);

  program
    .commandsGroup('The shell:')
    .command('completion')
    .summary('completion script for a shell')
    .description('Print a completion script.')
    .argument('<shell>', shells.join(', '), (value) => {
      const shell = shells.find((known) => known === value);
      if (!shell) throw new InvalidArgumentError(`write one of ${shells.join(', ')}`);
      return shell;
    })
    .addHelpText('after', examples(['source <(plumb completion bash)', '']))
    .action(async (shell) => context.terminal.write((await import('./completion.ts')).printCompletion(program, shell)));

  return program;
}
