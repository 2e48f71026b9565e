import { type KubeClient, loadKubeConfig, openKubeClient } from '../../controller/kube/index.ts';
import type { KubeLab, LabUser } from '../lab/kube/index.ts';

export async function openClient(kube: KubeLab, user: LabUser = 'admin'): Promise<KubeClient> {
  return openKubeClient(await loadKubeConfig({ file: kube.kubeconfig(user) }), { manager: 'plumbline-test' });
}

/** Two namespaces for one store. */
export async function makePlaces(kube: KubeLab): Promise<{ namespace: string; artifactNamespace: string }> {
  const [namespace, artifactNamespace] = await Promise.all([kube.namespace('fleet'), kube.namespace('records')]);
  return { namespace, artifactNamespace };
}

export interface Writes {
  client: KubeClient;
  /** `create devices`, `updateStatus devices`, …, in order. */
  writes: string[];
}

/** The same client, counting what it writes. */
export function countWrites(client: KubeClient): Writes {
  const writes: string[] = [];
  const counted: KubeClient = { ...client };
  for (const verb of ['create', 'update', 'updateStatus'] as const) {
    counted[verb] = (resource, object, options) => {
      writes.push(`${verb} ${resource.plural}`);
      return client[verb](resource, object, options);
    };
  }
  counted.delete = (resource, name, options) => {
    writes.push(`delete ${resource.plural}`);
    return client.delete(resource, name, options);
  };
  return { client: counted, writes };
}

/** The same client, two hours later by the server's clock: only chunks of this artifact are new. */
export function twoHoursLater(client: KubeClient, digest: string): KubeClient {
  const asOf = (metadata: { name: string; creationTimestamp: string }) =>
    metadata.name.startsWith(`artifact-${digest.slice(0, 32)}`)
      ? metadata
      : { ...metadata, creationTimestamp: new Date(Date.parse(metadata.creationTimestamp) - 2 * 3_600_000).toISOString() };
  return {
    ...client,
    request: async (asked) => {
      const list = JSON.parse(await client.request(asked)) as { items: { metadata: Parameters<typeof asOf>[0] }[] };
      return JSON.stringify({ ...list, items: list.items.map(({ metadata }) => ({ metadata: asOf(metadata) })) });
    },
  };
}

/** The rights that `controller/store/kube/index.ts` names, bound to the user of the operator, as the chart would. */
export function rightsOf({ namespace, artifactNamespace }: { namespace: string; artifactNamespace: string }): string {
  const bind = (place: string) => `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: store, namespace: ${place} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: store }
subjects: [{ kind: User, name: plumbline-operator, apiGroup: rbac.authorization.k8s.io }]
`;
  const kinds = 'devices, deviceprofiles, bgpsessions, driftreports';
  return `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: store, namespace: ${namespace} }
rules:
- { apiGroups: [plumbline.dev], resources: [${kinds}], verbs: [get, list, watch, create, update, delete] }
- { apiGroups: [plumbline.dev], resources: [${kinds.replaceAll(/\w+/g, '$&/status')}], verbs: [update] }
- { apiGroups: [plumbline.dev], resources: [storerecords], verbs: [get, create] }
---${bind(namespace)}---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: store, namespace: ${artifactNamespace} }
rules:
- { apiGroups: [plumbline.dev], resources: [storerecords], verbs: [get, list, watch, create, update, delete] }
- { apiGroups: [plumbline.dev], resources: [storerecords/status], verbs: [update] }
- { apiGroups: [''], resources: [secrets], verbs: [get, list, create, delete] }
---${bind(artifactNamespace)}`;
}
