import { z } from 'zod';
import { PolicyAction } from './scalars.ts';

/** A named set of AS paths, by regular expression. */
export const ASPathSetSpec = z.strictObject({
  entries: z
    .array(
      z.strictObject({
        regex: z
          .string()
          .min(1)
          .max(1000)
          .regex(/^[0-9_^$().*+?|[\]\-{}, ]+$/, { error: 'write digits and the signs _ ^ $ . * + ? | ( ) [ ] -, for example ^64496_' })
          .refine(isExpression, { error: 'close every bracket and put something before * + and ?' })
          .describe('Regular expression on the AS path as the router prints it; _ stands for a boundary between AS numbers.'),
        action: PolicyAction.default('Permit').describe('Deny: what matches is not in the set, even when a later entry would match.'),
      }),
    )
    .max(10_000)
    .describe('Tried in this order: the first that matches decides.'),
  allowEmpty: z.boolean().default(false).describe('True: an empty set is meant. It matches nothing.'),
});
export type ASPathSetSpec = z.infer<typeof ASPathSetSpec>;

/** Routers take POSIX expressions; what JavaScript cannot read either has an open bracket or a sign without operand. */
function isExpression(text: string): boolean {
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
}
