import { constants } from 'node:os';
import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import { PlumblineError } from '../lib/index.ts';
import { formatProblems } from '../report/index.ts';
import { errors } from './errors.ts';
import type { ExitCode } from './exit-code.ts';
import { buildProgram } from './program.ts';
import { openTerminal } from './terminal.ts';

/** Runs one command line and gives its exit code. The first interrupt asks the command to end well, the second ends it. */
export async function run(argv: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  const terminal = openTerminal({ color: !argv.includes('--no-color') });
  const onSignal = (signal: NodeJS.Signals): void => {
    if (interrupt.signal.aborted) process.exit(128 + constants.signals[signal]);
    terminal.say(`${signal}: ending well; press again to end at once (what runs on a router then finishes or restores by itself)\n`);
    interrupt.abort(new Error(`interrupted by ${signal}`));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  // `plumb drift | head`: the reader has seen enough. What a command does besides printing goes on to its end.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  let code: ExitCode = 0;
  const program = buildProgram({ terminal, signal: interrupt.signal, typed: typedOptions(argv), done: (result) => (code = result) });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    if (interrupt.signal.aborted) return 130;
    terminal.say(formatProblems([error instanceof PlumblineError ? error : unexpected(error)], terminal.style));
    if (process.env['PLUMB_DEBUG'] !== undefined) terminal.say(`${inspect(error)}\n`);
    return 1;
  }
}

function typedOptions(argv: readonly string[]): readonly string[] {
  return argv.flatMap((word) => (word === '-s' ? '--source' : word.startsWith('--') ? (word.split('=', 1)[0] ?? []) : []));
}

/** One line for a person; where it happened is for us, and shown when asked for. */
function unexpected(error: unknown): PlumblineError {
  const what = error instanceof Error ? `${error.name}: ${error.message.split('\n', 1)[0]}` : String(error);
  return errors.Unexpected({ what }, { cause: error });
}
