import { type DesiredObject, type DesiredObjects, type Kind, kindNames } from '../api/index.ts';

/** Objects by kind and name, and what they were made from. */
export interface ObjectIndex {
  objects: DesiredObjects;
  /** Of each kind every object, in the order of their files. */
  lists: Readonly<Record<Kind, readonly DesiredObject[]>>;
  /** Objects whose name an earlier one has: they are left out. */
  repeated: readonly { first: DesiredObject; again: DesiredObject }[];
}

/**
 * Sorted by name. A kind of which nothing changed since `before` is the same map again, so that what was made from that one, an index of
 * sessions for example, is not made again; with other objects of the same names it is filled anew, and not sorted.
 */
export function indexObjects(all: readonly DesiredObject[], before?: ObjectIndex): ObjectIndex {
  const lists = Object.fromEntries(kindNames.map((kind) => [kind, [] as DesiredObject[]])) as Record<Kind, DesiredObject[]>;
  for (const object of all) lists[object.kind].push(object);
  const repeated: { first: DesiredObject; again: DesiredObject }[] = [];
  const indexKind = (kind: Kind): ReadonlyMap<string, DesiredObject> => {
    const list = lists[kind];
    if (before) {
      const last = before.objects[kind];
      const changed = last.size === list.length ? changedSince(before.lists[kind], list) : undefined;
      if (changed) return changed.length === 0 ? last : withOthers(last, changed);
    }
    const map = new Map<string, DesiredObject>();
    for (const again of list.toSorted(byName)) {
      const first = map.get(again.metadata.name);
      if (first) repeated.push({ first, again });
      else map.set(again.metadata.name, again);
    }
    return map;
  };
  return { objects: Object.fromEntries(kindNames.map((kind) => [kind, indexKind(kind)])) as unknown as DesiredObjects, lists, repeated };
}

/** In the same order. */
function withOthers(map: ReadonlyMap<string, DesiredObject>, others: readonly DesiredObject[]): ReadonlyMap<string, DesiredObject> {
  const next = new Map(map);
  for (const object of others) next.set(object.metadata.name, object);
  return next;
}

/** Objects that are others now, under the names that were in their places; undefined when the names differ. */
function changedSince(before: readonly DesiredObject[], now: readonly DesiredObject[]): DesiredObject[] | undefined {
  if (before.length !== now.length) return undefined;
  const changed: DesiredObject[] = [];
  for (const [i, object] of now.entries()) {
    const last = before[i];
    if (last === object) continue;
    if (last?.metadata.name !== object.metadata.name) return undefined;
    changed.push(object);
  }
  return changed;
}

function byName(a: DesiredObject, b: DesiredObject): number {
  return a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0;
}
