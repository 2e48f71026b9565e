import { z } from 'zod';
import type { DeviceHold } from '../../api/index.ts';
import type { Hold } from './device-status.ts';
import { readAnnotation } from './read-annotation.ts';

/** People ask on the object by annotation: only the operator writes the rest of it. */
export const holdAnnotation = 'plumbline.dev/hold';
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

/** A hold file on the device, as its last read told it. It ends when the file is gone. */
export function readDeviceHold(hold: DeviceHold | undefined): Hold | undefined {
  return hold && { by: hold.by.slice(0, 200), reason: hold.reason.slice(0, 1000), where: 'Device' };
}

/** The newest request for a look, as it must be echoed, cut where a status takes no more: whoever writes a novel gets its beginning. */
export function readRequest(annotations: Readonly<Record<string, string>>): string | undefined {
  const asked = requestAnnotations.flatMap((key) => annotations[key] ?? []);
  return asked.length === 0 ? undefined : asked.join(' ').slice(0, 200);
}
