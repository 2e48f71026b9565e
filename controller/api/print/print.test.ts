import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Kind, kindNames, specs } from '../kinds.ts';
import { Metadata } from '../object.ts';
import { printCrds } from './crds.ts';
import { definitions } from './definitions.ts';
import { examples } from './examples.ts';
import { type JsonSchema, printJsonSchema, schemaOfMetadata, schemaOfSpec } from './json-schema.ts';
import { printKindPages } from './kind-pages.ts';

const root = path.join(import.meta.dirname, '../../..');

describe('printed files', () => {
  test.each([...printCrds(), ...printKindPages()])('%s is up to date (make generate)', (name, text) => {
    expect(readFileSync(path.join(root, name), 'utf8')).toBe(text);
  });

  test('there are no others', () => {
    const names = [...printCrds().keys(), ...printKindPages().keys()];
    const all = ['crds', 'docs/kinds'].flatMap((folder) => readdirSync(path.join(root, folder)).map((name) => `${folder}/${name}`));
    // The records of the store are no kind, and printed from there.
    const found = all.filter((name) => !readFileSync(path.join(root, name), 'utf8').startsWith('# Printed from controller/store '));
    expect(found.sort()).toEqual(names.sort());
  });

  test('printing twice gives the same bytes', () => {
    expect([...printCrds()]).toEqual([...printCrds()]);
    expect(printJsonSchema()).toBe(printJsonSchema());
  });
});

describe.each(kindNames)('%s', (kind) => {
  const crd = parse(printCrds().get(`crds/plumbline.dev_${definitions[kind].plural}.yaml`) ?? '') as CustomResourceDefinition;

  test('has a CRD that follows the rules of structural schemas', () => {
    const [version] = crd.spec.versions;
    expect(crd.metadata.name).toBe(`${crd.spec.names.plural}.${crd.spec.group}`);
    expect(crd.spec.names).toMatchObject({ kind, plural: definitions[kind].plural, categories: ['plumbline'] });
    expect(version.subresources).toEqual({ status: {} });
    expect(findFaults(version.schema.openAPIV3Schema, '')).toEqual([]);
  });

  test('loses no rule on the way to the CRD: what OpenAPI cannot say is not used', () => {
    expect(JSON.stringify(schemaOfSpec(kind))).not.toMatch(/"(allOf|anyOf|oneOf|not|const|format)":/);
  });

  test('describes every field, as a sentence', () => {
    const undescribed = [...listFields(schemaOfSpec(kind), 'spec'), ...listFields(schemaOfMetadata(), 'metadata')].filter(
      ([, field]) => !/[.]$/.test(field.description ?? ''),
    );
    expect(undescribed.map(([name]) => name)).toEqual([]);
  });

  test('has an example that is valid and shows only what is known', () => {
    const example = parse(examples[kind]) as { kind: Kind; metadata: unknown; spec: unknown };
    expect(example.kind).toBe(kind);
    expect(Metadata.safeParse(example.metadata).error).toBeUndefined();
    expect(specs[kind].safeParse(example.spec).error).toBeUndefined();
  });

  test('refuses an unknown field', () => {
    const { spec } = parse(examples[kind]) as { spec: Record<string, unknown> };
    expect(specs[kind].safeParse({ ...spec, unknown: 1 }).success).toBe(false);
  });
});

interface CustomResourceDefinition {
  metadata: { name: string };
  spec: {
    group: string;
    names: { plural: string };
    versions: [{ subresources: unknown; schema: { openAPIV3Schema: JsonSchema } }];
  };
}

/** What an API server refuses: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions, structural schemas. */
function findFaults(schema: JsonSchema, at: string): string[] {
  const faults: string[] = [];
  if (schema.type === undefined) faults.push(`${at}: no type`);
  for (const keyword of ['$ref', 'allOf', 'anyOf', 'oneOf', 'const', 'propertyNames', 'definitions', 'exclusiveMinimum']) {
    if (keyword in schema) faults.push(`${at}: ${keyword}`);
  }
  if (schema.additionalProperties === false || (schema.additionalProperties !== undefined && schema.properties))
    faults.push(`${at}: additionalProperties`);
  if (typeof schema['pattern'] === 'string' && /\(\?[=!<]|\\u|\\p/.test(schema['pattern']))
    faults.push(`${at}: a pattern that RE2 does not know`);
  if (schema.type === 'array' && schema['maxItems'] === undefined)
    faults.push(`${at}: no maxItems, so CEL rules below have no bounded cost`);
  for (const [name, field] of Object.entries(schema.properties ?? {}))
    if (`${at}.${name}` !== '.metadata') faults.push(...findFaults(field, `${at}.${name}`));
  if (schema.items) faults.push(...findFaults(schema.items, `${at}[]`));
  if (typeof schema.additionalProperties === 'object') faults.push(...findFaults(schema.additionalProperties, `${at}.*`));
  return faults;
}

function listFields(schema: JsonSchema, at: string): [string, JsonSchema][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
    [`${at}.${name}`, field] as [string, JsonSchema],
    ...listFields(field, `${at}.${name}`),
    ...(field.items ? listFields(field.items, `${at}.${name}[]`) : []),
  ]);
}

describe('the editor schema', () => {
  const schema = JSON.parse(printJsonSchema()) as { definitions: Record<string, JsonSchema>; allOf: unknown[] };

  test('knows every kind, and nothing that only a cluster evaluates', () => {
    expect(Object.keys(schema.definitions).sort()).toEqual(['Metadata', ...kindNames].sort());
    expect(schema.allOf).toHaveLength(kindNames.length);
    expect(printJsonSchema()).not.toContain('x-kubernetes');
  });

  test('is strict in every object', () => {
    const open = Object.entries(schema.definitions).flatMap(([name, definition]) => findOpen(definition, name));
    expect(open).toEqual([]);
  });

  function findOpen(schema: JsonSchema, at: string): string[] {
    const own = schema.properties && schema.additionalProperties !== false ? [at] : [];
    const inner = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => findOpen(field, `${at}.${name}`));
    return [...own, ...inner, ...(schema.items ? findOpen(schema.items, `${at}[]`) : [])];
  }
});
