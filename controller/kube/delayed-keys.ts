/** A key and when it is due. */
interface Due {
  at: number;
  key: string;
}

/** Keys that wait for a time: the earliest first, one time per key. */
export interface DelayedKeys {
  /** The earlier of this time and the one the key has. */
  set(key: string, at: number): void;
  delete(key: string): void;
  /** When the first key is due. */
  firstAt(): number | undefined;
  /** Takes the keys out that are due, in order of time. */
  takeDue(now: number): string[];
  clear(): void;
  readonly size: number;
}

/** A binary heap; times that were replaced stay in it until they come up. */
export function createDelayedKeys(): DelayedKeys {
  const times = new Map<string, number>();
  let heap: Due[] = [];

  const before = (a: number, b: number) => (heap[a]?.at ?? Infinity) < (heap[b]?.at ?? Infinity);
  const swap = (a: number, b: number) => {
    const [x, y] = [heap[a], heap[b]];
    if (x && y) [heap[a], heap[b]] = [y, x];
  };
  const rise = (from: number) => {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!before(at, parent)) return;
      swap(at, parent);
      at = parent;
    }
  };
  const sink = () => {
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const child = before(right, left) ? right : left;
      if (!before(child, at)) return;
      swap(at, child);
      at = child;
    }
  };
  const pop = (): Due | undefined => {
    const first = heap[0];
    const last = heap.pop();
    if (first && last && heap.length > 0) {
      heap[0] = last;
      sink();
    }
    return first;
  };
  const isCurrent = (due: Due) => times.get(due.key) === due.at;
  const first = (): Due | undefined => {
    for (let due = heap[0]; due; due = heap[0]) {
      if (isCurrent(due)) return due;
      pop();
    }
    return undefined;
  };

  return {
    set: (key, at) => {
      if ((times.get(key) ?? Infinity) <= at) return;
      times.set(key, at);
      heap.push({ key, at });
      rise(heap.length - 1);
      // Keys that are put off again and again leave old times behind: rebuilt before they outnumber the rest.
      if (heap.length > 1000 && heap.length > 4 * times.size) heap = heap.filter(isCurrent).sort((a, b) => a.at - b.at);
    },
    delete: (key) => void times.delete(key),
    firstAt: () => first()?.at,
    takeDue: (now) => {
      const due: string[] = [];
      for (let next = first(); next && next.at <= now; next = first()) {
        pop();
        times.delete(next.key);
        due.push(next.key);
      }
      return due;
    },
    clear: () => {
      times.clear();
      heap = [];
    },
    get size() {
      return times.size;
    },
  };
}
