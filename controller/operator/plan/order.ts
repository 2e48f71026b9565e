import { z } from 'zod';
import { readAnnotation } from '../device/read-annotation.ts';

/** People steer a ChangePlan here: only the operator writes the rest of it. */
export const rolloutAnnotation = 'plumbline.dev/rollout';

const Order = z.object({
  ask: z.enum(['Pause', 'Continue', 'Stop', 'Rollback']),
  by: z.string().min(1).max(200),
  reason: z.string().max(1000).optional(),
  at: z.iso.datetime().max(40),
});
/** What a person wants of a rollout. Rollback: it ends, and what it confirmed is taken back by a plan of its own. */
export type Order = z.infer<typeof Order>;

/** The text of an order. The chart's admission policy reads it word by word: it takes them in this order, and no other. */
export function printOrder({ by, ask, at, reason }: Order): string {
  return JSON.stringify({ by, ask, at, ...(reason !== undefined && { reason }) });
}

/** The order in force. One that cannot be read pauses: whoever wrote it meant to take part. */
export function readOrder(annotations: Readonly<Record<string, string>>): Order | undefined {
  const text = annotations[rolloutAnnotation];
  if (text === undefined || text === '') return undefined;
  return readAnnotation(text, Order) ?? { ask: 'Pause', by: 'unknown', reason: text.slice(0, 1000), at: '1970-01-01T00:00:00Z' };
}
