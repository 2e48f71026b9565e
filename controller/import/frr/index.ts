/** frr: what an FRR configuration says, in fields of the kinds. Finds and claims; names and files are made by `compose`. */
import type { Claims } from '../claims.ts';
import type { FoundGroup, FoundItem, FoundNeighbor, FoundPolicy, FoundProfile, FoundSet, Spec } from '../found.ts';
import type { Original } from '../original.ts';
import { findProfiles } from './bfd-profiles.ts';
import { findInstances, type FoundInstance } from './instance.ts';
import { findInterfaces } from './interfaces.ts';
import { findPolicies } from './policies.ts';
import { findRoutes } from './routes.ts';
import { findRpki } from './rpki.ts';
import { findSets } from './sets.ts';

export { topicOf } from './topics.ts';
export type { FoundInstance } from './instance.ts';

/** All that kinds express of one original. */
export interface Found {
  sets: readonly FoundSet[];
  policies: readonly FoundPolicy[];
  /** BFD profiles that neighbors or groups name. */
  profiles: readonly FoundProfile[];
  instances: readonly FoundInstance[];
  interfaces: readonly FoundItem[];
  routes: readonly FoundItem[];
  /** Of all instances. */
  groups: readonly FoundGroup[];
  neighbors: readonly FoundNeighbor[];
  rpki: Spec | undefined;
}

export function findAll(original: Original, claims: Claims): Found {
  const sets = findSets(original, claims);
  const policies = findPolicies(original, claims, new Set(sets.map(({ key }) => key)));
  const profiles = findProfiles(original, claims);
  const instances = findInstances(original, claims, new Set(policies.map(({ map }) => map)), profiles);
  const groups = instances.flatMap((instance) => instance.groups);
  const neighbors = instances.flatMap((instance) => instance.neighbors);
  const watched = new Set([...groups.map(({ bfd }) => bfd), ...neighbors.flatMap(({ options }) => options.map(({ profile }) => profile))]);
  const used = [...profiles.values()].filter(({ profile }) => watched.has(profile));
  for (const { unit, nodes } of used) claims.take(unit, nodes);
  const interfaces = findInterfaces(original, claims);
  return {
    sets,
    policies,
    profiles: used,
    instances,
    interfaces: withNeighbors(interfaces, neighbors),
    routes: findRoutes(original, claims),
    groups,
    neighbors,
    rpki: findRpki(original, claims),
  };
}

/** With the interfaces that only a neighbor tells of, each in the VRF of its neighbor. */
function withNeighbors(interfaces: readonly FoundItem[], neighbors: readonly FoundNeighbor[]): FoundItem[] {
  const facing = new Map(neighbors.filter(({ isUnnumbered }) => isUnnumbered).map((each) => [each.address, each]));
  const known = interfaces.map((item): FoundItem => {
    const vrf = facing.get(String(item.spec['name']))?.vrf;
    facing.delete(String(item.spec['name']));
    return vrf === undefined ? item : { ...item, spec: { ...item.spec, vrf } };
  });
  const others = [...facing.values()].map(
    ({ address, vrf, unit }): FoundItem => ({
      unit,
      spec: { name: address, ...(vrf !== undefined && { vrf }) },
    }),
  );
  return [...known, ...others];
}
