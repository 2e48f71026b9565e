import type { Content, ManifestPass } from './manifest-cache.ts';
import { type Manifest, readManifest } from './manifests.ts';
import { type Readers, startReaders } from './readers.ts';

/** Where manifests are read: by the thread that asks, and when there are many by others as well. */
export interface Desk {
  /** Recalls what the file says, reads it, or has it read. Throws when time is up. */
  take(path: string, text: string, content: Content): void;
  /** Ends when all that was taken is read. Throws when time is up. */
  finish(breathe: () => Promise<void> | undefined): Promise<void>;
  close(): void;
}

interface DeskOptions {
  pass: ManifestPass;
  /** By path: what was read goes there. */
  manifests: Map<string, Manifest>;
  checkTime: () => void;
  leftMs: () => number;
  /** Default: `startReaders`. */
  start?: () => Readers;
}

/** A syntax tree takes a hundred times its text: larger ones are read one after the other, here. */
const mostShared = 256 * 1024;

/** What is beyond is shared with other threads: to start them takes the time of fifty files. */
const readAlone = 100;

export function openDesk({ pass, manifests, checkTime, leftMs, start = startReaders }: DeskOptions): Desk {
  let parsed = 0;
  let readers: Readers | undefined;
  const elsewhere: Promise<void>[] = [];
  const left: (() => void)[] = [];
  const keep = (path: string, content: Content, manifest: Manifest): void => {
    pass.note(path, content, manifest);
    manifests.set(path, manifest);
  };
  const readHere = (path: string, text: string, content: Content): void =>
    keep(path, content, readManifest(path, text, pass.locator, checkTime));
  return {
    take(path, text, content) {
      const known = pass.recall(path, content);
      if (known) {
        manifests.set(path, known);
        return;
      }
      parsed++;
      if (parsed > readAlone) readers ??= start();
      if (text.length > mostShared || !readers?.hasRoom()) return readHere(path, text, content);
      const reading = readers.read({ path, text, leftMs: leftMs() }, content.digest);
      elsewhere.push(
        reading.then((manifest) => void (manifest ? keep(path, content, manifest) : left.push(() => readHere(path, text, content)))),
      );
    },
    async finish(breathe) {
      await Promise.all(elsewhere);
      for (const read of left) {
        checkTime();
        await breathe();
        read();
      }
    },
    close: () => readers?.close(),
  };
}
