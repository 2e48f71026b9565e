import type { IpFamily } from '../api/index.ts';
import { type Compilation, usePolicy } from './context.ts';
import type { UsedSets } from './sets.ts';

const families: readonly IpFamily[] = ['ipv4', 'ipv6'];

/** Policies that the device keeps although no session of Git uses them there. */
export function keepPolicies(compilation: Compilation): void {
  for (const policy of compilation.device.spec.keeps?.routePolicies ?? [])
    if (!compilation.policyUses.has(policy)) for (const family of families) usePolicy(compilation, policy, family);
}

/** The same for sets that no policy uses. */
export function keepSets({ device }: Compilation, sets: UsedSets): void {
  const { keeps } = device.spec;
  for (const set of keeps?.prefixSets ?? [])
    for (const family of families) if (sets.hasPrefixes(set, family)) sets.usePrefixes(set, family);
  for (const set of keeps?.communitySets ?? []) sets.useCommunities(set);
  for (const set of keeps?.asPathSets ?? []) sets.useAsPaths(set);
}
