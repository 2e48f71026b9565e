import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabApi } from '../lab/kube/index.ts';

interface Definition {
  properties?: Record<string, unknown>;
  additionalProperties?: unknown;
  format?: string;
  type?: string;
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
  'x-kubernetes-preserve-unknown-fields'?: boolean;
}

/**
 * Writes what the API server says of every kind as strict schemas for kubeconform, which has none without a network. Gives its
 * `-schema-location`.
 */
export async function writeSchemas(api: LabApi, folder: string): Promise<string> {
  const { definitions } = await api.ask<{ definitions: Record<string, Definition> }>('GET', '/openapi/v2');
  for (const definition of Object.values(definitions)) {
    if (definition.format === 'int-or-string') definition.type = undefined as never;
    if (definition.properties && definition.additionalProperties === undefined) definition.additionalProperties = false;
  }
  const all = join(folder, 'all.json');
  writeFileSync(all, JSON.stringify({ definitions }));
  for (const [name, definition] of Object.entries(definitions)) {
    for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
      // kubeconform calls the group of the core kinds by their version.
      const file = `${kind.toLowerCase()}-${group || version}-${version}.json`;
      writeFileSync(join(folder, file), JSON.stringify({ $ref: `all.json#/definitions/${name}` }));
    }
  }
  return join(folder, '{{.ResourceKind}}-{{.Group}}-{{.ResourceAPIVersion}}.json');
}
