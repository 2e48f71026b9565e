/** A value in canonical form: a reference is the natural key of what it names, a set is sorted, and nothing is null. */
export type FactValue = string | number | boolean | null | readonly string[];

/** One object as NetBox records it. */
export interface NetBoxObject {
  id: number;
  /** Natural key in words, for example `fra > edge1-fra > eth0`. Not unique where NetBox does not make it so. */
  key: string;
  values: Readonly<Record<string, FactValue>>;
  /** Time of the last change as NetBox wrote it, to the microsecond. */
  updated: string | null;
  /** What Plumbline wrote into it when it made it: only such an object is ever deleted. */
  plumblineId?: string;
}

/**
 * What NetBox records, read whole: a list that came back short is an error and no facts. Names of kinds are those of the descriptors:
 * `device`, `interface`, `ipAddress`.
 */
export interface NetBoxFacts {
  /** Without credentials. */
  url: string;
  /** For example `4.7.3`. */
  version: string;
  /** ISO 8601: before the first list was asked for. */
  at: string;
  objects: Readonly<Record<string, readonly NetBoxObject[]>>;
  /**
   * Kinds of which not all is known, each with the list that the token may not view: that one itself, or one through which their objects are found.
   * What is not in `objects` may be in NetBox all the same; what is there is found as by one who sees all.
   */
  unseen?: Readonly<Record<string, string>>;
}
