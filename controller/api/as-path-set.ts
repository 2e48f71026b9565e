import { z } from 'zod';
import { explainExpression } from './as-path-expression.ts';
import { DeviceListName, PolicyAction } from './scalars.ts';
import { EntrySequence, SequenceStep } from './set-numbers.ts';

/** A named set of AS paths, by regular expression. */
export const ASPathSetSpec = z.strictObject({
  nameOnDevice: DeviceListName.optional().describe('Name of the list on routers. Default: the name of the set.'),
  sequenceStep: SequenceStep,
  entries: z
    .array(
      z.strictObject({
        regex: z
          .string()
          .min(1)
          .max(1000)
          .regex(/^[0-9_^$().*+?|[\]\-{}, ]+$/, { error: 'write digits and the signs _ ^ $ . * + ? | ( ) [ ] -, for example ^64496_' })
          .refine((text) => explainExpression(text) === undefined, { error: expressionHint })
          .describe('Regular expression on the AS path as the router prints it; _ stands for a boundary between AS numbers.'),
        action: PolicyAction.default('Permit').describe('Deny: what matches is not in the set, even when a later entry would match.'),
        sequence: EntrySequence.optional(),
      }),
    )
    .max(10_000)
    .describe('Tried in this order: the first that matches decides.'),
  allowEmpty: z.boolean().default(false).describe('True: an empty set is meant. It matches nothing.'),
});
export type ASPathSetSpec = z.infer<typeof ASPathSetSpec>;

function expressionHint({ input }: { input?: unknown }): string {
  return explainExpression(String(input)) ?? '';
}
