import { z } from 'zod';
import { isTimeZone, nearest, parseCron } from '../lib/index.ts';
import type { Source } from './config-records.ts';
import { LabelSelector } from './labels.ts';
import { Line } from './scalars.ts';

const Instant = z.iso
  .datetime({ offset: true, error: 'write a time with its offset, for example 2030-01-02T22:00:00Z or 2030-01-02T23:00:00+01:00' })
  .max(40)
  .meta({ format: undefined });

const Interval = z
  .strictObject({ from: Instant.describe('Begin.'), to: Instant.describe('End, not included.') })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), { error: 'ends before it begins; write a later time', path: ['to'] });

const Schedule = z.strictObject({
  cron: z
    .string()
    .min(9)
    .max(100)
    .superRefine((text, context) => {
      const cron = parseCron(text);
      if ('mistake' in cron) context.addIssue({ code: 'custom', message: cron.mistake });
    })
    .describe('When it begins, as minute, hour, day of month, month and day of week, for example 0 22 * * 1-5.'),
  timeZone: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[A-Za-z][A-Za-z0-9_+/-]*$/, { error: 'write a name of the IANA time zone database, for example Europe/Berlin or UTC' })
    .superRefine((name, context) => {
      if (!isTimeZone(name)) context.addIssue({ code: 'custom', message: timeZoneHint(name) });
    })
    .describe('Time zone of the expression, by its IANA name. A begin that daylight saving skips is at the next moment that exists.'),
  durationMinutes: z.int().min(1).max(10_080).describe('How long it lasts, in minutes that pass: daylight saving does not change it.'),
});

function timeZoneHint(name: string): string {
  const known = Intl.supportedValuesOf('timeZone');
  const city = `/${name.split('/').at(-1)?.toLowerCase()}`;
  const meant = known.find((each) => each.toLowerCase().endsWith(city)) ?? nearest(name, known) ?? 'Europe/Berlin';
  return `is not in the IANA time zone database; write a name of it, for example ${meant}`;
}

/** When: stated intervals, or again and again. */
export const changeTimes = {
  intervals: z.array(Interval).max(200).default([]).describe('Stated times. Either these or schedule.'),
  schedule: Schedule.optional().describe('Again and again.'),
} as const;

/** One of the two, and not neither. */
export function saysWhen({ intervals, schedule }: { intervals: readonly unknown[]; schedule?: unknown }): boolean {
  return intervals.length > 0 !== (schedule !== undefined);
}

export const saysWhenMistake = { error: 'it says no time, or says it in two ways; write intervals or schedule' };

export const saysWhenRule = {
  rule: '(has(self.intervals) && self.intervals.size() > 0) != has(self.schedule)',
  message: 'write intervals or schedule',
};

/**
 * When devices may be changed. A device that no Allow window selects may be changed at any time; of those that do, one must be open. A
 * Freeze that is in force wins over all of them.
 */
export const ChangeWindowSpec = z
  .strictObject({
    selector: LabelSelector.describe('Devices by label. An empty selector takes all.'),
    effect: z
      .enum(['Allow', 'Freeze'])
      .describe('Allow: changes begin only while it is open. Freeze: no change begins while it is in force.'),
    ...changeTimes,
    description: Line.optional().describe('Why, in one line.'),
  })
  .refine(saysWhen, saysWhenMistake)
  .meta({ 'x-kubernetes-validations': [saysWhenRule] });
export type ChangeWindowSpec = z.infer<typeof ChangeWindowSpec>;

/** A ChangeWindow of Git or a freeze of the Fleet, for judging when a device may be changed. */
export interface NamedWindow extends Pick<ChangeWindowSpec, 'effect' | 'selector' | 'intervals' | 'schedule'> {
  /** As people know it: `ChangeWindow/nights-in-frankfurt`, `freeze 1 of the Fleet`. */
  name: string;
  /** Where it is written; the Fleet's are in the cluster. */
  source?: Source;
}
