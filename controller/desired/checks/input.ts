import type { DesiredObject, DesiredObjects, Kind, ValuePath } from '../../api/index.ts';
import { formatPosition, type PlumblineError } from '../../lib/index.ts';
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

/** A rule over the whole desired state. Pure; finds everything it can find. */
export type Check = (input: CheckInput) => PlumblineError[];

/** `BGPSession/core-fra`, as reports name it. */
export function nameOf(object: DesiredObject): string {
  return `${object.kind}/${object.metadata.name}`;
}

/**
 * A rule over one object alone, whatever the time is. One in which it found nothing is not looked at again: a load with a manifest cache hands in the same
 * objects for files that did not change. Remembers an object as long as it lives.
 */
export function onItsOwn<Object extends DesiredObject>(
  rule: (object: Object) => readonly PlumblineError[],
): (object: Object) => readonly PlumblineError[] {
  const clean = new WeakSet<Object>();
  return (object) => {
    if (clean.has(object)) return none;
    const problems = rule(object);
    if (problems.length === 0) clean.add(object);
    return problems;
  };
}

const none: readonly PlumblineError[] = [];

/** A value by its place, for finding the second of two. */
export interface Seen {
  object: DesiredObject;
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
