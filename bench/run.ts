/**
 * `make bench`: the config engine on large FRR configurations, one line in a hundred changed, beside frr-reload.py (Debian's frr-pythontools)
 * and hier_config (PyPI) on the same files in the same run. A peer that is not there, or needs longer than its limit, says so.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConfigPair, edgeRouter, flatSiblings, longPrefixList, manyNeighbors } from './frr-configs.ts';

const root = join(import.meta.dirname, '..');
const peerLimitMs = 120_000;

const pairs: readonly ConfigPair[] = [
  edgeRouter(10_000),
  edgeRouter(100_000),
  flatSiblings(32_000),
  manyNeighbors(4_000),
  longPrefixList(20_000),
];

interface Ours {
  parseMs: number;
  diffMs: number;
  planMs: number;
  peakMiB: number;
  peakPlanMiB: number;
  commands: number;
  proven: boolean;
}

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'plumb-bench-'));
  const python = installHierConfig();
  try {
    process.stdout.write(
      `parse: both files; diff: what differs; plan: ordered commands, rollback and proof. Times in ms, memory in MiB.\n\n`,
    );
    print(['configuration', 'parse', 'diff', 'parse+diff', 'MiB', 'plan', 'MiB', 'commands', 'frr-reload --test', 'hier_config']);
    for (const pair of pairs) {
      const [live, intended] = ['live.conf', 'intended.conf'].map((name) => join(folder, name)) as [string, string];
      writeFileSync(live, pair.live);
      writeFileSync(intended, pair.intended);
      const ours = measureOurs(live, intended);
      print([
        pair.name,
        ...(ours
          ? [ours.parseMs, ours.diffMs, ours.parseMs + ours.diffMs, ours.peakMiB, ours.planMs, ours.peakPlanMiB, ours.commands].map(
              (value) => value.toFixed(0),
            )
          : Array.from({ length: 7 }, () => 'failed')),
        measureReload(live, intended),
        measureHierConfig(python, live, intended),
      ]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measureOurs(live: string, intended: string): Ours | undefined {
  const said = spawnSync(process.execPath, [join(root, 'bench/measure.ts'), live, intended], { encoding: 'utf8', timeout: peerLimitMs });
  return said.status === 0 ? (JSON.parse(said.stdout) as Ours) : undefined;
}

/** Reads the running config from a file, as its own tests do: no daemon is asked. */
function measureReload(live: string, intended: string): string {
  const script = '/usr/lib/frr/frr-reload.py';
  if (!existsSync(script)) return 'not installed';
  return timed('python3', [script, '--test', '--stdout', '--input', live, intended]);
}

/** Installed once into a folder that Git ignores. */
function installHierConfig(): string | undefined {
  const folder = join(root, '.cache/bench-python');
  const python = join(folder, 'bin/python');
  if (existsSync(python)) return python;
  mkdirSync(folder, { recursive: true });
  process.stderr.write('» installing hier_config 3.6.2 from PyPI\n');
  const made = spawnSync('python3', ['-m', 'venv', folder]).status === 0;
  const installed = made && spawnSync(python, ['-m', 'pip', 'install', '-q', 'hier_config==3.6.2']).status === 0;
  if (!installed) rmSync(folder, { recursive: true, force: true });
  return installed ? python : undefined;
}

function measureHierConfig(python: string | undefined, live: string, intended: string): string {
  if (python === undefined) return 'not installed';
  const program = `
import sys
from hier_config import get_hconfig, Platform, WorkflowRemediation
# It takes a second "!" or "exit" in a section for a duplicate line and stops, so it gets the text without them.
read = lambda path: "".join(line for line in open(path) if line.strip() not in ("!", "exit", "exit-address-family"))
live, intended = (get_hconfig(Platform.GENERIC, read(path)) for path in sys.argv[1:3])
WorkflowRemediation(live, intended).remediation_config
`;
  return timed(python, ['-c', program, live, intended]);
}

function timed(command: string, argv: readonly string[]): string {
  const start = performance.now();
  const { status, signal, error } = spawnSync(command, argv, { timeout: peerLimitMs, stdio: ['ignore', 'ignore', 'ignore'] });
  const ms = performance.now() - start;
  if (signal !== null || error) return `over ${peerLimitMs / 1000} s`;
  return status === 0 ? ms.toFixed(0) : `failed (${status})`;
}

const widths = [38, 7, 7, 11, 6, 7, 6, 9, 18, 12];

function print(cells: readonly string[]): void {
  process.stdout.write(`${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' ')}\n`);
}

main();
