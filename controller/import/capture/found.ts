import type { CheckedState } from '../../api/index.ts';
import { print, type Tree } from '../../config/index.ts';
import { createClaims } from '../claims.ts';
import { findAll, type Found } from '../frr/index.ts';
import { readOriginal } from '../original.ts';

/** What an import would find in a configuration. */
export function readFound(device: string, tree: Tree): Found {
  const original = readOriginal(
    { device, from: device, platform: tree.platform, text: print(tree), version: tree.version },
    (value) => value,
  );
  return findAll(original, createClaims(new Set()));
}

/** Names in Git of what a device knows by a name of its own. */
export interface NamesInGit {
  policyOf: (map: string) => string | undefined;
  /** `key`: as policies of the device know the list, for example `ip customers`. */
  setOf: (key: string) => { kind: 'PrefixSet' | 'CommunitySet' | 'ASPathSet'; name: string } | undefined;
}

export function namesIn({ objects }: CheckedState): NamesInGit {
  const named = (objects: ReadonlyMap<string, { spec: { nameOnDevice?: string | undefined } }>): Map<string, string> =>
    new Map([...objects].map(([name, { spec }]) => [spec.nameOnDevice ?? name, name]));
  const policies = named(objects.RoutePolicy);
  const sets = { PrefixSet: named(objects.PrefixSet), CommunitySet: named(objects.CommunitySet), ASPathSet: named(objects.ASPathSet) };
  return {
    policyOf: (map) => policies.get(map),
    setOf: (key) => {
      const [what = '', ...rest] = key.split(' ');
      const kind = what === 'ip' || what === 'ipv6' ? 'PrefixSet' : what === 'as-path' ? 'ASPathSet' : 'CommunitySet';
      const name = sets[kind].get(rest.join(' '));
      return name === undefined ? undefined : { kind, name };
    },
  };
}
