import { z } from 'zod';
import { commonStatus } from './conditions.ts';
import { ReconcileMode } from './reconcile-policy.ts';
import { Name } from './scalars.ts';

/** Commands, sessions and devices shown in the object; the rest stands in the full plan, by digest. */
export const shownOfGroup = 20;

const digest = z.string().max(80);
const line = z.string().max(500);
export const RiskLevel = z.enum(['low', 'medium', 'high']);

/** From low on, to compare risks. */
export function weightOf(risk: z.infer<typeof RiskLevel>): number {
  return RiskLevel.options.indexOf(risk);
}

/** The higher of two risks. */
export function heavier(a: z.infer<typeof RiskLevel>, b: z.infer<typeof RiskLevel> = 'low'): z.infer<typeof RiskLevel> {
  return weightOf(b) > weightOf(a) ? b : a;
}

const PlanGroup = z.strictObject({
  effectDigest: digest.describe('What is approved: digest of all that these devices share of the change.'),
  devices: z.int().min(1).describe('How many devices get this change.'),
  examples: z.array(z.string().max(63)).max(shownOfGroup).describe('The first of them.'),
  risk: RiskLevel.describe('By stated rules.'),
  riskReasons: z.array(line).max(shownOfGroup).default([]).describe('Each rule that raised the risk.'),
  commands: z.array(line).max(shownOfGroup).describe('The first commands, secrets as keyed versions.'),
  total: z.int().min(1).describe('How many commands there are.'),
  resets: z.array(line).max(shownOfGroup).default([]).describe('Sessions that go down for it.'),
});

/** A change that Plumbline proposes, and what became of it. Made and written by the operator alone; the spec never changes. */
export const ChangePlanSpec = z
  .strictObject({
    planId: Name.describe('Digest of what is done: the same change planned again has the same one.'),
    plan: digest.describe('Digest of the full plan in the artifact store: every command, the way back, the proof.'),
    mode: ReconcileMode.describe('Approve: waits for people. Enforce: begins when it may.'),
    cause: z
      .enum(['Desired', 'Drift', 'Rollback', 'Person'])
      .describe('Desired: Git moved. Drift: the device did. Rollback and Person: somebody asked.'),
    revision: z
      .string()
      .max(200)
      .describe('Revision that it was computed from. An approval holds beyond it, while the effect is the same.'),
    authors: z
      .array(z.string().max(200))
      .max(1000)
      .optional()
      .describe('Users who wrote the commits, by their verified signatures and the Fleet. Absent: not known.'),
    asked: z
      .strictObject({
        by: z.string().max(200).describe('Who asked for it.'),
        reason: z.string().max(1000).describe('Why.'),
        of: Name.optional().describe('The ChangePlan that it takes back.'),
      })
      .optional()
      .describe('Set when a person asked: plumb rollback, plumb apply.'),
    devices: z.int().min(1).describe('How many devices change.'),
    sets: z.int().min(1).describe('How many units they change in.'),
    risk: RiskLevel.describe('The highest of its groups, and of the plan as a whole.'),
    wholeRisk: z
      .strictObject({
        risk: RiskLevel.describe('Counts for the approval of every device.'),
        riskReasons: z.array(line).max(shownOfGroup).describe('Each rule that raised it.'),
      })
      .optional()
      .describe('What the plan risks as a whole: how many devices, and how much redundancy is left. As it was when the plan was made.'),
    groups: z.array(PlanGroup).min(1).max(100).describe('Devices with the very same change, each group approved once; the first hundred.'),
    groupCount: z.int().min(1).describe('How many groups there are.'),
  })
  .meta({ 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'a plan never changes; another change is another plan' }] });
export type ChangePlanSpec = z.infer<typeof ChangePlanSpec>;

/** Where a ChangePlan stands. The last five are ends. */
export const PlanPhase = z.enum(['Proposed', 'Waiting', 'Running', 'Paused', 'Succeeded', 'Failed', 'Stopped', 'Rejected', 'Superseded']);
export type PlanPhase = z.infer<typeof PlanPhase>;

/**
 * Where one set of a plan stands: `.` waits, `a` at work (its change may have begun), `c` confirmed, `r` rolled back, `n` nothing written,
 * `p` partially applied, `i` rollback incomplete, `u` outcome unknown; `s` confirmed, and not healthy while its wave was watched; `b` being
 * taken back after a failure (that may have begun), `t` taken back, `k` was to be taken back and is not.
 */
export type SetLetter = '.' | 'a' | 'c' | 'r' | 'n' | 'p' | 'i' | 'u' | 's' | 'b' | 't' | 'k';

export const ChangePlanStatus = z.strictObject({
  ...commonStatus,
  phase: PlanPhase.optional().describe(
    'Proposed: waits for approval. Waiting: approved, waits for a window, a budget or a hold. Running, Paused. The others are ends.',
  ),
  progress: z
    .string()
    .max(100_000)
    .regex(/^[.acrnpiusbtk]*$/)
    .optional()
    .describe(
      'One letter for each set in the order of the full plan: . waits, a at work, c confirmed, r rolled back, others as the page says.',
    ),
  wave: z.int().min(0).optional().describe('Wave at work: 0 is the canary.'),
  waves: z.array(z.int().min(0)).max(16).default([]).describe('Sets of each wave, the canary first.'),
  layout: z
    .string()
    .max(100_000)
    .regex(/^[0-9a-f]*$/)
    .optional()
    .describe('Wave of each set, one hexadecimal digit for each, in the order of progress.'),
  bakedUntil: z.string().max(40).optional().describe('The next wave begins no sooner, ISO 8601.'),
  confirmed: z.int().min(0).optional().describe('Devices that were changed, read back and probed.'),
  failed: z.array(z.string().max(63)).max(50).default([]).describe('Devices that were not.'),
  approvedBy: z.array(z.string().max(200)).max(20).default([]).describe('Who approved.'),
  asked: z
    .strictObject({
      what: z.enum(['Pause', 'Continue', 'Stop', 'Rollback']).describe('What.'),
      by: z.string().max(200).describe('Who.'),
      reason: z.string().max(1000).optional().describe('Why.'),
      at: z.string().max(40).describe('When, ISO 8601.'),
    })
    .optional()
    .describe('The last order that a person gave.'),
  since: z.string().max(40).optional().describe('Since when it stands where it stands: in this phase, for this reason, so far, ISO 8601.'),
  startedAt: z.string().max(40).optional().describe('When the first set began, ISO 8601.'),
  settledAt: z
    .string()
    .max(40)
    .optional()
    .describe('Of a plan that failed: when its devices had been put right, or a newer plan took them over, ISO 8601.'),
  endedAt: z.string().max(40).optional().describe('When it ended, ISO 8601.'),
});
export type ChangePlanStatus = z.infer<typeof ChangePlanStatus>;
