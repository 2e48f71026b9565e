import { z } from 'zod';
import type { DeviceHold, DeviceVerdict, ReconcileMode } from '../../api/index.ts';
import type { Hold } from './device-status.ts';
import { readAnnotation } from './read-annotation.ts';

/** People ask on the object by annotation: only the operator writes the rest of it. */
export const holdAnnotation = 'plumbline.dev/hold';
/** A person let the device go that was held for a change of somebody else, or after a rollback. */
export const resumedAnnotation = 'plumbline.dev/resumedAt';
/** Any new value asks for a look now; Flux's key does the same. */
export const requestAnnotations = ['plumbline.dev/requestedAt', 'reconcile.fluxcd.io/requestedAt'] as const;

const HoldRequest = z.object({
  by: z.string().min(1).max(200),
  reason: z.string().min(1).max(1000),
  until: z.iso.datetime().max(40).optional(),
});
type HoldRequest = z.infer<typeof HoldRequest>;

/** The text of a hold, as `plumb hold` writes it. */
export function printHold(request: HoldRequest): string {
  return JSON.stringify(request);
}

/**
 * The hold that is in force. One that cannot be read holds all the same: whoever wrote it meant to stop us. A hold ends at `until`.
 */
export function readHold(annotations: Readonly<Record<string, string>>, now: Date): Hold | undefined {
  const text = annotations[holdAnnotation];
  if (text === undefined || text === '') return undefined;
  const asked = readAnnotation(text, HoldRequest);
  if (!asked) return { by: 'unknown', reason: text.slice(0, 1000), where: 'Object' };
  const { by, reason, until } = asked;
  if (until !== undefined && Date.parse(until) <= now.getTime()) return undefined;
  return { by, reason, ...(until !== undefined && { until }), where: 'Object' };
}

const Resumed = z.object({ by: z.string().min(1).max(200), at: z.iso.datetime().max(40) });

/** The text of `plumb resume`. The chart's admission policy reads it word by word: it takes them in this order, and no other. */
export function printResumed({ by, at }: z.infer<typeof Resumed>): string {
  return JSON.stringify({ by, at });
}

/** When a person last let the device go. A time to come is none yet. */
export function readResumed(annotations: Readonly<Record<string, string>>, now: Date): Date | undefined {
  const asked = readAnnotation(annotations[resumedAnnotation] ?? '', Resumed);
  const at = asked && new Date(asked.at);
  return at && at <= now ? at : undefined;
}

/** A hold file on the device, as its last read told it. It ends when the file is gone. */
export function readDeviceHold(hold: DeviceHold | undefined): Hold | undefined {
  return hold && { by: hold.by.slice(0, 200), reason: hold.reason.slice(0, 1000), where: 'Device' };
}

/**
 * A human's change outranks automation: an enforced device that somebody changed is left alone for a while from when it was first seen, so
 * that whoever is at work there is not fought. Undefined when nobody changed it, that is long ago, or a person let it go
 * since; and where Git moved as well, for that waits for a person anyway.
 */
export function driftHold(
  verdict: DeviceVerdict,
  { mode, holdMs, resumed }: { mode: ReconcileMode; holdMs: number; resumed: Date | undefined },
  now: Date,
): Hold | undefined {
  if (mode !== 'Enforce' || verdict.verdict === 'Unknown' || verdict.verdict === 'Diverged') return undefined;
  // Nothing is written there, so nobody needs to be asked in time.
  if (verdict.upgraded) return undefined;
  const changed = verdict.differences.filter((each) => each.verdict === 'Drifted');
  const seenMs = changed.map(({ since }) => Date.parse(since)).filter((since) => since > (resumed?.getTime() ?? 0));
  const untilMs = Math.max(0, ...seenMs) + holdMs;
  if (seenMs.length === 0 || untilMs <= now.getTime()) return undefined;
  const until = new Date(untilMs).toISOString();
  return {
    by: 'plumbline',
    reason: 'somebody changed the device by hand; it is put right when nobody takes part until then',
    until,
    where: 'Drift',
  };
}

/** The newest request for a look, as it must be echoed, cut where a status takes no more: whoever writes a novel gets its beginning. */
export function readRequest(annotations: Readonly<Record<string, string>>): string | undefined {
  const asked = requestAnnotations.flatMap((key) => annotations[key] ?? []);
  return asked.length === 0 ? undefined : asked.join(' ').slice(0, 200);
}
