import { stringify } from 'yaml';
import { type AnyKind, anyKindNames } from '../kinds.ts';
import { apiVersion } from '../object.ts';
import { definitions } from './definitions.ts';
import { type JsonSchema, schemaOfSpec, schemaOfStatus } from './json-schema.ts';

const [group = '', version = ''] = apiVersion.split('/');

/** CustomResourceDefinitions by file name, for example `crds/plumbline.dev_devices.yaml`. Deterministic. */
export function printCrds(): Map<string, string> {
  return new Map(anyKindNames.map((kind) => [`crds/${group}_${definitions[kind].plural}.yaml`, printCrd(kind)]));
}

function printCrd(kind: AnyKind): string {
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
                status: { ...toStructural(schemaOfStatus(kind)), description: 'What Plumbline knows. Changes on transitions only.' },
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
  'format',
  'minItems',
  'maxItems',
  'required',
] as const;

const kubernetesKeywords = ['x-kubernetes-validations', 'x-kubernetes-list-type', 'x-kubernetes-list-map-keys'] as const;

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
  for (const keyword of kubernetesKeywords) {
    if (schema[keyword] !== undefined) result[keyword] = schema[keyword];
  }
  return result;
}
