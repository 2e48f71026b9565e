import type { ObjectStore, StoredObject, StoreEvent } from '../store/index.ts';

/** Objects of one kind as they were last seen, so that a look at a device asks nobody for what it published before. */
export interface ObjectCache<Spec, Status> {
  get(name: string): StoredObject<Spec, Status> | undefined;
  list(): readonly StoredObject<Spec, Status>[];
  /** Takes the answer to an own write at once: the watch brings it later, and the next write would be a conflict until then. */
  learn(object: StoredObject<Spec, Status>): void;
  forget(name: string): void;
}

/**
 * Follows a kind until the signal is aborted. `onEvent` hears of everything, own writes too. Resolves when what existed at the start
 * is there; `ended` settles when the watch is over, and rejects when it broke.
 */
export async function followObjects<Spec, Status>(
  store: ObjectStore,
  kind: string,
  signal: AbortSignal,
  onEvent: (event: StoreEvent<Spec, Status>, before: StoredObject<Spec, Status> | undefined) => void,
): Promise<{ cache: ObjectCache<Spec, Status>; ended: Promise<void> }> {
  const objects = new Map<string, StoredObject<Spec, Status>>();
  for (const object of await store.list<Spec, Status>(kind)) objects.set(object.name, object);
  const ended = (async () => {
    for await (const event of store.watch<Spec, Status>(kind, signal)) {
      const { name } = event.object;
      const before = objects.get(name);
      // The echo of an own write that an own later one has overtaken.
      if (before && event.type === 'modified' && before.uid === event.object.uid && event.object.generation < before.generation) continue;
      if (event.type === 'deleted') objects.delete(name);
      else objects.set(name, event.object);
      onEvent(event, before);
    }
  })();
  return {
    cache: {
      get: (name) => objects.get(name),
      list: () => [...objects.values()],
      learn: (object) => void objects.set(object.name, object),
      forget: (name) => void objects.delete(name),
    },
    ended,
  };
}
