import type { ChangePlanSpec, ChangePlanStatus, Plan } from '../../api/index.ts';
import { effectDigestOf, idOfPlan } from '../../change/index.ts';
import { canonicalJson, PlumblineError } from '../../lib/index.ts';
import type { ObjectStore, StoredObject } from '../../store/index.ts';

export type ChangePlanObject = StoredObject<ChangePlanSpec, ChangePlanStatus>;

/** The text that is kept of a plan, by its digest. Holds no secret: a plan has none. */
export function textOfPlan(plan: Plan): string {
  return canonicalJson(plan);
}

/** The full plan of a ChangePlan. Undefined when its text was lost, or is not that of the plan that was shown. */
export async function readFullPlan(objects: Pick<ObjectStore, 'getArtifact'>, spec: ChangePlanSpec): Promise<Plan | undefined> {
  const text = await objects.getArtifact(spec.plan).catch((error: unknown) => {
    if (error instanceof PlumblineError && error.code === 'StoreDamaged') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const plan = JSON.parse(text) as Plan;
  const isShown =
    idOfPlan(plan) === spec.planId && plan.devices.every(({ effect, effectDigest }) => effectDigestOf(effect) === effectDigest);
  return isShown ? plan : undefined;
}
