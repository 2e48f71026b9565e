import type { Queue } from '../kube/index.ts';

/** Remembers what was worked on to an end, or failed so often that one need not wait for it. */
export function createTried(): {
  note: <T>(key: string, queue: Queue, work: () => Promise<T>) => Promise<T>;
  has: (queue: string, key: string) => boolean;
} {
  const ended = new Set<string>();
  return {
    note: async (key, queue, work) => {
      let worked = false;
      try {
        const done = await work();
        worked = true;
        return done;
      } finally {
        if (worked || queue.failures(key) >= 2) ended.add(`${queue.name} ${key}`);
      }
    },
    has: (queue, key) => ended.has(`${queue} ${key}`),
  };
}
