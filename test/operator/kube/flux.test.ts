import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithKube } from '../../lab/kube/index.ts';
import { until } from '../../lab/shell.ts';
import { commitEdit, type Network, readyOf, startNetwork, untilAllReady } from './network.ts';
import { allowSources } from './pods.ts';

/** The kind of Flux, as far as the API server has to know it. */
const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: gitrepositories.source.toolkit.fluxcd.io }
spec:
  group: source.toolkit.fluxcd.io
  names: { kind: GitRepository, plural: gitrepositories, singular: gitrepository, listKind: GitRepositoryList }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
      subresources: { status: {} }
`;

describeWithKube('a Fleet that follows a source of Flux', (kube) => {
  let network: Network;
  let flux: string;
  let archive: Buffer;
  let server: Server;

  beforeAll(async () => {
    const lab = kube();
    await lab.apply(definition);
    flux = await lab.namespace('flux');
    network = await startNetwork(lab, { devices: 4, sessionsPerDevice: 3, reads: { intervalSeconds: 3 } });
    server = createServer((_request, response) => response.end(archive));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const sourceRef = { kind: 'GitRepository', name: 'desired-state', namespace: flux };
    await network.patch('fleets', 'network', { spec: { git: null, sourceRef } });
    await network.start('operator');
  });
  afterAll(async () => {
    await network?.close();
    server?.closeAllConnections();
    server?.close();
  });

  /** What the source-controller does with a commit. */
  const publish = async (commit: string, digest?: string) => {
    archive = execFileSync('git', ['-C', network.git.folder, 'archive', '--format=tar.gz', commit], { maxBuffer: 2 ** 26 });
    const { port } = server.address() as AddressInfo;
    const artifact = {
      url: `http://127.0.0.1:${port}/desired-state.tar.gz`,
      digest: digest ?? `sha256:${createHash('sha256').update(archive).digest('hex')}`,
      revision: `main@sha1:${commit}`,
    };
    const path = `/apis/source.toolkit.fluxcd.io/v1/namespaces/${flux}/gitrepositories/desired-state/status`;
    await network.lab.api().ask('PATCH', path, { status: { artifact } }, 'application/merge-patch+json');
    await network.patch('fleets', 'network', {
      metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': String(performance.now()) } },
    });
    return artifact.revision;
  };
  const ready = async () => readyOf(await network.object('fleets', 'network'));
  const untilSaid = (words: RegExp) => until(`the Fleet to say ${words}`, async () => words.test((await ready())?.message ?? ''), 60_000);

  it('says which right it lacks, and reads it with the right that the chart gives', async () => {
    await network.lab.apply(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: desired-state, namespace: ${flux} }
spec: { url: 'https://git.example.net/desired-state.git' }
`);
    await untilSaid(/forbidden.*gitrepositories|gitrepositories.*forbidden/);
    await allowSources(network.lab, network.namespace, flux);
    const head = network.git.git('rev-parse', 'HEAD').trim();
    const revision = await publish(head);
    await untilAllReady(network);
    expect(await ready()).toMatchObject({ status: 'True', message: expect.stringContaining(revision) as string });
  });

  it('takes no archive whose digest is another, and keeps what is in force', async () => {
    const before = (await ready())?.message;
    const commit = commitEdit(network, 'policies.yaml', '"localPreference": 90', '"localPreference": 95');
    await publish(commit, `sha256:${'0'.repeat(64)}`);
    await untilSaid(/digest/);
    expect((await network.objects('devices')).map((device) => readyOf(device)?.status)).toEqual(['True', 'True', 'True', 'True']);
    const revision = await publish(commit);
    await untilSaid(new RegExp(revision));
    expect((await ready())?.message).not.toBe(before);
    await until(
      'it to be wanted',
      async () => (await network.objects('devices')).every((device) => readyOf(device)?.reason === 'Pending'),
      60_000,
    );
  });
});
