/**
 * `node bench/operator.ts [DEVICES] [sqlite|cluster] [INTERVALS]`: the operator beside that many simulated FRR routers of about 200 lines each, five
 * sessions on a device. Default 1000 devices, both stores. The routers are one process on loopback, the operator another, the API server with
 * etcd two more; they share the cores. Prints how long people wait, what is written, and what the operator's own process takes. For INTERVALS
 * (default 2; six are half an hour of five minutes each) nothing changes: whatever is written, told or judged anew then makes it end with 1.
 */
import { cpus, tmpdir } from 'node:os';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { editObject } from './cost.ts';
import { newRepository, type People } from '../test/git/repository.ts';
import { type FleetProcess, startFleetProcess } from '../test/simulator/process.ts';
import type { DeviceStatus } from '../controller/api/index.ts';
import { type Desk, type DeskOptions, openClusterDesk, openLocalDesk, until, type Writes } from './operator-desk.ts';

const desks = { sqlite: openLocalDesk, cluster: openClusterDesk };
const hour = 3_600_000;

async function main(devices: number, stores: readonly (keyof typeof desks)[], intervals: number): Promise<void> {
  process.stdout.write(`${devices} devices, ${devices * 5} sessions; ${cpus().length} cores, Node ${process.versions.node}\n`);
  for (const store of stores) {
    const folder = mkdtempSync(join(tmpdir(), 'plumb-bench-'));
    const fleet = await startFleetProcess(folder, { devices });
    try {
      const people = newRepository(fleet.desiredState);
      people.commit();
      // No device is read twice while the first looks go on; drift is looked for with an interval that this machine can hold.
      const intervalSeconds = Math.max(10, Math.ceil(devices / 25));
      const options = { folder, repository: fleet.desiredState, secrets: fleet.secrets, intervalSeconds };
      await measure(store, { devices, fleet, people, options, intervals });
    } finally {
      await fleet.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

interface Setting {
  devices: number;
  fleet: FleetProcess;
  people: People;
  options: DeskOptions;
  /** For which nothing changes. */
  intervals: number;
}

async function measure(store: keyof typeof desks, { devices, fleet, people, options, intervals }: Setting): Promise<void> {
  const { intervalSeconds } = options;
  print(`\n${store}, every device read each ${intervalSeconds} s`, '');
  const started = performance.now();
  const desk = await desks[store](options);
  const watching = new AbortController();
  try {
    const verdicts = followVerdicts(desk, watching.signal);
    await until(desk, 'all verdicts', hour, () => verdicts.size >= devices);
    print('empty start to all verdicts', seconds(performance.now() - started));
    await settled(desk);
    const { cpuSeconds, peakMiB } = desk.cost();
    print('CPU time, helper processes included', `${cpuSeconds.toFixed(1)} s`);
    print('peak memory of the operator', `${peakMiB.toFixed(0)} MiB`);
    const wrote = await desk.writes();
    print('writes per device', (sumOf(wrote) / devices).toFixed(2));
    for (const [kind, times] of wrote) if (times >= devices) print(`  of ${kind}`, (times / devices).toFixed(2));
    const late = () => [...verdicts.values()].filter(({ verdict }) => verdict !== 'InSync').length;
    print('not in sync', String(late()));

    // A machine that is busy answers some of the first logins too late: they are in sync a look later.
    await until(desk, 'all in sync', hour, () => late() === 0);
    await settled(desk);
    const first = sumOf(await desk.writes());
    const [idleCpu, { reads }, statuses] = [desk.cost().cpuSeconds, await fleet.counts(), new Map(verdicts)];
    await wait(intervals * intervalSeconds * 1000);
    const still = `${intervals} intervals unchanged:`;
    print(`${still} looks`, String((await fleet.counts()).reads - reads));
    print(`${still} CPU time`, `${(desk.cost().cpuSeconds - idleCpu).toFixed(1)} s`);
    const written = sumOf(await desk.writes()) - first;
    const judgedAnew = [...verdicts].filter(([name, status]) => status !== statuses.get(name)).length;
    const reports = (await desk.store.objects.list('DriftReport')).length;
    print(`${still} writes and events`, String(written));
    print(`${still} judged anew; reports`, `${judgedAnew}; ${reports}`);
    if (written + judgedAnew + reports > 0) process.exitCode = 1;

    await measureCommits(desk, { verdicts, people, devices, commits: 10 });
    print(...(await measureDrift(desk, fleet, devices)));
    print('peak memory at the end', `${desk.cost().peakMiB.toFixed(0)} MiB`);
  } finally {
    watching.abort();
    await desk.close();
  }
}

/** One device of all loses its static routes, then another, some seconds apart: how long until it is judged by the new revision, and what is written. */
async function measureCommits(
  desk: Desk,
  { verdicts, people, devices, commits }: { verdicts: ReadonlyMap<string, DeviceStatus>; people: People; devices: number; commits: number },
): Promise<void> {
  const took: { asked: number; fetched: number }[] = [];
  for (let i = 1; i <= commits; i++) {
    const device = nameAt(devices - i);
    const file = `sites/site${String(Math.floor((devices - i) / 20)).padStart(4, '0')}/${device}.yaml`;
    const text = readFileSync(join(people.folder, file), 'utf8');
    const before = verdicts.get(device)?.revision;
    const written = await desk.writes();
    people.commit({ [file]: editObject(text, (spec) => Object.assign(spec, { staticRoutes: [] })) });
    const [fleet] = await desk.store.objects.list('Fleet');
    if (!fleet) throw new Error('no Fleet');
    const asked = Date.now();
    const requestedAt = new Date(asked).toISOString();
    await desk.store.objects.update({ ...fleet, annotations: { ...fleet.annotations, 'plumbline.dev/requestedAt': requestedAt } });
    await until(desk, 'the verdict on the commit', 60_000, () => verdicts.get(device)?.revision !== before);
    const judged = Date.now();
    took.push({ asked: judged - asked, fetched: judged - desk.fetchedAt() });
    await settled(desk);
    if (i === 1) print('writes of a commit of one device', sayWrites(await desk.writes(), written));
  }
  const say = (from: 'asked' | 'fetched') => took.map((each) => seconds(each[from])).join(', ');
  print('commit of one device to its verdict, in turn', say('asked'));
  print('  from the end of its fetch', say('fetched'));
}

async function measureDrift(desk: Desk, fleet: FleetProcess, devices: number): Promise<[string, string]> {
  const device = nameAt(Math.floor(devices / 2));
  await fleet.edit(device, ['router bgp 64500', ' timers bgp 5 15']);
  const edited = performance.now();
  await until(desk, 'the report', 600_000, async () => (await desk.store.objects.get('DriftReport', device)) !== undefined);
  return ['out-of-band change to its DriftReport', seconds(performance.now() - edited)];
}

function followVerdicts(desk: Desk, signal: AbortSignal): ReadonlyMap<string, DeviceStatus> {
  const verdicts = new Map<string, DeviceStatus>();
  void (async () => {
    for await (const event of desk.store.objects.watch<unknown, DeviceStatus>('Device', signal)) {
      if (event.type === 'listed' || event.type === 'deleted') continue;
      const { object } = event;
      if (object.status?.verdict) verdicts.set(object.name, object.status);
    }
  })();
  return verdicts;
}

/** Nothing was written for a second. */
async function settled(desk: Desk): Promise<void> {
  let last = -1;
  await until(desk, 'an end of writing', hour, async () => {
    const before = last;
    last = sumOf(await desk.writes());
    if (before !== last) await wait(1000);
    return before === last;
  });
}

/** `3 (Device 2, Fleet 1)`: what was written since. */
function sayWrites(now: Writes, before: Writes): string {
  const since = new Map([...now].map(([kind, times]) => [kind, times - (before.get(kind) ?? 0)] as const).filter(([, times]) => times > 0));
  return `${sumOf(since)} (${[...since].map(([kind, times]) => `${kind} ${times}`).join(', ')})`;
}

function sumOf(writes: Writes): number {
  return writes.values().reduce((sum, times) => sum + times, 0);
}

function nameAt(i: number): string {
  return `r${String(i).padStart(5, '0')}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

function print(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(48)}${figure}\n`);
}

const [, , count = '1000', store, intervals = '2'] = process.argv;
const stores = (['sqlite', 'cluster'] as const).filter((each) => store === undefined || each === store);
if (Number(count) > 0 && stores.length > 0 && Number(intervals) > 0) await main(Number(count), stores, Number(intervals));
else {
  process.stderr.write('usage: node bench/operator.ts [DEVICES] [sqlite|cluster] [INTERVALS]\n');
  process.exitCode = 2;
}
