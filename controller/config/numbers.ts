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

/** Numbers of a list in either style; undefined when it is no list of numbers. */
export function readNumbers(words: readonly string[]): Set<number> | undefined {
  const list = words
    .join(' ')
    .replaceAll(/\s+to\s+/g, '-')
    .replaceAll(',', ' ')
    .trim();
  const numbers = new Set<number>();
  if (list === '') return numbers;
  for (const part of list.split(/\s+/)) {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? [];
    if (first === undefined || Number(last) - Number(first) > maxSpan) return undefined;
    for (let n = Number(first); n <= Number(last); n++) numbers.add(n);
  }
  return numbers;
}

/** VLANs end at 4094, VNIs and ports are not written this way: a longer range is not a list that we understand. */
const maxSpan = 65_536;

/** `10`, `12-14` or `12 to 14`, ascending. */
export function rangesOf(numbers: Iterable<number>, style: Numbers['style'] = 'comma'): string[] {
  const sorted = [...numbers].sort((a, b) => a - b);
  const ranges: string[] = [];
  for (let i = 0; i < sorted.length; i++) {
    const first = sorted[i] as number;
    while (i + 1 < sorted.length && sorted[i + 1] === (sorted[i] as number) + 1) i++;
    const last = sorted[i] as number;
    ranges.push(first === last ? `${first}` : `${first}${style === 'comma' ? '-' : ' to '}${last}`);
  }
  return ranges;
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
  const named = readNumbers(said);
  if (!named) return negated ? null : undefined;
  const had = before === undefined ? new Set<number>() : readNumbers(before.split(' ').slice(head));
  if (shrinks) {
    if (named.size === 0 || !had) return null;
    const left = [...had].filter((n) => !named.has(n));
    return left.length > 0 ? write(form, left) : form.empty && !negated ? `${form.head} ${form.empty}` : null;
  }
  return write(form, grows && had ? new Set([...had, ...named]) : named);
}

function write(form: Numbers, numbers: Iterable<number>): string {
  const list = rangesOf(numbers, form.style).join(form.style === 'comma' ? ',' : ' ');
  return list === '' ? form.head : `${form.head} ${list}`;
}

/** Commands from one set to another: what goes, then what comes. Undefined when one of them is not a list of numbers. */
export function numberCommands(row: Row, live: string | undefined, want: string, negation: string): string[] | undefined {
  const form = row.numbers;
  if (!form) return undefined;
  const from = form.head.split(' ').length;
  const isEmpty = (text: string): boolean => form.empty !== undefined && text === `${form.head} ${form.empty}`;
  const setOf = (text: string): Set<number> | undefined => (isEmpty(text) ? new Set() : readNumbers(text.split(' ').slice(from)));
  const had = live === undefined ? new Set<number>() : setOf(live);
  const has = setOf(want);
  if (!had || !has || isEmpty(want)) return undefined;
  const goes = [...had].filter((n) => !has.has(n));
  const comes = [...has].filter((n) => !had.has(n));
  const commands: string[] = [];
  const say = (head: string, numbers: number[]): void => {
    const ranges = rangesOf(numbers, form.style);
    const size = form.perLine ?? ranges.length;
    for (let i = 0; i < ranges.length; i += size)
      commands.push(`${head} ${ranges.slice(i, i + size).join(form.style === 'comma' ? ',' : ' ')}`);
  };
  if (live === undefined && form.start === undefined && !form.additive && form.perLine === undefined) return [want];
  if (live === undefined && form.start !== undefined) commands.push(form.start);
  say(form.drop === undefined ? `${negation} ${form.head}` : `${form.head} ${form.drop}`, goes);
  say(form.add === undefined ? form.head : `${form.head} ${form.add}`, comes);
  return commands;
}
