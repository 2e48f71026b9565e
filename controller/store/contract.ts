/**
 * What must survive a process. Two implementations (SQLite here, Kubernetes later) pass the suite in `test/store/store-contract.ts`.
 *
 * An object is `spec` (what was decided) and `status` (what was seen), plain JSON. `resourceVersion` is opaque: a caller compares it
 * for equality and hands it back. Every write goes through it, so two writers never overwrite each other unseen.
 */
export interface ObjectStore {
  /** The object, or undefined when there is none. */
  get<Spec, Status = unknown>(kind: string, name: string): Promise<StoredObject<Spec, Status> | undefined>;
  /** All objects of a kind that carry every given label, ordered by name. */
  list<Spec, Status = unknown>(kind: string, labels?: Labels): Promise<readonly StoredObject<Spec, Status>[]>;
  /** First every object that exists, as `added`, then each later change, also those of other processes. Ends when the signal is aborted. */
  watch<Spec, Status = unknown>(kind: string, signal: AbortSignal): AsyncIterable<StoreEvent<Spec, Status>>;
  /** Throws `AlreadyExists` when the name is taken. */
  create<Spec, Status = unknown>(object: NewObject<Spec, Status>): Promise<StoredObject<Spec, Status>>;
  /**
   * Replaces spec and labels, keeps the status. Sends nothing when both are what they were.
   * Throws `Conflict` when the object changed since it was read, `NotFound` when it is gone.
   */
  update<Spec, Status = unknown>(object: StoredObject<Spec, Status>): Promise<StoredObject<Spec, Status>>;
  /** Replaces the status, keeps the spec. Sends nothing when it is what it was. Throws as `update` does. */
  updateStatus<Spec, Status = unknown>(object: StoredObject<Spec, Status>): Promise<StoredObject<Spec, Status>>;
  /** True when something was deleted. With a resourceVersion it throws `Conflict` unless that is the version that would go. */
  delete(kind: string, name: string, resourceVersion?: string): Promise<boolean>;

  /** Keeps text under its SHA-256 in hex, which is the answer. Keeping it twice is keeping it once. */
  putArtifact(text: string): Promise<string>;
  /** The text, or undefined when it is not kept. Throws `StoreDamaged` when it does not have its digest any more. */
  getArtifact(digest: string): Promise<string | undefined>;
  deleteArtifact(digest: string): Promise<void>;

  close(): void;
}

export type Labels = Readonly<Record<string, string>>;

export interface StoredObject<Spec = unknown, Status = unknown> {
  kind: string;
  name: string;
  labels: Labels;
  spec: Spec;
  status?: Status;
  resourceVersion: string;
}

export type NewObject<Spec = unknown, Status = unknown> = Omit<StoredObject<Spec, Status>, 'resourceVersion' | 'labels'> & {
  labels?: Labels;
};

export interface StoreEvent<Spec = unknown, Status = unknown> {
  type: 'added' | 'modified' | 'deleted';
  /** For `deleted`, the object as it was last seen. */
  object: StoredObject<Spec, Status>;
}
