import { z } from 'zod';

const labelValue = z
  .string()
  .max(63)
  .regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/, { error: 'write a label value: letters, digits, -, _ and ., up to 63' });
const labelKey = z
  .string()
  .max(317)
  .regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/, {
    error: 'write a label key, for example site or example.net/site',
  });

/** Labels by key, as Kubernetes takes them. */
export const Labels = z.record(labelKey, labelValue);
export type Labels = z.infer<typeof Labels>;

export const LabelSelector = z.strictObject({
  matchLabels: Labels.default({}).describe('The device has all of these labels.'),
  matchExpressions: z
    .array(
      z.strictObject({
        key: labelKey.describe('Key of the label.'),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How the label is compared.'),
        values: z.array(labelValue).max(256).default([]).describe('Values for In and NotIn.'),
      }),
    )
    .max(32)
    .default([])
    .describe('Conditions that must all hold.'),
});
export type LabelSelector = z.infer<typeof LabelSelector>;

/** Whether labels fit a selector, as in Kubernetes: every condition must hold, none means all. */
export function selects(selector: LabelSelector, labels: Labels): boolean {
  const labelOf = (key: string): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  return (
    Object.entries(selector.matchLabels).every(([key, value]) => labelOf(key) === value) &&
    selector.matchExpressions.every(({ key, operator, values }) => {
      const value = labelOf(key);
      if (operator === 'Exists') return value !== undefined;
      if (operator === 'DoesNotExist') return value === undefined;
      const isListed = value !== undefined && values.includes(value);
      return operator === 'In' ? isListed : !isListed;
    })
  );
}
