import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { printCrds, printKindPages } from '../api/index.ts';
import { printStoreCrds } from '../store/index.ts';
import { buildProgram } from './program.ts';
import { printAlertIndex, printCliReference, printErrorReference, printMetricReference } from './reference.ts';
import { openTerminal } from './terminal.ts';

/** Every generated file by its path from the root. Folders listed in `owned` hold nothing else. */
function generate(): Map<string, string> {
  const program = buildProgram({
    terminal: openTerminal({ color: false }),
    signal: new AbortController().signal,
    typed: [],
    done: () => undefined,
  });
  const crds = [...printCrds(), ...printStoreCrds()];
  const rules = readRules();
  return new Map([
    ...crds,
    // Copies, not links: neither Helm's packages nor Flux's artifacts follow a link out of the chart.
    ...[...crds, ...rules].map(([path, text]): [string, string] => [`charts/plumbline/${path}`, text]),
    ...printKindPages(),
    ['docs/errors.md', printErrorReference()],
    ['docs/metrics.md', printMetricReference()],
    ['docs/alerts/README.md', printAlertIndex(readFileSync('alerts/plumbline.rules.yaml', 'utf8'), readPage)],
    ['docs/cli.md', printCliReference(program)],
  ]);
}

/** The rules of alerts/, which the chart ships. */
function readRules(): [string, string][] {
  const names = readdirSync('alerts').filter((name) => name.endsWith('.rules.yaml'));
  return names.map((name) => [`alerts/${name}`, readFileSync(join('alerts', name), 'utf8')]);
}

/** The page of an alert; empty when nobody has written it: a test says so. */
function readPage(alert: string): string {
  const path = `docs/alerts/${alert}.md`;
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

const owned = ['crds', 'docs/kinds', 'charts/plumbline/crds', 'charts/plumbline/alerts'];

/** Writes what is out of date, or with `--check` only says so. */
function main(root: string, check: boolean): number {
  const files = generate();
  const stale = [...files]
    .filter(([path, text]) => !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text)
    .map(([path]) => path);
  const left = owned
    .flatMap((folder) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []).map((name) => `${folder}/${name}`))
    .filter((path) => !files.has(path));
  for (const path of [...stale, ...left])
    process.stderr.write(`${path} ${check ? 'is not up to date: make generate' : left.includes(path) ? 'removed' : 'written'}\n`);
  if (check) return stale.length + left.length;
  for (const path of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), files.get(path) ?? '');
  }
  for (const path of left) rmSync(join(root, path));
  return 0;
}

process.exitCode = main(process.cwd(), process.argv.includes('--check')) === 0 ? 0 : 1;
