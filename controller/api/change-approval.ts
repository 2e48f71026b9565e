import { z } from 'zod';
import { commonStatus } from './conditions.ts';
import { Name } from './scalars.ts';

/**
 * What a person says to a ChangePlan. It cannot be edited; who approves is who the API server says they are, which the admission policy
 * of the chart holds it to. It counts while the plan that it names has these effects for these devices, and for later plans with the same.
 */
export const ChangeApprovalSpec = z
  .strictObject({
    plan: Name.describe('The ChangePlan that was looked at.'),
    effectDigests: z
      .array(z.string().regex(/^sha256:[0-9a-f]{64}$/, { error: 'write it as the ChangePlan shows it, sha256: and 64 hex digits' }))
      .min(1)
      .max(1000)
      .describe('The effects that this speaks of, one for each group.'),
    decision: z.enum(['Approve', 'Reject']).describe('Reject: none of these effects is carried out for these devices.'),
    approver: z.string().min(1).max(200).describe('User name, as the API server knows it.'),
    groups: z.array(z.string().max(200)).max(200).default([]).describe('Groups of the user that this counts for.'),
    override: z
      .strictObject({ windows: z.literal(true).describe('Begin outside of change windows, and in a freeze.') })
      .optional()
      .describe('For an emergency. The reason is required then.'),
    reason: z.string().min(1).max(1000).optional().describe('Why.'),
    expires: z.iso
      .datetime()
      .max(40)
      .meta({ format: 'date-time' })
      .optional()
      .describe('Until when. Default: as the Fleet says, from its creation.'),
  })
  .refine(({ override, reason }) => override === undefined || reason !== undefined, {
    error: 'has no reason; an override says why it is needed',
    path: ['reason'],
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: 'self == oldSelf', message: 'an approval cannot be edited; delete it and approve again' },
      { rule: '!has(self.override) || has(self.reason)', message: 'an override says why it is needed: write reason' },
    ],
  });
export type ChangeApprovalSpec = z.infer<typeof ChangeApprovalSpec>;

export const ChangeApprovalStatus = z.strictObject(commonStatus);
export type ChangeApprovalStatus = z.infer<typeof ChangeApprovalStatus>;
