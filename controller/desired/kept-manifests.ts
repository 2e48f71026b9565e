import type { DesiredObject } from '../api/index.ts';
import type { Manifest } from './manifests.ts';
import { PlaceTable, type SealedPlaces } from './yaml-places.ts';

/** What a file without a fault said, as plain data that outlives the process. */
export interface KeptManifest extends SealedPlaces {
  /** Of the content of the file. */
  digest: string;
  objects: readonly Pick<DesiredObject, 'kind' | 'metadata' | 'spec'>[];
}

/** Undefined for a file that has faults, or aliases: it is parsed anew, which says all of it in its words. */
export function keepManifest(digest: string, { objects, broken, problems, unread, places }: Manifest): KeptManifest | undefined {
  if (broken.length + problems.length + unread.length > 0 || places.roots.length !== objects.length * 2) return undefined;
  return { digest, objects: objects.map(({ kind, metadata, spec }) => ({ kind, metadata, spec })), ...places };
}

/** The manifest as it was parsed. */
export function restoreManifest(file: string, { objects, numbers, roots }: KeptManifest): Manifest {
  const places = new PlaceTable(file, { numbers, roots });
  const restored = places.finders().flatMap((locate, i) => {
    const object = objects[i];
    return object ? [{ ...object, position: locate([]), locate }] : [];
  });
  return { objects: restored, broken: [], problems: [], unread: [], places: places.seal() };
}
