import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { policy } from '../../../test/git/repository.ts';
import { type FakeApi, startFakeApi } from '../../../test/kube/fake-api.ts';
import { FleetSpec } from '../../api/index.ts';
import { type KubeClient, openKubeClient } from '../../kube/index.ts';
import { systemClock } from '../../lib/index.ts';
import { openArtifactSource } from './artifact-source.ts';

let api: FakeApi;
let client: KubeClient;
let server: Server;
let archive: Buffer;

beforeAll(async () => {
  api = await startFakeApi();
  client = openKubeClient(api.kubeConfig(), { manager: 'test' });
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-flux-'));
  writeFileSync(join(folder, 'a.yaml'), policy('everywhere'));
  archive = execFileSync('tar', ['-C', folder, '-czf', '-', '.']);
  rmSync(folder, { recursive: true });
  server = createServer((_request, response) => response.end(archive));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await client.close();
  await api.stop();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  for (const key of api.keys()) api.remove(key);
});

/** Nothing is in force. */
const nothing = () => Promise.resolve(undefined);
const spec = (sourceRef: object = {}) => FleetSpec.parse({ sourceRef: { kind: 'GitRepository', name: 'net', ...sourceRef } });
const source = (given: FleetSpec = spec()) =>
  openArtifactSource({ fleet: 'lab', namespace: 'net', spec: given, client, clock: systemClock });
const look = (given?: FleetSpec) => source(given).look(AbortSignal.timeout(5000), undefined, nothing);

/** What the source-controller publishes. */
function publish(status: object, namespace = 'net', kind = 'GitRepository'): void {
  api.put({ apiVersion: 'source.toolkit.fluxcd.io/v1', kind, metadata: { name: 'net', namespace }, status });
}
const artifact = () => ({
  url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/net.tar.gz`,
  digest: `sha256:${createHash('sha256').update(archive).digest('hex')}`,
  revision: `main@sha1:${'a'.repeat(40)}`,
});

describe('the artifact of a Flux source', () => {
  it.each([
    { name: 'in the namespace of the Fleet', namespace: 'net', given: {} },
    { name: 'in another namespace', namespace: 'flux-system', given: { namespace: 'flux-system' } },
    { name: 'of an OCI repository', namespace: 'net', given: { kind: 'OCIRepository' }, kind: 'OCIRepository' },
  ])('$name is what its revision says', async ({ namespace, given, kind }) => {
    publish({ artifact: artifact() }, namespace, kind);
    const found = await look(spec(given));
    expect(found.revision).toBe(artifact().revision);
    const state = await found.load();
    expect([...state.objects.ReconcilePolicy.keys()]).toEqual(['everywhere']);
    expect(api.requests.at(-1)?.path).toMatch(
      new RegExp(`/namespaces/${namespace}/${kind === undefined ? 'gitrepositories' : 'ocirepositories'}/net$`),
    );
  });

  it('is there to compare with when another has come, until four more have', async () => {
    const opened = source();
    const revisions = Array.from({ length: 5 }, (_, i) => `main@sha1:${String(i).repeat(40)}`);
    for (const revision of revisions) {
      publish({ artifact: { ...artifact(), revision } });
      await (await opened.look(AbortSignal.timeout(5000), undefined, nothing)).load();
    }
    const kept = await Promise.all(revisions.map(async (revision) => (await opened.past(revision))?.revision));
    expect(kept).toEqual([undefined, ...revisions.slice(1)]);
    expect(await opened.earlier(revisions[4] ?? '')).toBeUndefined();
  });

  it('is nothing to compare with when it has errors', async () => {
    const good = archive;
    const folder = mkdtempSync(join(tmpdir(), 'plumbline-flux-'));
    writeFileSync(join(folder, 'a.yaml'), 'kind: Nonsense\n');
    archive = execFileSync('tar', ['-C', folder, '-czf', '-', '.']);
    onTestFinished(() => {
      archive = good;
      rmSync(folder, { recursive: true });
    });
    publish({ artifact: artifact() });
    const opened = source();
    const { problems } = await (await opened.look(AbortSignal.timeout(5000), undefined, nothing)).load();
    expect(problems).not.toEqual([]);
    expect(await opened.past(artifact().revision)).toBeUndefined();
  });

  it('that is not there names the source', async () => {
    await expect(look()).rejects.toMatchObject({
      code: 'SourceFailed',
      message: expect.stringContaining('there is no GitRepository net/net') as string,
    });
  });

  it('that Flux could not fetch says why, in the words of Flux', async () => {
    publish({ conditions: [{ type: 'Ready', status: 'False', message: 'authentication required' }] });
    await expect(look()).rejects.toMatchObject({
      message: expect.stringMatching(/net\/net has no artifact: authentication required/) as string,
    });
  });

  it('with another digest is refused before a byte of it is looked at', async () => {
    publish({ artifact: { ...artifact(), digest: `sha256:${'0'.repeat(64)}` } });
    const found = await look();
    await expect(found.load()).rejects.toMatchObject({ code: 'ArtifactRefused' });
  });

  it('of an earlier revision is not kept', async () => expect(await source().earlier(artifact().revision)).toBeUndefined());
});
