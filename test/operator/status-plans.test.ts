import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ChangePlanSpec, type ChangePlanStatus, FleetSpec, type PlanPhase } from '../../controller/api/index.ts';
import { takeLock } from '../../controller/lib/index.ts';
import { openStore, type Store } from '../../controller/store/index.ts';
import { plumbAt } from '../e2e/desk.ts';

let folder: string;
let store: Store;
let release: (() => void) | undefined;

const ready = (reason: string, isReady = false) => ({
  type: 'Ready',
  status: isReady ? ('True' as const) : ('False' as const),
  reason,
  message: `it is ${reason}`,
  lastTransitionTime: new Date().toISOString(),
  observedGeneration: 1,
});

async function makeDevice(name: string, site: string, isReady: boolean): Promise<void> {
  const status = { verdict: isReady ? 'InSync' : 'Pending', conditions: [ready(isReady ? 'InSync' : 'Pending', isReady)] };
  await store.objects.create({ kind: 'Device', name, labels: { site }, spec: {}, status });
}

/** A plan over one device, whose full text is kept no more. */
async function makePlan(name: string, phase: PlanPhase, device: string, more: Partial<ChangePlanStatus> = {}): Promise<void> {
  const effectDigest = `sha256:${'9'.repeat(64)}`;
  const group = { effectDigest, devices: 1, examples: [device], risk: 'low', commands: ['router bgp 64500 > timers bgp 5 15'], total: 1 };
  const spec = ChangePlanSpec.parse({
    planId: name,
    plan: 'b'.repeat(64),
    mode: 'Approve',
    cause: 'Desired',
    revision: `main@sha1:${'c'.repeat(40)}`,
    devices: 1,
    sets: 1,
    risk: 'low',
    groups: [group],
    groupCount: 1,
  });
  await store.objects.create({ kind: 'ChangePlan', name, spec, status: { phase, conditions: [ready(phase)], failed: [], ...more } });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-status-'));
  store = await openStore(folder);
  release = takeLock(join(folder, 'operator.lock')); // an operator is at work
  await store.objects.create({ kind: 'Fleet', name: 'local', spec: FleetSpec.parse({ git: { url: 'file:///net' } }) });
  await makeDevice('edge1-fra', 'fra', true);
  await makeDevice('edge1-lon', 'lon', false);
  await makePlan('plan-waits', 'Proposed', 'edge1-fra');
  await makePlan('plan-done', 'Succeeded', 'edge1-fra', { progress: 'c' });
  await makePlan('plan-mended', 'Failed', 'edge1-fra', { progress: 'r', failed: ['edge1-fra'] });
  await makePlan('plan-failed', 'Failed', 'edge1-lon', { progress: 'r', failed: ['edge1-lon'] });
  await makePlan('plan-runs', 'Running', 'edge1-lon', { progress: 'a', wave: 0, waves: [1] });
});
afterAll(() => {
  release?.();
  store.close();
  rmSync(folder, { recursive: true });
});

const plansIn = (text: string) => [...text.matchAll(/^(plan-\w+) {2,}(.*?) {2,}/gm)].map(([, name, stands]) => [name, stands]);

test('plumb status shows plans that wait, run, or failed on a device that is still not right; the most urgent first', async () => {
  const { code, stdout } = await plumbAt({ repository: folder, store: folder }, ['status']);
  expect(plansIn(stdout)).toEqual([
    ['plan-failed', 'failed, canary, 0 of 1 set'],
    ['plan-runs', 'running, canary, 0 of 1 set'],
    ['plan-waits', 'proposed'],
  ]);
  expect(code).toBe(1);
});

test('plumb status of a site shows the plans that change a device there', async () => {
  const { code, stdout } = await plumbAt({ repository: folder, store: folder }, ['status', 'fra']);
  expect([code, plansIn(stdout)]).toEqual([0, [['plan-waits', 'proposed']]]);
});

test('a plan whose outcome nobody has seen comes first, and makes the exit code Unknown', async () => {
  await makePlan('plan-unseen', 'Running', 'edge1-fra', { progress: 'u', conditions: [ready('OutcomeUnknown')] });
  const { code, stdout } = await plumbAt({ repository: folder, store: folder }, ['status', '-o', 'json']);
  const { plans } = JSON.parse(stdout) as { plans: { name: string }[] };
  expect([code, plans.map(({ name }) => name)]).toEqual([2, ['plan-unseen', 'plan-failed', 'plan-runs', 'plan-waits']]);
});

test('plumb plan show says that the text of a plan is kept no more, and shows what its object holds', async () => {
  const { code, stdout, stderr } = await plumbAt({ repository: folder, store: folder }, ['plan', 'show', 'plan-waits']);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^plan-waits {2}Proposed[^]*\nedge1-fra {2}risk low\n[^]*timers bgp 5 15\n$/)]);
  expect(stderr).toContain('plan-waits: its full text is kept no more');
});
