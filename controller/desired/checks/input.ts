import type { DesiredObject, DesiredObjects, Kind, ValuePath } from '../../api/index.ts';
import { formatPosition } from '../../lib/index.ts';
import type { BrokenObject } from '../manifests.ts';
import type { SubnetMemory } from '../subnet-memory.ts';

/** What a check looks at: every object that fits its schema, the names of those that do not, and the paths of all files. */
export interface CheckInput {
  objects: DesiredObjects;
  broken: readonly BrokenObject[];
  /** What could not be read, or not as an object of its kind. */
  unread: {
    isEmpty: boolean;
    /** True when an object of this name may well stand there: to say that it does not exist would be a guess. */
    mayHold(kind: Kind, name: string): boolean;
  };
  files: ReadonlySet<string>;
  now: Date;
  /** The subnets of the revision before; undefined when nobody knows one. */
  before: SubnetMemory['last'];
}

/** What a report needs of an object. */
export interface Named {
  kind: Kind;
  metadata: { name: string };
  locate: DesiredObject['locate'];
}

/** `BGPSession/core-fra`, as reports name it. */
export function nameOf(object: Pick<Named, 'kind' | 'metadata'>): string {
  return `${object.kind}/${object.metadata.name}`;
}

/** A value by its place, for finding the second of two. */
export interface Seen {
  object: Named;
  path: ValuePath;
}

export function placeOf({ object, path }: Seen): string {
  return formatPosition(object.locate(path));
}

/** Groups values by a key and hands over each repetition together with the first of its kind. */
export function findRepetitions<Item>(
  items: Iterable<readonly [key: string, item: Item]>,
  report: (again: Item, first: Item) => void,
): void {
  const firsts = new Map<string, Item>();
  for (const [key, item] of items) {
    const first = firsts.get(key);
    if (first) report(item, first);
    else firsts.set(key, item);
  }
}
