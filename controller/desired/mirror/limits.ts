/** Bounds on what a remote repository may cost. Beyond one, the fetch ends with an error and nothing in force changes. */
export interface MirrorLimits {
  /** Bytes of the whole mirror on disk. */
  mirrorBytes: number;
  /** Bytes of address space of each Git process: a small pack may unfold to something huge. */
  memoryBytes: number;
  /** Milliseconds for one fetch, waiting for the lock included. */
  fetchMs: number;
}

export const defaultLimits: MirrorLimits = {
  mirrorBytes: 1024 * 1024 * 1024,
  memoryBytes: 2 * 1024 * 1024 * 1024,
  fetchMs: 180_000,
};

/** Bounds that nobody sets. */
export const fixedLimits = {
  /** Bytes of the list of refs. A host with protocol 2 sends only those that were asked for. */
  refListBytes: 16 * 1024 * 1024,
  /** Packs after which they are made into one. */
  packs: 40,
  /** Milliseconds for making them into one. */
  repackMs: 120_000,
  /** Commits whose signature is checked in one go. */
  verifiedCommits: 1_000,
  /** Branches and tags that are fetched to find a pinned commit that the host does not give by name. */
  searchedRefs: 1_000,
  /** Bytes of a Flux artifact as it is sent, and of the files in it. */
  artifactBytes: 64 * 1024 * 1024,
  artifactContentBytes: 128 * 1024 * 1024,
  /** Files, folders and other entries of an artifact. */
  artifactEntries: 200_000,
  /** Milliseconds for fetching an artifact. */
  artifactMs: 60_000,
} as const;
