import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { isLocked, takeLock } from '../lib/index.ts';
import { errors } from './errors.ts';
import { asNamed } from './files.ts';

/** One operator at a time works on a store: a command that only looks needs no lock. Answers what gives it back. */
export function lockStore(folder: string): () => void {
  const file = fileOf(folder);
  asNamed(file, 'written', () => closeSync(openSync(file, 'a', 0o600))); // not as SQLite would make it, by the umask
  const release = takeLock(file);
  if (!release) throw errors.OperatorRuns({ folder });
  return release;
}

/** Whether an operator works on the store now, so that what stands there is renewed. One that died holds nothing. */
export function isStoreWatched(folder: string): boolean {
  return isLocked(fileOf(folder));
}

function fileOf(folder: string): string {
  return join(folder, 'operator.lock');
}
