import type { FoundGroup, FoundPolicy, FoundProfile, FoundSet, Spec } from '../found.ts';
import type { Found } from '../frr/index.ts';
import { specOfGroup } from '../groups.ts';
import { slug } from '../names.ts';
import type { Registry } from '../registry.ts';
import type { KnownGroup } from '../sessions.ts';
import type { Book } from './book.ts';

/** What stands in Git for what one device knows by names of its own. */
export interface Names {
  /** By key of the set on the device. */
  sets: ReadonlyMap<string, { kind: FoundSet['kind']; name: string }>;
  /** By name of the route-map. */
  policies: ReadonlyMap<string, string>;
  /** By name of the BFD profile. */
  profiles: ReadonlyMap<string, string>;
  /** By VRF and name of the group: see `groupKey`. */
  groups: ReadonlyMap<string, KnownGroup>;
}

/** Adds what is named on the device to the objects of the import: sets, then what uses them. */
export function addNamed(found: Found, device: string, registry: Registry, book: Book): Names {
  const sets = addSets(found.sets, device, registry);
  const policies = addPolicies(found.policies, sets, device, registry);
  const profiles = addProfiles(found.profiles, device, registry);
  return { sets, policies, profiles, groups: addGroups(found.groups, { policies, profiles }, registry, book) };
}

export function groupKey(group: string, vrf: string | undefined): string {
  return `${vrf ?? ''} ${group}`;
}

function addSets(sets: readonly FoundSet[], device: string, registry: Registry): Names['sets'] {
  return new Map(
    sets.map((set) => {
      const base = listName(set.list, 'set');
      const specOf = (name: string): Spec => ({ ...(name !== set.list && { nameOnDevice: set.list }), ...set.spec });
      const wishes = [base, ...(set.family === 'ipv6' ? [slug(`${base}-v6`)] : []), slug(`${base}-${device}`)];
      return [set.key, { kind: set.kind, name: registry.add(set.kind, wishes, specOf, [{ device, unit: set.unit }]) }];
    }),
  );
}

function addPolicies(policies: readonly FoundPolicy[], sets: Names['sets'], device: string, registry: Registry): Names['policies'] {
  return new Map(
    policies.map(({ map, terms, unit }) => {
      const base = listName(map, 'policy');
      const named = terms.map((term) => {
        const spec = structuredClone(term.spec);
        for (const [place, key] of Object.entries(term.sets)) putIn(spec, place.split('.'), sets.get(key)?.name);
        return orderTerm(spec);
      });
      const specOf = (name: string): Spec => ({
        ...(name !== map && { nameOnDevice: map }),
        layout: 'Native',
        default: 'Deny',
        terms: named,
      });
      return [map, registry.add('RoutePolicy', [base, slug(`${base}-${device}`)], specOf, [{ device, unit }])];
    }),
  );
}

function addProfiles(profiles: readonly FoundProfile[], device: string, registry: Registry): Names['profiles'] {
  return new Map(
    profiles.map(({ profile, spec, unit }) => {
      const base = listName(profile, 'profile');
      const specOf = (name: string): Spec => ({ ...(name !== profile && { nameOnDevice: profile }), ...spec });
      return [profile, registry.add('BFDProfile', [base, slug(`${base}-${device}`)], specOf, [{ device, unit }])];
    }),
  );
}

function addGroups(
  groups: readonly FoundGroup[],
  { policies, profiles }: Pick<Names, 'policies' | 'profiles'>,
  registry: Registry,
  book: Book,
): Names['groups'] {
  const names = { policyOf: (map: string) => policies.get(map), profileOf: (profile: string) => profiles.get(profile) };
  return new Map(
    groups.map((found) => {
      const { group, vrf, device, unit, password } = found;
      const base = listName(group, 'group');
      const secretOf = (name: string) => (password === undefined ? undefined : book.ofGroup(name, found));
      const specOf = (name: string): Spec => specOfGroup(found, name, names, secretOf(name));
      const inVrf = vrf === undefined ? [] : [slug(`${base}-${vrf}`)];
      const name = registry.add('PeerGroup', [base, ...inVrf, slug(`${base}-${device}`)], specOf, [{ device, unit }]);
      const secret = secretOf(name);
      if (secret) book.keepRef(secret, [found]);
      return [groupKey(group, vrf), { name, spec: specOf(name) }];
    }),
  );
}

/** Names of digits alone are numbers to routers. */
function listName(list: string, what: string): string {
  const name = slug(list);
  return /^\d*$/.test(name) ? `${what}-${name}` : name;
}

function putIn(spec: Record<string, unknown>, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) spec[first] = value;
  else putIn((spec[first] ??= {}) as Record<string, unknown>, rest, value);
}

function orderTerm({ name, sequence, action, description, match, set, ...rest }: Spec): Spec {
  return {
    name,
    sequence,
    action,
    ...(description !== undefined && { description }),
    ...(match !== undefined && { match }),
    ...(set !== undefined && { set }),
    ...rest,
  };
}
