import {
  type FleetApproval,
  type FleetChanges,
  FleetSpec,
  type Grant,
  type NamedWindow,
  type Quarantine,
  type ReconcileMode,
} from '../../api/index.ts';
import { type Approval, stands } from '../../change/index.ts';
import { windowsOf } from '../../desired/index.ts';
import type { Earlier } from '../../pipeline/index.ts';
import type { DesiredFleet } from '../fleet/desired-fleet.ts';
import type { World } from '../world.ts';
import { hearPeople, toApproval, type Voices } from './approvals.ts';
import { type Budgets, budgetsIn } from './budgets.ts';
import { readFullPlan } from './full-plan.ts';
import { findHalts, type Halts } from './halted.ts';
import { plansOf } from './keep-plans.ts';
import { readOrder } from './order.ts';
import { isEnded } from './plan-status.ts';
import { findDrained } from './settle-failed.ts';

/** What one pass knows. */
export interface PlanPass {
  world: World;
  fleet: DesiredFleet;
  voices: Voices;
  halts: Halts;
  windows: readonly NamedWindow[];
  /** Who must be asked. */
  rules: FleetApproval;
  /** What may be done at the same time. */
  limits: FleetChanges;
  /** The highest mode that the Fleet allows at this moment. The modes of `fleet` follow it a look later. */
  ceiling: ReconcileMode;
  quarantineOf: (sentDigest: string) => Quarantine | undefined;
  /** Devices on which a change has not ended that anybody began, with its token. */
  changing: ReadonlyMap<string, string>;
  /** Who had places in budgets when the pass began, by group. */
  grants: ReadonlyMap<string, Grant>;
  budgets: Budgets;
  /** Work on sets ends with this, not with the pass. */
  running: AbortSignal;
  /** Something ended: look again. */
  wake: () => void;
  /** Devices to be looked at now. */
  look: (devices: readonly string[]) => void;
  /** Revisions that devices were last right at. */
  past: Earlier;
}

/** What a pass is given from outside. */
export type PlanCalls = Pick<PlanPass, 'running' | 'wake' | 'look' | 'past'>;

/** What policy, the Fleet and people say at this moment. Undefined while nothing may begin; what runs ends by itself. */
export async function gatherPass(world: World, { running, wake, look, past }: PlanCalls): Promise<PlanPass | undefined> {
  const { corridor, objects } = world.runtime;
  // Plans that people speak of, that go on, or that ended badly: their full text tells which devices that was about.
  const named = new Set(voicesOf(world).map(({ plan }) => plan));
  for (const plan of plansOf(world)) {
    const phase = plan.status?.phase;
    const matters =
      named.has(plan.name) ||
      !isEnded(plan.status) ||
      phase === 'Failed' ||
      phase === 'Stopped' ||
      readOrder(plan.annotations)?.ask === 'Rollback';
    if (!matters || world.fullPlans.has(plan.name)) continue;
    const full = await readFullPlan(objects, plan.spec);
    if (full) world.fullPlans.set(plan.name, full);
  }
  const quarantines = new Map((await corridor.store.quarantines.list()).map((each) => [each.effectDigest, each]));
  world.drained = findDrained(world, plansOf(world), [...quarantines.values()]);
  world.openChanges = (await corridor.store.changes.listOpen()).map(({ record }) => record);
  const changing = new Map(world.openChanges.flatMap(({ devices, token }) => devices.map((device) => [device, token])));
  const grants = new Map((await corridor.store.grants.list()).map((each) => [each.group, each]));
  return passNow({ world, running, wake, look, past, changing, grants, quarantineOf: (effectDigest) => quarantines.get(effectDigest) });
}

/** The same with what the store said before: nothing is waited for. */
export function passNow({
  world,
  running,
  wake,
  look,
  past,
  ...stored
}: PlanCalls & Pick<PlanPass, 'world' | 'changing' | 'grants' | 'quarantineOf'>): PlanPass | undefined {
  const fleet = world.inForce;
  const spec = FleetSpec.safeParse(world.fleets.get(world.fleet)?.spec);
  // Without a spec nobody knows who must be asked, or what is frozen.
  if (!fleet || !spec.success || spec.data.suspend) return undefined;
  const { approval, changes, ceiling } = spec.data;
  const fullOf = (name: string) => world.fullPlans.get(name);
  const halts = findHalts(plansOf(world), fullOf);
  return {
    ...stored,
    world,
    fleet,
    running,
    wake,
    look,
    past,
    budgets: budgetsIn({ world, fleet, limits: changes }),
    halts,
    rules: approval,
    limits: changes,
    ceiling,
    windows: windowsOf(fleet.state, changes.freezes),
    voices: hearPeople(world, approval, fullOf, (effect) => halts.of(effect)?.at),
  };
}

/** Answers of people that are not over. */
function voicesOf({ approvals, fleets, fleet, runtime }: World): readonly Approval[] {
  const rules = FleetSpec.safeParse(fleets.get(fleet)?.spec).data?.approval;
  const at = runtime.corridor.clock.now();
  const all = approvals.list().map(toApproval);
  return rules ? all.filter((each) => stands(each, { rules, at })) : all;
}
