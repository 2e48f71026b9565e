import type { Clock } from '../../lib/index.ts';
import type { GoneObject, Listed, StoredObject, StoreEvent } from '../contract.ts';

/** How often a watcher looks at the sequence. One integer from a page in memory: cheap enough for several watchers. */
const pollMs = 100;

/** What a watcher asks a store of one kind. */
export interface Watched<Spec, Status> {
  /** Number of the last write of any process. */
  sequence(): number;
  list(): readonly StoredObject<Spec, Status>[];
  /** What was written and what went after a write, the latter as last seen; undefined when that is not known any more. */
  changesAfter(
    version: number,
  ): { written: readonly StoredObject<Spec, Status>[]; gone: readonly StoredObject<Spec, Status>[] } | undefined;
}

/**
 * Objects that exist, then what changes. SQLite tells nobody about the writes of another process, so the sequence is polled and what is
 * newer is read when it moved. A change between two looks is seen as one event with the last state.
 */
export async function* watchKind<Spec, Status>(
  store: Watched<Spec, Status>,
  isWanted: (object: StoredObject<Spec, Status>) => boolean,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<StoreEvent<Spec, Status> | Listed> {
  // Not the objects: whoever watches holds them already, and of ten thousand devices a second copy is a hundred megabytes.
  const known = new Map<string, GoneObject>();
  let looked: number | undefined;
  while (!signal.aborted) {
    const now = store.sequence();
    if (now !== looked) {
      const isFirst = looked === undefined;
      const changes = looked === undefined ? undefined : store.changesAfter(looked);
      looked = now;
      yield* changes ? takeChanges(known, changes, isWanted) : takeAll(known, store.list().filter(isWanted));
      if (isFirst) yield { type: 'listed' };
    }
    try {
      await clock.sleep(pollMs, signal);
    } catch {
      return; // aborted
    }
  }
}

function* takeChanges<Spec, Status>(
  known: Map<string, GoneObject>,
  { written, gone }: NonNullable<ReturnType<Watched<Spec, Status>['changesAfter']>>,
  isWanted: (object: StoredObject<Spec, Status>) => boolean,
): Generator<StoreEvent<Spec, Status>> {
  const standing = new Set(written.map(({ name }) => name));
  for (const object of gone) {
    if (standing.has(object.name)) continue;
    // Also one that came and went between two looks: whoever made it knows of it from the answer.
    if (isWanted(object)) known.set(object.name, identityOf(object));
    yield* drop(known, object.name);
  }
  for (const object of written) yield* isWanted(object) ? take(known, object) : drop(known, object.name);
}

function* takeAll<Spec, Status>(
  known: Map<string, GoneObject>,
  all: readonly StoredObject<Spec, Status>[],
): Generator<StoreEvent<Spec, Status>> {
  const standing = new Set(all.map(({ name }) => name));
  for (const name of known.keys()) if (!standing.has(name)) yield* drop(known, name);
  for (const object of all) yield* take(known, object);
}

function* take<Spec, Status>(known: Map<string, GoneObject>, object: StoredObject<Spec, Status>): Generator<StoreEvent<Spec, Status>> {
  const before = known.get(object.name);
  if (before?.resourceVersion === object.resourceVersion) return;
  known.set(object.name, identityOf(object));
  yield { type: before ? 'modified' : 'added', object };
}

function identityOf({ kind, name, uid, resourceVersion }: StoredObject): GoneObject {
  return { kind, name, uid, resourceVersion };
}

function* drop<Spec, Status>(known: Map<string, GoneObject>, name: string): Generator<StoreEvent<Spec, Status>> {
  const object = known.get(name);
  if (!object) return;
  known.delete(name);
  yield { type: 'deleted', object };
}
