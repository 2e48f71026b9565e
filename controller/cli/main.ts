#!/usr/bin/env node
import { version } from './version.ts';

/** The version is asked for by scripts and prompts: answered before anything else is loaded. */
if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  process.stdout.write(`plumb ${version()}\n`);
} else {
  const { run } = await import('./run.ts');
  process.exitCode = await run(process.argv.slice(2));
}
