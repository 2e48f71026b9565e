import type { ChangePlanSpec, ChangePlanStatus, Plan } from '../../api/index.ts';
import { canonicalJson } from '../../lib/index.ts';
import type { ObjectStore, StoredObject } from '../../store/index.ts';

export type ChangePlanObject = StoredObject<ChangePlanSpec, ChangePlanStatus>;

/** The text that is kept of a plan, by its digest. Holds no secret: a plan has none. */
export function textOfPlan(plan: Plan): string {
  return canonicalJson(plan);
}

/** The full plan of a ChangePlan. Undefined when its text was lost. */
export async function readFullPlan(objects: Pick<ObjectStore, 'getArtifact'>, spec: ChangePlanSpec): Promise<Plan | undefined> {
  const text = await objects.getArtifact(spec.plan);
  return text === undefined ? undefined : (JSON.parse(text) as Plan);
}
