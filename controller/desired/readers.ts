import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { DesiredObject } from '../api/index.ts';
import { restoreManifest } from './kept-manifests.ts';
import { type Manifest, shareWords } from './manifests.ts';
import type { Said, Task } from './reading-thread.ts';

/** Threads that read files beside the one that asks. */
export interface Readers {
  /** False when each has enough to do, or none is left: the caller reads the next file itself. */
  hasRoom(): boolean;
  /** Undefined for a file that the caller has to read itself, as after `leftMs`. Never throws. */
  read(file: { path: string; text: string; leftMs: number }, digest: string): Promise<Manifest | undefined>;
  close(): void;
}

/** Files that wait at a thread while it reads one: enough that it is never idle. */
const mostWaiting = 16;
/** The thread that asks reads too. Memory is what more of them cost. */
const mostThreads = 3;

/** In a checkout the thread is TypeScript like this file, in the package it is JavaScript. */
const entry = new URL(`./reading-thread.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** One thread for each further core, three at most. */
export function startReaders(threads = Math.min(mostThreads, availableParallelism() - 1)): Readers {
  const all = Array.from({ length: threads }).flatMap(() => startReader() ?? []);
  const idlest = (): Reader | undefined => all.filter((reader) => reader.isAlive()).toSorted((a, b) => a.waiting() - b.waiting())[0];
  return {
    hasRoom: () => (idlest()?.waiting() ?? mostWaiting) < mostWaiting,
    async read({ path, text, leftMs }, digest) {
      const untilNs = process.hrtime.bigint() + BigInt(Math.ceil(leftMs * 1e6));
      const said = await idlest()?.ask({ path, text, untilNs });
      if (!said) return undefined;
      const { objects, ...places } = said;
      return restoreManifest(path, { digest, objects: shareWords(JSON.parse(objects) as DesiredObject[]), ...places });
    },
    close: () => {
      for (const reader of all) reader.end();
    },
  };
}

interface Reader {
  isAlive: () => boolean;
  waiting: () => number;
  ask: (task: Task) => Promise<Said>;
  end: () => void;
}

/** Undefined where the machine gives no further thread. */
function startReader(): Reader | undefined {
  let worker: Worker;
  try {
    worker = new Worker(entry);
  } catch {
    return undefined;
  }
  // Answers come in the order of the questions.
  const waiting: ((said: Said) => void)[] = [];
  let isAlive = true;
  const end = (): void => {
    isAlive = false;
    for (const resolve of waiting.splice(0)) resolve(undefined);
    void worker.terminate();
  };
  worker.on('message', (said: Said) => waiting.shift()?.(said));
  worker.on('error', end);
  worker.on('exit', end);
  return {
    isAlive: () => isAlive,
    waiting: () => waiting.length,
    ask: (task) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        worker.postMessage(task);
      }),
    end,
  };
}
