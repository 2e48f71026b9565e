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
}

export interface ManifestPass {
  /** The manifest of a file whose content has this digest. */
  read(path: string, digest: string, parse: (locator: Locator) => Manifest): Manifest;
  /** The load is done: from now on its files are those that are remembered. */
  end(): void;
}

export function createManifestCache(): ManifestCache {
  // One for all loads: each keeps the syntax trees that were asked for last.
  const locator = new Locator();
  let known = new Map<string, { digest: string; manifest: Manifest }>();
  return {
    begin() {
      const before = known;
      const next: typeof known = new Map();
      return {
        read(path, digest, parse) {
          const found = before.get(path);
          const entry = found?.digest === digest ? found : { digest, manifest: parse(locator) };
          next.set(path, entry);
          return entry.manifest;
        },
        end() {
          known = next;
        },
      };
    },
  };
}
