import type { Node } from '../config/index.ts';
import type { Unit } from './claims.ts';

/** A spec as it will be written: without what is the default. Held to the schema when it is loaded again. */
export type Spec = Record<string, unknown>;

/** An entry of a list of a Device, with the unit that it came from. Policies stand as names on the device: `policy` is put in later. */
export interface FoundItem {
  unit: Unit;
  spec: Spec;
  /** Name of the route-map, where the line names one. */
  map?: string;
}

export type SetKind = 'PrefixSet' | 'CommunitySet' | 'ASPathSet';

/** A list of one original that a set expresses. */
export interface FoundSet {
  unit: Unit;
  kind: SetKind;
  /** Name on the device. */
  list: string;
  /** What policies of the device know it by. */
  key: string;
  family?: 'ipv4' | 'ipv6';
  /** Of a CommunitySet. */
  type?: string;
  spec: Spec;
}

/** A route-map of one original that a policy expresses. `specOf` puts in the names that the sets have in Git. */
export interface FoundPolicy {
  unit: Unit;
  map: string;
  terms: readonly FoundTerm[];
}

export interface FoundTerm {
  /** Sets that it matches or deletes, by place in the spec: `match.prefixSet` to the key of the set. */
  sets: Readonly<Record<string, string>>;
  spec: Spec;
}

export type FamilyName = 'ipv4-unicast' | 'ipv6-unicast';

/** What lines of a neighbor, or of a group, say outside of the families. */
export interface FoundLines {
  unit: Unit;
  device: string;
  /** Undefined: the default VRF. */
  vrf?: string;
  /** Token of the password. */
  password?: string;
  description: string;
  multihop?: number;
  gtsmHops?: number;
  /** Word behind update-source. */
  updateSource?: string;
  timers?: Spec;
  /** Fields of the end that need no more thought: passive, localAs. */
  end: Spec;
  lines: readonly string[];
  families: ReadonlyMap<FamilyName, FoundFamily>;
  nodes: readonly Node[];
}

/** A peer group of a BGP instance. */
export interface FoundGroup extends FoundLines {
  /** Name on the device. */
  group: string;
  remoteAs?: { asn: number } | { type: 'Internal' | 'External' };
  /** Name on the device of the BFD profile; empty for none. */
  bfd?: string;
}

/** A BFD profile: taken when a neighbor or a group that is modelled names it. */
export interface FoundProfile {
  unit: Unit;
  /** Name on the device. */
  profile: string;
  spec: Spec;
  nodes: readonly Node[];
}

/** What one device says of a neighbor that has an address, or is whoever is at the other end of an interface. */
export interface FoundNeighbor extends FoundLines {
  address: string;
  isUnnumbered: boolean;
  /** Group that it is a member of, where that is modelled: its name on the device. */
  group?: string;
  /** Undefined: any but the own one (`remote-as external`); who that is can only the other end tell. */
  remoteAs: number | undefined;
  /** Own AS on this session. */
  ownAs: number;
  shutdown: boolean;
  /** Fields of the session that both ends must say alike, each with the lines that say it. */
  options: readonly FoundOption[];
}

/** One field of a session, and the lines of a neighbor that say it. */
export interface FoundOption {
  spec: Spec;
  /** Name on the device of the BFD profile that the field names. */
  profile?: string;
  lines: readonly string[];
}

export interface FoundFamily {
  spec: Spec;
  /** Route-maps by field: import, export, defaultOriginatePolicy. Those that no policy expresses become lines. */
  maps: Readonly<Record<string, string>>;
  lines: readonly string[];
}
