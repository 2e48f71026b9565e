import type { DesiredObject, DesiredObjects, DeviceSpec, Kind, ValuePath } from '../../api/index.ts';
import { formatPosition, type PlumblineError } from '../../lib/index.ts';
import type { BrokenObject } from '../manifests.ts';

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
}

/** A rule over the whole desired state. Pure; finds everything it can find. */
export type Check = (input: CheckInput) => PlumblineError[];

/** `BGPSession/core-fra`, as reports name it. */
export function nameOf(object: DesiredObject): string {
  return `${object.kind}/${object.metadata.name}`;
}

export function findDevice(objects: DesiredObjects): (name: string) => DeviceSpec | undefined {
  return (name) => objects.Device.get(name)?.spec;
}

/** A value by its place, for finding the second of two. */
export interface Seen {
  object: DesiredObject;
  path: ValuePath;
}

export function placeOf({ object, path }: Seen): string {
  return formatPosition(object.locate(path));
}

/** Groups values by a key and hands over each repetition together with the first of its kind. */
export function findRepetitions<Item extends Seen>(
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
