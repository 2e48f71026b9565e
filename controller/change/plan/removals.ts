/** How many of the objects we own a plan removes. An object is a named one of the dialect, or a line that stands for itself. */
export interface Removals {
  owned: number;
  removed: readonly string[];
}

/** Up to this many objects go without a question, and up to this share of what we own. */
const freeObjects = 5;
const freeShare = 0.1;

interface Unit {
  key: string;
  object?: string;
}

/** Counts by object: a route-map with forty terms is one. `stays` holds the keys of the configuration as it will be. */
export function countRemovals(owned: readonly Unit[], stays: ReadonlySet<string>): Removals {
  const units = Map.groupBy(owned, ({ object, key }) => object ?? key);
  const removed = [...units].filter(([, members]) => members.every(({ key }) => !stays.has(key))).map(([unit]) => unit);
  return { owned: units.size, removed };
}

/**
 * Does this need a person to say that it is meant? Beyond five objects or a tenth of what we own, whichever is more, and whenever
 * nothing of several objects would be left: an emptied folder in Git looks like that.
 */
export function needsPermission({ owned, removed }: Removals): boolean {
  const all = removed.length === owned && owned > 1;
  return all || removed.length > Math.max(freeObjects, Math.floor(owned * freeShare));
}
