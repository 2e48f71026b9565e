import { type KeptManifest, keepManifest, restoreManifest } from './kept-manifests.ts';
import { createRuleMemory, type RuleMemory } from './checks/index.ts';
import type { Manifest } from './manifests.ts';
import type { ObjectIndex } from './object-index.ts';
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
  /** What the rules found in the last load. */
  rules: RuleMemory;
}

export interface ManifestPass {
  /** The manifest of a file whose content has this id, when an earlier load had the file with the same id: then it need not be read. */
  find(path: string, id: string | undefined): Manifest | undefined;
  /** The manifest of a file whose content has this digest, when an earlier load had it: then it need not be parsed. */
  recall(path: string, content: Content): Manifest | undefined;
  /** The file was parsed, with this locator. */
  note(path: string, content: Content, manifest: Manifest): void;
  locator: Locator;
  /** The objects of the load before, in their order. */
  indexed: ObjectIndex | undefined;
  /** Every file is there: from now on these are those that are remembered. */
  end(index: ObjectIndex): void;
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
  let last: ObjectIndex | undefined;
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
        indexed: last,
        end(index) {
          known = next;
          last = index;
        },
      };
    },
    rules: createRuleMemory(),
    keep() {
      const all = [...known].map(([path, { digest, manifest }]) => [path, keepManifest(digest, manifest)] as const);
      return new Map(all.flatMap(([path, manifest]) => (manifest ? [[path, manifest]] : [])));
    },
  };
}
