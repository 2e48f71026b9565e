import type { Clock } from '../../lib/index.ts';
import type { StoredObject, StoreEvent } from '../contract.ts';

/** How often a watcher looks at the sequence. One integer from a page in memory: cheap enough for several watchers. */
const pollMs = 100;

/**
 * Objects that exist, then what changes. SQLite tells nobody about the writes of another process, so the sequence is polled and
 * the kind listed again when it moved. A change between two looks is seen as one event with the last state.
 */
export async function* watchKind<Spec, Status>(
  list: () => Promise<readonly StoredObject<Spec, Status>[]>,
  sequence: () => number,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<StoreEvent<Spec, Status>> {
  let seen = new Map<string, StoredObject<Spec, Status>>();
  let looked = -1;
  while (!signal.aborted) {
    const now = sequence();
    if (now !== looked) {
      looked = now;
      const found = new Map((await list()).map((object) => [object.name, object]));
      yield* changesBetween(seen, found);
      seen = found;
    }
    try {
      await clock.sleep(pollMs, signal);
    } catch {
      return; // aborted
    }
  }
}

function* changesBetween<Spec, Status>(
  before: ReadonlyMap<string, StoredObject<Spec, Status>>,
  after: ReadonlyMap<string, StoredObject<Spec, Status>>,
): Generator<StoreEvent<Spec, Status>> {
  for (const [name, object] of before) if (!after.has(name)) yield { type: 'deleted', object };
  for (const [name, object] of after) {
    const old = before.get(name);
    if (!old) yield { type: 'added', object };
    else if (old.resourceVersion !== object.resourceVersion) yield { type: 'modified', object };
  }
}
