import { canonicalJson } from '../../lib/index.ts';

/** An entry of the new list: taken over from the old one, or new. */
export interface Aligned {
  from: number | undefined;
  value: unknown;
}

/**
 * Says which entry of the old list becomes which of the new one. What is equal stays, in order; an object with the same name, number or
 * prefix is the same one; a bare value in the place of another one replaces it.
 */
export function align(before: readonly unknown[], after: readonly unknown[]): readonly Aligned[] {
  const oldNames = namesOf(before);
  const newNames = namesOf(after);
  let start = 0;
  while (start < before.length && start < after.length && oldNames[start] === newNames[start]) start++;
  let tail = 0;
  while (tail < before.length - start && tail < after.length - start && oldNames.at(-1 - tail) === newNames.at(-1 - tail)) tail++;
  const oldEnd = before.length - tail;
  const newEnd = after.length - tail;
  const places = new Map(oldNames.slice(start, oldEnd).map((name, i) => [name, start + i]));
  const found = newNames.slice(start, newEnd).map((name) => places.get(name));
  const kept = longestRising(found);
  const aligned = after.map((value, i): Aligned => {
    if (i < start) return { from: i, value };
    if (i >= newEnd) return { from: i - after.length + before.length, value };
    return { from: kept.has(i - start) ? found[i - start] : undefined, value };
  });
  return pairBare(before, aligned);
}

/** What has no name, between two that stay, is replaced one for one, so that what is written beside it stays. */
function pairBare(before: readonly unknown[], aligned: readonly Aligned[]): readonly Aligned[] {
  let next = 0;
  return aligned.map((each, i): Aligned => {
    if (each.from !== undefined) {
      next = each.from + 1;
      return each;
    }
    const until = aligned.slice(i).find(({ from }) => from !== undefined)?.from ?? before.length;
    if (next >= until || isNamed(before[next]) || isNamed(each.value) || isObject(before[next]) !== isObject(each.value)) return each;
    return { from: next++, value: each.value };
  });
}

const names = ['name', 'sequence', 'device', 'protocol', 'prefix', 'range', 'id', 'regex'];

/** What an entry is known by; the second of two with one name has a number. */
function namesOf(list: readonly unknown[]): readonly string[] {
  const counts = new Map<string, number>();
  return list.map((entry) => {
    const name = nameOf(entry);
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return `${name} #${count}`;
  });
}

function nameOf(entry: unknown): string {
  const field = isObject(entry) ? fieldOf(entry) : undefined;
  return field === undefined || !isObject(entry) ? canonicalJson(entry) : `${field} ${String(entry[field])}`;
}

function fieldOf(entry: Readonly<Record<string, unknown>>): string | undefined {
  return names.find((each) => typeof entry[each] === 'string' || typeof entry[each] === 'number');
}

function isNamed(entry: unknown): boolean {
  return isObject(entry) && fieldOf(entry) !== undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Indexes of a longest rising series of what was found. */
function longestRising(found: readonly (number | undefined)[]): ReadonlySet<number> {
  const ends: number[] = [];
  const before = new Map<number, number | undefined>();
  for (const [i, value] of found.entries()) {
    if (value === undefined) continue;
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((found[ends[middle] ?? 0] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    before.set(i, ends[low - 1]);
    ends[low] = i;
  }
  const kept = new Set<number>();
  for (let i = ends.at(-1); i !== undefined; i = before.get(i)) kept.add(i);
  return kept;
}
