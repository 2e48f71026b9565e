/**
 * A DHCP server's configuration against Git's: both sides to canonical form and compared, beside what Kea itself needs to look at the same
 * configuration (config-test) and to give it back (config-get), on the real daemon in the same run. In CPU seconds, which a busy machine stretches
 * less. Once as a command does it, which compiles its own code meanwhile, and once as an operator that has done it before. `node bench/kea.ts`
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dialectFor, diffText, type JsonMap, parse } from '../controller/config/index.ts';
import { startScratch, whyNoScratch } from '../test/engine/kea/scratch.ts';
import { costOf } from './cost.ts';

interface Measured {
  /** CPU time of the first time in a process, and the median of the seventh to the eleventh. */
  first: number;
  later: number;
  /** After the first time. */
  peakMiB: number;
  same: boolean;
}

async function main(): Promise<void> {
  const [, , livePath, intendedPath] = process.argv;
  if (livePath !== undefined && intendedPath !== undefined) {
    const first = compare(livePath, intendedPath);
    const peakMiB = process.resourceUsage().maxRSS / 1024;
    const later = Array.from({ length: 10 }, () => compare(livePath, intendedPath));
    const lastFive = later.slice(5).map(({ cpuSeconds }) => cpuSeconds);
    const median = lastFive.toSorted((x, y) => x - y)[2] ?? 0;
    const measured: Measured = { first: first.cpuSeconds, later: median, peakMiB, same: [first, ...later].every(({ same }) => same) };
    process.stdout.write(JSON.stringify(measured));
    return;
  }
  const reason = whyNoScratch();
  if (reason !== undefined) {
    process.stdout.write(`not measured: ${reason}\n`);
    return;
  }
  print([
    'subnets × reservations',
    'config-get',
    'config-test s',
    'config-get s',
    'Kea CPU s',
    'first CPU s',
    'of Kea',
    'later CPU s',
    'of Kea',
    'peak MiB',
    'same',
  ]);
  await measure(1_000, 20);
  await measure(4_000, 50);
}

async function measure(subnets: number, reservations: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'plumb-bench-kea-'));
  const kea = await startScratch(4);
  try {
    const file: JsonMap = { Dhcp4: { ...kea.base, 'valid-lifetime': 4000, subnet4: subnetsOf(subnets, reservations) } };
    const cost = (): number => costOf(kea.pid)?.cpuSeconds ?? 0;
    const timed = async (command: string, args?: JsonMap) => {
      const [begun, spent] = [performance.now(), cost()];
      const answer = await kea.ask(command, args, 600_000);
      if (answer.result !== 0) throw new Error(`${command}: ${answer.text}`);
      return { answer, seconds: (performance.now() - begun) / 1000, cpuSeconds: cost() - spent };
    };
    const test = await timed('config-test', file);
    await timed('config-set', file);
    const get = await timed('config-get');
    const [live, intended] = ['live.json', 'intended.json'].map((name) => join(folder, name)) as [string, string];
    writeFileSync(live, JSON.stringify(get.answer.arguments));
    writeFileSync(intended, JSON.stringify(file));
    await kea.stop();
    const ours = compareApart(live, intended);
    const theirs = test.cpuSeconds + get.cpuSeconds;
    print([
      `${subnets.toLocaleString('en')} × ${reservations}`,
      `${(readFileSync(live).length / 2 ** 20).toFixed(1)} MiB`,
      ...[test.seconds, get.seconds, theirs].map((value) => value.toFixed(2)),
      ...[ours.first, ours.later].flatMap((value) => [value.toFixed(2), `${((100 * value) / theirs).toFixed(0)} %`]),
      ours.peakMiB.toFixed(0),
      ours.same ? 'yes' : 'NO',
    ]);
  } finally {
    await kea.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In a process of its own, so that its peak is its own, with the young space that `bin/plumb` gives to a command. */
function compareApart(live: string, intended: string): Measured {
  const { stdout, stderr } = spawnSync(process.execPath, ['--max-semi-space-size=64', import.meta.filename, live, intended], {
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Measured;
}

function compare(livePath: string, intendedPath: string): { cpuSeconds: number; same: boolean } {
  const dialect = dialectFor('kea-dhcp4');
  const texts = [readFileSync(livePath, 'utf8'), readFileSync(intendedPath, 'utf8')] as const;
  const spent = process.cpuUsage();
  const live = parse(texts[0], dialect);
  const intended = parse(texts[1], dialect, { version: live.version, like: live, onProblem: fail });
  const text = diffText(live, intended, dialect);
  const { user, system } = process.cpuUsage(spent);
  return { cpuSeconds: (user + system) / 1e6, same: text === '' };
}

function fail(problem: Error): never {
  throw problem;
}

/** Subnets of 4,096 addresses each. */
function subnetsOf(count: number, reservations: number): JsonMap[] {
  return Array.from({ length: count }, (_, s) => {
    const address = (n: number): string => `10.${s >> 4}.${(s & 15) * 16 + (n >> 8)}.${n & 255}`;
    const hex = (n: number): string => n.toString(16).padStart(2, '0');
    return {
      id: s + 1,
      subnet: `${address(0)}/20`,
      pools: [{ pool: `${address(2000)} - ${address(3000)}` }],
      'option-data': [{ name: 'routers', data: address(1) }],
      reservations: Array.from({ length: reservations }, (__, r) => ({
        'hw-address': `02:00:${hex(s >> 8)}:${hex(s & 255)}:00:${hex(r)}`,
        'ip-address': address(10 + r),
        hostname: `host-${s}-${r}`,
      })),
    };
  });
}

const widths = [23, 11, 14, 13, 10, 12, 7, 12, 7, 9, 5];

function print(cells: readonly string[]): void {
  process.stdout.write(
    `${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' ')}\n`,
  );
}

await main();
