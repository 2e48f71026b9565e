/**
 * The thread that `startReaders` starts: reads files and hands over what they say as plain data. A file that cannot be handed over (faults,
 * aliases, no time left) is answered with nothing, and read where its problems are wanted.
 */
import { parentPort } from 'node:worker_threads';
import { keepManifest } from './kept-manifests.ts';
import { readManifest } from './manifests.ts';
import { Locator } from './yaml-locate.ts';
import type { SealedPlaces } from './yaml-places.ts';

/** One file to read. */
export interface Task {
  path: string;
  text: string;
  /** Until then, by the clock that all threads of a process have in common: what waits behind a slow file has no more time than that one. */
  untilNs: bigint;
}

/** What a file says, in the order in which the files were given; undefined: read it yourself. `objects` is JSON: small, and quick to take apart. */
export type Said = ({ objects: string } & SealedPlaces) | undefined;

const locator = new Locator();

parentPort?.on('message', (task: Task) => parentPort?.postMessage(say(task)));

function say({ path, text, untilNs }: Task): Said {
  const checkTime = (): void => {
    if (process.hrtime.bigint() > untilNs) throw new Error('out of time');
  };
  try {
    checkTime();
    const kept = keepManifest('', readManifest(path, text, locator, checkTime));
    return kept && { objects: JSON.stringify(kept.objects), numbers: kept.numbers, roots: kept.roots };
  } catch {
    return undefined; // whoever asked comes to the same end, and says it
  }
}
