import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../lib/index.ts';
import type { ObjectStore } from '../contract.ts';
import { errors } from '../errors.ts';
import { refuseOpenMode } from '../file-mode.ts';
import { busyMs, explain } from './explain.ts';
import { SqliteStore } from './objects.ts';
import { migrate, readSchemaVersion, schemaVersion } from './schema.ts';

/** Opens the store in `folder`, which is made (0700) when it is missing. Several processes may have it open. */
export function openSqlite(folder: string, clock: Clock): ObjectStore {
  const file = prepareFile(folder);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: busyMs });
    return new SqliteStore(initialize(db, folder, clock), folder, clock);
  } catch (cause) {
    db?.close();
    throw explain(cause, folder);
  }
}

function prepareFile(folder: string): string {
  try {
    makeFolder(folder);
  } catch (cause) {
    throw errors.StoreUnusable({ folder, why: describeRefusal(cause as NodeJS.ErrnoException, 'no folder can be made there') }, { cause });
  }
  if (!statSync(folder).isDirectory()) throw errors.StoreUnusable({ folder, why: 'it is not a folder' });
  refuseOpenMode(folder, '700');
  const file = join(folder, 'plumbline.db');
  try {
    // Made by us, not by SQLite, which would follow the umask. Its -wal and -shm files take the mode of this one.
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
  } catch (cause) {
    throw errors.StoreUnusable({ folder, why: describeRefusal(cause as NodeJS.ErrnoException, 'it is gone') }, { cause });
  }
  return file;
}

function describeRefusal({ code, message }: NodeJS.ErrnoException, whenMissing: string): string {
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not write there';
  return code === 'ENOENT' ? whenMissing : message;
}

/** Node's own recursive mkdir never ends where no folder can be made, as in /proc (seen on 26). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (cause) {
    // Another process may have been first.
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
}

function initialize(db: DatabaseSync, folder: string, clock: Clock): DatabaseSync {
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;');
  if (readSchemaVersion(db) < schemaVersion) {
    db.exec('BEGIN IMMEDIATE');
    try {
      migrate(db, clock.now()); // another process may have been first: then there is nothing left to do
      db.exec('COMMIT');
    } catch (cause) {
      db.exec('ROLLBACK');
      throw cause;
    }
  }
  const found = readSchemaVersion(db);
  if (found > schemaVersion) throw errors.StoreTooNew({ folder, found, known: schemaVersion });
  return db;
}
