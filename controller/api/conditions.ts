import { z } from 'zod';

/** Letters of a message. */
const longestMessage = 32_768;

/** A condition as Kubernetes has it (metav1.Condition), so that `kubectl wait` and kstatus understand it. */
export const Condition = z.strictObject({
  type: z.string().max(316).describe('Name of the condition.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
  observedGeneration: z.int().min(0).optional().describe('Generation of the spec that it was judged on.'),
  reason: z
    .string()
    .min(1)
    .max(1024)
    .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
    .describe('Why, in one word of a closed list.'),
  message: z.string().max(longestMessage).describe('Why, for people.'),
  lastTransitionTime: z.iso.datetime().meta({ format: 'date-time' }).describe('When the status last changed.'),
});
export type Condition = z.infer<typeof Condition>;

/** What every object with a status reports. `Ready` always stands; `Reconciling` and `Stalled` only while true. */
export const commonStatus = {
  observedGeneration: z.int().min(0).optional().describe('Generation of the spec that the status speaks of.'),
  conditions: z
    .array(Condition)
    .max(16)
    .default([])
    .describe('Ready always; Reconciling and Stalled only while true.')
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] }),
  lastHandledReconcileAt: z.string().max(200).optional().describe('The last plumbline.dev/requestedAt that was served.'),
};

/** A condition without what follows from the object: its time and generation. */
export type ConditionState = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/**
 * The conditions after an observation. One that stays keeps its place and, while its status does not change, its time; one that is
 * not among `states` goes. Ready comes first.
 */
export function setConditions(
  last: readonly Condition[],
  states: readonly ConditionState[],
  { at, generation }: { at: Date; generation: number },
): Condition[] {
  return states.map((state) => {
    const before = last.find(({ type }) => type === state.type);
    const since = before?.status === state.status ? before.lastTransitionTime : at.toISOString();
    return { ...state, message: state.message.slice(0, longestMessage), observedGeneration: generation, lastTransitionTime: since };
  });
}

/** The condition of a type, or undefined. */
export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
