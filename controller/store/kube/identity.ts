import { randomUUID } from 'node:crypto';
import { PlumblineError } from '../../lib/index.ts';
import type { Labels, StoredObject } from '../contract.ts';
import { errors } from '../errors.ts';
import { type Objects, type ObjectsOptions, openObjects } from './objects.ts';
import { isVisible, type Places } from './resources.ts';

interface Marker {
  /** The same in both namespaces. */
  id: string;
}

/** How long a look at the marker holds. Within it a loss counts as a first contact: reported, never written. */
const trustedMs = 5_000;

/**
 * Objects whose absence can be believed. A namespace that was deleted and made again looks like one where nothing was ever kept, and
 * everything like a first contact. So both namespaces hold a marker with one id, and a record counts as absent only while the
 * marker beside it stands. Whoever asks only for what people see needs no marker.
 */
export function openBelievable(options: ObjectsOptions): Objects {
  const { places, clock } = options;
  const records = openObjects(options);
  const seen = openObjects({ ...options, places: { ...places, artifactNamespace: places.namespace } });
  let marker: Promise<Marker> | undefined;
  let trustedUntil = -Infinity;

  /** Before the first use of the records: they are the ones that we know, or new ones. */
  const enter = async (kind: string): Promise<void> => {
    if (isVisible(kind)) return;
    marker ??= mark(records, seen, places).finally(() => (trustedUntil = clock.monotonicMs() + trustedMs));
    try {
      await marker;
    } catch (error) {
      marker = undefined; // the next use asks again
      throw error;
    }
  };
  const believe = async (kind: string): Promise<void> => {
    if (isVisible(kind) || clock.monotonicMs() < trustedUntil) return;
    const found = await records.get<Marker>('Store', 'identity');
    if (found?.spec.id !== (await marker)?.id) throw lost(places);
    trustedUntil = clock.monotonicMs() + trustedMs;
  };

  return {
    get: async <Spec, Status>(kind: string, name: string) => {
      await enter(kind);
      const found = await records.get<Spec, Status>(kind, name);
      if (!found) await believe(kind);
      return found;
    },
    list: async <Spec, Status>(kind: string, labels?: Labels) => {
      await enter(kind);
      const found = await records.list<Spec, Status>(kind, labels);
      if (found.length === 0) await believe(kind);
      return found;
    },
    watch: async function* (kind, signal, labels) {
      await enter(kind);
      yield* records.watch(kind, signal, labels);
    },
    create: async (object) => {
      await enter(object.kind);
      return records.create(object);
    },
    update: async (object) => {
      await enter(object.kind);
      return records.update(object);
    },
    updateStatus: async (object) => {
      await enter(object.kind);
      return records.updateStatus(object);
    },
    delete: async (kind, name, resourceVersion) => {
      await enter(kind);
      return records.delete(kind, name, resourceVersion);
    },
  };
}

/** Finds the marker, or makes it where nothing was kept before. The records' side is first, so that a crash in between loses nothing. */
async function mark(records: Objects, seen: Objects, places: Places): Promise<Marker> {
  const known = await seen.get<Marker>('Store', 'identity');
  const held = await records.get<Marker>('Store', 'identity');
  if (known && known.spec.id !== held?.spec.id) throw lost(places);
  const marker = held ?? (await make(records, { id: randomUUID() }));
  if (!known && places.namespace !== places.artifactNamespace) {
    const made = await make(seen, marker.spec);
    if (made.spec.id !== marker.spec.id) throw lost(places);
  }
  return marker.spec;
}

async function make(objects: Objects, spec: Marker): Promise<StoredObject<Marker>> {
  try {
    return await objects.create<Marker>({ kind: 'Store', name: 'identity', spec });
  } catch (error) {
    const found = error instanceof PlumblineError && error.code === 'AlreadyExists' && (await objects.get<Marker>('Store', 'identity'));
    if (!found) throw error;
    return found; // another process was first
  }
}

function lost({ namespace, artifactNamespace }: Places): PlumblineError {
  return errors.RecordsLost({ namespace, artifactNamespace });
}
