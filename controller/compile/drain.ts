import {
  type ExtraLineIntent,
  type Family,
  type IpFamily,
  type NeighborFamilyIntent,
  type RouteMapEntryIntent,
  type RouteMapIntent,
  routeMapIn,
} from '../api/index.ts';
import { type Compilation, familyOf, sortedEntries } from './context.ts';
import type { Described } from './neighbor-family.ts';
import { ownerOf } from './owner.ts';
import { noMatch, noSet } from './route-maps.ts';

/** A policy as a drained session has it: the policy itself, and then what makes its routes the last choice. */
export interface DrainUse {
  /** Of the policy on the device; null where there is none. */
  policy: string | null;
  /** FRR asks no export policy of the default route that a device sends without having one; it asks the policy of that of each route that is there. */
  direction: 'in' | 'out' | 'default';
  external: boolean;
  families: Set<IpFamily>;
}

/**
 * Puts the drained policies in place of those of a neighbor. An external neighbor without a policy keeps none where FRR takes and sends nothing then:
 * a policy would open it. So would one in place of a route-map that a further line names, of the neighbor or of its group.
 */
export function drain(
  compilation: Compilation,
  options: Described<NeighborFamilyIntent>,
  family: Family,
  { external, isOpen }: { external: boolean; isOpen: boolean },
  groupLines: readonly ExtraLineIntent[] = [],
): Described<NeighborFamilyIntent> {
  const lines = [...options.lines, ...groupLines];
  const use = (policy: string | null, direction: 'in' | 'out'): string | null => {
    const isOwn = lines.some(({ text, negated }) => !negated && routeMapIn(text) === direction);
    return isOwn || (policy === null && external && !isOpen) ? policy : put(policy, direction);
  };
  const put = (policy: string | null, direction: DrainUse['direction']): string => {
    const name = nameOf(policy, direction, external);
    const known = compilation.drains.get(name) ?? { policy, direction, external, families: new Set() };
    compilation.drains.set(name, { ...known, families: known.families.add(familyOf(family)) });
    return name;
  };
  const drained = {
    import: use(options.import, 'in'),
    export: use(options.export, 'out'),
    defaultOriginatePolicy: options.defaultOriginate ? put(options.defaultOriginatePolicy, 'default') : null,
  };
  const isOfGroup = (field: string): boolean => {
    if (field === 'defaultOriginate') return false;
    return !(field in drained) || drained[field as keyof typeof drained] === options[field as keyof typeof drained];
  };
  return { ...options, ...drained, inherited: options.inherited.filter(isOfGroup) };
}

/** The families of a group whose members come by themselves to a drained device: nobody else could drain them. */
export function drainGroup(
  compilation: Compilation,
  byFamily: Readonly<Partial<Record<Family, NeighborFamilyIntent>>>,
  session: { external: boolean; isOpen: boolean },
): Partial<Record<Family, NeighborFamilyIntent>> {
  const all = Object.entries(byFamily) as [Family, NeighborFamilyIntent][];
  return Object.fromEntries(all.map(([family, options]) => [family, { ...options, ...drain(compilation, options, family, session) }]));
}

/** Capitals and _: no policy that is named after its object has such a name. */
function nameOf(policy: string | null, direction: string, external: boolean): string {
  const way = `PLUMBLINE_DRAIN_${direction.toUpperCase()}${external ? '' : '_INTERNAL'}`;
  return policy === null ? way : `${way}_${policy}`;
}

export function compileDrains({ device, drains }: Compilation): RouteMapIntent[] {
  return sortedEntries(drains).map(([routeMap, { policy, direction, external, families }]) => {
    const owner = ownerOf(device);
    const entry = (sequence: number, more: Partial<RouteMapEntryIntent>): RouteMapEntryIntent => ({
      ...owner,
      sequence,
      term: null,
      description: null,
      action: 'Permit',
      family: null,
      families: [...families].sort(),
      match: noMatch,
      set: noSet,
      call: null,
      continue: false,
      lines: [],
      ...more,
    });
    const communities = { replace: null, deleteList: null, add: ['graceful-shutdown'] };
    const set = {
      ...noSet,
      ...(direction !== 'in' && { communities }),
      ...((direction === 'in' || !external) && { localPreference: 0 }),
    };
    const called = policy === null ? [] : [entry(10, { call: policy, continue: true })];
    return { ...owner, routeMap, entries: [...called, entry(20, { set })] };
  });
}
