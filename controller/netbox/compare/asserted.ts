import type { DesiredObject, FactValue, Source } from '../../api/index.ts';
import type { Kind } from '../resources.ts';
import type { Side } from './judge.ts';

/** What Git says of one object of NetBox. */
export interface Assertion {
  kind: Kind;
  /** What of Git says it, for example `Device/edge1-fra`. */
  owner: string;
  /** Name of the object under its owner: unique, and written into what we make. */
  id: string;
  /** For people: `edge1-fra > eth0`. */
  name: string;
  source: Source;
  /** Asserted only where NetBox has one of these lists. */
  onlyBeside?: readonly Kind[];
  /** How it is found, besides by its kind. */
  find: Finder;
  fields: Readonly<Record<string, AssertedField>>;
  /** What it is made with, besides its fields. Absent: we cannot make it, because Git does not say enough. */
  make?: Readonly<Record<string, FactValue>>;
  /** What Git would have to say for it to be made. */
  makeNeeds?: string;
}

export type Finder =
  | { by: 'name'; name: string; site: string | undefined }
  | { by: 'parent'; parent: string; name: string }
  | { by: 'host'; host: string; interface: string | undefined; vrf: string | undefined }
  | { by: 'network'; prefix: string; vrf: string | undefined }
  | { by: 'first'; first: string; vrf: string | undefined }
  | { by: 'vrf'; name: string }
  | { by: 'asn'; asn: number }
  /** `isShared`: the device has the neighbor's address in another VRF too. */
  | { by: 'session'; device: string; local: string; remote: string; vrf: string | undefined; isShared: boolean }
  /** netbox-routing: a router of a device, its part for a VRF, a neighbor in that. */
  | { by: 'router'; device: string; asn: number }
  | { by: 'scope'; device: string; asn: number; vrf: string | undefined }
  | { by: 'peer'; device: string; asn: number; remote: string; vrf: string | undefined; isShared: boolean }
  /** netbox-plugin-dhcp: what hangs on a prefix, and on a range by its first address. */
  | { by: 'subnet'; prefix: string; vrf: string | undefined; servers: readonly string[]; isShared: boolean }
  | { by: 'pool'; first: string; vrf: string | undefined };

export interface AssertedField {
  desired: FactValue;
  /** Other values that say the same, for example `staged` for a planned device. */
  accepts?: readonly FactValue[];
  /** Another field that may hold it just as well. */
  or?: string;
  /** A set counts only where NetBox says this field too: empty is how it says nothing. */
  onlyWith?: string;
  /** Only the host of an address counts, not the length of its subnet. */
  isHost?: true;
  /** Lists that NetBox says it in, where it is no field of the object itself. */
  takes?: readonly Kind[];
  live: Side;
  baseline: { value: FactValue } | undefined;
}

/** In the place of a name: whichever there is, when there is but one. */
export const theOnlyOne = '*';

/** Git's word alone: the device does not know it, or its platform does not tell. */
export function plain(desired: FactValue): AssertedField {
  return { desired, live: { is: 'silent' }, baseline: undefined };
}

/** A value that somebody left out is not asserted. */
export function only(field: string, desired: FactValue | undefined): Record<string, AssertedField> {
  return desired === undefined || desired === '' ? {} : { [field]: plain(desired) };
}

export function sourceAt(object: DesiredObject, path: readonly (string | number)[]): Source {
  const { file, line } = object.locate(path);
  return { file, line };
}
