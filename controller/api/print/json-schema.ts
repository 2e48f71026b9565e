import { z } from 'zod';
import { type AnyKind, clusterSpecs, kindNames, specs, statuses } from '../kinds.ts';
import { commonStatus } from '../conditions.ts';
import { apiVersion, Metadata } from '../object.ts';
import { definitions } from './definitions.ts';

/** The part of JSON Schema that our kinds use. */
export interface JsonSchema {
  type?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  propertyNames?: JsonSchema;
  items?: JsonSchema;
  enum?: unknown[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  [keyword: string]: unknown;
}

/** What a person may write for a kind, as JSON Schema. */
export function schemaOfSpec(kind: AnyKind): JsonSchema {
  return plain({ ...specs, ...clusterSpecs }[kind]);
}

/** What the operator writes for a kind: conditions at least. */
export function schemaOfStatus(kind: AnyKind): JsonSchema {
  return plain(Object.hasOwn(statuses, kind) ? statuses[kind as keyof typeof statuses] : z.strictObject(commonStatus));
}

export function schemaOfMetadata(): JsonSchema {
  return plain(Metadata);
}

function plain(schema: z.core.$ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-07', reused: 'inline' }) as JsonSchema;
  return rest;
}

/**
 * One schema for any document of the desired state, for editors: completion, hover texts and red lines while writing.
 * The kind of the document chooses the branch, so that a mistake is reported for that kind only.
 */
export function printJsonSchema(): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: `https://${apiVersion.replace('/', '/schemas/')}.json`,
    title: 'Plumbline desired state',
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: {
      apiVersion: { const: apiVersion, description: 'Version of the kinds.' },
      kind: { enum: kindNames, description: 'Which kind of object this is.' },
      metadata: { $ref: '#/definitions/Metadata' },
      spec: { type: 'object', description: 'What the object should be.' },
    },
    additionalProperties: false,
    allOf: kindNames.map((kind) => ({
      if: { properties: { kind: { const: kind } }, required: ['kind'] },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: { description: definitions[kind].summary, properties: { spec: { $ref: `#/definitions/${kind}` } } },
    })),
    definitions: {
      Metadata: withoutCluster(schemaOfMetadata()),
      ...Object.fromEntries(kindNames.map((kind) => [kind, withoutCluster(schemaOfSpec(kind))])),
    },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Editors do not know the rules that only an API server evaluates. */
function withoutCluster(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema, (key, value: unknown) => (key.startsWith('x-kubernetes-') ? undefined : value))) as JsonSchema;
}
