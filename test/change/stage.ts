import type { Baseline, ChangeRecord, Drain, HistoryEntry, Plan, ProbePolicy, Quarantine } from '../../controller/api/index.ts';
import {
  type ApplyDeps,
  type ApplyOptions,
  type Bystander,
  applyPlan,
  type ClearedPlan,
  gate,
  makePlan,
  planDevice,
  recover,
  type SetResult,
} from '../../controller/change/index.ts';
import { dialectFor, listItems, parse } from '../../controller/config/index.ts';
import type { Target } from '../../controller/drivers/index.ts';
import { type Clock, sha256 } from '../../controller/lib/index.ts';
import { type JournalEntry, storeErrors } from '../../controller/store/index.ts';
import { type Fate, ModelTarget } from './model-target.ts';

/** A clock that the test moves. Sleeping takes no time and moves it. */
class StageClock implements Clock {
  #monotonicMs = 1_000_000;
  #wallOffsetMs = Date.parse('2026-11-20T12:00:00Z');
  now = () => new Date(this.#wallOffsetMs + this.#monotonicMs);
  monotonicMs = () => this.#monotonicMs;
  sleep = async (ms: number, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    this.pass(ms);
  };
  pass(ms: number): void {
    this.#monotonicMs += ms;
  }
  /** Somebody sets the wall clock. Deadlines must not care. */
  jump(ms: number): void {
    this.#wallOffsetMs += ms;
  }
}

/** Devices that change together, the memory that survives processes, and the processes that come and go. */
export class Stage {
  readonly clock = new StageClock();
  readonly targets: readonly ModelTarget[];
  /** Devices of the site that do not change. */
  readonly beside: readonly ModelTarget[];
  /** What policy asks of every device. */
  probes: ProbePolicy = { pings: [], commands: [] };
  readonly records = new Map<string, { record: ChangeRecord; version: number }>();
  readonly history: HistoryEntry[] = [];
  readonly quarantines = new Map<string, Quarantine>();
  readonly baselines = new Map<string, Baseline>();
  readonly plan: ClearedPlan;
  /** Devices that Git does not know any more. */
  readonly released = new Set<string>();
  /** Devices that Git knows, and for which no account is at hand here and now. */
  readonly withoutAccount = new Set<string>();
  readonly #plans = new Map<string, Plan>();
  readonly #drain: Pick<Drain, 'waitSeconds' | 'leftPrefixes'> | undefined;
  #epoch = 0;
  #led = 0;
  /** The stored epoch, as a leader holds it. */
  readonly epoch = {
    lead: async () => (this.#led = ++this.#epoch),
    stored: async () => ({ value: this.#epoch, led: this.#led }),
    replace: async (was: number, value: number) => {
      if (this.#epoch !== was) return false;
      this.#epoch = value;
      return true;
    },
  };

  constructor(devices: readonly string[], beside: readonly string[] = [], drain?: Pick<Drain, 'waitSeconds' | 'leftPrefixes'>) {
    this.#drain = drain;
    const build = (device: string) => new ModelTarget(device, () => this.clock.monotonicMs());
    [this.targets, this.beside] = [devices.map(build), beside.map(build)];
    this.plan = this.makePlan(this.targets);
    for (const target of this.targets) this.baselines.set(target.device, adopted(target));
  }

  /** The plan that turns every description to `new`, for all devices as one set, past the gate. */
  makePlan(targets: readonly ModelTarget[]): ClearedPlan {
    const planned = targets.map((target) => {
      const text = target.config.replace(target.others, '').replaceAll(/description .*/g, 'description new');
      const { plan } = planDevice({
        rendered: { device: target.device, platform: 'frr', text, secrets: [], digest: sha256(text) },
        read: target.read(),
        baseline: undefined,
        revision: 'main@sha1:1',
        templatesDigest: '',
        management: { address: '203.0.113.1' },
        exactContainers: new Set(),
      });
      if (!plan) throw new Error('nothing to plan');
      const say = (line: string) => [{ path: ['router bgp 64496'], text: `${line}bgp graceful-shutdown` }];
      const drain = this.#drain && { scope: 'Device' as const, commands: say(''), undo: say('no '), wayBack: say('no '), ...this.#drain };
      return { ...plan, effect: { ...plan.effect, ...(drain && { drain }) } };
    });
    const plan = makePlan(planned, [], { revision: 'main@sha1:1', createdAt: this.clock.now() });
    const set = [planned.map(({ effect }) => effect.device)];
    const facts = planned.map(
      ({ effect: { device } }) =>
        [
          device,
          {
            verdict: {
              device,
              verdict: 'Pending' as const,
              at: '',
              revision: '',
              differences: [],
              counts: { owned: 2, inSync: 0, unmanaged: 0 },
            },
            mode: 'Approve' as const,
            because: [],
            removals: { owned: 2, removed: [] },
            startupDiffers: false,
            quarantine: undefined,
            problems: [],
          },
        ] as const,
    );
    return gate({ ...plan, sets: set }, new Map(facts), { approved: true }).cleared;
  }

  /** The descriptions that each baseline holds. */
  get known(): readonly string[] {
    return this.targets.map(({ device }) => {
      const texts = Object.values(this.baselines.get(device)?.items ?? {});
      return [...new Set(texts.flatMap((text) => / description (.*)/.exec(text)?.[1] ?? []))].join();
    });
  }

  /** The store loses its plans. */
  losePlans(): void {
    this.#plans.clear();
  }

  /** A process of its own. After `die()` none of its calls ever returns, as it is for a killed one. */
  startProcess(name: string, fateOf: (device: string, request: string) => Fate | 'die' | 'dieAfter'): StageProcess {
    return new StageProcess(this, name, fateOf);
  }

  depsFor(process: StageProcess, alive: ReadonlySet<string>): ApplyDeps {
    const target: Target = { device: '', address: '', hostKeys: [], observe: { user: 'plumb' } };
    return {
      clock: {
        now: this.clock.now,
        monotonicMs: this.clock.monotonicMs,
        sleep: (ms, signal) => process.whileAlive(() => this.clock.sleep(ms, signal)),
      },
      changes: {
        begin: (record) => process.whileAlive(async () => this.#write(record, 0)),
        advance: ({ version }, record) =>
          process.whileAlive(async () => {
            const found = this.records.get(record.token);
            if (String(found?.version) !== version) throw storeErrors.Conflict({ kind: 'ChangeRecord', name: record.token });
            return this.#write(record, Number(version));
          }),
        listOpen: async () =>
          [...this.records.values()]
            .filter(({ record }) => !record.closed && (record.endedAt === undefined || record.state === 'OutcomeUnknown'))
            .map(({ record, version }) => ({ record, version: String(version) })),
      },
      epoch: {
        current: async (found = 0) => (this.#epoch = Math.max(this.#epoch, found, 1)),
        raise: async (found = 0) => (this.#epoch = Math.max(this.#epoch, found) + 1),
      },
      quarantines: {
        put: async (quarantine) => void this.quarantines.set(quarantine.effectDigest, quarantine),
        release: async (digest) => this.quarantines.delete(digest),
      },
      baselines: {
        get: async (device) => this.baselines.get(device),
        replace: (was, baseline) =>
          process.whileAlive(async () => {
            if (this.baselines.get(baseline.device) !== was) return false;
            this.baselines.set(baseline.device, baseline);
            return true;
          }),
      },
      history: { append: async (entry) => void this.history.push(entry) },
      plans: { get: async (id) => this.#plans.get(id), put: async (plan) => void this.#plans.set(plan.id, plan) },
      knows: (device) => !this.released.has(device),
      reach: (device) => {
        const model = this.targets.find((each) => each.device === device);
        if (!model || this.released.has(device) || this.withoutAccount.has(device)) return undefined;
        const reachOne = (one: ModelTarget): Bystander => ({
          device: one.device,
          driver: one.driver((request) => process.fate(one.device, request)),
          target: { ...target, device: one.device },
        });
        // A site is all of its devices: those that change as well.
        const site = this.beside.length > 0 ? [...this.beside, ...this.targets] : [];
        return { ...reachOne(model), expected: [], probes: this.probes, bystanders: site.map(reachOne) };
      },
      reveal: () => undefined,
      owner: process.name,
      isAlive: (owner) => alive.has(owner),
    };
  }

  #write(record: ChangeRecord, version: number): JournalEntry {
    this.records.set(record.token, { record, version: version + 1 });
    return { record, version: String(version + 1) };
  }
}

export class StageProcess {
  readonly name: string;
  readonly #stage: Stage;
  readonly #fateOf: (device: string, request: string) => Fate | 'die' | 'dieAfter';
  readonly #death = Promise.withResolvers<'killed'>();
  #dead = false;

  constructor(stage: Stage, name: string, fateOf: (device: string, request: string) => Fate | 'die' | 'dieAfter') {
    this.#stage = stage;
    this.name = name;
    this.#fateOf = fateOf;
  }

  die(): void {
    this.#dead = true;
    this.#death.resolve('killed');
  }

  async fate(device: string, request: string): Promise<Fate> {
    const fate = await this.whileAlive(async () => this.#fateOf(device, request));
    if (fate === 'die') {
      this.die();
      return forever();
    }
    if (fate === 'dieAfter') this.die(); // the request still reaches the target
    return fate === 'dieAfter' ? 'answered' : fate;
  }

  /** Every await of a process is a place to die. */
  async whileAlive<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#dead) return forever();
    const result = await work();
    return this.#dead ? forever() : result;
  }

  apply(
    options: ApplyOptions = {},
    signal = new AbortController().signal,
    plan = this.#stage.plan,
  ): Promise<readonly SetResult[] | 'killed'> {
    const deps = this.#stage.depsFor(this, new Set([this.name]));
    return Promise.race([applyPlan(deps, plan, signal, () => {}, options), this.#death.promise]);
  }

  recover(): Promise<readonly SetResult[] | 'killed'> {
    const deps = this.#stage.depsFor(this, new Set([this.name]));
    return Promise.race([recover(deps, () => {}), this.#death.promise]);
  }
}

function forever(): Promise<never> {
  return new Promise(() => {});
}

/** What a person adopted: the descriptions as they were, and a line that nobody manages. */
function adopted({ device, config }: ModelTarget): Baseline {
  const dialect = dialectFor('frr');
  const items = Object.fromEntries(listItems(parse(config, dialect, { version: '8.4.4' }), dialect).map(({ key, text }) => [key, text]));
  return { device, platform: 'frr', revision: 'main@sha1:0', items, unmanaged: ['log'], adopted: true };
}
