import { type KeptManifest, keepManifest, restoreManifest } from './kept-manifests.ts';
import { type DesiredObject, type DesiredObjects, kindNames } from '../api/index.ts';
import type { Manifest } from './manifests.ts';
import { Locator } from './yaml-locate.ts';

/**
 * What was parsed of one source, so that a commit that changes one file costs the parsing of one file. Give the same one to each
 * load of that source. Holds the files of the last load that ended, which its state holds anyway; the objects of an unchanged
 * file are the same objects again.
 */
export interface ManifestCache {
  /** One load. Nothing is remembered of a load that does not end. */
  begin(): ManifestPass;
  /** The files of the last load that ended, by path: all but those with faults. */
  keep(): ReadonlyMap<string, KeptManifest>;
}

export interface ManifestPass {
  /** The manifest of a file whose content has this id, when an earlier load had the file with the same id: then it need not be read. */
  find(path: string, id: string | undefined): Manifest | undefined;
  /** The manifest of a file whose content has this digest, when an earlier load had it: then it need not be parsed. */
  recall(path: string, content: Content): Manifest | undefined;
  /** The file was parsed, with this locator. */
  note(path: string, content: Content, manifest: Manifest): void;
  locator: Locator;
  /**
   * Every file is there: from now on these are those that are remembered. A kind of which nothing changed comes back as the map that the last load
   * had, so that what was made from that one, an index for example, is not made again.
   */
  end(objects: DesiredObjects): DesiredObjects;
}

/** Digest of what a file holds, and its id in the listing of its source. */
export interface Content {
  digest: string;
  id: string | undefined;
}

/** `kept` are files of a load in another process. */
export function createManifestCache(kept: ReadonlyMap<string, KeptManifest> = new Map()): ManifestCache {
  // One for all loads: each keeps the syntax trees that were asked for last.
  const locator = new Locator();
  let known = new Map<string, Content & { manifest: Manifest }>();
  let last: DesiredObjects | undefined;
  const restore = (path: string, digest: string): Manifest | undefined => {
    const found = kept.get(path);
    return found?.digest === digest ? restoreManifest(path, found) : undefined;
  };
  return {
    begin() {
      const before = known;
      const next: typeof known = new Map();
      return {
        find(path, id) {
          const found = before.get(path);
          if (!found || id === undefined || found.id !== id) return undefined;
          next.set(path, found);
          return found.manifest;
        },
        recall(path, content) {
          const found = before.get(path);
          const manifest = found?.digest === content.digest ? found.manifest : restore(path, content.digest);
          if (manifest) next.set(path, { ...content, manifest });
          return manifest;
        },
        note(path, content, manifest) {
          next.set(path, { ...content, manifest });
        },
        locator,
        end(objects) {
          known = next;
          const kinds = kindNames.map((kind) => [kind, last && holdsTheSame(last[kind], objects[kind]) ? last[kind] : objects[kind]]);
          last = Object.fromEntries(kinds) as DesiredObjects;
          return last;
        },
      };
    },
    keep() {
      const all = [...known].map(([path, { digest, manifest }]) => [path, keepManifest(digest, manifest)] as const);
      return new Map(all.flatMap(([path, manifest]) => (manifest ? [[path, manifest]] : [])));
    },
  };
}

/** The same objects in the same order. */
function holdsTheSame(a: ReadonlyMap<string, DesiredObject>, b: ReadonlyMap<string, DesiredObject>): boolean {
  if (a.size !== b.size) return false;
  const others = b.values();
  return a.values().every((object) => object === others.next().value);
}
