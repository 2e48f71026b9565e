import { createManifestCache, loadCommitted, loadDesired, rememberState } from '../../desired/index.ts';
import type { Clock } from '../../lib/index.ts';
import type { FleetSource } from './source.ts';

/** A folder as it is: a clean folder in Git is its commit, any other one the digest of what was read. */
export function openFolderSource(folder: string, clock: Clock): FleetSource {
  const cache = createManifestCache();
  return {
    look: async (_signal, _inForce, before) => {
      const state = await loadDesired({ folder }, clock, cache, rememberState(await before()));
      return { revision: state.revision, load: () => Promise.resolve(state) };
    },
    earlier: () => Promise.resolve(undefined),
    past: (revision) => loadCommitted(folder, revision),
    close: () => Promise.resolve(),
  };
}
