import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../lib/index.ts';

/** Milliseconds between two looks at a lock that somebody else holds. */
const lookMs = 50;

/**
 * Runs `work` while no other process and no other call holds the lock in `file`. The lock is one of the kernel, taken
 * through SQLite: it is gone with the process that held it, however that ended.
 */
export async function withLock<T>(file: string, clock: Clock, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    while (!tryLock(db)) await clock.sleep(lookMs, signal).catch(() => signal.throwIfAborted());
    return await work();
  } finally {
    db.close();
  }
}

function tryLock(db: DatabaseSync): boolean {
  try {
    db.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === 5) return false; // SQLITE_BUSY
    throw error;
  }
}
