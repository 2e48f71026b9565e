/** A count of things that may exist at one time. Whoever finds none left waits in line. */
export interface Slots {
  /** False when the signal came before a slot was free. */
  take(signal: AbortSignal): Promise<boolean>;
  /** Goes to the first in line, if there is one. */
  give(): void;
  isFull(): boolean;
  /** How many wait in line. */
  awaited(): number;
}

export function createSlots(count: number): Slots {
  let free = count;
  const line: ((taken: boolean) => void)[] = [];
  return {
    take: (signal) => {
      if (free > 0) {
        free--;
        return Promise.resolve(true);
      }
      return new Promise((resolve) => {
        const leave = () => {
          line.splice(line.indexOf(serve), 1);
          resolve(false);
        };
        const serve = (taken: boolean) => {
          signal.removeEventListener('abort', leave);
          resolve(taken);
        };
        if (signal.aborted) return resolve(false);
        line.push(serve);
        signal.addEventListener('abort', leave, { once: true });
        return undefined;
      });
    },
    give: () => {
      const next = line.shift();
      if (next) next(true);
      else free++;
    },
    isFull: () => free === 0,
    awaited: () => line.length,
  };
}
