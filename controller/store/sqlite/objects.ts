import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Clock, canonicalJson, sha256 } from '../../lib/index.ts';
import type { Labels, NewObject, ObjectStore, StoredObject, StoreEvent } from '../contract.ts';
import { errors } from '../errors.ts';
import { explain } from './explain.ts';
import { watchKind } from './watch.ts';

interface Row {
  kind: string;
  name: string;
  version: number;
  labels: string;
  spec: string;
  status: string | null;
}

/** Objects and artifacts in one SQLite file. Calls are synchronous inside; each write is one transaction. */
export class SqliteStore implements ObjectStore {
  readonly #db: DatabaseSync;
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync, folder: string, clock: Clock) {
    this.#db = db;
    this.#folder = folder;
    this.#clock = clock;
  }

  async get<Spec, Status>(kind: string, name: string): Promise<StoredObject<Spec, Status> | undefined> {
    const row = this.#read(kind, name);
    return row && (toObject(row) as StoredObject<Spec, Status>);
  }

  async list<Spec, Status>(kind: string, labels: Labels = {}): Promise<readonly StoredObject<Spec, Status>[]> {
    const rows = this.#ask(() => this.#sql('SELECT * FROM objects WHERE kind = ? ORDER BY name').all(kind)) as unknown as Row[];
    const wanted = Object.entries(labels);
    return rows
      .map((row) => toObject(row) as StoredObject<Spec, Status>)
      .filter((o) => wanted.every(([key, value]) => o.labels[key] === value));
  }

  watch<Spec, Status>(kind: string, signal: AbortSignal): AsyncIterable<StoreEvent<Spec, Status>> {
    const version = () => Number(this.#ask(() => this.#sql('SELECT value FROM sequence').get())?.['value']);
    return watchKind<Spec, Status>(() => this.list(kind), version, this.#clock, signal);
  }

  async create<Spec, Status>(object: NewObject<Spec, Status>): Promise<StoredObject<Spec, Status>> {
    const { kind, name } = object;
    const row = toRow(object);
    const version = this.#write(() => {
      if (this.#read(kind, name)) throw errors.AlreadyExists({ kind, name });
      const next = this.#nextVersion();
      this.#sql('INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?)').run(kind, name, next, row.labels, row.spec, row.status);
      return next;
    });
    return toObject({ ...row, version }) as StoredObject<Spec, Status>;
  }

  async update<Spec, Status>(object: StoredObject<Spec, Status>): Promise<StoredObject<Spec, Status>> {
    const { spec, labels } = toRow(object);
    return this.#replace(object, (found) => ({ ...found, spec, labels }));
  }

  async updateStatus<Spec, Status>(object: StoredObject<Spec, Status>): Promise<StoredObject<Spec, Status>> {
    const { status } = toRow(object);
    return this.#replace(object, (found) => ({ ...found, status }));
  }

  async delete(kind: string, name: string, resourceVersion?: string): Promise<boolean> {
    return this.#write(() => {
      const found = this.#read(kind, name);
      if (!found) return false;
      if (resourceVersion !== undefined && String(found.version) !== resourceVersion) throw errors.Conflict({ kind, name });
      this.#nextVersion();
      this.#sql('DELETE FROM objects WHERE kind = ? AND name = ?').run(kind, name);
      return true;
    });
  }

  async putArtifact(text: string): Promise<string> {
    const digest = sha256(text);
    const kept = this.#ask(() => this.#sql('SELECT 1 FROM artifacts WHERE digest = ?').get(digest));
    if (!kept) this.#write(() => this.#sql('INSERT OR IGNORE INTO artifacts VALUES (?, ?)').run(digest, deflateRawSync(text)));
    return digest;
  }

  async getArtifact(digest: string): Promise<string | undefined> {
    const found = this.#ask(() => this.#sql('SELECT body FROM artifacts WHERE digest = ?').get(digest));
    const body = found?.['body'] as Uint8Array | undefined;
    if (!body) return undefined;
    const text = inflate(body);
    if (text === undefined || sha256(text) !== digest)
      throw errors.StoreDamaged({ folder: this.#folder, what: `artifact ${digest} changed` });
    return text;
  }

  async deleteArtifact(digest: string): Promise<void> {
    this.#write(() => this.#sql('DELETE FROM artifacts WHERE digest = ?').run(digest));
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #replace<Spec, Status>(object: StoredObject<Spec, Status>, change: (found: Row) => Row): StoredObject<Spec, Status> {
    const { kind, name } = object;
    const row = this.#write(() => {
      const found = this.#read(kind, name);
      if (!found) throw errors.NotFound({ kind, name });
      if (String(found.version) !== object.resourceVersion) throw errors.Conflict({ kind, name });
      const wanted = change(found);
      if (wanted.spec === found.spec && wanted.labels === found.labels && wanted.status === found.status) return found;
      const next = { ...wanted, version: this.#nextVersion() };
      this.#sql('UPDATE objects SET version = ?, labels = ?, spec = ?, status = ? WHERE kind = ? AND name = ?').run(
        next.version,
        next.labels,
        next.spec,
        next.status,
        kind,
        name,
      );
      return next;
    });
    return toObject(row) as StoredObject<Spec, Status>;
  }

  #read(kind: string, name: string): Row | undefined {
    return this.#ask(() => this.#sql('SELECT * FROM objects WHERE kind = ? AND name = ?').get(kind, name)) as unknown as Row | undefined;
  }

  #nextVersion(): number {
    return Number(this.#sql('UPDATE sequence SET value = value + 1 RETURNING value').get()?.['value']);
  }

  /** One writer at a time: IMMEDIATE takes the lock before anything is read, so what was read is still true at the commit. */
  #write<Result>(work: () => Result): Result {
    return this.#ask(() => {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.#db.exec('COMMIT');
        return result;
      } catch (cause) {
        if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
        throw cause;
      }
    });
  }

  /** Every question to SQLite goes through here: what it throws is said in our words. */
  #ask<Result>(question: () => Result): Result {
    try {
      return question();
    } catch (cause) {
      throw explain(cause, this.#folder);
    }
  }

  #sql(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (!statement) this.#statements.set(text, (statement = this.#db.prepare(text)));
    return statement;
  }
}

function inflate(body: Uint8Array): string | undefined {
  try {
    return inflateRawSync(body).toString('utf8');
  } catch {
    return undefined; // damaged bytes: the caller says so
  }
}

function toRow(object: NewObject): Row {
  const { kind, name, labels = {}, spec, status } = object;
  return {
    kind,
    name,
    version: 0,
    labels: canonicalJson(labels),
    spec: canonicalJson(spec),
    status: status === undefined ? null : canonicalJson(status),
  };
}

function toObject(row: Row): StoredObject {
  const { kind, name, version, labels, spec, status } = row;
  return {
    kind,
    name,
    labels: JSON.parse(labels) as Labels,
    spec: JSON.parse(spec) as unknown,
    ...(status === null ? {} : { status: JSON.parse(status) as unknown }),
    resourceVersion: String(version),
  };
}
