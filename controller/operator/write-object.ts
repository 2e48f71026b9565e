import { isDeepStrictEqual } from 'node:util';
import { PlumblineError } from '../lib/index.ts';
import type { Labels, ObjectStore, StoredObject } from '../store/index.ts';
import type { ObjectCache } from './object-cache.ts';

/** What the status of an object should be. It is made from what stands, so that times of transitions are kept. */
export interface Amended<Spec, Status> {
  kind: string;
  name: string;
  status: (object: Pick<StoredObject<Spec, Status>, 'spec' | 'status' | 'generation'>) => Status;
}

/** What an object should be. */
export interface Wanted<Spec, Status> extends Amended<Spec, Status> {
  labels?: Labels;
  /** Absent: people write the spec, and it stays. */
  spec?: Spec;
  /** Spec of a new object. */
  fresh: Spec;
  /** Annotations of a new object; later they are what people write. */
  annotations?: Labels;
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
  return overtaking(store, cache, wanted, async (found) => {
    const { kind, name, labels, annotations, fresh } = wanted;
    if (found && !differs(found, wanted)) {
      if (wanted.spec !== undefined && found.spec !== wanted.spec) cache.share(name, wanted.spec);
      return found;
    }
    const written = found
      ? await store.update<Spec, Status>({ ...found, spec: wanted.spec ?? found.spec, labels: labels ?? found.labels })
      : await store.create<Spec, Status>({
          kind,
          name,
          spec: fresh,
          ...(labels && { labels }),
          ...(annotations && { annotations }),
          status: wanted.status({ spec: fresh, generation: 1 }),
        });
    const known = cache.wrote(written);
    if (wanted.spec === undefined) return known;
    cache.share(name, wanted.spec);
    return cache.get(name) ?? known;
  });
}

/** Makes the status of an object what it should be. Undefined when the object is gone: it is not made again. */
export async function amendObject<Spec, Status>(
  store: ObjectStore,
  cache: ObjectCache<Spec, Status>,
  amended: Amended<Spec, Status>,
): Promise<StoredObject<Spec, Status> | undefined> {
  return overtaking(store, cache, amended, (found) => Promise.resolve(found));
}

async function overtaking<Spec, Status, Found extends StoredObject<Spec, Status> | undefined>(
  store: ObjectStore,
  cache: ObjectCache<Spec, Status>,
  { kind, name, status }: Amended<Spec, Status>,
  prepare: (found: StoredObject<Spec, Status> | undefined) => Promise<Found>,
): Promise<Found> {
  for (let round = 1; ; round++) {
    try {
      const object = await prepare(cache.get(name));
      if (!object) return object;
      const next = status(object);
      if (isDeepStrictEqual(object.status, next)) return object;
      const written = await store.updateStatus<Spec, Status>({ ...object, status: next });
      cache.learn(written);
      return written as Found; // an object for an object
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
    (spec !== undefined && object.spec !== spec && !isDeepStrictEqual(object.spec, spec)) ||
    (labels !== undefined && !isDeepStrictEqual({ ...object.labels }, { ...labels }))
  );
}
