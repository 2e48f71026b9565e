import type { NamedWindow } from '../../api/index.ts';
import { isTimeZone, nextBegin, parseCron } from '../../lib/index.ts';

/** A time in which a window is open all along, or closed all along. */
export interface Span {
  /** Milliseconds since 1970, from which this was seen. The span may have begun earlier. */
  fromMs: number;
  /** Not included. Infinity: for ever. */
  untilMs: number;
  /** Allow: changes may begin. Freeze: none may. */
  isOpen: boolean;
  /** False: nobody looked farther than `untilMs`, it may go on. */
  isWhole: boolean;
}

/** Runs that follow each other without a pause: more of them are not looked at. */
const mostRuns = 1000;

/** Spans kept for each schedule or list of intervals: a fleet asks for the same few again and again. */
const mostKept = 32;

const kept = new WeakMap<object, Span[]>();

/** The span that holds this moment. A schedule that cannot be read (no check let it pass) is never open, or freezes for ever. */
export function spanAt({ effect, schedule, intervals }: NamedWindow, atMs: number): Span {
  const known = kept.get(schedule ?? intervals) ?? [];
  const found = known.find(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs);
  if (found) return found;
  const span = schedule ? scheduledSpan(schedule, atMs) : statedSpan(intervals, atMs);
  if (!span) return { fromMs: atMs, untilMs: Infinity, isOpen: effect === 'Freeze', isWhole: true };
  kept.set(schedule ?? intervals, [span, ...known].slice(0, mostKept));
  return span;
}

function statedSpan(intervals: NamedWindow['intervals'], fromMs: number): Span {
  const times = intervals.map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) })).sort((a, b) => a.from - b.from);
  let untilMs = fromMs;
  for (const { from, to } of times) if (from <= untilMs) untilMs = Math.max(untilMs, to);
  if (untilMs > fromMs) return { fromMs, untilMs, isOpen: true, isWhole: true };
  const next = times.find(({ from }) => from > fromMs);
  return { fromMs, untilMs: next?.from ?? Infinity, isOpen: false, isWhole: true };
}

function scheduledSpan(schedule: NonNullable<NamedWindow['schedule']>, fromMs: number): Span | undefined {
  const cron = parseCron(schedule.cron);
  if ('mistake' in cron || !isTimeZone(schedule.timeZone)) return undefined;
  const lastsMs = schedule.durationMinutes * 60_000;
  const beginAfter = (ms: number): number => nextBegin(cron, schedule.timeZone, ms) ?? Infinity;

  // A run that began no longer ago than it lasts is not over.
  let begin = beginAfter(fromMs - lastsMs);
  if (begin > fromMs) return { fromMs, untilMs: begin, isOpen: false, isWhole: true };
  let untilMs = begin + lastsMs;
  for (let runs = 1; runs < mostRuns; runs++) {
    begin = beginAfter(begin);
    if (begin > untilMs) return { fromMs, untilMs, isOpen: true, isWhole: true };
    untilMs = begin + lastsMs;
  }
  return { fromMs, untilMs, isOpen: true, isWhole: false };
}
