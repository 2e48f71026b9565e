import type { FactValue } from '../api/index.ts';
import { parsePrefix } from '../lib/index.ts';
import type { Field } from './codecs.ts';

/** A part of a natural key: a field, or what counts of it. */
export type KeyPart = string | { field: string; as: 'lower' | 'host' };

/** What we know of one list of NetBox. Only what is compared or written stands here; everything else of a row is ignored. */
export interface Resource<Fields extends Readonly<Record<string, Field>> = Readonly<Record<string, Field>>> {
  /** For people, with its article left out: `an interface`. */
  readonly word: string;
  readonly path: string;
  /** Name of the type in NetBox. */
  readonly model: string;
  readonly fields: Fields;
  /** What makes an object the one we mean. NetBox does not always keep it unique. */
  readonly key: readonly KeyPart[];
  /** Fields by which the object that Git means is found, where what they name has to be known for that. */
  readonly foundBy?: readonly string[];
  /** What objects have in common of which one may be taken for the other. Absent: the last part that can be filtered by. */
  readonly foundAt?: KeyPart;
  /** Filters that may be sent, and the part that every row of the answer is checked by. NetBox ignores one that it does not know. */
  readonly filters: Readonly<Record<string, KeyPart>>;
  /** Name of the plugin that brings the list. Absent: NetBox itself. */
  readonly plugin?: string;
  /** True: its rows do not say when they last changed, so that nothing tells a change since they were read. */
  readonly isUndated?: true;
  /** Fields that count the objects of another list that name this one by a field, whatever the token may see. */
  readonly counts?: Readonly<Record<string, { of: string; by: string }>>;
  /** First version that has the list. */
  readonly since?: readonly [major: number, minor: number];
  /** Objects are made in this order: what is named stands before what names it. */
  readonly writeOrder: number;
  /** Objects are deleted in this order. Absent: never by us. */
  readonly deleteRank?: number;
}

/** Values of an object, by the names of its descriptor. */
export type ValuesOf<R> = R extends Resource<infer Fields> ? { [Name in keyof Fields]: ValueOf<Fields[Name]> } : never;
type ValueOf<F> = F extends Field<infer Value> ? Value | null : FactValue;

/** What counts of a value in a key or a filter. */
export function partText(part: KeyPart, value: FactValue): string {
  const words = value === null ? '' : String(value);
  if (typeof part === 'string') return words;
  return part.as === 'lower' ? words.toLowerCase() : (parsePrefix(words)?.address.text ?? words);
}

/** One row of the table, with the types of its fields. */
export function resource<const Fields extends Readonly<Record<string, Field>>>(row: Resource<Fields>): Resource<Fields> {
  return row;
}
