import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeLab } from '../../lab/kube/index.ts';

const account = 'plumbline';
const chartRoles = join(import.meta.dirname, '../../../charts/plumbline/templates/role.yaml');

/** The account that the operator's pods run as, with the rights that the chart gives it and no other. */
export async function makeAccount(lab: KubeLab, namespace: string, artifactNamespace: string): Promise<void> {
  const [own = '', artifacts = ''] = rulesOfChart();
  const manifest = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace } };
  await lab.apply(
    `${JSON.stringify(manifest)}\n---${roleIn(namespace, namespace, own)}---${roleIn(artifactNamespace, namespace, artifacts)}`,
  );
}

/** Lets the account read Flux sources in a namespace, as the chart does for those in `fluxSources.namespaces`. */
export async function allowSources(lab: KubeLab, namespace: string, sources: string): Promise<void> {
  const [, , rules = ''] = rulesOfChart();
  await lab.apply(roleIn(sources, namespace, rules));
}

/** A role with these rules in a namespace, and the account of another one, which has it. */
function roleIn(place: string, namespace: string, rules: string): string {
  return `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: ${account}-${namespace}, namespace: ${place} }
${rules}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: ${account}-${namespace}, namespace: ${place} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${account}-${namespace} }
subjects: [{ kind: ServiceAccount, name: ${account}, namespace: ${namespace} }]
`;
}

/** The rules of the Roles of the chart: of its namespace, of the artifacts', of those of Flux sources. They hold nothing that a template fills in. */
export function rulesOfChart(): string[] {
  const documents = readFileSync(chartRoles, 'utf8').split(/^---$/m);
  const rules = documents.flatMap((text) => (/^kind: Role$/m.test(text) && /^rules:\n(?: {2}.*\n)+/m.exec(text)?.[0]) || []);
  if (rules.length !== 3 || rules.some((text) => text.includes('{{'))) throw new Error('role.yaml of the chart reads otherwise');
  return rules;
}

/** Makes a pod that never runs, and a kubeconfig in `folder` with a token that is bound to it: the server's audit log then names the pod. */
export async function makePod(lab: KubeLab, namespace: string, name: string, folder: string): Promise<string> {
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const spec = { serviceAccountName: account, automountServiceAccountToken: false, containers: [{ name: 'operator', image: 'plumbline' }] };
  const pod = await lab.api().ask<{ metadata: { uid: string } }>('POST', pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec });
  const { status } = await lab
    .api()
    .ask<{ status: { token: string } }>('POST', `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 86_400, boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid: pod.metadata.uid } },
    });
  const file = join(folder, `kubeconfig-${name}`);
  const text = readFileSync(lab.kubeconfig(), 'utf8').replace(/token: .*/, `token: ${status.token}`);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
