import { parseAllDocuments } from 'yaml';
import { until } from '../shell.ts';
import { type LabApi, LabApiError } from './api.ts';

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

interface Discovered {
  resources: { name: string; kind: string; namespaced: boolean }[];
}

/**
 * Applies manifests in the order in which they stand, as `kubectl apply --server-side` would. `namespace` is for objects that name
 * none. Returns when every CustomResourceDefinition among them is served.
 */
export async function applyManifests(api: LabApi, yaml: string, namespace = 'default'): Promise<void> {
  const discovered = new Map<string, Discovered>();
  for (const manifest of parseAllDocuments(yaml).map((document) => document.toJS() as Manifest | null)) {
    if (manifest === null) continue;
    const path = await pathOf(api, manifest, namespace, discovered);
    await api.ask('PATCH', `${path}?fieldManager=lab&force=true`, manifest, 'application/apply-patch+yaml');
    if (manifest.kind === 'CustomResourceDefinition') await served(api, path);
  }
}

async function pathOf(
  api: LabApi,
  { apiVersion, kind, metadata }: Manifest,
  namespace: string,
  known: Map<string, Discovered>,
): Promise<string> {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  let found = known.get(root);
  if (!found) known.set(root, (found = await api.ask<Discovered>('GET', root)));
  const resource = found.resources.find((each) => each.kind === kind && !each.name.includes('/'));
  if (!resource) throw new Error(`the API server knows no ${apiVersion} ${kind}`);
  const inNamespace = resource.namespaced ? `/namespaces/${metadata.namespace ?? namespace}` : '';
  return `${root}${inNamespace}/${resource.name}/${encodeURIComponent(metadata.name)}`;
}

/** Established is not enough: for a moment after it the storage answers 429. */
async function served(api: LabApi, path: string): Promise<void> {
  interface Crd {
    spec: { group: string; names: { plural: string }; versions: { name: string }[] };
    status?: { conditions?: { type: string; status: string }[] };
  }
  await until(`${path} to be Established and served`, async () => {
    const { spec, status } = await api.ask<Crd>('GET', path);
    if (!status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True')) return false;
    try {
      await api.ask('GET', `/apis/${spec.group}/${spec.versions[0]?.name}/${spec.names.plural}?limit=1`);
      return true;
    } catch (error) {
      if (error instanceof LabApiError && (error.status === 429 || error.status === 404)) return false;
      throw error;
    }
  });
}
