import type { Source } from './config-records.ts';
import type { FactValue } from './netbox-facts.ts';
import type { RecordVerdict } from './verdict-records.ts';

/** What a device, or a baseline of it, says of itself in the terms of an inventory. Absent: its platform does not tell, or we do not manage it there. */
export interface ToldFacts {
  asn?: number;
  /** BGP sessions with an address, as `192.0.2.0 AS64501`, in a VRF with `vrf CUST` behind. */
  sessions?: readonly string[];
  serial?: string;
  /** By name. An interface that is not here holds nothing. */
  interfaces?: Readonly<Record<string, ToldInterface>>;
}

export interface ToldInterface {
  description: string | null;
  enabled: boolean;
  /** With the length of their subnet, canonical. */
  addresses: readonly string[];
}

/** What NetBox records of a device, where it may have the word: a value that is not there is not said. */
export interface RecordedDevice {
  serial?: string;
  /** Those of which NetBox says more than that they are there, by name. */
  interfaces: readonly { name: string; description?: string; mtu?: number; enabled: boolean; addresses: readonly string[] }[];
}

/** One device beside Git and NetBox: as it was read and as it was when it last was what Git says. */
export interface ToldSides {
  live: ToldFacts;
  /** The device could not be read or was not asked: of `live` only counts what it would tell. */
  unread?: true;
  /** Absent: the device was never adopted. */
  baseline?: ToldFacts;
}

/** One field, or one object, where NetBox is not what it should be, or nobody can say. What matches is only counted. */
export interface RecordDifference {
  record: Exclude<RecordVerdict, 'Match'>;
  /** What of Git asserts it: `Device/edge1-fra`. */
  owner: string;
  /** Kind of object in NetBox, in words, and its name: `interface`, `edge1-fra > eth0`. */
  kind: string;
  object: string;
  /** Absent: it is about the object as a whole. */
  field?: string;
  /** Of the objects in NetBox that it is about. */
  ids: readonly number[];
  desired?: FactValue;
  recorded?: FactValue;
  live?: FactValue;
  baseline?: FactValue;
  source?: Source;
  /** Who made it so in NetBox, where its change log tells. */
  who?: RecordAuthor;
  /** Why it is this verdict, in words. */
  why: string;
  next: RecordAdvice;
}

/** Who changed an object of NetBox. */
export interface RecordAuthor {
  /** User name in NetBox. */
  who: string;
  /** ISO 8601. */
  at: string;
  /** What the change log says of it: of our own writes the revision. */
  message?: string;
}

/** The safe next action. */
export interface RecordAdvice {
  words: string;
  command?: string;
}

/** NetBox beside Git and the devices. */
export interface RecordReport {
  revision: string;
  url: string;
  version: string;
  at: string;
  /** Fields and objects that were compared. */
  compared: number;
  differences: readonly RecordDifference[];
}
