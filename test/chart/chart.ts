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

/** What we look at of a pod. */
export interface PodSpec {
  serviceAccountName: string;
  terminationGracePeriodSeconds?: number;
  securityContext: { runAsNonRoot: boolean; runAsUser: number; runAsGroup: number; fsGroup: number; seccompProfile: { type: string } };
  containers: {
    args: string[];
    env?: { name: string; value: string }[];
    securityContext: { allowPrivilegeEscalation: boolean; readOnlyRootFilesystem: boolean; capabilities: { drop: string[] } };
    volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
  }[];
  volumes: { name: string; emptyDir?: object; secret?: { secretName: string; defaultMode: number } }[];
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

/** The pods of the first Deployment. */
export function podOf(manifests: readonly Manifest[]): PodSpec {
  const [deployment] = manifests.filter(({ kind }) => kind === 'Deployment') as { spec: { template: { spec: PodSpec } } }[];
  if (!deployment) throw new Error('no Deployment');
  return deployment.spec.template.spec;
}

/** `helm upgrade --install` with a kubeconfig: what a person types. */
export async function installChart(
  { helm }: ChartTools,
  place: { kubeconfig: string; namespace: string; values?: object; chart?: string },
): Promise<void> {
  const { kubeconfig, namespace, values = {}, chart = chartFolder } = place;
  const words = ['upgrade', '--install', 'plumbline', chart, '--namespace', namespace, '--kubeconfig', kubeconfig, '--values', '-'];
  await run([helm, ...words], { input: JSON.stringify(values), timeoutMs: 120_000 });
}
