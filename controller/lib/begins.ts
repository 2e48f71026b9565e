import type { Cron } from './cron.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** No expression skips more years than these: 29 February on a given day of the week may miss 40. */
const farthestDays = 41 * 366;

/** A clock on the wall, as milliseconds since 1970 had it stood in UTC. Arithmetic on it knows no daylight saving. */
type WallMs = number;

/**
 * The first begin after `afterMs`, both in milliseconds since 1970. A time that daylight saving skips begins at the next moment that
 * exists; one that it repeats begins once, the first time. Undefined: never again. `timeZone` must be known (`isTimeZone`).
 */
export function nextBegin(cron: Cron, timeZone: string, afterMs: number): number | undefined {
  // What the clock has shown by now has begun by now, so that the search goes on from there.
  let wall: WallMs | undefined = wallOf(afterMs, timeZone);
  while ((wall = nextWall(cron, wall)) !== undefined) {
    const begin = instantOf(wall, timeZone);
    // Not so in an hour that is repeated: it began in the first one.
    if (begin > afterMs) return begin;
  }
  return undefined;
}

/** Whether this machine's time zone database has it. */
export function isTimeZone(name: string): boolean {
  try {
    return Boolean(Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name));
  } catch {
    return false;
  }
}

function wallOf(ms: number, timeZone: string): WallMs {
  return ms + Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone).offsetNanoseconds / 1e6;
}

function instantOf(wall: WallMs, timeZone: string): number {
  const asked = Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO('UTC').toPlainDateTime();
  const found = asked.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  if (found.toPlainDateTime().equals(asked)) return found.epochMilliseconds;
  // Skipped: "earlier" lies before the gap, which ends where the next offset begins.
  return found.getTimeZoneTransition('next')?.epochMilliseconds ?? found.epochMilliseconds;
}

/** The first wall-clock time after `wall` that fits. */
function nextWall(cron: Cron, wall: WallMs): WallMs | undefined {
  const today = Math.floor(wall / dayMs) * dayMs;
  for (let i = 0; i <= farthestDays; i++) {
    const midnight = today + i * dayMs;
    const day = new Date(midnight);
    if (!cron.fitsDay({ month: day.getUTCMonth() + 1, dayOfMonth: day.getUTCDate(), dayOfWeek: day.getUTCDay() })) continue;
    const minute = i > 0 ? cron.minutesOfDay[0] : cron.minutesOfDay.find((each) => midnight + each * minuteMs > wall);
    if (minute !== undefined) return midnight + minute * minuteMs;
  }
  return undefined;
}
