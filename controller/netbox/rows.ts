import type { FactValue } from '../api/index.ts';
import { type RawRow, type RawValue, type Ref, Unfit } from './codecs.ts';
import { errors } from './errors.ts';
import type { Resource } from './resource.ts';

/** Name of the tag and of the custom field by which we know what is ours. */
export const ownTag = 'plumbline';
export const ownField = 'plumbline_id';

/** A value of one list alone: in canonical form, but a reference is the id of what it names. */
export type RowValue = FactValue | readonly number[];

/**
 * A row as it is kept for later looks: what its descriptor names and no more. A hundred thousand rows as they came would be mostly addresses
 * and names of what they point to.
 */
export interface Row {
  readonly id: number;
  /** In the order of the fields of the descriptor. */
  readonly values: readonly RowValue[];
  readonly updated: string | null;
  readonly plumblineId: string | undefined;
  /** In the order of the counts of the descriptor; undefined where it has none, or the row does not tell. */
  readonly counts: readonly (number | undefined)[] | undefined;
}

/** Throws NetBoxUnreadable for a row that is not shaped as its descriptor says. */
export function readRow(resource: Resource, row: RawRow, host: string): Row {
  const { fields, counts, word, path } = resource;
  try {
    const { id, last_updated: updated } = row;
    return {
      id: id as number,
      values: Object.values(fields).map((field) => keep(field.read(row))),
      updated: typeof updated === 'string' ? updated : null,
      plumblineId: ownerOf(row),
      counts: counts && Object.keys(counts).map((name) => (typeof row[name] === 'number' ? row[name] : undefined)),
    };
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    throw errors.NetBoxUnreadable({ host, what: `GET ${path}`, why: `${word} ${String(row['id'])}: ${error.message}` });
  }
}

/** Where the value of a field stands among those of a row. */
export function placeOf({ fields }: Resource, name: string): number {
  return Object.keys(fields).indexOf(name);
}

function keep(value: RawValue): RowValue {
  if (typeof value !== 'object' || value === null) return value;
  if ('to' in value) return value.id;
  if (value.length === 0) return none;
  return (value as readonly (string | Ref)[]).every((each) => typeof each === 'string')
    ? (value as readonly string[])
    : (value as readonly Ref[]).map(({ id }) => id);
}

/** One for all: most sets are empty. */
const none: readonly string[] = [];

/** What we wrote into the custom field, in our object or in a copy that somebody made of it. */
export function ownIdOf(row: RawRow): string | undefined {
  const id = (row['custom_fields'] as Record<string, unknown> | null | undefined)?.[ownField];
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** Both marks or none: a tag alone may be a person's, and a copied object brings the field along. */
function ownerOf(row: RawRow): string | undefined {
  const tags = Array.isArray(row['tags']) ? (row['tags'] as { slug?: unknown }[]) : [];
  return tags.some(({ slug }) => slug === ownTag) ? ownIdOf(row) : undefined;
}
