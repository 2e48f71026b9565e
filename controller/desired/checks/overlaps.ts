/** Numbers from the first to the last, both included. */
export interface Interval {
  first: bigint;
  last: bigint;
}

/**
 * Hands over every interval that shares a number with one that begins before it, together with that one: each once, however many it meets. Sorts, then
 * looks at each once, so that 100,000 cost no more than their sorting.
 */
export function findOverlaps<Item extends Interval>(items: readonly Item[], report: (later: Item, earlier: Item) => void): void {
  let widest: Item | undefined;
  for (const item of sortIntervals(items)) {
    if (widest && item.first <= widest.last) report(item, widest);
    if (!widest || item.last > widest.last) widest = item;
  }
}

/** By first number; of two that begin together the longer one first. */
export function sortIntervals<Item extends Interval>(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => compare(a.first, b.first) || compare(b.last, a.last));
}

/** Of sorted intervals that do not overlap, the one that holds a number. */
export function findHolding<Item extends Interval>(sorted: readonly Item[], value: bigint): Item | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.first ?? 0n) <= value) low = middle + 1;
    else high = middle;
  }
  const found = sorted[low - 1];
  return found !== undefined && value <= found.last ? found : undefined;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
