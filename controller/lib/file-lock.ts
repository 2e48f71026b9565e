import { existsSync } from 'node:fs';
import type { DatabaseSync, DatabaseSyncOptions } from 'node:sqlite';
import type { Clock } from './clock.ts';

/** Milliseconds between two looks at a lock that somebody else holds. */
const lookMs = 50;
/** To SQLite a look is a reader, and shuts out whoever takes the lock: for microseconds, on a slow disk for longer. */
const lookTakesMs = 200;

/** Runs `work` while no other process and no other call holds the lock in `file`. */
export async function withLock<T>(file: string, clock: Clock, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const db = open(file);
  try {
    while (!tryLock(db)) await clock.sleep(lookMs, signal).catch(() => signal.throwIfAborted());
    return await work();
  } finally {
    db.close();
  }
}

/**
 * Takes the lock in `file`, and answers what gives it back; undefined when somebody else holds it. The lock is one of the kernel, taken
 * through SQLite: it is gone with the process that held it, however that ended.
 */
export function takeLock(file: string): (() => void) | undefined {
  const db = open(file, { timeout: lookTakesMs });
  try {
    if (tryLock(db)) return () => db.close();
  } catch (error) {
    db.close();
    throw error;
  }
  db.close();
  return undefined;
}

/** Whether somebody holds the lock in `file` now. Takes it from nobody: who would take it meanwhile waits for the end of the look. */
export function isLocked(file: string): boolean {
  if (!existsSync(file)) return false;
  const db = open(file, { readOnly: true });
  try {
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === 5) return true; // SQLITE_BUSY
    throw error;
  } finally {
    db.close();
  }
}

/** SQLite is loaded here, by whoever needs a lock. */
function open(file: string, options: DatabaseSyncOptions = {}): DatabaseSync {
  return new (process.getBuiltinModule('node:sqlite').DatabaseSync)(file, { timeout: 0, ...options });
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
