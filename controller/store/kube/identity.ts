import { randomUUID } from 'node:crypto';
import type { KubeClient } from '../../kube/index.ts';
import { type Clock, PlumblineError } from '../../lib/index.ts';
import type { StoredObject } from '../contract.ts';
import { errors } from '../errors.ts';
import { type Objects, openObjects } from './objects.ts';
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
 * marker beside it stands. Throws `StoreDamaged` when it does not.
 */
export async function openBelievable(client: KubeClient, places: Places, clock: Clock): Promise<Objects> {
  const records = openObjects(client, places, clock);
  const seen = openObjects(client, { ...places, artifactNamespace: places.namespace }, clock);
  const { id } = await mark(records, seen, places);
  let trustedUntil = clock.monotonicMs() + trustedMs;
  const verify = async (kind: string): Promise<void> => {
    if (isVisible(kind) || clock.monotonicMs() < trustedUntil) return;
    const found = await records.get<Marker>('Store', 'identity');
    if (found?.spec.id !== id) throw lost(places);
    trustedUntil = clock.monotonicMs() + trustedMs;
  };
  return {
    ...records,
    get: async <Spec, Status>(kind: string, name: string) => {
      const found = await records.get<Spec, Status>(kind, name);
      if (!found) await verify(kind);
      return found;
    },
    list: async <Spec, Status>(kind: string, labels?: Readonly<Record<string, string>>) => {
      const found = await records.list<Spec, Status>(kind, labels);
      if (found.length === 0) await verify(kind);
      return found;
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
