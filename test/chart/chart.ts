import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { run } from '../lab/shell.ts';
import type { ChartTools } from './tools.ts';

export const chartFolder = join(import.meta.dirname, '../../charts/plumbline');

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: unknown;
  rules?: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
}

/** What `helm template` prints for a namespace. `values` as in a values file. */
export async function renderChart({ helm }: ChartTools, namespace: string, values: object = {}): Promise<string> {
  return run([helm, 'template', 'plumbline', chartFolder, '--namespace', namespace, '--values', '-'], {
    input: JSON.stringify(values),
    timeoutMs: 60_000,
  });
}

export function manifestsOf(yaml: string): Manifest[] {
  return parseAllDocuments(yaml).flatMap((document) => (document.toJS() as Manifest | null) ?? []);
}
