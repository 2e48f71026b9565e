import type { DatabaseSync } from 'node:sqlite';

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
`;

/** From each version to the next. A new file begins with `tables` and takes every step, so old and new files are the same. */
const steps: readonly ((db: DatabaseSync, now: Date) => void)[] = [
  (db) => db.exec(tables),
  (db, now) => {
    db.exec(`
      ALTER TABLE objects ADD COLUMN annotations TEXT NOT NULL DEFAULT '{}';
      ALTER TABLE objects ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;
      ALTER TABLE objects ADD COLUMN created TEXT NOT NULL DEFAULT '';
      ALTER TABLE objects ADD COLUMN uid TEXT NOT NULL DEFAULT '';
    `);
    // When they were made nobody knows any more: the day of the step is the best there is.
    db.prepare(`UPDATE objects SET created = ?, uid = 'v1-' || lower(hex(randomblob(16)))`).run(now.toISOString());
  },
  // What a watcher asks for: everything of a kind after a version. Objects that went are kept for a while for those who have not looked.
  (db) =>
    db.exec(`
      CREATE INDEX objects_by_version ON objects (kind, version);
      CREATE TABLE gone (
        version INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, generation INTEGER NOT NULL, created TEXT NOT NULL,
        uid TEXT NOT NULL, labels TEXT NOT NULL, annotations TEXT NOT NULL, spec TEXT NOT NULL, status TEXT
      ) STRICT;
    `),
];

/** Raised with every change of the tables; a store with a higher one is refused. */
export const schemaVersion = steps.length;

/** The format that a file has; 0 for a new one. */
export function readSchemaVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}

/** Brings a file, new or old, to the format of today. The caller holds the write lock. */
export function migrate(db: DatabaseSync, now: Date): void {
  const found = readSchemaVersion(db);
  if (found >= schemaVersion) return;
  for (const step of steps.slice(found)) step(db, now);
  db.exec(`PRAGMA user_version = ${schemaVersion}`);
}
