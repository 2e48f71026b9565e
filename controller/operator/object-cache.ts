import { isDeepStrictEqual } from 'node:util';
import { statuses } from '../api/index.ts';
import { createInterner } from '../lib/index.ts';
import type { ObjectStore, StoredObject, StoreEvent } from '../store/index.ts';

/** Of one object; a watch that is so far behind lists anew. */
const mostUntold = 32;

/** Objects of one kind as they were last seen, so that a look at a device asks nobody for what it published before. */
export interface ObjectCache<Spec, Status> {
  get(name: string): StoredObject<Spec, Status> | undefined;
  list(): readonly StoredObject<Spec, Status>[];
  /** Takes what was read, or an own write of a status, at once: the watch brings it later, and the next write would be a conflict until then. */
  learn(object: StoredObject<Spec, Status>): void;
  /** The same for an own write of spec and labels, which is no news when the watch brings it. Gives it as it is known now. */
  wrote(object: StoredObject<Spec, Status>): StoredObject<Spec, Status>;
  /** Keeps this copy of a spec that is equal to the known one: of ten thousand devices Git's and ours are one. */
  share(name: string, spec: Spec): void;
  forget(name: string): void;
}

/**
 * Follows a kind until the signal is aborted. `onEvent` hears of everything after what existed at the start, own writes too; `before` is
 * the object as it was last told of, with the spec that we wrote since. Resolves when what existed is there, and rejects when the signal
 * aborts before; `ended` settles when the watch is over, and rejects when it broke.
 */
export async function followObjects<Spec, Status>(
  store: ObjectStore,
  kind: string,
  signal: AbortSignal,
  onEvent: (event: StoreEvent<Spec, Status>, before: StoredObject<Spec, Status> | undefined) => void,
): Promise<{ cache: ObjectCache<Spec, Status>; ended: Promise<void> }> {
  const objects = new Map<string, StoredObject<Spec, Status>>();
  const complete = completing<Spec, Status>(kind);
  // What was told, apart from what is known: whoever reads an object again after a conflict learns what a person asked before the watch
  // tells of it, and the question must not be lost by that.
  const told = new Map<string, StoredObject<Spec, Status>>();
  const take = (object: StoredObject<Spec, Status>): StoredObject<Spec, Status> => {
    const known = objects.get(object.name)?.spec;
    // Whoever writes the status hands the spec around too: an equal one is not kept a second time.
    return complete(known !== undefined && isDeepStrictEqual(known, object.spec) ? { ...object, spec: known } : object);
  };
  // By object, the versions that we came to know by ourselves and the watch has not told of, the oldest first.
  const untold = new Map<string, string[]>();
  const knows = ({ name, resourceVersion }: StoredObject<Spec, Status>) => {
    const versions = untold.get(name)?.filter((each) => each !== resourceVersion) ?? [];
    untold.set(name, [...versions, resourceVersion].slice(-mostUntold));
  };
  /** True for the echo of what we wrote or read before something newer: to believe it would bring a status back that stands no more. */
  const isOvertaken = ({ type, object }: StoreEvent<Spec, Status>): boolean => {
    const versions = untold.get(object.name);
    const place = versions?.indexOf(object.resourceVersion) ?? -1;
    if (versions === undefined || (place < 0 && type !== 'deleted')) return false;
    const later = type === 'deleted' ? [] : versions.slice(place + 1);
    if (later.length > 0) untold.set(object.name, later);
    else untold.delete(object.name);
    return later.length > 0;
  };
  const listed = Promise.withResolvers<void>();
  let isListed = false;
  const ended = (async () => {
    for await (const event of store.watch<Spec, Status>(kind, signal)) {
      if (event.type === 'listed') {
        isListed = true;
        listed.resolve();
        continue;
      }
      const { name } = event.object;
      const known = objects.get(name);
      if (isOvertaken(event)) continue;
      // The first half of a creation of ours: an API server takes a status only after the object.
      if (known?.status !== undefined && event.type === 'added' && known.uid === event.object.uid && event.object.status === undefined)
        continue;
      // The same of a spec, where several changes are told as one.
      if (known && event.type === 'modified' && known.uid === event.object.uid && event.object.generation < known.generation) continue;
      const before = told.get(name);
      if (event.type === 'deleted') {
        objects.delete(name);
        told.delete(name);
      } else {
        const object = take(event.object);
        objects.set(name, object);
        told.set(name, object);
      }
      if (isListed) onEvent(event, before);
    }
  })();
  ended.then(() => listed.reject(signal.reason), listed.reject);
  await listed.promise;
  return {
    cache: {
      get: (name) => objects.get(name),
      list: () => [...objects.values()],
      learn: (object) => {
        knows(object);
        objects.set(object.name, take(object));
      },
      wrote: (written) => {
        knows(written);
        const object = take(written);
        objects.set(object.name, object);
        told.set(object.name, { ...object, annotations: told.get(object.name)?.annotations ?? object.annotations });
        return object;
      },
      share: (name, spec) => {
        for (const each of [objects, told]) {
          const known = each.get(name);
          if (known && isDeepStrictEqual(known.spec, spec)) each.set(name, { ...known, spec });
        }
      },
      forget: (name) => {
        objects.delete(name);
        told.delete(name);
        untold.delete(name);
      },
    },
    ended,
  };
}

/** Gives a status the fields that have a default, where an older version or a person left them out: everybody may count on them. */
function completing<Spec, Status>(kind: string): (object: StoredObject<Spec, Status>) => StoredObject<Spec, Status> {
  const fields = Object.entries(statuses[kind as keyof typeof statuses]?.shape ?? {});
  const defaults = fields
    .map(([name, schema]) => [name, schema.safeParse(undefined).data] as const)
    .filter(([, value]) => value !== undefined);
  return (object) => {
    const status = intern(object.status);
    if (status === undefined || defaults.every(([name]) => Object.hasOwn(status as object, name))) return object;
    return { ...object, status: { ...Object.fromEntries(defaults), ...status } };
  };
}

/** What fifty thousand sessions say alike is there once, whether it was read or is our own. */
const intern = createInterner();
