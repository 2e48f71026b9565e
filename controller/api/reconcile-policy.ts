import { z } from 'zod';
import { LabelSelector } from './labels.ts';
import { DrainPolicy, ProbePolicy, RolloutPolicy } from './rollout-policy.ts';
import { Line } from './scalars.ts';

/** From strict to free. */
export const ReconcileMode = z.enum(['Report', 'Approve', 'Enforce']);
export type ReconcileMode = z.infer<typeof ReconcileMode>;

/** The strictest of several modes; Report when there is none. */
export function strictestMode(modes: readonly ReconcileMode[]): ReconcileMode {
  return ReconcileMode.options.find((mode) => modes.includes(mode)) ?? 'Report';
}

/** What Plumbline may do to the devices it selects. Of several policies that match, the strictest wins. */
export const ReconcilePolicySpec = z.strictObject({
  selector: LabelSelector.describe('Devices by label. An empty selector takes all.'),
  mode: ReconcileMode.describe(
    'Report: say what differs, write nothing. Approve: write what a person approved. Enforce: write on its own, where the Fleet allows it.',
  ),
  rollout: RolloutPolicy.optional().describe(
    'Steps in which a change goes over the network. Of several, the most careful value of each field counts.',
  ),
  drain: DrainPolicy.optional().describe('Lead traffic away before a change that resets sessions. Of several, the wider scope counts.'),
  probes: ProbePolicy.optional().describe(
    'What must hold after a change, beside management and the sessions. Those of all policies count.',
  ),
  withoutDeadMan: z
    .enum(['Refuse', 'Accept'])
    .optional()
    .describe(
      'Accept: devices are changed on which nothing takes an unconfirmed change back by itself, for example a DHCP server that is reached over HTTP alone. Default: Refuse. Of several policies Refuse wins.',
    ),
  description: Line.optional().describe('Why, in one line.'),
});
export type ReconcilePolicySpec = z.infer<typeof ReconcilePolicySpec>;
