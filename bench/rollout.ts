/**
 * `node bench/rollout.ts [DEVICES]`: what a rollout adds to the time that each router takes for itself. Default 200 devices in mode Enforce,
 * twenty at the same time; the operator is a process of its own beside simulated FRR routers of about 200 lines. One line of a route-map
 * changes on all of them. A router's own time is that of its journal, from the fence to the confirmed end; seven seconds of it are the wait until
 * a policy takes effect.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChangePlanSpec, ChangePlanStatus, ChangeRecord, DeviceStatus } from '../controller/api/index.ts';
import { newRepository } from '../test/git/repository.ts';
import { startFleetProcess } from '../test/simulator/process.ts';
import { type Desk, openLocalDesk, until } from './operator-desk.ts';

const atOnce = 20;
const hour = 3_600_000;

const rollout = {
  apiVersion: 'plumbline.dev/v1alpha1',
  kind: 'ReconcilePolicy',
  metadata: { name: 'everywhere' },
  spec: { selector: {}, mode: 'Enforce', rollout: { canary: 1, waves: [100], bakeSeconds: 0, atOnce } },
};

async function main(devices: number): Promise<void> {
  process.stdout.write(`${devices} devices, ${atOnce} at the same time; ${cpus().length} cores, Node ${process.versions.node}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'plumb-bench-'));
  const fleet = await startFleetProcess(folder, { devices, mode: 'Enforce' });
  try {
    const people = newRepository(fleet.desiredState);
    people.commit({ 'reconcile.yaml': JSON.stringify(rollout) });
    const places = { folder, repository: fleet.desiredState, secrets: fleet.secrets };
    const desk = await openLocalDesk({ ...places, intervalSeconds: 3600, gitSeconds: 5, ceiling: 'Enforce' });
    try {
      await until(desk, 'all in sync', hour, async () => {
        const all = await desk.store.objects.list<unknown, DeviceStatus>('Device');
        return all.length === devices && all.every(({ status }) => status?.verdict === 'InSync');
      });
      const policies = readFileSync(join(people.folder, 'policies.yaml'), 'utf8');
      const before = desk.cost().cpuSeconds;
      people.commit({ 'policies.yaml': policies.replace('"localPreference": 90', '"localPreference": 95') });
      await follow(desk, devices, before);
    } finally {
      await desk.close();
    }
  } finally {
    await fleet.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function follow(desk: Desk, devices: number, before: number): Promise<void> {
  const planOf = async () => (await desk.store.objects.list<ChangePlanSpec, ChangePlanStatus>('ChangePlan'))[0];
  await until(desk, 'the rollout', hour, async () => (await planOf())?.status?.phase === 'Succeeded');
  const cpu = desk.cost().cpuSeconds - before;
  const { startedAt = '', endedAt = '' } = (await planOf())?.status ?? {};
  const records = (await desk.store.objects.list<ChangeRecord>('ChangeRecord')).map(({ spec }) => spec);
  const own = records.reduce((sum, each) => sum + Date.parse(each.endedAt ?? '') - Date.parse(each.startedAt), 0) / records.length;
  const whole = Date.parse(endedAt) - Date.parse(startedAt);
  // The canary alone, then the others, so many at the same time.
  const rounds = 1 + Math.ceil((devices - 1) / atOnce);
  print('changed, read back and probed', String(records.filter(({ state }) => state === 'Confirmed').length));
  print("a router's own time, on average", `${(own / 1000).toFixed(2)} s`);
  print('first begin to the end of the plan', `${(whole / 1000).toFixed(1)} s`);
  print('added for each device', `${((whole - rounds * own) / devices).toFixed(0)} ms`);
  print('CPU time of the operator for each device', `${((cpu * 1000) / devices).toFixed(0)} ms, its SSH and its planning included`);
  print('peak memory of the operator', `${desk.cost().peakMiB.toFixed(0)} MiB`);
}

function print(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(48)}${figure}\n`);
}

await main(Number(process.argv[2] ?? '200'));
