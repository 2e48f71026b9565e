import { loadDesired } from '../../desired/index.ts';
import type { FleetSource } from './source.ts';

/** A folder as it is: a clean folder in Git is its commit, any other one the digest of what was read. */
export function openFolderSource(folder: string): FleetSource {
  return {
    look: async () => {
      const state = await loadDesired({ folder });
      return { revision: state.revision, load: () => Promise.resolve(state) };
    },
    close: () => Promise.resolve(),
  };
}
