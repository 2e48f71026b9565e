import type { FactValue } from '../api/index.ts';
import { parseAddress, parsePrefix } from '../lib/index.ts';

/** A row as NetBox sent it. */
export type RawRow = Readonly<Record<string, unknown>>;

/** Points at a row of another list. */
export interface Ref {
  to: string;
  id: number;
}

/** What one list alone can say: references are ids still. */
export type RawValue = FactValue | Ref | readonly Ref[];

/** Something is not shaped as the API says. The caller adds which object. */
export class Unfit extends Error {}

type Present = Exclude<FactValue, null>;

/** How one field reads and is written. `Value` is its canonical form when it is not null: types of objects are inferred from it. */
export interface Field<Value extends Present = Present> {
  readonly value?: Value;
  /** Names in the API that hold it. */
  readonly names: readonly [string, ...string[]];
  /** List that its value is a key of. */
  readonly to?: string;
  /** First version of NetBox that has it. */
  readonly since?: readonly [major: number, minor: number];
  /** Custom field that holds it. NetBox has it only where a person made it, for this type of object. */
  readonly custom?: string;
  /** True: written after the objects it names, which name the object themselves. */
  readonly later?: true;
  read(row: RawRow): RawValue;
  /** Body of a write. `idOf` gives the id of a reference; it throws where there is none. */
  write(value: FactValue, idOf: (to: string, key: string) => number): Record<string, unknown>;
  /** Brings a value of Git or of a device into the canonical form. */
  normalise(value: FactValue): FactValue;
}

const same = <Value>(value: Value): Value => value;

function plain<Value extends Present>(
  name: string,
  read: (raw: unknown) => Value | null,
  clear: '' | null,
  normalise: (value: FactValue) => FactValue = same,
): Field<Value> {
  return {
    names: [name],
    read: (row) => normalise(read(row[name])),
    write: (value) => ({ [name]: value ?? clear }),
    normalise,
  };
}

/** A line or lines for people. Empty means not asserted; NetBox trims what it stores. */
export function text(name: string): Field<string> {
  return plain(
    name,
    readText,
    '',
    textual((value) => value.replaceAll('\r\n', '\n').trim() || null),
  );
}

/** Text whose empty form is null on the wire: unique where it is set. */
export function uniqueText(name: string): Field<string> {
  return plain(
    name,
    readText,
    null,
    textual((value) => value.trim() || null),
  );
}

/** Names in the DNS are one whatever their capitals, with or without the dot of the root. */
export function dnsName(name: string): Field<string> {
  return plain(
    name,
    readText,
    '',
    textual((value) => value.trim().toLowerCase().replace(/\.$/, '') || null),
  );
}

/** A name or slug: compared letter by letter. */
export function word(name: string): Field<string> {
  return plain(name, readText, '');
}

/** One of a list that grows with each release, so an unknown word is kept as it is. Reads as `{value, label}`, is written as the value. */
export function choice(name: string): Field<string> {
  return plain(
    name,
    (raw) => {
      const value = isObject(raw) ? raw['value'] : raw;
      if (typeof value === 'number' || typeof value === 'boolean') return String(value);
      return readText(value);
    },
    '',
  );
}

export function integer(name: string): Field<number> {
  return plain(
    name,
    (raw) => {
      const value = readNumber(raw);
      if (value !== null && !Number.isInteger(value)) throw new Unfit(`${name} is ${show(raw)}, not a whole number`);
      return value;
    },
    null,
  );
}

/** `24.0`, `"24.00"` and 24 are one value. */
export function decimal(name: string): Field<number> {
  return plain(name, readNumber, null);
}

export function flag(name: string): Field<boolean> {
  return plain(
    name,
    (raw) => {
      if (raw === null || raw === undefined || typeof raw === 'boolean') return raw ?? null;
      throw new Unfit(`${name} is ${show(raw)}, not true or false`);
    },
    null,
  );
}

/** `aa-bb-cc-00-11-22`, `aabb.cc00.1122` and `AA:BB:CC:00:11:22` are one address. */
export function mac(name: string): Field<string> {
  const colons = (value: string) => {
    const digits = value.replaceAll(/[-.:]/g, '').toUpperCase();
    return /^[0-9A-F]{12}$/.test(digits) ? (digits.match(/../g) ?? []).join(':') : value;
  };
  return plain(name, readText, null, textual(colons));
}

/** An address with the length of its subnet, or a network. */
export function cidr(name: string): Field<string> {
  return plain(
    name,
    readText,
    null,
    textual((value) => parsePrefix(value)?.text ?? parseAddress(value)?.text ?? value),
  );
}

/** One object of another list. */
export function ref(name: string, to: string): Field<string> {
  return {
    names: [name],
    to,
    read: (row) => readRef(row[name], name, to),
    write: (value, idOf) => ({ [name]: value === null ? null : idOf(to, String(value)) }),
    normalise: same,
  };
}

/** Several of them, in no order. */
export function refs(name: string, to: string): Field<readonly string[]> {
  return {
    names: [name],
    to,
    read: (row) => {
      const raw = row[name] ?? [];
      if (!Array.isArray(raw)) throw new Unfit(`${name} is ${show(raw)}, not a list`);
      return raw.map((each) => readRef(each, name, to)).filter((each) => each !== null);
    },
    write: (value, idOf) => ({ [name]: asList(value).map((key) => idOf(to, key)) }),
    normalise: (value) => [...new Set(asList(value))].sort(),
  };
}

/** Several words, in no order. */
export function words(name: string): Field<readonly string[]> {
  return {
    names: [name],
    read: (row) => {
      const raw = row[name] ?? [];
      if (!Array.isArray(raw) || !raw.every((each) => typeof each === 'string'))
        throw new Unfit(`${name} is ${show(raw)}, not a list of words`);
      return [...raw].sort();
    },
    write: (value) => ({ [name]: asList(value) }),
    normalise: (value) => [...new Set(asList(value))].sort(),
  };
}

/** Lines in a custom field of type long text, in no order. Null where NetBox has none; one that is empty says that there are none. */
export function customLines(name: string, normalise: (line: string) => string): Field<readonly string[]> {
  const canonical = (lines: readonly string[]) => [...new Set(lines.map(normalise).filter((line) => line !== ''))].sort();
  // What Git says is compared at every look, and may be 200,000 lines.
  const known = new WeakMap<readonly string[], readonly string[]>();
  const canonicalOnce = (lines: readonly string[]) => {
    const found = known.get(lines) ?? canonical(lines);
    known.set(lines, found);
    return found;
  };
  return {
    names: ['custom_fields'],
    custom: name,
    read: (row) => {
      const fields = row['custom_fields'];
      const said = isObject(fields) ? fields[name] : undefined;
      // One of another type that only has the name is a person's own.
      return said === null || typeof said === 'string' ? canonical((said ?? '').split('\n')) : null;
    },
    write: (value) => ({ custom_fields: { [name]: asList(value).join('\n') } }),
    normalise: (value) => (value === null ? null : canonicalOnce(asList(value))),
  };
}

/** An object of any kind, of which we follow one: `assigned_object_type` beside `assigned_object_id`. */
export function generic(prefix: string, model: string, to: string): Field<string> {
  const [type, id] = [`${prefix}_type`, `${prefix}_id`] as const;
  return {
    names: [type, id],
    to,
    read: (row) => (row[type] === model ? readRef(row[id], id, to) : null),
    write: (value, idOf) => ({ [type]: value === null ? null : model, [id]: value === null ? null : idOf(to, String(value)) }),
    normalise: same,
  };
}

/** An object of any kind that stands in the row itself, of which we follow one, told apart by its address. Who points it elsewhere is a person. */
export function within(name: string, path: string, to: string): Field<string> {
  return {
    names: [name],
    to,
    read: (row) => {
      const raw = row[name];
      const url = isObject(raw) ? raw['url'] : undefined;
      return typeof url === 'string' && url.includes(`/api/${path}/`) ? readRef(raw, name, to) : null;
    },
    write: () => ({}),
    normalise: same,
  };
}

/** The same field, of a version and later. Older servers neither have nor miss it. */
export function since<Value extends Present>(major: number, minor: number, field: Field<Value>): Field<Value> {
  return { ...field, since: [major, minor] };
}

/** The same field, written in a second step: what it names must exist, and names this object. */
export function later<Value extends Present>(field: Field<Value>): Field<Value> {
  return { ...field, later: true };
}

function textual(normalise: (value: string) => string | null): (value: FactValue) => FactValue {
  return (value) => (typeof value === 'string' ? normalise(value) : value);
}

function asList(value: FactValue): readonly string[] {
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

function readText(raw: unknown): string | null {
  if (raw === null || raw === undefined || raw === '') return null;
  if (typeof raw === 'string') return raw;
  throw new Unfit(`${show(raw)} is no text`);
}

function readNumber(raw: unknown): number | null {
  if (raw === null || raw === undefined || raw === '') return null;
  const value = typeof raw === 'string' ? Number(raw) : raw;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new Unfit(`${show(raw)} is no number`);
}

/** Nested objects and bare ids both occur, by version and by `fields=`. */
function readRef(raw: unknown, name: string, to: string): Ref | null {
  if (raw === null || raw === undefined) return null;
  const id = isObject(raw) ? raw['id'] : raw;
  if (typeof id === 'number' && Number.isSafeInteger(id)) return { to, id };
  throw new Unfit(`${name} is ${show(raw)}, which names no object`);
}

function isObject(raw: unknown): raw is Record<string, unknown> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}

function show(raw: unknown): string {
  const shown = JSON.stringify(raw) ?? 'nothing';
  return shown.length <= 60 ? shown : `${shown.slice(0, 60)}…`;
}
