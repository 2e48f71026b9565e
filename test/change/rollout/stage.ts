import type { ChangePlanStatus, ChangeRecord, Plan } from '../../../controller/api/index.ts';
import { type ApplyDeps, type Approval, type ApprovalFacts, groupDigestOf, isPlanEnd, type Way } from '../../../controller/change/index.ts';
import type { StoredObject } from '../../../controller/store/index.ts';
import type { EpochRecord } from '../../../controller/store/records/epoch.ts';
import { type Fate, ModelTarget } from '../model-target.ts';
import { lead } from './leader.ts';
import { ModelStore, type StoreFate } from './model-store.ts';
import { budgets, clear, devices, type ModelPlan, modelPlans } from './network.ts';
import { Promises } from './promises.ts';
import { Schedule } from './schedule.ts';
import { Timeline } from './timeline.ts';

/** What befalls one step of a process. */
export type StepFate = Fate | StoreFate;

/** Rules of the protocol that a test may break, to see that somebody notices. */
export type Rule =
  | 'takes grants'
  | 'asks whether it is approved'
  | 'asks for the epoch before it writes'
  | 'writes what it settled first'
  | 'keeps the plan first'
  | 'finishes what others left';

/** What a leader sees of the network when it looks. */
export interface Look {
  windowOpen: boolean;
  moved: ReadonlySet<string>;
  sick: ReadonlySet<string>;
  dark: ReadonlySet<string>;
  unavailableIn(group: string): readonly string[];
}

/** Everything outside of the processes: the network, the store, people; and the processes, of which one leads. */
export class Stage {
  readonly schedule = new Schedule<StepFate>();
  readonly store = new ModelStore();
  readonly targets: ReadonlyMap<string, ModelTarget>;
  readonly plans: readonly ModelPlan[];
  /** Plans that were kept before they were carried out, and which set each of them is. */
  readonly kept = new Map<string, Plan>();
  readonly ways = new Map<string, { plan: string; set: number; way: Way }>();
  readonly window = new Timeline(true);
  readonly moved = timelines(false);
  readonly sick = timelines(false);
  readonly drained = timelines(false);
  readonly dark = timelines(false);
  /** Of each plan, by what people did and nothing else. */
  readonly approved: ReadonlyMap<string, Timeline<boolean>>;
  readonly orders: ReadonlyMap<string, Timeline<string>>;
  readonly promises: Promises;
  readonly #broken: ReadonlySet<Rule>;
  #leaders: string[] = [];
  #frozen: string[] = [];
  #born = 0;
  #approvals = 0;

  constructor(onFailure: 'Keep' | 'RollBack', broken: readonly Rule[] = []) {
    this.#broken = new Set(broken);
    this.targets = new Map(devices.map((device) => [device, new ModelTarget(device, () => this.schedule.nowMs)]));
    this.plans = modelPlans(onFailure);
    this.approved = new Map(this.plans.map(({ name }) => [name, new Timeline(false)]));
    this.orders = new Map(this.plans.map(({ name }) => [name, new Timeline('')]));
    for (const plan of this.plans) {
      const status: Partial<ChangePlanStatus> = { progress: '.'.repeat(plan.sets.length), phase: 'Proposed' };
      this.store.create({ kind: 'ChangePlan', name: plan.name, spec: {}, status });
      for (const [set, members] of plan.sets.entries()) {
        this.ways.set(clear(members, plan.devices, this.schedule.now()).id, { plan: plan.name, set, way: 'forward' });
      }
    }
    this.promises = new Promises(this);
    this.elect();
  }

  holds(rule: Rule): boolean {
    return !this.#broken.has(rule);
  }

  // Processes

  elect(): void {
    const name = `leader${++this.#born}`;
    this.#leaders.push(name);
    void lead(this, name).catch(() => undefined);
  }

  /** The one that leads dies, and another one follows. */
  die(): void {
    const last = this.#leaders.pop();
    if (last !== undefined) this.schedule.kill(last);
    this.elect();
  }

  /** The one that leads stands still. Without a successor it wakes as the leader that it was. */
  freeze(isReplaced: boolean): void {
    const last = this.#leaders.at(-1);
    if (last === undefined || this.#frozen.includes(last)) return;
    this.schedule.freeze(last);
    this.#frozen.push(last);
    if (isReplaced) this.elect();
  }

  thaw(): void {
    const first = this.#frozen.shift();
    if (first !== undefined) this.schedule.thaw(first);
  }

  // People and the network

  approve(plan: ModelPlan, decision: 'Approve' | 'Reject'): void {
    const effects = [...new Set(plan.sets.flatMap((_, set) => this.effectsOf(plan, set)))];
    const spec = { plan: plan.name, effectDigests: effects, decision, approver: 'ann', groups: [], reason: 'so' };
    this.store.create({ kind: 'ChangeApproval', name: `${plan.name}-${++this.#approvals}`, spec, labels: { plan: plan.name, decision } });
    this.#noteApproval(plan);
  }

  /** All that was said of the plan, or only the rejections, is taken back. */
  withdraw(plan: ModelPlan, what: { decision?: string } = {}): void {
    for (const { name } of this.store.list('ChangeApproval', { plan: plan.name, ...what })) this.store.delete('ChangeApproval', name);
    this.#noteApproval(plan);
  }

  #noteApproval(plan: ModelPlan): void {
    const said = this.store.list('ChangeApproval', { plan: plan.name }).map(({ labels }) => labels['decision']);
    this.approved.get(plan.name)?.set(this.schedule.nowMs, said.includes('Approve') && !said.includes('Reject'));
  }

  order(plan: ModelPlan, order: 'Pause' | 'Continue' | 'Stop'): void {
    if (this.orders.get(plan.name)?.now === 'Stop') return;
    const found = this.store.find('ChangePlan', plan.name) as StoredObject;
    this.store.update({ ...found, annotations: { order } });
    this.orders.get(plan.name)?.set(this.schedule.nowMs, order);
  }

  /** A command on the same store raises the epoch, as it does to take a change over. */
  command(): void {
    const found = this.store.find<EpochRecord, unknown>('Epoch', 'epoch');
    if (found) this.store.update({ ...found, spec: { ...found.spec, value: found.spec.value + 1 } });
  }

  /** Somebody labels the object: what was read of it is of yesterday. */
  touch(plan: ModelPlan): void {
    const found = this.store.find('ChangePlan', plan.name) as StoredObject;
    this.store.update({ ...found, labels: { touched: String(this.schedule.nowMs) } });
  }

  // What processes ask

  async look(process: string): Promise<Look> {
    await this.schedule.pass(process, 'look');
    return this.seen();
  }

  seen(): Look {
    const those = (facts: ReadonlyMap<string, Timeline<boolean>>) => new Set(devices.filter((device) => facts.get(device)?.now));
    const [moved, sick, dark, drained] = [those(this.moved), those(this.sick), those(this.dark), those(this.drained)];
    return {
      windowOpen: this.window.now,
      moved,
      sick,
      dark,
      unavailableIn: (group) =>
        (budgets.find((each) => each.group === group)?.members ?? []).filter((device) => drained.has(device) || dark.has(device)),
    };
  }

  effectsOf(plan: ModelPlan, set: number): readonly string[] {
    const effects = (plan.sets[set] ?? []).flatMap((device) => plan.devices.get(device)?.effect ?? []);
    return [...new Set(effects.map(groupDigestOf))];
  }

  approvalFacts(approvals: readonly StoredObject[], at: Date): ApprovalFacts {
    return {
      approvals: approvals.map(({ name, spec }) => ({ ...(spec as Approval), name, createdAt: '2026-11-20T12:00:00.000Z' })),
      rules: { rules: [{ risk: 'low', count: 1, groups: [], notAuthor: false }], expiresHours: 72, authors: [] },
      authors: undefined,
      at,
      knowsGroups: true,
      wholeRiskOf: () => undefined,
      devicesOf: (name, effectDigest) => {
        const plan = this.plans.find((each) => each.name === name);
        const sets = plan?.sets.filter((_, set) => this.effectsOf(plan, set).includes(effectDigest));
        return sets && new Set(sets.flat());
      },
    };
  }

  depsOf(process: string): Omit<ApplyDeps, 'clock' | 'changes' | 'epoch' | 'owner' | 'isAlive'> {
    return {
      quarantines: { put: async () => {}, release: async () => false },
      history: { append: async () => {} },
      baselines: { get: async () => undefined, replace: async () => true },
      plans: {
        get: async (id) => this.kept.get(id),
        put: async (plan) => void (this.holds('keeps the plan first') && this.kept.set(plan.id, plan)),
      },
      knows: () => true,
      reveal: () => undefined,
      reach: (device) => {
        const target = this.targets.get(device);
        const fateOf = async (request: string) => (await this.schedule.pass(process, `${device} ${request}`)) as Fate;
        return (
          target && {
            driver: target.driver(fateOf),
            target: { device, address: '', hostKeys: [], observe: { user: 'plumb' } },
            expected: [],
          }
        );
      },
    };
  }

  storeFate(fate: StepFate): StoreFate {
    return fate === 'fails' || fate === 'replyLost' ? fate : 'answered';
  }

  // The walk

  /** One step of one process, after which every promise is looked at. False when nobody waits for anything. */
  async turn(pick: number, wanted: StepFate = 'answered'): Promise<boolean> {
    const isDone = await this.schedule.turn(pick, ({ what }) => this.#fateOf(what, wanted));
    this.promises.check();
    return isDone;
  }

  /** A wish that does not suit the step is left. */
  #fateOf(what: string, wanted: StepFate): StepFate {
    const [device = '', request = ''] = what.split(' ');
    if (!this.targets.has(device)) return wanted === 'fails' || wanted === 'replyLost' ? wanted : 'answered';
    if (this.dark.get(device)?.now) return 'notReached';
    if (wanted === 'refusedHalfway' && request !== 'apply' && request !== 'probe') return 'answered';
    return wanted === 'fails' ? 'answered' : wanted;
  }

  /** Nothing is in the way any more. */
  calm(): void {
    const at = this.schedule.nowMs;
    while (this.#frozen.length > 0) this.thaw();
    this.window.set(at, true);
    for (const facts of [this.sick, this.drained, this.dark]) for (const each of facts.values()) each.set(at, false);
    for (const plan of this.plans) {
      this.withdraw(plan, { decision: 'Reject' });
      if (!this.approved.get(plan.name)?.now) this.approve(plan, 'Approve');
      this.order(plan, 'Continue');
    }
    this.elect();
  }

  statusOf(plan: ModelPlan): ChangePlanStatus {
    return this.store.find<unknown, ChangePlanStatus>('ChangePlan', plan.name)?.status as ChangePlanStatus;
  }

  get journal(): readonly ChangeRecord[] {
    return this.store.list<ChangeRecord, unknown>('ChangeRecord').map(({ spec }) => spec);
  }

  get isAtRest(): boolean {
    return (
      this.plans.every((plan) => isPlanEnd(this.statusOf(plan).phase ?? 'Proposed')) &&
      this.journal.every(({ endedAt, state }) => endedAt !== undefined && state !== 'OutcomeUnknown') &&
      this.store.list('Grant').length === 0
    );
  }
}

function timelines(value: boolean): ReadonlyMap<string, Timeline<boolean>> {
  return new Map(devices.map((device) => [device, new Timeline(value)]));
}
