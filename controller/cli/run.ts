import { constants } from 'node:os';
import { CommanderError } from 'commander';
import { PlumblineError } from '../lib/index.ts';
import { formatProblems } from '../report/index.ts';
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
  let code: ExitCode = 0;
  const program = buildProgram({ terminal, signal: interrupt.signal, done: (result) => (code = result) });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    if (interrupt.signal.aborted) return 130;
    if (!(error instanceof PlumblineError)) throw error;
    terminal.say(formatProblems([error], terminal.style));
    return 1;
  }
}
