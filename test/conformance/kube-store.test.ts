import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type KubeClient, loadKubeConfig, openKubeClient } from '../../controller/kube/index.ts';
import { openKubeStore } from '../../controller/store/index.ts';
import { describeWithKube, type KubeLab } from '../lab/kube/index.ts';
import { describeStoreContract } from '../store/store-contract.ts';

const openClient = async (kube: KubeLab): Promise<KubeClient> =>
  openKubeClient(await loadKubeConfig({ file: kube.kubeconfig() }), { manager: 'plumbline-test' });

describeWithKube('on a real API server', (kube) => {
  describeStoreContract('Kubernetes store', async () => {
    const client = await openClient(kube());
    const [namespace, artifactNamespace] = [await kube().namespace('fleet'), await kube().namespace('records')];
    return {
      open: async () => (await openKubeStore({ client, namespace, artifactNamespace })).objects,
      dispose: () => client.close(),
    };
  });
});
