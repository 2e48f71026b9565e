import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Baseline, Plan } from '../../api/index.ts';
import type { ObjectStore } from '../contract.ts';
import { openStore, type Store } from '../open.ts';
import { createOrphanCollector } from './orphans.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumb-orphans-'));
  store = await openStore(folder);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Compresses to more than a record takes. */
const long = (seed: string): Record<string, string> =>
  Object.fromEntries(Array.from({ length: 1_500 }, (_, i) => [`item ${i}`, createHash('sha256').update(`${seed} ${i}`).digest('hex')]));
const knowDevice = async (device = 'edge1', items = long(device)) => {
  const known: Baseline = { device, platform: 'frr', revision: 'main@sha1:1', items, unmanaged: [], adopted: true };
  await store.baselines.put(known);
  return known;
};
const report = async (name: string, text: string) => {
  const digest = await store.objects.putArtifact(text);
  return store.objects.create({ kind: 'DriftReport', name, spec: { device: name }, status: { report: digest } });
};
/** The store, with functions of ours in place of its own. */
const differing = (own: Partial<ObjectStore>): ObjectStore =>
  new Proxy(store.objects, {
    get: (target, name: keyof ObjectStore) => own[name] ?? (target[name] as () => unknown).bind(target),
  });
const kept = async () => new Set(await store.objects.listArtifacts());

it('removes what a process kept that was killed before an object named it, and nothing that is named', async () => {
  const known = await knowDevice();
  const plan = { id: 'plan-1', createdAt: '2026-11-20T12:00:00.000Z', revision: 'main@sha1:1', devices: [], filler: long('plan') };
  await store.plans.put(plan as unknown as Plan);
  await report('edge1', 'a whole report');
  const full = await store.objects.putArtifact('a whole plan for people');
  await store.objects.create({ kind: 'ChangePlan', name: 'plan-2', spec: { plan: full } });
  const named = await kept();
  expect(named.size).toBe(4);

  const program = `
    import { openStore } from ${JSON.stringify(import.meta.resolve('../index.ts'))};
    const store = await openStore(${JSON.stringify(folder)});
    await store.objects.putArtifact('a report of which nobody will tell');
    process.stdout.write('kept');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect((await kept()).size).toBe(5);

  const collect = createOrphanCollector(store.objects);
  expect([await collect(), await collect(), await collect()]).toEqual([0, 1, 0]);
  expect(await kept()).toEqual(named);
  expect(await store.baselines.get('edge1')).toEqual(known);
  expect(await store.plans.get('plan-1')).toEqual(plan);
});

it('knows of everybody who keeps artifacts: whoever comes new is told to the collector, and written here', () => {
  const root = join(import.meta.dirname, '../..');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !/^store\/(sqlite|kube|contract)/.test(file),
  );
  const keepers = files.filter((file) => /\b(putArtifact|keepText)\(/.test(readFileSync(join(root, file), 'utf8')));
  expect(keepers.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    'operator/device/publish.ts', // DriftReport
    'operator/plan/keep-plans.ts', // ChangePlan
    'store/records/baselines.ts',
    'store/records/kept-text.ts', // for baselines and plans
    'store/records/orphans.ts', // puts back
    'store/records/plans.ts',
  ]);
});

it('leaves what is named between two looks', async () => {
  await knowDevice();
  const digest = await store.objects.putArtifact('a report');
  const collect = createOrphanCollector(store.objects);
  expect(await collect()).toBe(0);
  await report('edge1', 'a report');
  expect([await collect(), await collect()]).toEqual([0, 0]);
  expect(await store.objects.getArtifact(digest)).toBe('a report');
});

it('puts back what is named in the moment in which it goes', async () => {
  await knowDevice();
  const digest = await store.objects.putArtifact('a report');
  const collect = createOrphanCollector(
    differing({
      deleteArtifact: async (gone) => {
        await store.objects.create({ kind: 'DriftReport', name: 'edge1', spec: {}, status: { report: gone } });
        await store.objects.deleteArtifact(gone);
      },
    }),
  );
  await collect();
  await collect();
  expect(await store.objects.getArtifact(digest)).toBe('a report');
});

it('removes nothing while a kind cannot be listed, and nothing in a store that knows of no device', async () => {
  const digest = await store.objects.putArtifact('a report');
  const empty = createOrphanCollector(store.objects);
  expect([await empty(), await empty()]).toEqual([0, 0]);

  await knowDevice();
  const list = () => Promise.reject(new Error('the server is away'));
  const blind = createOrphanCollector(differing({ list }));
  await expect(blind()).rejects.toThrow('the server is away');
  await expect(blind()).rejects.toThrow('the server is away');
  expect(await kept()).toContain(digest);
});

it('removes a hundred at once, and the others later', async () => {
  await knowDevice();
  for (let i = 0; i < 130; i++) await store.objects.putArtifact(`report ${i}`);
  const collect = createOrphanCollector(store.objects);
  expect([await collect(), await collect(), await collect()]).toEqual([0, 100, 30]);
});
