/**
 * What must survive a process. Two implementations (`sqlite/` and `kube/`) pass the suite in `test/store/store-contract.ts`.
 *
 * An object is `spec` (what was decided) and `status` (what was seen), plain JSON. `resourceVersion` is opaque: a caller compares it
 * for equality and hands it back. Every write goes through it, so two writers never overwrite each other unseen.
 */
export interface ObjectStore {
  /** The object, or undefined when there is none. */
  get<Spec, Status = unknown>(kind: string, name: string): Promise<StoredObject<Spec, Status> | undefined>;
  /** All objects of a kind that carry every given label, ordered by name. */
  list<Spec, Status = unknown>(kind: string, labels?: Labels): Promise<readonly StoredObject<Spec, Status>[]>;
  /**
   * First every object that exists, as `added`, and `listed` once after the last of them; then each later change, also those of other
   * processes. With labels: of what carries every one of them; what loses one is `deleted`. Several changes of one object may be told
   * as one, with the last state. Ends when the signal is aborted.
   */
  watch<Spec, Status = unknown>(kind: string, signal: AbortSignal, labels?: Labels): AsyncIterable<StoreEvent<Spec, Status> | Listed>;
  /** Throws `AlreadyExists` when the name is taken. A status that comes along may be lost when the process dies in between. */
  create<Spec, Status = unknown>(object: NewObject<Spec, Status>): Promise<StoredObject<Spec, Status>>;
  /**
   * Replaces spec, labels and annotations (absent ones by none), keeps the status. Sends nothing when all are what they were.
   * Throws `Conflict` when the object changed since it was read, `NotFound` when it is gone.
   */
  update<Spec, Status = unknown>(object: ReadObject<Spec, Status>): Promise<StoredObject<Spec, Status>>;
  /** Replaces the status, keeps all else. Sends nothing when it is what it was. Throws as `update` does. */
  updateStatus<Spec, Status = unknown>(object: ReadObject<Spec, Status>): Promise<StoredObject<Spec, Status>>;
  /** True when something was deleted. With a resourceVersion it throws `Conflict` unless that is the version that would go. */
  delete(kind: string, name: string, resourceVersion?: string): Promise<boolean>;

  /** Keeps text under its SHA-256 in hex, which is the answer. Keeping it twice is keeping it once. */
  putArtifact(text: string): Promise<string>;
  /** The text, or undefined when it is not kept. Throws `StoreDamaged` when it does not have its digest any more. */
  getArtifact(digest: string): Promise<string | undefined>;
  deleteArtifact(digest: string): Promise<void>;
  /** Digests of all that are kept. */
  listArtifacts(): Promise<readonly string[]>;

  close(): void;
}

export type Labels = Readonly<Record<string, string>>;

export interface StoredObject<Spec = unknown, Status = unknown> {
  kind: string;
  name: string;
  /** Told apart from an earlier object of the same name. */
  uid: string;
  labels: Labels;
  annotations: Labels;
  spec: Spec;
  status?: Status;
  /** 1 when created; rises when the spec changes, and with nothing else. */
  generation: number;
  /** ISO 8601. */
  createdAt: string;
  resourceVersion: string;
}

export interface NewObject<Spec = unknown, Status = unknown> {
  kind: string;
  name: string;
  labels?: Labels;
  annotations?: Labels;
  spec: Spec;
  status?: Status;
}

/** What a writer hands back: an object at the version it was read at. */
export type ReadObject<Spec = unknown, Status = unknown> = NewObject<Spec, Status> & { resourceVersion: string };

/** All that existed when the watch began has been told: what was not is not there. */
export interface Listed {
  type: 'listed';
}

/** What is told of an object that went. */
export type GoneObject = Pick<StoredObject, 'kind' | 'name' | 'uid' | 'resourceVersion'>;

export type StoreEvent<Spec = unknown, Status = unknown> =
  | { type: 'added' | 'modified'; object: StoredObject<Spec, Status> }
  | { type: 'deleted'; object: GoneObject };
