/**
 * A cron expression of five fields. A day must fit both day fields when one of them begins with `*`, and one of the two otherwise,
 * as cron has always had it.
 */
export interface Cron {
  /** Minutes of a day that fit, in order: 0 to 1439. */
  minutesOfDay: readonly number[];
  fitsDay(day: WallDay): boolean;
}

/** A day of the calendar as a clock on the wall shows it. */
interface WallDay {
  /** 1 to 12. */
  month: number;
  dayOfMonth: number;
  /** 0 is Sunday. */
  dayOfWeek: number;
}

interface Field {
  name: string;
  first: number;
  last: number;
  /** Words for numbers; the first stands for `first`. */
  words?: readonly string[];
}

const fields: readonly Field[] = [
  { name: 'minute', first: 0, last: 59 },
  { name: 'hour', first: 0, last: 23 },
  { name: 'day of month', first: 1, last: 31 },
  {
    name: 'month',
    first: 1,
    last: 12,
    words: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  },
  { name: 'day of week', first: 0, last: 6, words: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] },
];

/** The expression, or what is wrong with it in the form "the fact; what to write". */
export function parseCron(text: string): Cron | { mistake: string } {
  if (!/^[0-9A-Za-z*,/\t -]*$/.test(text))
    return { mistake: 'has characters that no cron expression has; write numbers, *, -, / and commas' };
  const words = text.split(/[\t ]+/).filter((word) => word !== '');
  if (words.length !== fields.length) {
    return {
      mistake: `has ${words.length} field${words.length === 1 ? '' : 's'}; write five: minute, hour, day of month, month, day of week`,
    };
  }
  const sets: ReadonlySet<number>[] = [];
  for (const [i, field] of fields.entries()) {
    const values = parseField(words[i] ?? '', field);
    if ('mistake' in values) return values;
    sets.push(values);
  }
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = sets as [Set<number>, Set<number>, Set<number>, Set<number>, Set<number>];
  const isEither = !words[2]?.startsWith('*') && !words[4]?.startsWith('*');
  const cron: Cron = {
    minutesOfDay: [...hours].sort(ascending).flatMap((hour) => [...minutes].sort(ascending).map((minute) => hour * 60 + minute)),
    fitsDay: ({ month, dayOfMonth, dayOfWeek }) => {
      if (!months.has(month)) return false;
      const [fitsMonth, fitsWeek] = [daysOfMonth.has(dayOfMonth), daysOfWeek.has(dayOfWeek)];
      return isEither ? fitsMonth || fitsWeek : fitsMonth && fitsWeek;
    },
  };
  // In a leap year every day of the calendar comes; with the day of the week free, one is enough to know.
  const comes = isEither || [...months].some((month) => [...daysOfMonth].some((day) => day <= (longestMonths[month] ?? 0)));
  return comes ? cron : { mistake: `names a day that never comes, ${words[2]} in month ${words[3]}; write a day that the month has` };
}

const longestMonths = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const ascending = (a: number, b: number): number => a - b;

function parseField(text: string, field: Field): Set<number> | { mistake: string } {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const range = parsePart(part, field);
    if ('mistake' in range) return range;
    for (let value = range.from; value <= range.to; value += range.step) values.add(field.name === 'day of week' ? value % 7 : value);
  }
  return values;
}

function parsePart(part: string, field: Field): { from: number; to: number; step: number } | { mistake: string } {
  const { name, first, last } = field;
  const wrong = (write: string): { mistake: string } => ({
    mistake: `has ${part === '' ? 'an empty value' : part} as ${name}; write ${write}`,
  });
  const known = `${first} to ${last}${field.words ? ` or ${field.words[0]} to ${field.words.at(-1)}` : ''}`;
  const match = /^(?:(\*)|([0-9]{1,2}|[A-Za-z]{3})(?:-([0-9]{1,2}|[A-Za-z]{3}))?)(?:\/([0-9]{1,3}))?$/.exec(part);
  if (!match) return wrong(`${known}, a range such as ${first}-${first + 2}, or */2`);
  const [, star, low = '', high, every] = match;
  const from = star ? first : numberOf(low, field);
  const to = star ? last : high === undefined ? from : numberOf(high, field, from);
  if (from === undefined || to === undefined) return wrong(known);
  if (from > to) {
    const [start, end] = field.words && /[A-Z]/i.test(low) ? [field.words[0], field.words.at(-1)] : [first, last];
    return wrong(`the smaller one first, or two ranges: ${low}-${end},${start}-${high}`);
  }
  if (every === undefined) return { from, to, step: 1 };
  if (!star && high === undefined) return wrong(`a range before the slash, ${low}-${last}/${every}`);
  const step = Number(every);
  if (step < 1 || step > to - from) return wrong(`a step from 1 to ${to - from}, or the one value without it`);
  return { from, to, step };
}

/** A number or word of a field. Sunday is 7 as well, and SUN is 7 where a range ends. */
function numberOf(text: string, { name, first, last, words }: Field, from?: number): number | undefined {
  const isWeek = name === 'day of week';
  const index = words?.indexOf(text.toUpperCase()) ?? -1;
  if (index === 0 && isWeek && (from ?? 0) > 0) return 7;
  if (index >= 0) return first + index;
  const value = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  return value >= first && value <= (isWeek ? 7 : last) ? value : undefined;
}
