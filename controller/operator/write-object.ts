import { isDeepStrictEqual } from 'node:util';
import { PlumblineError } from '../lib/index.ts';
import type { Labels, ObjectStore, StoredObject } from '../store/index.ts';
import type { ObjectCache } from './object-cache.ts';

/** What an object should be. The status is made from what stands, so that times of transitions are kept. */
export interface Wanted<Spec, Status> {
  kind: string;
  name: string;
  labels?: Labels;
  /** Absent: people write the spec, and it stays; a new object gets `fresh`. */
  spec?: Spec;
  fresh: Spec;
  status: (object: StoredObject<Spec, Status>) => Status;
}

/**
 * Makes an object what it should be, with as few writes as that takes: none when nothing differs. Whoever was faster is read again
 * and the rest is done over; after five rounds somebody fights us, and the next reconcile goes on.
 */
export async function writeObject<Spec, Status>(
  store: ObjectStore,
  cache: ObjectCache<Spec, Status>,
  wanted: Wanted<Spec, Status>,
): Promise<StoredObject<Spec, Status>> {
  const { kind, name } = wanted;
  for (let round = 1; ; round++) {
    try {
      let object = cache.get(name);
      if (!object)
        object = await store.create<Spec, Status>({ kind, name, spec: wanted.fresh, ...(wanted.labels && { labels: wanted.labels }) });
      else if (differs(object, wanted))
        object = await store.update<Spec, Status>({ ...object, spec: wanted.spec ?? object.spec, labels: wanted.labels ?? object.labels });
      cache.learn(object);
      const status = wanted.status(object);
      if (!isDeepStrictEqual(object.status, status)) object = await store.updateStatus<Spec, Status>({ ...object, status });
      cache.learn(object);
      return object;
    } catch (error) {
      if (round >= 5 || !(error instanceof PlumblineError && outrun.has(error.code))) throw error;
      const now = await store.get<Spec, Status>(kind, name);
      if (now) cache.learn(now);
      else cache.forget(name);
    }
  }
}

/** Deletes an object that may be gone already. */
export async function removeObject<Spec, Status>(
  store: ObjectStore,
  cache: ObjectCache<Spec, Status>,
  kind: string,
  name: string,
): Promise<boolean> {
  if (!cache.get(name)) return false;
  const gone = await store.delete(kind, name);
  cache.forget(name);
  return gone;
}

const outrun: ReadonlySet<string> = new Set(['Conflict', 'AlreadyExists', 'NotFound']);

function differs<Spec, Status>(object: StoredObject<Spec, Status>, { spec, labels }: Wanted<Spec, Status>): boolean {
  return (
    (spec !== undefined && !isDeepStrictEqual(object.spec, spec)) ||
    (labels !== undefined && !isDeepStrictEqual({ ...object.labels }, { ...labels }))
  );
}
