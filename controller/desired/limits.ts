/** Bounds on what a repository may ask of the checker. Anything beyond is an error with its place, never a crash. */
export const limits = {
  /** Bytes of one YAML file or template. */
  fileBytes: 8 * 1024 * 1024,
  /** Bytes of any other file: a list, or a raw section. Lines cost less than YAML does. */
  listBytes: 32 * 1024 * 1024,
  /** Bytes of all files together. */
  totalBytes: 512 * 1024 * 1024,
  /** Entries of the whole tree. */
  treeEntries: 500_000,
  /** Levels of lists and maps inside each other. The kinds need seven. */
  yamlDepth: 48,
  /** Words and signs in one YAML file: bounds the memory of its syntax tree. */
  yamlTokens: 1_500_000,
  /** Values that aliases may add to one document. */
  aliasedValues: 20_000,
  /** Entries that one file may add to a PrefixSet, or reservations to a DHCPSubnet. */
  entriesPerFile: 250_000,
  /** Problems shown of one file; a file in the wrong format would drown the rest. */
  problemsPerFile: 200,
  /** Milliseconds for loading and checking all. */
  timeMs: 120_000,
} as const;
