import {
  type ChangeApprovalSpec,
  type ChangePlanSpec,
  type ChangePlanStatus,
  findCondition,
  type FleetApproval,
  fleetInCharge,
  FleetSpec,
  type Plan,
} from '../api/index.ts';
import { isPlanEnd, judgeApproval } from '../change/index.ts';
import { nearest, systemClock } from '../lib/index.ts';
import { printable } from '../report/index.ts';
import type { StoredObject } from '../store/index.ts';
import { errors } from './errors.ts';
import { type Published, readIfAllowed } from './published.ts';

export type PlanObject = StoredObject<ChangePlanSpec, ChangePlanStatus>;

/** A plan by name, open or ended; an error that says what to name instead. */
export async function findPlan({ store, where }: Published, name: string): Promise<PlanObject> {
  const plan = await store.objects.get<ChangePlanSpec, ChangePlanStatus>('ChangePlan', name);
  if (plan) return plan;
  const plans = await store.objects.list<ChangePlanSpec, ChangePlanStatus>('ChangePlan');
  const near = nearest(
    name,
    plans.map((each) => each.name),
  );
  const names = near === undefined ? plans.filter((each) => !hasEnded(each)).map((each) => each.name) : [near];
  throw errors.PlanUnknown({ plan: name, where, names: listNames(names) });
}

/** A plan that can be answered or steered; an error that says what to name instead. */
export async function findOpenPlan(published: Published, name: string): Promise<PlanObject> {
  const plan = await findPlan(published, name);
  if (!hasEnded(plan)) return plan;
  throw await planEnded(published, plan);
}

/** That a plan has ended, why, and what took its place. */
export async function planEnded({ store }: Published, { name, createdAt, spec, status }: PlanObject): Promise<Error> {
  const plans = await store.objects.list<ChangePlanSpec, ChangePlanStatus>('ChangePlan');
  const later = plans.filter((each) => !hasEnded(each) && each.createdAt >= createdAt && each.spec.mode === spec.mode);
  const { phase = '', conditions = [] } = status ?? {};
  const why = findCondition(conditions, 'Ready')?.message ?? '';
  return errors.PlanEnded({ plan: name, phase, why: printable(why), names: listNames(later.map((each) => each.name)) });
}

/** True for a plan that nobody works on any more. */
export function hasEnded({ status }: Pick<PlanObject, 'status'>): boolean {
  return isPlanEnd(status?.phase ?? 'Proposed');
}

/** True for a plan that waits for an approval: also one that has begun, when the rest of it was not approved. */
export function asksPeople({ status }: Pick<PlanObject, 'status'>): boolean {
  return (status?.phase ?? 'Proposed') === 'Proposed' || findCondition(status?.conditions, 'Ready')?.reason === 'ApprovalRequired';
}

/** The first names, and how many more. */
export function listNames(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}

/** Every command of a plan; or why there are none: whoever asks may not read the artifacts of a cluster, or the text is gone. */
export async function readWholePlan({ store }: Published, spec: ChangePlanSpec): Promise<Plan | 'Forbidden' | 'Gone'> {
  const text = await readIfAllowed(store.objects.getArtifact(spec.plan).then((found) => found ?? 'Gone'));
  if (text === undefined) return 'Forbidden';
  return text === 'Gone' ? text : (JSON.parse(text) as Plan);
}

/** The rules of the Fleet, where they may be read and can be used. */
export async function rulesOf({ store }: Published): Promise<FleetApproval | undefined> {
  const fleet = fleetInCharge((await readIfAllowed(store.objects.list<FleetSpec>('Fleet'))) ?? []);
  return FleetSpec.safeParse(fleet?.spec).data?.approval;
}

/** What the rules of the Fleet still ask for, as far as can be seen from here. */
export async function stillMissing(
  { store, cluster }: Published,
  { name, spec }: PlanObject,
  groups: readonly ChangePlanSpec['groups'][number][],
  rules: FleetApproval,
): Promise<readonly string[]> {
  const said = await readIfAllowed(store.objects.list<ChangeApprovalSpec>('ChangeApproval'));
  if (!said) return [];
  const approvals = said.map((each) => ({ ...each.spec, name: each.name, createdAt: each.createdAt }));
  // Of its devices the object shows the first: the plan stands for all of them.
  const devicesOf = (plan: string) => (plan === name ? new Set([name]) : undefined);
  const wholeRiskOf = () => spec.wholeRisk?.risk;
  const at = systemClock.now();
  const lines = groups.flatMap(({ effectDigest, risk }) => {
    const facts = { approvals, rules, authors: spec.authors, at, knowsGroups: cluster !== undefined, devicesOf, wholeRiskOf };
    const { waitsFor } = judgeApproval({ effectDigest, devices: [name], risk, wholeRisk: spec.wholeRisk?.risk }, facts);
    return waitsFor === undefined ? [] : [printable(waitsFor)];
  });
  return [...new Set(lines)];
}

/** `running, wave 1 of 2, 3 of 10 sets`. */
export function describeProgress({ spec, status }: Pick<PlanObject, 'spec' | 'status'>): string {
  const { phase = 'Proposed', wave = 0, waves = [], progress = '' } = status ?? {};
  if (!/[^.]/.test(progress)) return phase.toLowerCase();
  const done = progress.split('c').length - 1;
  const at = wave === 0 ? 'canary' : `wave ${wave} of ${waves.length - 1}`;
  return `${phase.toLowerCase()}, ${at}, ${done} of ${spec.sets === 1 ? '1 set' : `${spec.sets} sets`}`;
}
