import { stringify } from 'yaml';
import { type Kind, kindNames } from '../kinds.ts';
import { apiVersion } from '../object.ts';
import { definitions } from './definitions.ts';
import { type JsonSchema, schemaOfSpec } from './json-schema.ts';

const [group = '', version = ''] = apiVersion.split('/');

/** CustomResourceDefinitions by file name, for example `crds/plumbline.dev_devices.yaml`. Deterministic. */
export function printCrds(): Map<string, string> {
  return new Map(kindNames.map((kind) => [`crds/${group}_${definitions[kind].plural}.yaml`, printCrd(kind)]));
}

function printCrd(kind: Kind): string {
  const { plural, shortNames, columns, summary } = definitions[kind];
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), shortNames, categories: ['plumbline'] },
      scope: 'Namespaced',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [
            ...columns.map(({ name, type, path, wide }) => ({ name, type, jsonPath: path, ...(wide ? { priority: 1 } : {}) })),
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: summary,
              required: ['spec'],
              properties: {
                apiVersion: { type: 'string', description: 'Version of the kind.' },
                kind: { type: 'string', description: 'Name of the kind.' },
                metadata: { type: 'object' },
                spec: { ...toStructural(schemaOfSpec(kind)), description: 'What the object should be, as Git says.' },
                status: statusSchema,
              },
            },
          },
        },
      ],
    },
  };
  return `# Printed from controller/api by make generate. Do not edit.\n${stringify(crd, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

const schemaKeywords = [
  'type',
  'description',
  'enum',
  'default',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'required',
] as const;

/**
 * A structural schema: the subset of OpenAPI that an API server takes. Unknown fields are pruned there, not refused
 * (`additionalProperties: false` beside properties is not allowed), so the strict check stays with `plumb check`.
 */
function toStructural(schema: JsonSchema): JsonSchema {
  const result: JsonSchema = {};
  for (const keyword of schemaKeywords) {
    if (schema[keyword] !== undefined) Object.assign(result, { [keyword]: schema[keyword] });
  }
  // 32 bits of OpenAPI's int32 are signed: AS numbers and counters do not fit.
  if (schema.type === 'integer') result['format'] = 'int64';
  if (schema.properties)
    result.properties = Object.fromEntries(Object.entries(schema.properties).map(([name, each]) => [name, toStructural(each)]));
  else if (typeof schema.additionalProperties === 'object') result.additionalProperties = toStructural(schema.additionalProperties);
  if (schema.items) result.items = toStructural(schema.items);
  const validations = schema['x-kubernetes-validations'];
  if (validations !== undefined) result['x-kubernetes-validations'] = validations;
  return result;
}

const statusSchema: JsonSchema = {
  type: 'object',
  description: 'What Plumbline knows. Changes on transitions only.',
  properties: {
    observedGeneration: { type: 'integer', format: 'int64', description: 'Generation of the spec that the status speaks of.' },
    conditions: {
      type: 'array',
      maxItems: 16,
      description: 'Ready always; Reconciling and Stalled only while true.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
      items: {
        type: 'object',
        required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
        properties: {
          type: { type: 'string', maxLength: 316, description: 'Name of the condition.' },
          status: { type: 'string', enum: ['True', 'False', 'Unknown'], description: 'Whether it holds.' },
          observedGeneration: {
            type: 'integer',
            format: 'int64',
            minimum: 0,
            description: 'Generation of the spec that it was judged on.',
          },
          reason: {
            type: 'string',
            minLength: 1,
            maxLength: 1024,
            pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
            description: 'Why, in one word of a closed list.',
          },
          message: { type: 'string', maxLength: 32768, description: 'Why, for people.' },
          lastTransitionTime: { type: 'string', format: 'date-time', description: 'When the status last changed.' },
        },
      },
    },
  },
};
