import type { Row } from './dialect.ts';

/** How a line that holds a set of numbers is written, grown and shrunk. The heads stand before the list. */
export interface Numbers {
  /** `10,12-14` or `10 12 to 14`. */
  readonly style: 'comma' | 'to';
  /** Head of the line as the device prints it; the list follows. */
  readonly head: string;
  /** Words after the head that make a line grow or shrink the set; a line with neither replaces it, unless `additive`. */
  readonly add?: string;
  readonly drop?: string;
  /** Every line adds to the set, and the negated line takes away. */
  readonly additive?: boolean;
  /** Word of an empty set, `none`. */
  readonly empty?: string;
  /** A new set starts with this line and then grows. Default: the line itself. */
  readonly start?: string;
  /** Ranges per command; more go into a further one. */
  readonly perLine?: number;
}

/** First and last, both included. */
export type Range = readonly [first: number, last: number];

/** Ranges of a list in either style, ascending and apart; undefined when it is no list of numbers. */
export function readRanges(words: readonly string[]): Range[] | undefined {
  const list = words
    .join(' ')
    .replaceAll(/\s+to\s+/g, '-')
    .replaceAll(',', ' ')
    .trim();
  const ranges: Range[] = [];
  if (list === '') return ranges;
  for (const part of list.split(/\s+/)) {
    const [, first, last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part) ?? [];
    if (first === undefined || Number(last) < Number(first)) return undefined;
    ranges.push([Number(first), Number(last)]);
  }
  return normalized(ranges);
}

/** The same numbers, ascending, in as few ranges as they need. */
export function normalized(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const before = result.at(-1);
    if (before && first <= before[1] + 1) result[result.length - 1] = [before[0], Math.max(before[1], last)];
    else result.push([first, last]);
  }
  return result;
}

/** Numbers of the first that are not in the second; both normalized. */
export function without(from: readonly Range[], taken: readonly Range[]): Range[] {
  const left: Range[] = [];
  let at = 0;
  for (const [start, last] of from) {
    let first = start;
    while (at < taken.length && (taken[at] as Range)[1] < first) at++;
    for (let i = at; i < taken.length && (taken[i] as Range)[0] <= last; i++) {
      const [begin, end] = taken[i] as Range;
      if (begin > first) left.push([first, begin - 1]);
      first = end + 1;
    }
    if (first <= last) left.push([first, last]);
  }
  return left;
}

/** `10`, `12-14` or `12 to 14`, ascending. */
export function printRanges(ranges: readonly Range[], style: Numbers['style'] = 'comma'): string[] {
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}${style === 'comma' ? '-' : ' to '}${last}`));
}

/** The line after one more command on the same set; undefined when the command is not about numbers, null when nothing is left. */
export function mergeNumbers(row: Row, before: string | undefined, words: readonly string[], negated: boolean): string | null | undefined {
  const form = row.numbers;
  if (!form) return undefined;
  const head = form.head.split(' ').length;
  const verb = words[head];
  const grows = form.additive === true || (form.add !== undefined && verb === form.add);
  const shrinks = negated || (form.drop !== undefined && verb === form.drop);
  const skip = (form.add !== undefined && verb === form.add) || (form.drop !== undefined && verb === form.drop) ? 1 : 0;
  const said = words.slice(head + skip);
  const named = readRanges(said);
  if (!named) return negated ? null : undefined;
  const had = before === undefined ? [] : readRanges(before.split(' ').slice(head));
  if (shrinks) {
    if (named.length === 0 || !had) return null;
    const left = without(had, named);
    return left.length > 0 ? write(form, left) : form.empty && !negated ? `${form.head} ${form.empty}` : null;
  }
  return write(form, grows && had ? normalized([...had, ...named]) : named);
}

function write(form: Numbers, ranges: readonly Range[]): string {
  const list = printRanges(ranges, form.style).join(form.style === 'comma' ? ',' : ' ');
  return list === '' ? form.head : `${form.head} ${list}`;
}

/** Commands from one set to another: what goes, then what comes. Undefined when one of them is not a list of numbers. */
export function numberCommands(row: Row, live: string | undefined, want: string, negation: string): string[] | undefined {
  const form = row.numbers;
  if (!form) return undefined;
  const from = form.head.split(' ').length;
  const isEmpty = (text: string): boolean => form.empty !== undefined && text === `${form.head} ${form.empty}`;
  const setOf = (text: string): Range[] | undefined => (isEmpty(text) ? [] : readRanges(text.split(' ').slice(from)));
  const had = live === undefined ? [] : setOf(live);
  const has = setOf(want);
  if (!had || !has || isEmpty(want)) return undefined;
  const commands: string[] = [];
  const say = (head: string, ranges: readonly Range[]): void => {
    const said = printRanges(ranges, form.style);
    const size = form.perLine ?? said.length;
    for (let i = 0; i < said.length; i += size)
      commands.push(`${head} ${said.slice(i, i + size).join(form.style === 'comma' ? ',' : ' ')}`);
  };
  if (live === undefined && form.start === undefined && !form.additive && form.perLine === undefined) return [want];
  if (live === undefined && form.start !== undefined) commands.push(form.start);
  say(form.drop === undefined ? `${negation} ${form.head}` : `${form.head} ${form.drop}`, without(had, has));
  say(form.add === undefined ? form.head : `${form.head} ${form.add}`, without(has, had));
  return commands;
}
