import type { FactValue } from './netbox-facts.ts';

/** One object of NetBox that is made, changed or deleted. */
export interface RecordChange {
  /** Kind of object in the terms of the descriptors: `interface`. */
  kind: string;
  do: 'make' | 'change' | 'delete';
  /** As Git calls it: `edge1-fra > eth0`. */
  name: string;
  /** What of Git it is for: `Device/edge1-fra`. */
  owner: string;
  /** Name under which we know it again. */
  plumblineId: string;
  /** Absent: it is made. */
  id?: number;
  updated?: string | null;
  /** Fields that are written, with what NetBox says of them now. `once`: nobody asserts it, but an object cannot be made without. */
  fields: readonly { field: string; to: FactValue; from: FactValue; once?: true }[];
  /** 2: after all others, because it names what they make. */
  step: 1 | 2;
}

/** What is written into NetBox, and what is not, with the reason. */
export interface RecordPlan {
  changes: readonly RecordChange[];
  left: readonly { name: string; why: string }[];
}
