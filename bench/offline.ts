/**
 * `node bench/offline.ts [DEVICES]`: what a pull request costs in CI: `plumb check`, then `plumb plan --base`, of a repository with five
 * sessions on a device, of which one device changed; each with nothing remembered, and once more. Default 1000 devices. Time on the clock, CPU time with helper processes, peak memory
 * of the command's own process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { newRepository } from '../test/git/repository.ts';
import { writeDesiredState } from '../test/simulator/desired-state.ts';
import { costOf, editObject } from './cost.ts';

const plumb = join(import.meta.dirname, '..', 'bin', 'plumb');

async function main(devices: number): Promise<void> {
  process.stdout.write(`${devices} devices, ${devices * 5} sessions; ${cpus().length} cores, Node ${process.versions.node}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'plumb-bench-'));
  try {
    writeDesiredState(folder, { devices, port: 22, hostKey: `SHA256:${'A'.repeat(43)}` });
    const people = newRepository(folder);
    people.commit();
    const file = 'sites/site0000/r00000.yaml';
    const text = readFileSync(join(folder, file), 'utf8');
    people.commit({ [file]: editObject(text, (spec) => Object.assign(spec, { staticRoutes: [] })) });
    for (const [what, words] of [
      ['plumb check', ['check', folder]],
      ['plumb plan --base HEAD~1', ['plan', '--source', folder, '--base', 'HEAD~1']],
    ] as const) {
      const cache = mkdtempSync(join(folder, '.cache-'));
      await measure(what, words, cache);
      await measure(`${what}, again`, words, cache);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(what: string, words: readonly string[], cache: string): Promise<void> {
  const started = performance.now();
  const child = spawn(plumb, [...words], { stdio: 'ignore', env: { ...process.env, XDG_CACHE_HOME: cache } });
  let cost = { cpuSeconds: 0, peakMiB: 0 };
  const sampling = setInterval(() => (cost = costOf(child.pid) ?? cost), 50);
  await once(child, 'exit');
  clearInterval(sampling);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${what.padEnd(32)}${seconds} s, ${cost.cpuSeconds.toFixed(1)} s of CPU, ${cost.peakMiB.toFixed(0)} MiB\n`);
}

await main(Number(process.argv[2] ?? 1000));
