import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { expect } from 'vitest';
import type { z } from 'zod';
import {
  type BGPSessionSpec,
  type BGPSessionStatus,
  type Condition,
  type DeviceSpec,
  type DeviceStatus,
  type DriftReportSpec,
  type DriftReportStatus,
  findCondition,
  FleetSpec,
  type FleetStatus,
} from '../../controller/api/index.ts';
import { logFile, openLog } from '../../controller/cli/log.ts';
import { type Clock, systemClock, takeLock } from '../../controller/lib/index.ts';
import {
  type FleetObject,
  type FleetSource,
  type Notice,
  openGitSource,
  openNoticeLog,
  type Operator,
  type OperatorOptions,
  operatorMetrics,
  operatorPool,
  regionOf,
  type Runtime,
  startOperator,
} from '../../controller/operator/index.ts';
import { corridorOver } from '../../controller/pipeline/index.ts';
import { type ObjectStore, openSecrets, openStore, type Store, type StoredObject } from '../../controller/store/index.ts';
import { plumbAt, type Said } from '../e2e/desk.ts';
import { newRepository, type People } from '../git/repository.ts';
import { type FleetShape, writeDesiredState, writeSecrets } from '../simulator/desired-state.ts';
import { createKeys, type Fleet, startFleet } from '../simulator/fleet.ts';
import { heldConfigs } from '../simulator/held-configs.ts';
import { frozenObjects } from './frozen.ts';
import { brokenInvariants } from './invariants.ts';

type FleetWords = Partial<Omit<z.input<typeof FleetSpec>, 'git'>> & { git?: Partial<z.input<typeof FleetSpec>['git']> };

export interface DeskOptions
  extends Pick<FleetShape, 'sessionsPerDevice' | 'mode'>,
    Pick<OperatorOptions, 'retryLoginsMs' | 'selector' | 'tidyMs' | 'keepsReads'> {
  /** Simulated routers, `r00000` on. Default 2. */
  devices?: number;
  /** What the Fleet says beside the address of the repository. Nothing is read by the clock unless `reads` says so. */
  fleet?: FleetWords;
  /**
   * Time of operator and routers passes so many times as fast. Real stay the limits of connections, and the times at which drivers say that
   * they read a device: what compares those with the times of objects needs the default, 1.
   */
  speed?: number;
  /** Seconds until something that does not come is given up. Default 15. */
  patience?: number;
  /** Stands between the operator and the store. */
  objects?: (objects: ObjectStore) => ObjectStore;
  /** Replaces the Git mirror as what the Fleet is read from. */
  openSource?: (fleet: FleetObject, git: () => FleetSource) => FleetSource;
}

/**
 * An operator in this process, as under `plumb up`: SQLite, a Git repository with the desired state of simulated routers, and the routers,
 * which hold what Git says. The operator runs; nothing has been waited for yet.
 */
export interface OperatorDesk {
  /** Everything of this desk lies below it. */
  folder: string;
  storeFolder: string;
  secretsFolder: string;
  /** Who writes desired state. Use `commit` below when the operator should see it at once. */
  repository: People;
  routers: Fleet;
  /** Wall time as the operator sees it; `passTime` moves it. */
  clock: Clock;
  passTime(ms: number): void;
  readonly store: Store;
  readonly operator: Operator;
  /** What people were told, the oldest first, by this operator and those before it. */
  notices: readonly Notice[];

  /** Commits files, hints to the operator as a webhook does, and gives the revision. A file without text is removed. */
  commit(files: Readonly<Record<string, string | undefined>>, ...options: string[]): string;
  /** The text of a file with one part of it replaced, which must be there. */
  edited(file: string, from: string, to: string): string;
  /** Replaces the Secret of a name: files by key, and its `.use`. */
  giveSecret(name: string, use: string, values: Readonly<Record<string, string>>): void;

  fleet(name?: string): Promise<StoredObject<FleetSpec, FleetStatus> | undefined>;
  device(name: string): Promise<StoredObject<DeviceSpec, DeviceStatus> | undefined>;
  drift(name: string): Promise<StoredObject<DriftReportSpec, DriftReportStatus> | undefined>;
  session(name: string): Promise<StoredObject<BGPSessionSpec, BGPSessionStatus> | undefined>;
  /** Changes the Fleet as a person with kubectl does. */
  setFleet(change: (spec: FleetSpec) => unknown): Promise<void>;

  /** Waits until the newest look at the Fleet ended so, and gives Ready. */
  fleetReady(reason: string, message?: RegExp | string): Promise<Condition>;
  /** Waits until Ready of a device has the reason. */
  deviceReady(name: string, reason: string): Promise<Condition>;
  /** The same of a session, whose mirror follows the looks at its ends. */
  sessionReady(name: string, reason: string): Promise<Condition>;
  /** Waits until every device of the revision in force was judged; gives the verdicts by name. */
  allJudged(): Promise<Record<string, string>>;
  /** Asks for a look, waits for it, and gives the device as it was then published. */
  look(name: string): Promise<StoredObject<DeviceSpec, DeviceStatus>>;
  /** Asks for a look at the Fleet and waits for it. */
  lookAtFleet(): Promise<StoredObject<FleetSpec, FleetStatus>>;
  /** Waits until it holds; fails after so many seconds with what was waited for and what was found. */
  until(what: string, check: () => unknown, found?: () => string, seconds?: number): Promise<void>;

  /** A metric's value now; undefined when no series has these labels. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number | undefined>;
  /** Starts one more operator beside the first, of another region and with a store handle of its own. It ends with the desk. */
  another(options: Pick<DeskOptions, 'selector' | 'openSource'>): Promise<Operator>;
  /** `plumb` as a person at the same machine starts it. */
  plumb(...argv: string[]): Promise<Said>;

  /** Ends the operator and closes its store: what a stopped process leaves behind. */
  pause(): Promise<void>;
  /** Starts another operator on what the last one left. */
  resume(): Promise<void>;
  /** Ends all of it, after every object has been held to the rules of conditions. To be called at the end of each test. */
  stop(): Promise<void>;
}

const fleetName = 'lab';

export async function openOperatorDesk(options: DeskOptions = {}): Promise<OperatorDesk> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-operator-'));
  const [storeFolder, secretsFolder] = [join(folder, 'store'), join(folder, 'secrets')];
  const shape = { devices: options.devices ?? 2, ...(options.sessionsPerDevice && { sessionsPerDevice: options.sessionsPerDevice }) };
  const keys = createKeys();
  const time = clockAt(options.speed ?? 1);
  const until = untilWithin(options.patience ?? 15);
  const routers = await startFleet(heldConfigs(shape), keys, 0, time);
  writeSecrets(secretsFolder, { observe: keys.accounts['plumb-observe'], apply: keys.accounts['plumb-apply'] });
  const repository = newRepository(join(folder, 'desired-state'));
  writeDesiredState(repository.folder, { ...shape, ...routers.facts, ...(options.mode && { mode: options.mode }) });
  repository.commit();

  let shiftMs = 0;
  const clock: Clock = { ...time, now: () => new Date(time.now().getTime() + shiftMs) };
  const notices: Notice[] = [];
  const begin = (more: DeskOptions = {}) =>
    startRun({ folder, storeFolder, secretsFolder, clock, notices, options: { ...options, ...more } });
  const others: Run[] = [];
  let store: Store = await openStore(storeFolder, clock);
  const { git, ...rest } = options.fleet ?? {};
  const spec = FleetSpec.parse({
    git: { url: `file://${repository.folder}`, intervalSeconds: 3600, ...git },
    reads: { intervalSeconds: 3600 },
    ...rest,
  });
  await store.objects.create<FleetSpec>({ kind: 'Fleet', name: fleetName, spec });
  store.close();
  let run: Run | undefined = await begin();
  ({ store } = run);
  let asked = 0;

  const get = <Spec, Status>(kind: string, name: string) => store.objects.get<Spec, Status>(kind, name);
  const ask = async <Status extends { lastHandledReconcileAt?: string | undefined }>(kind: string, name: string) => {
    const token = `desk ${++asked}`;
    await changeObject(store, kind, name, (object) => ({
      ...object,
      annotations: { ...object.annotations, 'plumbline.dev/requestedAt': token },
    }));
    let answered: StoredObject<never, Status> | undefined;
    await until(`a look at ${kind} ${name}`, async () => {
      answered = await get<never, Status>(kind, name);
      return answered?.status?.lastHandledReconcileAt === token;
    });
    return answered as StoredObject<never, Status>;
  };
  const readyWhen = async (kind: string, name: string, reason: string, message: RegExp | string = ''): Promise<Condition> => {
    let ready: Condition | undefined;
    const fits = (text: string) => (typeof message === 'string' ? text.includes(message) : message.test(text));
    await until(
      `${kind} ${name} to be ${reason}`,
      async () => {
        const object = await get<unknown, FleetStatus>(kind, name);
        ready = findCondition(object?.status?.conditions, 'Ready');
        return ready?.reason === reason && fits(ready.message) && object?.status?.observedGeneration === object?.generation;
      },
      () => `${ready?.reason}: ${ready?.message}`,
    );
    return ready as Condition;
  };
  const running = (): Run => {
    if (!run) throw new Error('the operator is paused');
    return run;
  };
  /** What a person wrote is not what the operator has seen. */
  const sawFleet = () =>
    until('the operator to see the Fleet', async () => {
      const { generation } = (await get('Fleet', fleetName)) ?? {};
      return run?.operator.fleets().some((each) => each.name === fleetName && each.generation === generation) ?? true;
    });
  const pause = async () => {
    await run?.end();
    run = undefined;
    store = await openStore(storeFolder, clock);
  };

  return {
    folder,
    storeFolder,
    secretsFolder,
    repository,
    routers,
    clock,
    passTime: (ms) => void (shiftMs += ms),
    get store() {
      return store;
    },
    get operator() {
      return running().operator;
    },
    notices,
    commit: (files, ...more) => {
      const commit = repository.commit(files, ...more);
      run?.operator.hint();
      return `main@sha1:${commit}`;
    },
    edited: (file, from, to) => {
      const text = readFileSync(join(repository.folder, file), 'utf8');
      if (!text.includes(from)) throw new Error(`${file} does not hold: ${from}`);
      return text.replace(from, to);
    },
    giveSecret: (name, use, values) => giveSecret(join(secretsFolder, name), use, values),
    fleet: (name = fleetName) => get('Fleet', name),
    device: (name) => get('Device', name),
    drift: (name) => get('DriftReport', name),
    session: (name) => get('BGPSession', name),
    setFleet: async (change) => {
      await changeObject(store, 'Fleet', fleetName, (object) => {
        const next = structuredClone(object.spec) as FleetSpec;
        return { ...object, spec: change(next) ?? next };
      });
      await sawFleet();
    },
    fleetReady: (reason, message) => readyWhen('Fleet', fleetName, reason, message),
    deviceReady: (name, reason) => readyWhen('Device', name, reason),
    sessionReady: (name, reason) => readyWhen('BGPSession', name, reason),
    allJudged: async () => {
      let verdicts: Record<string, string> = {};
      await until(
        'every device to be judged',
        async () => {
          const { inForce, lastJudged } = running().operator.world;
          const all = await store.objects.list<DeviceSpec, DeviceStatus>('Device');
          verdicts = Object.fromEntries(all.map(({ name, status }) => [name, status?.verdict ?? '']));
          return inForce !== undefined && [...inForce.devices.keys()].every((name) => lastJudged.has(name) && name in verdicts);
        },
        undefined,
        60,
      );
      return verdicts;
    },
    look: (name) => ask<DeviceStatus>('Device', name),
    lookAtFleet: () => ask<FleetStatus>('Fleet', fleetName),
    until,
    metric: async (name, labels = {}) => {
      const all = await running().registry.getMetricsAsJSON();
      const values = all.find((metric) => metric.name === name)?.values ?? [];
      return values.find((each) => Object.entries(labels).every(([key, value]) => each.labels[key] === value))?.value;
    },
    another: async (more) => {
      const other = await begin(more);
      others.push(other);
      return other.operator;
    },
    plumb: (...argv) => plumbAt({ repository: repository.folder, store: storeFolder }, argv),
    pause,
    resume: async () => {
      store.close();
      run = await begin();
      ({ store } = run);
    },
    stop: async () => {
      try {
        await holdsInvariants(() => store);
      } finally {
        for (const each of [...others, ...(run ? [run] : [])]) await each.end();
        if (!run) store.close();
        await routers.close();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** A clock that goes so many times as fast, from the present on. */
function clockAt(speed: number): Clock {
  const [startMs, sinceMs] = [systemClock.now().getTime(), systemClock.monotonicMs()];
  const passedMs = () => (systemClock.monotonicMs() - sinceMs) * speed;
  return {
    now: () => new Date(startMs + passedMs()),
    monotonicMs: passedMs,
    sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
  };
}

interface Run {
  store: Store;
  operator: Operator;
  registry: Registry;
  end: () => Promise<void>;
}

async function startRun(desk: {
  folder: string;
  storeFolder: string;
  secretsFolder: string;
  clock: Clock;
  notices: Notice[];
  options: DeskOptions;
}): Promise<Run> {
  const { clock, secretsFolder, options } = desk;
  const { openSource = (_fleet, git) => git(), objects = (each) => each, retryLoginsMs, selector, tidyMs, keepsReads } = options;
  const store = await openStore(desk.storeFolder, clock);
  // As `plumb up` does; another operator beside the first works on the same store.
  const release = takeLock(join(desk.storeFolder, 'operator.lock'));
  const secrets = openSecrets({ environment: {}, folder: secretsFolder, versionKey: await store.versionKey() });
  const corridor = { ...corridorOver({ store, secrets, timeoutMs: 60_000, pool: operatorPool }), clock };
  const registry = new Registry();
  const log = openLog(logFile(desk.storeFolder));
  const keep = openNoticeLog(store.objects, clock, log);
  const runtime: Runtime = {
    corridor,
    objects: objects(frozenObjects(store.objects)),
    notify: (notice) => {
      desk.notices.push(notice);
      keep(notice);
    },
    log,
    metrics: operatorMetrics.on(registry),
    registry,
    cacheFolder: join(desk.folder, 'mirrors'),
  };
  const stop = new AbortController();
  const open = (fleet: FleetObject) =>
    openGitSource({ fleet: fleet.name, spec: fleet.spec, cacheFolder: runtime.cacheFolder, secrets, clock, allowLocal: true });
  const operator = await startOperator(
    runtime,
    {
      openSource: async (fleet) => openSource(fleet, () => open(fleet)),
      workers: 8,
      ...(selector && { selector }),
      ...(tidyMs !== undefined && { tidyMs }),
      knowsGroups: false,
      epoch: await store.epochOf(regionOf(selector ?? {})).lead(),
      ...(retryLoginsMs !== undefined && { retryLoginsMs }),
      ...(keepsReads !== undefined && { keepsReads }),
    },
    stop.signal,
  );
  return {
    store,
    operator,
    registry,
    end: async () => {
      stop.abort();
      await operator.done;
      await corridor.close();
      release?.();
    },
  };
}

/** Changes an object, however often somebody else is faster. */
async function changeObject(
  store: Store,
  kind: string,
  name: string,
  change: (object: StoredObject) => Omit<StoredObject, 'status'>,
): Promise<void> {
  for (let round = 1; ; round++) {
    const object = await store.objects.get(kind, name);
    if (!object) throw new Error(`no ${kind} ${name}`);
    try {
      await store.objects.update(change(object));
      return;
    } catch (error) {
      if (round >= 10 || (error as { code?: unknown }).code !== 'Conflict') throw error;
    }
  }
}

const published = ['Fleet', 'Device', 'BGPSession', 'DHCPSubnet', 'DriftReport', 'ChangePlan'] as const;

async function holdsInvariants(storeOf: () => Store): Promise<void> {
  let broken: string[] = [];
  const look = async () => {
    const all = await Promise.all(published.map((kind) => storeOf().objects.list(kind)));
    broken = all.flat().flatMap(brokenInvariants);
    return broken.length === 0;
  };
  await waitUntil('every object to hold to the rules', look, undefined, 15).catch(() => expect(broken).toEqual([]));
}

type Until = OperatorDesk['until'];

function untilWithin(patience: number): Until {
  return (what, check, found, seconds = patience) => waitUntil(what, check, found, seconds);
}

async function waitUntil(what: string, check: () => unknown, found: () => string = () => '', seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${seconds} s. ${found()}`.trim());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function giveSecret(folder: string, use: string, values: Readonly<Record<string, string>>): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [key, value] of Object.entries({ ...values, '.use': `${use}\n` })) writeFileSync(join(folder, key), value, { mode: 0o600 });
}
