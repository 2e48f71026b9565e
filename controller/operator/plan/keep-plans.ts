import { isDeepStrictEqual } from 'node:util';
import type { ChangePlanSpec, ChangePlanStatus, Plan, WholeRisk } from '../../api/index.ts';
import { sha256 } from '../../lib/index.ts';
import { fleetLabel, regionOf, type World } from '../world.ts';
import { removeObject } from '../write-object.ts';
import { describePlan, type PlanOrigin } from './describe-plan.ts';
import { type ChangePlanObject, textOfPlan } from './full-plan.ts';
import { describePlanStatus, isBegun, isEnded, type PlanFacts } from './plan-status.ts';
import { writePlan } from './write-plan.ts';

/** Plans that ended and are kept, with their full text; the oldest go first. */
const keptPlans = 200;
/** Of these, how many that failed or were stopped outlive the others. */
const keptHalts = 100;

/** On a plan of a region: a short name of it, for a label takes no selector. */
const regionLabel = 'plumbline.dev/region';

function labelsOf({ fleet, selector }: World): Record<string, string> {
  const region = regionOf(selector);
  return { [fleetLabel]: fleet, ...(region !== '' && { [regionLabel]: sha256(region).slice(0, 16) }) };
}

/** What is known of a plan beside the plan, and how to judge it as a whole: only of one that is published. */
type Origin = Omit<PlanOrigin, 'artifact'> & { judgeWhole: (plan: Plan) => WholeRisk | undefined };

/** The plans of the Fleet in charge, for the devices of this operator. */
export function plansOf(world: World): readonly ChangePlanObject[] {
  const wanted = labelsOf(world);
  return world.plans.list().filter(({ labels }) => [fleetLabel, regionLabel].every((key) => labels[key] === wanted[key]));
}

/**
 * Makes the open plan of a mode what was drafted: the same one stays, another effect takes its place, and what nothing is left of goes.
 * A plan that has begun is none of these.
 */
export async function keepPlan(world: World, draft: Plan, origin: Origin): Promise<void> {
  const open = plansOf(world).filter(
    ({ spec, status }) => spec.mode === origin.mode && !spec.asked && !isEnded(status) && !isBegun(status),
  );
  const isWanted = draft.devices.length > 0;
  // The same effects in other sets are another plan: what must change together is not what it was.
  const isSame = ({ name, spec }: ChangePlanObject) =>
    spec.planId === draft.id && isDeepStrictEqual(world.fullPlans.get(name)?.sets ?? draft.sets, draft.sets);
  const same = isWanted ? open.find(isSame) : undefined;
  const successor = same ?? (isWanted ? await propose(world, draft, origin) : undefined);
  for (const old of open) if (old.name !== successor?.name) await supersede(world, old, successor?.name);
}

/** Publishes a plan. Its text is there before an object names it. */
export async function propose(world: World, effects: Plan, { judgeWhole, ...origin }: Origin): Promise<ChangePlanObject> {
  const { objects, notify, log } = world.runtime;
  const wholeRisk = judgeWhole(effects);
  const plan = { ...effects, ...(wholeRisk && { wholeRisk }) };
  const artifact = await objects.putArtifact(textOfPlan(plan));
  const spec = describePlan(plan, { ...origin, artifact });
  const made = await objects.create<ChangePlanSpec, ChangePlanStatus>({
    kind: 'ChangePlan',
    name: freeName(plan.id, new Set(world.plans.list().map(({ name }) => name))),
    labels: labelsOf(world),
    spec,
  });
  world.fullPlans.set(made.name, plan);
  const object = world.plans.wrote(made);
  const { devices, risk, groupCount } = spec;
  const message = `${made.name}: ${devices} ${devices === 1 ? 'device' : 'devices'}, ${groupCount} distinct ${groupCount === 1 ? 'change' : 'changes'}, risk ${risk}`;
  log.info({ plan: made.name, devices, risk, mode: spec.mode }, 'Plan made');
  notify({ kind: 'ChangePlan', name: made.name, uid: made.uid, type: 'Normal', reason: 'Planned', message });
  await prune(world);
  return object;
}

/** The same effects may be planned again after an earlier plan of them ended. */
function freeName(id: string, taken: ReadonlySet<string>): string {
  let name = id;
  for (let k = 2; taken.has(name); k++) name = `${id}-${k}`;
  return name;
}

async function supersede(world: World, object: ChangePlanObject, successor: string | undefined): Promise<void> {
  const message = successor === undefined ? 'nothing is left of it to do' : `${successor} takes its place: what would be done moved`;
  await closePlan(world, object, { phase: 'Superseded', reason: 'Superseded', message });
}

/**
 * Ends a plan of which nobody can say any more what people were shown: its text was lost, or is another one. What has not begun is planned
 * anew; of what has begun, the history tells.
 */
export async function endLost(world: World, object: ChangePlanObject): Promise<void> {
  const { status } = object;
  const lost = 'its full text was lost, or is not what was shown';
  const message = isBegun(status)
    ? `${lost}: nothing further begins. What became of each device: plumb history DEVICE`
    : `${lost}: it is planned anew`;
  await closePlan(world, object, { phase: isBegun(status) ? 'Failed' : 'Superseded', reason: 'StoreDamaged', message });
}

/** Ends the plans of a Fleet that was deleted: nobody leads them any more. A set that is at work ends as each does. */
export async function endPlansOf(world: World, fleet: string): Promise<void> {
  const message = `Fleet ${fleet} was deleted: nothing further begins, and what was confirmed stays`;
  for (const plan of plansOf({ ...world, fleet })) {
    if (isEnded(plan.status)) continue;
    const end = isBegun(plan.status) ? 'Stopped' : 'Superseded';
    await closePlan(world, plan, { phase: end, reason: end, message });
  }
}

/** Unless somebody was faster: then the next pass sees what it is by now. */
async function closePlan(world: World, object: ChangePlanObject, end: Pick<PlanFacts, 'phase' | 'reason' | 'message'>): Promise<void> {
  const { status, generation } = object;
  const closed = describePlanStatus({
    last: status,
    generation,
    at: world.runtime.corridor.clock.now(),
    plan: { id: '', createdAt: '', revision: '', sets: [], devices: [] },
    ...end,
    progress: status?.progress ?? '',
    waveOf: [],
    wave: undefined,
    bakedUntil: undefined,
    approvedBy: status?.approvedBy ?? [],
    order: undefined,
  });
  if (await writePlan(world, object, closed)) world.fullPlans.delete(object.name);
}

async function prune(world: World): Promise<void> {
  const ended = plansOf(world).filter(({ status }) => isEnded(status));
  const oldestFirst = ended.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  // Those that failed or were stopped still say what must not begin by itself.
  const halts = new Set(oldestFirst.filter(({ status }) => status?.phase === 'Failed' || status?.phase === 'Stopped').slice(-keptHalts));
  const spare = [...oldestFirst.filter((plan) => !halts.has(plan)), ...halts];
  const oldest = spare.slice(0, Math.max(0, ended.length - keptPlans));
  for (const { name, spec } of oldest) {
    await removeObject(world.runtime.objects, world.plans, 'ChangePlan', name);
    const isShared = world.plans.list().some((each) => each.spec.plan === spec.plan);
    if (!isShared) await world.runtime.objects.deleteArtifact(spec.plan);
    world.fullPlans.delete(name);
  }
}
