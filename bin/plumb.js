// Entry of the CLI, in plain JavaScript so that `plumb --version`, which prompts and scripts ask for, need not load the type stripper.
import { existsSync, readFileSync } from 'node:fs';

const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`plumb ${version}\n`);
} else {
  const source = new URL('../controller/cli/run.ts', import.meta.url);
  const { run } = await import(existsSync(source) ? source : new URL('../dist/cli/run.js', import.meta.url));
  process.exitCode = await run(argv);
}
