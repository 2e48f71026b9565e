import type { DatabaseSync } from 'node:sqlite';

/** Raised with every change of the tables; a store with a higher one is refused. */
export const schemaVersion = 1;

/** `sequence` numbers every write of any process: it is the resource version, and what a watcher looks at. */
const tables = `
  CREATE TABLE sequence (id INTEGER PRIMARY KEY CHECK (id = 0), value INTEGER NOT NULL) STRICT;
  INSERT INTO sequence VALUES (0, 0);
  CREATE TABLE objects (
    kind TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
    labels TEXT NOT NULL, spec TEXT NOT NULL, status TEXT,
    PRIMARY KEY (kind, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE artifacts (digest TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;
  PRAGMA user_version = ${schemaVersion};
`;

/** The format that a file has; 0 for a new one. */
export function readSchemaVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}

/** Makes the tables of a new file. The caller holds the write lock. */
export function createTables(db: DatabaseSync): void {
  db.exec(tables);
}
