/**
 * `node bench/commit.ts [DEVICES] [COMMITS]`: what a commit of one device costs the operator until that device is asked for, step by step: fetch, list, read
 * and check, compile and render, compare. No device is there. Default 1000 devices with five sessions each, 5 commits; the median of each step, on the clock and of CPU time without helper processes.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { FleetSpec, hasErrors } from '../controller/api/index.ts';
import { Secret, systemClock } from '../controller/lib/index.ts';
import { changedDevices, type DesiredFleet, enforceRevision } from '../controller/operator/fleet/desired-fleet.ts';
import { openGitSource } from '../controller/operator/fleet/git-source.ts';
import { createSandboxPool } from '../controller/render/index.ts';
import { openSecrets } from '../controller/store/index.ts';
import { newRepository } from '../test/git/repository.ts';
import { writeDesiredState, writeSecrets } from '../test/simulator/desired-state.ts';
import { editObject } from './cost.ts';

async function main(devices: number, commits: number): Promise<void> {
  process.stdout.write(`${devices} devices, ${devices * 5} sessions; ${cpus().length} cores, Node ${process.versions.node}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'plumb-bench-'));
  try {
    const people = newRepository(join(folder, 'desired-state'));
    writeDesiredState(people.folder, { devices, port: 22, hostKey: `SHA256:${'A'.repeat(43)}` });
    people.commit();
    writeSecrets(join(folder, 'secrets'), { observe: 'none', apply: 'none' });
    const secrets = openSecrets({
      environment: {},
      folder: join(folder, 'secrets'),
      versionKey: new Secret('a key of the benchmark alone'),
    });
    const spec = FleetSpec.parse({ git: { url: `file://${people.folder}` } });
    const source = openGitSource({
      fleet: 'bench',
      spec,
      cacheFolder: join(folder, 'cache'),
      secrets,
      clock: systemClock,
      allowLocal: true,
    });
    let inForce: DesiredFleet | undefined;
    const steps = new Map<string, Took[]>();
    const step = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
      const [began, cpu] = [performance.now(), process.cpuUsage()];
      const done = await work();
      const { user, system } = process.cpuUsage(cpu);
      steps.set(what, [...(steps.get(what) ?? []), { ms: performance.now() - began, cpuMs: (user + system) / 1000 }]);
      return done;
    };
    const pass = async (): Promise<string[]> => {
      const found = await step('fetch', () =>
        source.look(AbortSignal.timeout(600_000), inForce?.revision, () => Promise.resolve(inForce?.asWritten)),
      );
      // As the operator does: it starts while the revision is read.
      const pool = inForce && createSandboxPool();
      pool?.prepare();
      const state = await step('list, read what changed, check', () => found.load());
      if (hasErrors(state.problems)) throw state.problems[0] ?? new Error('no problem');
      const before = inForce;
      const enforced = await step('compile, render', () =>
        enforceRevision(state, before, {
          ceiling: 'Report',
          secrets,
          isOurs: () => true,
          signers: undefined,
          statusOf: () => undefined,
          pool,
        }),
      );
      pool?.close();
      inForce = enforced;
      return step('compare', () => Promise.resolve(changedDevices(before, enforced)));
    };
    await step('all', pass);
    print('from nothing', steps);
    steps.clear();
    const file = 'sites/site0000/r00003.yaml';
    for (let i = 1; i <= commits; i++) {
      const text = readFileSync(join(people.folder, file), 'utf8');
      people.commit({
        [file]: editObject(text, (own) => Object.assign((own['interfaces'] as object[])[0] ?? {}, { description: `the ${i}th` })),
      });
      const changed = await step('all', pass);
      if (changed.join(' ') !== 'r00003') throw new Error(`changed: ${changed.slice(0, 5).join(' ')}`);
    }
    print('a commit of one device', steps);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** On the clock, and of CPU time in this process alone. */
interface Took {
  ms: number;
  cpuMs: number;
}

function print(title: string, steps: ReadonlyMap<string, readonly Took[]>): void {
  process.stdout.write(`${title}\n`);
  for (const [what, times] of steps) {
    const median = (one: keyof Took) =>
      (times.map((took) => took[one]).toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0).toFixed(0);
    process.stdout.write(`  ${what.padEnd(40)}${median('ms')} ms, ${median('cpuMs')} ms of CPU\n`);
  }
}

await main(Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 5));
