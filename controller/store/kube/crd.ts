import { stringify } from 'yaml';
import { storeRecords } from './resources.ts';

/** The one CRD of records that people need not see, by file name. Its content is ours alone: the API server checks only its outline. */
export function printStoreCrds(): Map<string, string> {
  const { group, version, plural, kind } = storeRecords;
  const anything = { 'x-kubernetes-preserve-unknown-fields': true, nullable: true };
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      // In no category: `kubectl get plumbline` shows what people work with.
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      scope: 'Namespaced',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [
            { name: 'Record', type: 'string', jsonPath: '.spec.kind' },
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: "A record of Plumbline's own: a baseline, an entry of the journal. Written and read by Plumbline alone.",
              required: ['spec'],
              properties: {
                apiVersion: { type: 'string', description: 'Version of the kind.' },
                kind: { type: 'string', description: 'Name of the kind.' },
                metadata: { type: 'object' },
                spec: {
                  type: 'object',
                  required: ['kind'],
                  properties: { kind: { type: 'string', description: 'What the record is.' }, value: anything },
                },
                status: { type: 'object', properties: { value: anything } },
              },
            },
          },
        },
      ],
    },
  };
  const text = stringify(crd, { lineWidth: 0, aliasDuplicateObjects: false });
  return new Map([[`crds/${group}_${plural}.yaml`, `# Printed from controller/store by make generate. Do not edit.\n${text}`]]);
}
