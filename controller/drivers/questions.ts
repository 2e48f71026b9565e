import type { NeighborState } from '../api/index.ts';
import type { PlumblineError } from '../lib/index.ts';
import type { KeaService } from './contract.ts';

/** What a device is asked beside its configuration: routes in use, who changed it, leases. Answers are values; what is not known is said. */

export type SessionName = Pick<NeighborState, 'address' | 'vrf' | 'family'>;

export type InUse =
  | { outcome: 'Counted' /** In the order that was asked. */; counts: readonly number[] }
  | { outcome: 'NotReached'; error: PlumblineError };

export interface AttributeRequest {
  /** The last moment at which the device was known to be unchanged. Devices keep their logs for days, not for ever. */
  since: Date;
  /** Masked running config of the last read. Its words may be repeated from a log; without it only the platform's own words are. */
  config?: string;
}

export interface Attribution {
  /** The most likely first, ten at most. Empty: nobody is known. */
  candidates: readonly Candidate[];
  /** Why there may be others: one fact each, for people. */
  gaps: readonly string[];
}

/** Somebody who may have done it. */
export interface Candidate {
  /** Account on the device, holder of a change of ours, or words in place of a name. */
  who: string;
  /** ISO 8601, the clock of the device. */
  at: string;
  /**
   * `command log`: the device noted commands, and this account was logged in. `startup config`: it saved. `plumbline`: a change of ours.
   * `login`: it was logged in, no more.
   */
  how: 'command log' | 'startup config' | 'plumbline' | 'login';
  /** What the device noted: commands up to the first word that may not be told, or where a login came from. */
  what?: string;
  /** How many were logged in at that moment, when it was more than one: each of them is a candidate. */
  among?: number;
}

/** Leases of a subnet by its id, of an address or prefix, or of a range, first and last included. */
export type LeaseQuestion = { service: KeaService; of: 'address' | 'prefix' } & (
  | { subnet: number }
  | { address: string }
  | { first: string; last: string }
);

export type LeaseAnswer =
  /** `leases` holds the first of them, a hundred at most; `until` is when the last of all of them ends. */
  { known: true; live: number; leases: readonly LeaseFact[]; until?: string } | { known: false; why: string };

export interface LeaseFact {
  address: string;
  subnet: number;
  hwAddress?: string;
  clientId?: string;
  duid?: string;
  hostname?: string;
  /** ISO 8601, clock of the device. */
  until: string;
}

export type Utilisation =
  | { outcome: 'Counted'; subnets: readonly SubnetUse[] }
  /** The device does not count: a hook is missing. */
  | { outcome: 'NotKnown'; why: string }
  | { outcome: 'NotReached'; error: PlumblineError };

/** Pools of one kind in one subnet. */
export interface SubnetUse {
  service: KeaService;
  subnet: number;
  of: 'address' | 'prefix';
  total: number;
  assigned: number;
  declined: number;
}
