import { constants } from 'node:os';
import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import { PlumblineError } from '../lib/index.ts';
import { formatProblems } from '../report/index.ts';
import { errors } from './errors.ts';
import { type ExitCode, worstOf } from './exit-code.ts';
import { describeSystemError } from './files.ts';
import { buildProgram } from './program.ts';
import { openTerminal } from './terminal.ts';

/**
 * Runs one command line and gives its exit code. The first interrupt, or a terminal that goes away, asks the command to end well; a second
 * one ends it.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  const terminal = openTerminal({ color: !argv.includes('--no-color'), signal: interrupt.signal });
  const onSignal = (signal: NodeJS.Signals): void => {
    if (interrupt.signal.aborted) {
      // A terminal that goes away says so more than once, and is nobody's second wish.
      if (signal !== 'SIGHUP') process.exit(128 + constants.signals[signal]);
      return;
    }
    terminal.say(`${signal}: ending well; press again to end at once (what runs on a router then finishes or restores by itself)\n`);
    interrupt.abort(new Error(`interrupted by ${signal}`));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  const lost = watchOutput();
  let code: ExitCode = 0;
  const program = buildProgram({ terminal, signal: interrupt.signal, typed: typedOptions(argv), done: (result) => (code = result) });
  try {
    await program.parseAsync(argv, { from: 'user' });
    const why = await lost();
    if (why === undefined) return code;
    terminal.say(formatProblems([errors.OutputLost({ why })], terminal.style));
    return worstOf([code, 1]);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    if (interrupt.signal.aborted) return 130;
    terminal.say(formatProblems([error instanceof PlumblineError ? error : unexpected(error)], terminal.style));
    if (process.env['PLUMB_DEBUG'] !== undefined) terminal.say(`${inspect(error)}\n`);
    return 1;
  }
}

/**
 * Whoever no longer listens, or a full disk, ends no command: what it does on a router goes on to its end. Returns why output was lost, if
 * it was; of `plumb drift | head` nothing was, since the reader has seen enough.
 */
function watchOutput(): () => Promise<string | undefined> {
  let why: string | undefined;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') why ??= describeSystemError(error);
  });
  process.stderr.on('error', () => undefined);
  return async () => {
    // Called back when all before it was written, or could not be.
    await new Promise<void>((resolve) => process.stdout.write('', () => setImmediate(resolve)));
    return why;
  };
}

function typedOptions(argv: readonly string[]): readonly string[] {
  return argv.flatMap((word) => (word === '-s' ? '--source' : word.startsWith('--') ? (word.split('=', 1)[0] ?? []) : []));
}

/** One line for a person; where it happened is for us, and shown when asked for. */
function unexpected(error: unknown): PlumblineError {
  const what = error instanceof Error ? `${error.name}: ${error.message.split('\n', 1)[0]}` : String(error);
  return errors.Unexpected({ what }, { cause: error });
}
