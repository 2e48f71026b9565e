/** frr: what an FRR configuration says, in fields of the kinds. Finds and claims; names and files are made by `compose`. */
import type { Claims } from '../claims.ts';
import type { FoundNeighbor, FoundPolicy, FoundSet, Spec } from '../found.ts';
import type { Original } from '../original.ts';
import { findInstance, findInterfaces, findRoutes, findRpki, type FoundInstance, type FoundItem } from './instance.ts';
import { findNeighbors } from './neighbors.ts';
import { findPolicies } from './policies.ts';
import { findSets } from './sets.ts';

export { topicOf } from './topics.ts';
export type { FoundInstance, FoundItem } from './instance.ts';

/** All that kinds express of one original. */
export interface Found {
  sets: FoundSet[];
  policies: FoundPolicy[];
  instance: FoundInstance | undefined;
  interfaces: FoundItem[];
  routes: FoundItem[];
  neighbors: FoundNeighbor[];
  rpki: Spec | undefined;
}

export function findAll(original: Original, claims: Claims): Found {
  const sets = findSets(original, claims);
  const policies = findPolicies(original, claims, new Set(sets.map(({ key }) => key)));
  const instance = findInstance(original, claims, new Set(policies.map(({ map }) => map)));
  return {
    sets,
    policies,
    instance,
    interfaces: findInterfaces(original, claims),
    routes: findRoutes(original, claims),
    rpki: findRpki(original, claims),
    neighbors: instance ? findNeighbors(original, instance.node, claims) : [],
  };
}
