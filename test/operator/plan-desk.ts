import { join } from 'node:path';
import {
  type ChangeApprovalSpec,
  type ChangePlanSpec,
  type ChangePlanStatus,
  type ChangeRecord,
  findCondition,
} from '../../controller/api/index.ts';
import { type Order, printOrder, rolloutAnnotation } from '../../controller/operator/plan/order.ts';
import type { StoredObject } from '../../controller/store/index.ts';
import type { ChangeStep } from '../simulator/guard.ts';
import { nameOf } from '../simulator/identity.ts';
import { type DeskOptions, type OperatorDesk, openOperatorDesk } from './desk.ts';

export type ChangePlan = StoredObject<ChangePlanSpec, ChangePlanStatus>;

/** A desk whose operator may write, with what people do about plans. */
export interface PlanDesk extends OperatorDesk {
  /** Names of the routers. */
  names: readonly string[];
  plans(): Promise<readonly ChangePlan[]>;
  plan(name: string): Promise<ChangePlan>;
  /** Waits for a plan in this phase; of which this holds, when it is given. */
  planIn(phase: string, which?: (plan: ChangePlan) => boolean): Promise<ChangePlan>;
  /** Waits until a change has passed its last question: what people say from now on is for those that come after it. */
  armed(): Promise<unknown>;
  /** Waits until something holds of a plan, and gives it. */
  planWhen(name: string, what: string, holds: (status: ChangePlanStatus) => unknown): Promise<ChangePlan>;
  /** Somebody approves a plan, or what `given` says. Gives the name of the ChangeApproval. */
  say(plan: ChangePlan, given?: Partial<ChangeApprovalSpec>): Promise<string>;
  order(plan: string, ask: Order['ask']): Promise<void>;
  /** A policy of this mode and these steps is in force, and every router was looked at under it. */
  follow(mode: string, rollout?: object): Promise<void>;
  /** What every router does when this moves: one line of a route-map. */
  prefer(from: number, to: number, ...options: string[]): string;
  /** The preference that a router has now. */
  preferenceOf(router: string): Promise<number>;
  preferences(): Promise<readonly number[]>;
  /** Routers in the order in which they were armed, or did another step. */
  routersThat(step: ChangeStep['step']): Promise<string[]>;
  /** Throws when what the routers saw, the journal, the plans and the grants do not agree with each other, or something is still under way. */
  agrees(): Promise<void>;
}

/** Opened for one test, and closed with it: give it what the test was given. */
export async function openPlanDesk(
  { onTestFinished }: { onTestFinished: (end: () => Promise<void>) => void },
  options: DeskOptions = {},
): Promise<PlanDesk> {
  const shape = { mode: 'Approve' as const, speed: 4, patience: 150, ...options };
  const desk = await openOperatorDesk({ ...shape, fleet: { ceiling: 'Enforce', ...options.fleet } });
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  const names = Array.from({ length: options.devices ?? 2 }, (_, i) => nameOf(i));
  const plans = () => desk.store.objects.list<ChangePlanSpec, ChangePlanStatus>('ChangePlan');
  const plan = async (name: string) => {
    const found = await desk.store.objects.get<ChangePlanSpec, ChangePlanStatus>('ChangePlan', name);
    if (!found) throw new Error(`no plan ${name}`);
    return found;
  };
  /** For whoever reads of a plan that did not come: the plans that are, and how the routers stand. */
  const told = (all: readonly ChangePlan[]) =>
    [
      ...all.map(
        ({ name, status }) => `${name} ${status?.phase} ${status?.progress ?? ''}: ${findCondition(status?.conditions, 'Ready')?.message}`,
      ),
      ...desk.operator.world.devices
        .list()
        .map(({ name, status }) => `${name} ${status?.mode}: ${findCondition(status?.conditions, 'Ready')?.message}`),
    ].join('; ');
  const preferenceOf = async (router: string) =>
    Number(/route-map transit-in permit 20\n(?: .*\n)*? set local-preference (\d+)/.exec(await desk.routers.running(router))?.[1]);
  const preferences = () => Promise.all(names.map(preferenceOf));
  // `store` and `operator` are others after a pause: they are asked for, not copied.
  return Object.assign(Object.create(desk) as OperatorDesk, {
    names,
    plans,
    plan,
    planIn: async (phase: string, which: (plan: ChangePlan) => boolean = () => true) => {
      let all: readonly ChangePlan[] = [];
      const found = () => all.find((each) => each.status?.phase === phase && which(each));
      await desk.until(
        `a plan that is ${phase}`,
        async () => (all = await plans()) && found(),
        () => told(all),
      );
      return found() as ChangePlan;
    },
    armed: () =>
      desk.until('a change to be armed', async () => {
        const records = await desk.store.objects.list<ChangeRecord>('ChangeRecord');
        return records.some(({ spec }) => !['Fencing', 'Arming', 'Disarming', 'NothingWritten'].includes(spec.state));
      }),
    planWhen: async (name: string, what: string, holds: (status: ChangePlanStatus) => unknown) => {
      let found: ChangePlan | undefined;
      const look = async () => (found = await plan(name)).status && holds(found.status);
      await desk.until(`${name}: ${what}`, look, () => (found ? told([found]) : ''));
      return found as ChangePlan;
    },
    say: async ({ name, spec: { groups } }: ChangePlan, given: Partial<ChangeApprovalSpec> = {}) => {
      const spec: ChangeApprovalSpec = {
        plan: name,
        effectDigests: groups.map(({ effectDigest }) => effectDigest),
        decision: 'Approve',
        approver: 'mona',
        groups: [],
        ...given,
      };
      const made = await desk.store.objects.create<ChangeApprovalSpec>({ kind: 'ChangeApproval', name: `${name}-${spec.approver}`, spec });
      return made.name;
    },
    order: async (name: string, ask: Order['ask']) => {
      for (;;) {
        const { annotations, ...rest } = await plan(name);
        const text = printOrder({ ask, by: 'mona', at: desk.clock.now().toISOString() });
        try {
          await desk.store.objects.update({ ...rest, annotations: { ...annotations, [rolloutAnnotation]: text } });
          return;
        } catch (error) {
          if ((error as { code?: unknown }).code !== 'Conflict') throw error; // the operator was faster
        }
      }
    },
    follow: async (mode: string, rollout?: object) => {
      const revision = desk.commit({ 'reconcile.yaml': policy(mode, rollout) });
      await desk.until('the policy', () => desk.operator.world.inForce?.revision === revision);
      for (const name of names) await desk.until(`${name} in mode ${mode}`, async () => (await desk.device(name))?.status?.mode === mode);
    },
    prefer: (from: number, to: number, ...more: string[]) =>
      desk.commit({ 'policies.yaml': desk.edited('policies.yaml', `"localPreference": ${from}`, `"localPreference": ${to}`) }, ...more),
    preferenceOf,
    preferences,
    routersThat: async (step: ChangeStep['step']) =>
      (await desk.routers.changes()).filter((each) => each.step === step).map(({ router }) => router),
    agrees: async () => {
      const [steps, all, open, grants] = await Promise.all([
        desk.routers.changes(),
        plans(),
        desk.store.changes.listOpen(),
        desk.store.grants.list(),
      ]);
      const wrong = [
        ...overlaps(steps),
        ...open.map(({ record }) => `${record.token} is still ${record.state}`),
        ...grants.flatMap(({ group, holders }) => holders.map(({ holder }) => `${holder} still holds ${group}`)),
        ...all.filter(({ status }) => /[ab]/.test(status?.progress ?? '')).map(({ name }) => `${name} is still at work`),
      ];
      if (wrong.length > 0) throw new Error(wrong.join('\n'));
    },
  }) as PlanDesk;
}

/** A router on which a change began before the one before it had ended. */
export function overlaps(steps: readonly ChangeStep[]): string[] {
  const open = new Map<string, string>();
  return steps.flatMap(({ router, token, step }) => {
    const other = open.get(router);
    if (step === 'armed') open.set(router, token);
    if (step === 'persisted' || step === 'restored' || step === 'restore-failed') open.delete(router);
    return step === 'armed' && other !== undefined ? [`${router}: ${token} began amid ${other}`] : [];
  });
}

export function policy(mode: string, rollout: object = { bakeSeconds: 0 }): string {
  return JSON.stringify({
    apiVersion: 'plumbline.dev/v1alpha1',
    kind: 'ReconcilePolicy',
    metadata: { name: 'everywhere' },
    spec: { selector: {}, mode, rollout },
  });
}

/** The file of a device in the desired state of simulated routers. */
export function deviceFile(name: string): string {
  return join('sites', `site${String(Math.floor(Number(name.slice(1)) / 20)).padStart(4, '0')}`, `${name}.yaml`);
}
