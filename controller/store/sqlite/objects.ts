import { randomUUID } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Clock, canonicalJson, createInterner, sha256 } from '../../lib/index.ts';
import type { Labels, Listed, NewObject, ObjectStore, ReadObject, StoredObject, StoreEvent } from '../contract.ts';
import { errors } from '../errors.ts';
import { explain } from './explain.ts';
import { type Watched, watchKind } from './watch.ts';

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
  #synchronous: 'FULL' | 'NORMAL' | undefined;

  constructor(db: DatabaseSync, folder: string, clock: Clock) {
    this.#db = db;
    this.#folder = folder;
    this.#clock = clock;
  }

  async get<Spec, Status>(kind: string, name: string): Promise<StoredObject<Spec, Status> | undefined> {
    const row = this.#read(kind, name);
    return row && (toObject(kind, row) as StoredObject<Spec, Status>);
  }

  async list<Spec, Status>(kind: string, labels: Labels = {}): Promise<readonly StoredObject<Spec, Status>[]> {
    return this.#list<Spec, Status>(kind).filter(carries(labels));
  }

  watch<Spec, Status>(kind: string, signal: AbortSignal, labels: Labels = {}): AsyncIterable<StoreEvent<Spec, Status> | Listed> {
    const watched: Watched<Spec, Status> = {
      sequence: () => Number(this.#ask(() => this.#sql('SELECT value FROM sequence').get())?.['value']),
      list: () => this.#list(kind),
      changesAfter: (version) => this.#changesAfter(kind, version),
    };
    return watchKind<Spec, Status>(watched, carries(labels), this.#clock, signal);
  }

  async create<Spec, Status>(object: NewObject<Spec, Status>): Promise<StoredObject<Spec, Status>> {
    const { kind, name } = object;
    const row = this.#write(kind, () => {
      if (this.#read(kind, name)) throw errors.AlreadyExists({ kind, name });
      const identity = { kind, name, generation: 1, created: this.#clock.now().toISOString(), uid: randomUUID() };
      return this.#insert('objects', { ...toContent(object), ...identity, version: this.#nextVersion() });
    });
    return toObject(kind, row) as StoredObject<Spec, Status>;
  }

  async update<Spec, Status>(object: ReadObject<Spec, Status>): Promise<StoredObject<Spec, Status>> {
    const { status: _stays, ...rest } = object;
    const { spec, labels, annotations } = toContent(rest);
    // What people ask for stands in annotations: a hold that was told of must not be gone after a power failure.
    const isAsked = annotations !== '{}';
    return this.#replace(object, (found) => ({ ...found, spec, labels, annotations }), isAsked);
  }

  async updateStatus<Spec, Status>(object: ReadObject<Spec, Status>): Promise<StoredObject<Spec, Status>> {
    const status = toText(object.status);
    return this.#replace(object, (found) => ({ ...found, status }));
  }

  async delete(kind: string, name: string, resourceVersion?: string): Promise<boolean> {
    return this.#write(kind, () => {
      const found = this.#read(kind, name);
      if (!found) return false;
      if (resourceVersion !== undefined && String(found.version) !== resourceVersion) throw errors.Conflict({ kind, name });
      const version = this.#nextVersion();
      this.#sql('DELETE FROM objects WHERE kind = ? AND name = ?').run(kind, name);
      this.#insert('gone', { ...found, version });
      this.#sql('DELETE FROM gone WHERE version <= ?').run(version - keptChanges);
      return true;
    });
  }

  async putArtifact(text: string): Promise<string> {
    const digest = sha256(text);
    const body = this.#readArtifact(digest);
    // What is kept is looked at: to keep a text again is the way to mend one that was damaged.
    if (!body || inflate(body, digest) === undefined)
      this.#write('Artifact', () => this.#sql('INSERT OR REPLACE INTO artifacts VALUES (?, ?)').run(digest, deflateRawSync(text)));
    return digest;
  }

  async getArtifact(digest: string): Promise<string | undefined> {
    const body = this.#readArtifact(digest);
    if (!body) return undefined;
    const text = inflate(body, digest);
    if (text === undefined) throw errors.StoreDamaged({ folder: this.#folder, what: `artifact ${digest} changed` });
    return text;
  }

  async deleteArtifact(digest: string): Promise<void> {
    this.#write('Artifact', () => this.#sql('DELETE FROM artifacts WHERE digest = ?').run(digest));
  }

  async listArtifacts(): Promise<readonly string[]> {
    return this.#ask(() => this.#sql('SELECT digest FROM artifacts').all()).map(({ digest }) => String(digest));
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #replace<Spec, Status>(object: ReadObject<Spec, Status>, change: (found: Row) => Row, isAsked = false): StoredObject<Spec, Status> {
    const { kind, name } = object;
    const replace = () => {
      const found = this.#read(kind, name);
      if (!found) throw errors.NotFound({ kind, name });
      if (String(found.version) !== object.resourceVersion) throw errors.Conflict({ kind, name });
      const wanted = change(found);
      if (contents.every((column) => wanted[column] === found[column])) return found;
      const generation = wanted.spec === found.spec ? found.generation : found.generation + 1;
      return this.#insert('objects', { ...wanted, generation, version: this.#nextVersion() });
    };
    return toObject(kind, this.#write(kind, replace, isAsked)) as StoredObject<Spec, Status>;
  }

  #list<Spec, Status>(kind: string): StoredObject<Spec, Status>[] {
    const rows = this.#ask(() => this.#sql('SELECT * FROM objects WHERE kind = ? ORDER BY name').all(kind)) as unknown as Row[];
    return rows.map((row) => toObject(kind, row) as StoredObject<Spec, Status>);
  }

  #changesAfter<Spec, Status>(kind: string, version: number): ReturnType<Watched<Spec, Status>['changesAfter']> {
    return this.#ask(() => {
      const last = Number(this.#sql('SELECT value FROM sequence').get()?.['value']);
      if (last - version >= keptChanges) return undefined;
      const ask = (table: 'objects' | 'gone') =>
        (this.#sql(`SELECT * FROM ${table} WHERE kind = ? AND version > ? ORDER BY version`).all(kind, version) as unknown as Row[]).map(
          (row) => toObject(kind, row) as StoredObject<Spec, Status>,
        );
      return { written: ask('objects'), gone: ask('gone') };
    });
  }

  #insert(table: 'objects' | 'gone', row: Row): Row {
    const { kind, name, version, generation, created, uid, labels, annotations, spec, status } = row;
    this.#sql(
      `INSERT OR REPLACE INTO ${table} (kind, name, version, generation, created, uid, labels, annotations, spec, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(kind, name, version, generation, created, uid, labels, annotations, spec, status);
    return row;
  }

  #read(kind: string, name: string): Row | undefined {
    return this.#ask(() => this.#sql('SELECT * FROM objects WHERE kind = ? AND name = ?').get(kind, name)) as unknown as Row | undefined;
  }

  #readArtifact(digest: string): Uint8Array | undefined {
    return this.#ask(() => this.#sql('SELECT body FROM artifacts WHERE digest = ?').get(digest))?.['body'] as Uint8Array | undefined;
  }

  #nextVersion(): number {
    return Number(this.#sql('UPDATE sequence SET value = value + 1 RETURNING value').get()?.['value']);
  }

  /** One writer at a time: IMMEDIATE takes the lock before anything is read, so what was read is still true at the commit. */
  #write<Result>(kind: string, work: () => Result, isAsked = false): Result {
    return this.#ask(() => {
      // A change record is on the disk before the first byte leaves for a device, also when the power fails. What is read again from a
      // device after a power failure need not be: ten thousand verdicts would wait for the disk ten thousand times.
      const synchronous = isAsked || decided.has(kind) ? 'FULL' : 'NORMAL';
      if (synchronous !== this.#synchronous) this.#db.exec(`PRAGMA synchronous = ${synchronous}`);
      this.#synchronous = synchronous;
      this.#sql('BEGIN IMMEDIATE').run();
      try {
        const result = work();
        this.#sql('COMMIT').run();
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

/** What was decided, and cannot be seen again by looking. */
const decided: ReadonlySet<string> = new Set([
  'ChangeApproval',
  'ChangeRecord',
  'Epoch',
  'Fleet',
  'Grant',
  'Pin',
  'Plan',
  'Quarantine',
  'Release',
]);

/** Writes after which nobody is told of an object that went: a watcher that slept through so many lists again. */
const keptChanges = 10_000;

function carries(labels: Labels): (object: StoredObject) => boolean {
  const wanted = Object.entries(labels);
  return (object) => wanted.every(([key, value]) => object.labels[key] === value);
}

/** The text of these bytes, or undefined when they are not those of this digest any more. */
function inflate(body: Uint8Array, digest: string): string | undefined {
  try {
    const text = inflateRawSync(body).toString('utf8');
    return sha256(text) === digest ? text : undefined;
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
    status: toText(status),
  };
}

function toText(status: unknown): string | null {
  return status === undefined ? null : canonicalJson(status);
}

/** `kind` as the caller has it: a row brings a text of its own each time. */
function toObject(kind: string, row: Row): StoredObject {
  const { name, version, generation, created, uid, labels, annotations, spec, status } = row;
  return {
    kind,
    name,
    uid,
    labels: readLabels(labels),
    annotations: readLabels(annotations),
    spec: JSON.parse(spec) as unknown,
    ...(status === null ? {} : { status: intern(JSON.parse(status) as unknown) }),
    generation,
    createdAt: created,
    resourceVersion: String(version),
  };
}

/** Whoever watches holds every object: what ten thousand of them say alike is there once. */
const intern = createInterner();
const knownLabels = new Map<string, Labels>();
const mostKnownLabels = 1_000;

function readLabels(text: string): Labels {
  const known = knownLabels.get(text);
  if (known) return known;
  const labels = Object.freeze(JSON.parse(text) as Labels);
  if (knownLabels.size >= mostKnownLabels) knownLabels.clear();
  knownLabels.set(text, labels);
  return labels;
}
