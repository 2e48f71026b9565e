import { z } from 'zod';
import type { ValuePath } from '../api/index.ts';
import { numberHint } from './number-hints.ts';
import { fieldsOf, isOptional, schemaAt } from './schema-walk.ts';
import { listWords, shorten, splitMessage } from './words.ts';

/** How people call the types of zod. Every number of ours is whole. */
export const typeWords: Record<string, string> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  string: 'text',
  boolean: 'true or false',
  number: 'a whole number',
  int: 'a whole number',
};

/** A value of the wrong type, and where it stands. */
export interface Misplaced {
  expected: string;
  value: unknown;
  /** As it was written; undefined for text, lists and maps. */
  source: string | undefined;
  schema: z.core.$ZodType;
  path: ValuePath;
}

/** What to write in place of a value of the wrong type: the value itself in the right form, where that can be told. */
export function typeHint(misplaced: Misplaced): string {
  const { expected, value, source, schema, path } = misplaced;
  const here = schemaAt(schema, path);
  if (value === null) return emptyHint(misplaced, here);
  if (expected === 'boolean') return 'Write true or false, without quotes. In YAML 1.2 yes, no, on and off are words.';
  if (expected === 'string') return Array.isArray(value) && value.length === 1 ? unwrapHint(value[0]) : textHint(source, here);
  if (expected === 'array') return listHint(value, here);
  if (expected === 'object' || expected === 'record') return mapHint(value, here);
  const hint = typeof value === 'string' || typeof value === 'number' ? numberHint(source ?? String(value), here) : undefined;
  return hint ?? `Write ${typeWords[expected] ?? expected}.`;
}

function emptyHint({ expected, schema, path }: Misplaced, here: z.core.$ZodType | undefined): string {
  const fields = fieldsOf(here);
  const what = fields.length > 0 ? `Indent the lines below it: they hold ${listWords(fields)}` : `Write ${typeWords[expected] ?? expected}`;
  return isOptional(schema, path) ? `${what}, or remove the key.` : `${what}.`;
}

function unwrapHint(value: unknown): string {
  return typeof value === 'object' ? 'Write text.' : `Write it without brackets: ${showScalar(value)}.`;
}

/** Quotes make text of a number, but not of every number the text that is meant. */
function textHint(source: string | undefined, here: z.core.$ZodType | undefined): string {
  if (source === undefined) return 'Write text.';
  const result = here && z.safeParse(here, source);
  const message = result?.success === false ? result.error.issues[0]?.message : undefined;
  return message === undefined ? `Put it in quotes: '${shorten(source)}'.` : splitMessage(message).hint;
}

function listHint(value: unknown, here: z.core.$ZodType | undefined): string {
  if (typeof value === 'object') return 'Write a list: begin each of its values with a hyphen and a blank.';
  const element = here instanceof z.core.$ZodArray ? here._zod.def.element : undefined;
  if (element && z.safeParse(element, value).success) return `Write a list: [${showScalar(value)}].`;
  return 'Write a list: one line per value that begins with a hyphen, or [a, b].';
}

function mapHint(value: unknown, here: z.core.$ZodType | undefined): string {
  const fields = fieldsOf(here);
  if (fields.length === 0) return 'Write a map: one line per key, key: value.';
  const all = `Write a map with ${listWords(fields)}${Array.isArray(value) ? ', without the hyphen' : ''}.`;
  if (!here || (typeof value === 'object' && value !== null)) return all;
  const field = fields.find((name) => z.safeParse(here, { [name]: value }).success);
  return field === undefined ? all : `Write {${field}: ${showScalar(value)}}.`;
}

function showScalar(value: unknown): string {
  const text = shorten(String(value));
  return typeof value !== 'string' || /^[a-zA-Z][\w./-]*$|^[0-9.]+\/[0-9]+$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`;
}
