import type { Node } from '../config/index.ts';
import type { Unit } from './claims.ts';

/** A spec as it will be written: without what is the default. Held to the schema when it is loaded again. */
export type Spec = Record<string, unknown>;

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

/** What one device says of a neighbor that has an address. */
export interface FoundNeighbor {
  unit: Unit;
  device: string;
  address: string;
  /** Undefined: any but the own one (`remote-as external`); who that is can only the other end tell. */
  remoteAs: number | undefined;
  /** Own AS on this session. */
  ownAs: number;
  /** Token of the password. */
  password?: string;
  description: string;
  shutdown: boolean;
  multihop?: number;
  gtsmHops?: number;
  /** Word behind update-source. */
  updateSource?: string;
  timers?: Spec;
  /** Fields of the session that both ends must say alike, each with the line that says it. */
  options: readonly FoundOption[];
  /** Fields of the end that need no more thought: passive, localAs. */
  end: Spec;
  lines: readonly string[];
  families: ReadonlyMap<FamilyName, FoundFamily>;
  nodes: readonly Node[];
}

/** One field of a session, and the line of a neighbor that says it. */
export interface FoundOption {
  spec: Spec;
  line: string;
}

export interface FoundFamily {
  spec: Spec;
  /** Route-maps by field: import, export, defaultOriginatePolicy. Those that no policy expresses become lines. */
  maps: Readonly<Record<string, string>>;
  lines: readonly string[];
}
