import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeWithKube, type KubeLab, LabApiError, up } from '../lab/kube/index.ts';

interface List {
  items: { metadata: { name: string } }[];
  metadata: { resourceVersion: string };
}

const devices = (namespace: string) => `/apis/plumbline.dev/v1alpha1/namespaces/${namespace}/devices`;
const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

describeWithKube('the API server of the tests', (kube) => {
  it('serves our kinds, in a namespace per test', async () => {
    const namespaces = [await kube().namespace(), await kube().namespace()];
    expect(new Set(namespaces).size).toBe(2);
    for (const namespace of namespaces) expect((await kube().api().ask<List>('GET', devices(namespace))).items).toEqual([]);
  });

  it('lets nobody in who has no role, and those who were given one', async () => {
    const namespace = await kube().namespace();
    await expect(kube().api('alice').ask('GET', devices(namespace))).rejects.toMatchObject({ status: 403, reason: 'Forbidden' });
    await kube().apply(
      `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: look }
rules: [{ apiGroups: [plumbline.dev], resources: [devices], verbs: [get, list, watch] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: look }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: look }
subjects: [{ kind: Group, name: 'plumbline:approvers', apiGroup: rbac.authorization.k8s.io }]
`,
      namespace,
    );
    expect((await kube().api('alice').ask<List>('GET', devices(namespace))).items).toEqual([]);
    await expect(kube().api('viewer').ask('GET', devices(namespace))).rejects.toBeInstanceOf(LabApiError);
  });

  describe('of a test of its own', () => {
    it('keeps what it has over a kill, answers 410 for revisions that were compacted, and leaves nothing behind', async () => {
      const own: KubeLab = await up();
      try {
        const maps = '/api/v1/namespaces/default/configmaps';
        await own.api().ask('POST', maps, configMap('before'));
        const { metadata } = await own.api().ask<List>('GET', maps);
        await own.api().ask('POST', maps, configMap('after'));
        await own.compact();
        await own.killApiServer();
        await expect(own.api().ask('GET', '/readyz')).rejects.toMatchObject({
          code: expect.stringMatching(/^ECONN|^UND_ERR_SOCKET$/) as string,
        });
        await own.startApiServer();
        const names = (await own.api().ask<List>('GET', maps)).items.map((item) => item.metadata.name);
        expect(names).toEqual(expect.arrayContaining(['before', 'after']));
        const gone = own.api().ask('GET', `${maps}?watch=1&timeoutSeconds=1&resourceVersion=${metadata.resourceVersion}`);
        await expect(gone.catch((error: LabApiError) => error.status)).resolves.toSatisfy(
          (answer) => answer === 410 || JSON.stringify(answer).includes('"code":410'),
        );
      } finally {
        await own.down();
      }
      expect(existsSync(own.dir)).toBe(false);
    });
  });
});
