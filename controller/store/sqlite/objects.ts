import { randomUUID } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Clock, canonicalJson, sha256 } from '../../lib/index.ts';
import type { Labels, NewObject, ObjectStore, ReadObject, StoredObject, StoreEvent } from '../contract.ts';
import { errors } from '../errors.ts';
import { explain } from './explain.ts';
import { watchKind } from './watch.ts';

/** What a caller says of an object, as text. */
interface Content {
  labels: string;
  annotations: string;
  spec: string;
  status: string | null;
}

interface Row extends Content {
  kind: string;
  name: string;
  version: number;
  generation: number;
  created: string;
  uid: string;
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

  watch<Spec, Status>(kind: string, signal: AbortSignal, labels: Labels = {}): AsyncIterable<StoreEvent<Spec, Status>> {
    const version = () => Number(this.#ask(() => this.#sql('SELECT value FROM sequence').get())?.['value']);
    return watchKind<Spec, Status>(() => this.list(kind, labels), version, this.#clock, signal);
  }

  async create<Spec, Status>(object: NewObject<Spec, Status>): Promise<StoredObject<Spec, Status>> {
    const { kind, name } = object;
    const row = this.#write(() => {
      if (this.#read(kind, name)) throw errors.AlreadyExists({ kind, name });
      const identity = { kind, name, generation: 1, created: this.#clock.now().toISOString(), uid: randomUUID() };
      return this.#insert({ ...toContent(object), ...identity, version: this.#nextVersion() });
    });
    return toObject(row) as StoredObject<Spec, Status>;
  }

  async update<Spec, Status>(object: ReadObject<Spec, Status>): Promise<StoredObject<Spec, Status>> {
    const { spec, labels, annotations } = toContent(object);
    return this.#replace(object, (found) => ({ ...found, spec, labels, annotations }));
  }

  async updateStatus<Spec, Status>(object: ReadObject<Spec, Status>): Promise<StoredObject<Spec, Status>> {
    const { status } = toContent(object);
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

  #replace<Spec, Status>(object: ReadObject<Spec, Status>, change: (found: Row) => Row): StoredObject<Spec, Status> {
    const { kind, name } = object;
    const row = this.#write(() => {
      const found = this.#read(kind, name);
      if (!found) throw errors.NotFound({ kind, name });
      if (String(found.version) !== object.resourceVersion) throw errors.Conflict({ kind, name });
      const wanted = change(found);
      if (contents.every((column) => wanted[column] === found[column])) return found;
      const generation = wanted.spec === found.spec ? found.generation : found.generation + 1;
      return this.#insert({ ...wanted, generation, version: this.#nextVersion() });
    });
    return toObject(row) as StoredObject<Spec, Status>;
  }

  #insert(row: Row): Row {
    const { kind, name, version, generation, created, uid, labels, annotations, spec, status } = row;
    this.#sql(
      'INSERT OR REPLACE INTO objects (kind, name, version, generation, created, uid, labels, annotations, spec, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ).run(kind, name, version, generation, created, uid, labels, annotations, spec, status);
    return row;
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

const contents = ['labels', 'annotations', 'spec', 'status'] as const satisfies (keyof Content)[];

function toContent({ labels = {}, annotations = {}, spec, status }: NewObject): Content {
  return {
    labels: canonicalJson(labels),
    annotations: canonicalJson(annotations),
    spec: canonicalJson(spec),
    status: status === undefined ? null : canonicalJson(status),
  };
}

function toObject(row: Row): StoredObject {
  const { kind, name, version, generation, created, uid, labels, annotations, spec, status } = row;
  return {
    kind,
    name,
    uid,
    labels: JSON.parse(labels) as Labels,
    annotations: JSON.parse(annotations) as Labels,
    spec: JSON.parse(spec) as unknown,
    ...(status === null ? {} : { status: JSON.parse(status) as unknown }),
    generation,
    createdAt: created,
    resourceVersion: String(version),
  };
}
