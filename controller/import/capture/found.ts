import type { CheckedState } from '../../api/index.ts';
import { print, type Tree } from '../../config/index.ts';
import { createClaims } from '../claims.ts';
import { byNameOnDevice, namesInGit } from '../facts-in-git.ts';
import { findAll, type Found } from '../frr/index.ts';
import { readOriginal } from '../original.ts';
import type { NamesOfDevice } from '../sessions.ts';

/** What an import would find in a configuration. */
export function readFound(device: string, tree: Tree): Found {
  const original = readOriginal(
    { device, from: device, platform: tree.platform, text: print(tree), version: tree.version },
    (value) => value,
  );
  return findAll(original, createClaims(new Set()));
}

/** Names in Git of what a device knows by a name of its own. */
export interface NamesInGit extends NamesOfDevice {
  /** `key`: as policies of the device know the list, for example `ip customers`. */
  setOf: (key: string) => { kind: 'PrefixSet' | 'CommunitySet' | 'ASPathSet'; name: string } | undefined;
}

export function namesIn(state: CheckedState): NamesInGit {
  const { objects } = state;
  const sets = {
    PrefixSet: byNameOnDevice(objects.PrefixSet),
    CommunitySet: byNameOnDevice(objects.CommunitySet),
    ASPathSet: byNameOnDevice(objects.ASPathSet),
  };
  return {
    ...namesInGit(state),
    setOf: (key) => {
      const [what = '', ...rest] = key.split(' ');
      const kind = what === 'ip' || what === 'ipv6' ? 'PrefixSet' : what === 'as-path' ? 'ASPathSet' : 'CommunitySet';
      const name = sets[kind].get(rest.join(' '));
      return name === undefined ? undefined : { kind, name };
    },
  };
}
