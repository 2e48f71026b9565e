/** Prefixes by number and by name: all of them up to `mostNamedPrefixes`, in order. */
export interface NamedPrefixes {
  count: number;
  prefixes: readonly string[];
}

/** Beyond it prefixes are counted only, so that a record stays one that can be read and stored. */
export const mostNamedPrefixes = 100;

/** What a neighbor outside of the fleet gets that it did not get before, or gets no more. */
export interface NeighborRoutes {
  device: string;
  /** Address of the neighbor. */
  neighbor: string;
  /** Its short name. */
  peer: string;
  relationship: string | null;
  announced: NamedPrefixes;
  withdrawn: NamedPrefixes;
  /** Prefixes that stay announced with other attributes; those with the same change stand together. */
  changed: readonly (NamedPrefixes & { attributes: readonly AttributeChange[] })[];
}

export interface AttributeChange {
  attribute: 'AS path' | 'next hop' | 'MED' | 'origin' | 'communities' | 'large communities' | 'extended communities';
  /** As routers print it; empty when there is none. */
  before: string;
  after: string;
}

/** A route of one provider or peer that would go to another one (RFC 7908, roles of RFC 9234). */
export interface RouteLeak {
  /** Session it came in by. */
  from: { device: string; peer: string; relationship: string };
  /** Session it would go out by. */
  to: { device: string; peer: string; relationship: string };
  prefixes: NamedPrefixes;
  /** False: no such route is known; one like it was tried. */
  received: boolean;
}

/** What a change of Git does to the routes of a network, as far as it can be known without asking a router. */
export interface RoutingEffects {
  /** Only neighbors for which something changes; by device and address. */
  neighbors: readonly NeighborRoutes[];
  /** Devices that had a route to these prefixes and would have none. */
  unreachable: readonly (NamedPrefixes & { device: string })[];
  /** Leaks that were not there before. */
  leaks: readonly RouteLeak[];
  /** Prefixes that no device of the site would announce to the outside any more. */
  lastOfSite: readonly (NamedPrefixes & { site: string })[];
  evaluated: { devices: number; prefixes: number; received: number };
  /** What was left out or taken for granted, a sentence each. */
  notEvaluated: readonly string[];
}
