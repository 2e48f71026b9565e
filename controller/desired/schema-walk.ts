import { z } from 'zod';
import type { ValuePath } from '../api/index.ts';

/** What a schema says about the place a path leads to, through defaults and optional marks. Undefined where there is nothing. */
export function schemaAt(schema: z.core.$ZodType, path: ValuePath): z.core.$ZodType | undefined {
  let current: z.core.$ZodType | undefined = unwrap(schema);
  for (const step of path) {
    if (current instanceof z.core.$ZodObject) current = current._zod.def.shape[String(step)];
    else if (current instanceof z.core.$ZodArray) current = current._zod.def.element;
    else if (current instanceof z.core.$ZodRecord) current = current._zod.def.valueType;
    else return undefined;
    if (!current) return undefined;
    current = unwrap(current);
  }
  return current;
}

/** Names of the fields of an object schema; empty for anything else. */
export function fieldsOf(schema: z.core.$ZodType | undefined): string[] {
  return schema instanceof z.core.$ZodObject ? Object.keys(schema._zod.def.shape) : [];
}

/** The first sentence of a field's description. */
export function describeField(schema: z.core.$ZodType, path: ValuePath): string {
  const parent = schemaAt(schema, path.slice(0, -1));
  const field = parent instanceof z.core.$ZodObject ? parent._zod.def.shape[String(path.at(-1))] : undefined;
  let current: z.core.$ZodType | undefined = field;
  while (current) {
    const { description } = z.globalRegistry.get(current) ?? {};
    if (description) return description;
    current = innerOf(current);
  }
  return '';
}

/** Whether the value at a path may be left out: an optional field, or an entry of a map. */
export function isOptional(schema: z.core.$ZodType, path: ValuePath): boolean {
  const parent = schemaAt(schema, path.slice(0, -1));
  const field = parent instanceof z.core.$ZodObject ? parent._zod.def.shape[String(path.at(-1))] : undefined;
  return parent instanceof z.core.$ZodRecord || (field !== undefined && innerOf(field) !== undefined);
}

/** Where in a schema a field of this name exists, as people write paths: `spec.bgp`, `spec.ends[]`. */
export function findHolders(schema: z.core.$ZodType, name: string, path = ''): string[] {
  const here = unwrap(schema);
  if (here instanceof z.core.$ZodArray) return findHolders(here._zod.def.element, name, `${path}[]`);
  if (!(here instanceof z.core.$ZodObject)) return [];
  const { shape } = here._zod.def;
  const inner = Object.entries(shape).flatMap(([key, field]) => findHolders(field, name, path === '' ? key : `${path}.${key}`));
  return Object.hasOwn(shape, name) && path !== '' ? [path, ...inner] : inner;
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const inner = innerOf(schema);
  return inner ? unwrap(inner) : schema;
}

function innerOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  return schema instanceof z.core.$ZodOptional || schema instanceof z.core.$ZodDefault || schema instanceof z.core.$ZodPrefault
    ? schema._zod.def.innerType
    : undefined;
}
