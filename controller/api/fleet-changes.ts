import { z } from 'zod';
import { changeTimes, saysWhen, saysWhenMistake, saysWhenRule } from './change-window.ts';
import { RiskLevel } from './change-plan.ts';
import { LabelSelector } from './labels.ts';
import { Line } from './scalars.ts';

const person = z.string().min(1).max(200);

const ApprovalRule = z.strictObject({
  risk: RiskLevel.default('low').describe('Holds for changes of this risk and above. Every rule that holds must be met.'),
  count: z.int().min(1).max(20).default(1).describe('How many people must approve.'),
  groups: z
    .array(person)
    .max(20)
    .default([])
    .describe('They are members of one of these groups. Default: anybody who may create an approval. Needs a cluster.'),
  notAuthor: z
    .boolean()
    .default(false)
    .describe('The author of the commit does not count, by its verified signature and authors. Not known who it is: the rule is not met.'),
});

/** Who must say yes before a change. */
export const FleetApproval = z.strictObject({
  rules: z
    .array(ApprovalRule)
    .max(20)
    .default([{ risk: 'low', count: 1, groups: [], notAuthor: false }])
    .describe('What it takes. Default: one person.'),
  expiresHours: z.int().min(1).max(8760).default(72).describe('How long an approval holds that says nothing else.'),
  authors: z
    .array(
      z.strictObject({
        signer: person.describe('Principal of the allowed signers, or user id of an OpenPGP key, as the verification of commits says it.'),
        user: person.describe('User name in the cluster.'),
      }),
    )
    .max(1000)
    .default([])
    .describe('Who is who: signers of commits and users.'),
});
export type FleetApproval = z.infer<typeof FleetApproval>;

const Freeze = z
  .strictObject({
    selector: LabelSelector.prefault({}).describe('Devices by label. Default: all.'),
    ...changeTimes,
    description: Line.optional().describe('Why, in one line.'),
  })
  .refine(saysWhen, saysWhenMistake)
  .meta({ 'x-kubernetes-validations': [saysWhenRule] });

const Budget = z.strictObject({
  label: z.string().min(1).max(317).describe('Devices with the same value of this label are one group, for example site.'),
  maxUnavailable: z.int().min(1).max(10_000).describe('Most members that may be unavailable at the same time, for whatever reason.'),
});

/** Limits of what is done at the same time. */
export const FleetChanges = z.strictObject({
  atOnce: z.int().min(1).max(1000).default(20).describe('Sets that change at the same time, over all plans.'),
  budgets: z.array(Budget).max(20).default([]).describe('Beside the redundancyGroups of devices, of which one member may be unavailable.'),
  freezes: z.array(Freeze).max(50).default([]).describe('Times in which no change begins, whatever Git says.'),
  humanHoldSeconds: z
    .int()
    .min(0)
    .max(604_800)
    .default(7200)
    .describe('An enforced device that somebody changed is left alone for so long before it is put right.'),
});
export type FleetChanges = z.infer<typeof FleetChanges>;
