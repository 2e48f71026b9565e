import { createManifestCache, createSubnetMemory, loadCommitted, loadDesired } from '../../desired/index.ts';
import type { Clock } from '../../lib/index.ts';
import type { FleetSource } from './source.ts';

/** A folder as it is: a clean folder in Git is its commit, any other one the digest of what was read. */
export function openFolderSource(folder: string, clock: Clock): FleetSource {
  const cache = createManifestCache();
  const memory = createSubnetMemory();
  return {
    look: async () => {
      const state = await loadDesired({ folder }, clock, cache, memory);
      return { revision: state.revision, load: () => Promise.resolve(state) };
    },
    earlier: () => Promise.resolve(undefined),
    past: (revision) => loadCommitted(folder, revision),
    close: () => Promise.resolve(),
  };
}
