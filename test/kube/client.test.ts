import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createEvents,
  createReflector,
  isApiError,
  type KubeClient,
  loadKubeConfig,
  openKubeClient,
  type Resource,
} from '../../controller/kube/index.ts';
import { describeWithKube } from '../lab/kube/index.ts';
import { configMaps, eventually, openRealClient, startTunnel } from './real-api.ts';

const reasonOf = async (promise: Promise<unknown>) =>
  await promise.then(
    () => 'no error',
    (error: unknown) => (isApiError(error) ? error.reason : error),
  );

describeWithKube('the client on a real API server', (kube) => {
  let client: KubeClient;
  let namespace: string;
  let maps: Resource;
  let things: Resource;
  const opened: KubeClient[] = [];

  beforeAll(async () => {
    client = await openRealClient(kube());
    namespace = await kube().namespace('client');
    maps = configMaps(namespace);
    things = { group: 'lab.example.net', version: 'v1', plural: 'things', kind: 'Thing', namespace };
    await kube().apply(thingCrd('things', 'Thing'));
  });
  afterAll(async () => {
    for (const each of [client, ...opened]) await each.close();
  });

  it('makes, reads, replaces, merges and deletes', async () => {
    const made = await client.create(things, { metadata: { name: 'a', labels: { site: 'fra' } }, spec: { size: 1 } });
    const changed = await client.update(things, { ...made, spec: { size: 2 } });
    expect(changed.metadata.generation).toBe(2);
    expect(await reasonOf(client.update(things, { ...made, spec: { size: 3 } }))).toBe('conflict');
    const noted = await client.mergePatch(things, 'a', { metadata: { annotations: { 'plumbline.dev/requestedAt': 'now' } } });
    expect(noted.metadata).toMatchObject({ generation: 2, annotations: { 'plumbline.dev/requestedAt': 'now' } });
    expect(await reasonOf(client.create(things, { metadata: { name: 'a' }, spec: {} }))).toBe('alreadyExists');
    expect(await reasonOf(client.delete(things, 'a', { resourceVersion: made.metadata.resourceVersion }))).toBe('conflict');
    await client.delete(things, 'a', { uid: made.metadata.uid });
    expect(await reasonOf(client.get(things, 'a'))).toBe('notFound');
  });

  it('writes a status that does not move the generation, and nothing when nothing changed', async () => {
    const made = await client.create(things, { metadata: { name: 'status' }, spec: { size: 1 } });
    const told = await client.updateStatus(things, { ...made, spec: { size: 9 }, status: { seen: 1 } });
    expect(told).toMatchObject({ metadata: { generation: 1 }, spec: { size: 1 }, status: { seen: 1 } });
    const again = await client.updateStatus(things, told);
    expect(again.metadata.resourceVersion).toBe(told.metadata.resourceVersion);
    const applied = await client.applyStatus(things, { metadata: { name: 'status' }, status: { seen: 2 } });
    expect(applied).toMatchObject({ spec: { size: 1 }, status: { seen: 2 } });
  });

  it('applies: makes what is not there, owns its fields alone', async () => {
    await client.apply(maps, { metadata: { name: 'applied' }, data: { ours: '1' } });
    await kube()
      .api()
      .ask('PATCH', `/api/v1/namespaces/${namespace}/configmaps/applied`, { data: { theirs: '2' } }, 'application/merge-patch+json');
    const applied = await client.apply(maps, { metadata: { name: 'applied' }, data: { ours: '3' } });
    expect(applied['data']).toEqual({ ours: '3', theirs: '2' });
  });

  it('hears of a field that the server does not know, instead of losing it', async () => {
    const error = await client.create(things, { metadata: { name: 'b' }, spec: { size: 1, sise: 2 } }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ reason: 'badRequest', message: expect.stringContaining('sise') });
  });

  it('hears what the schema refuses, and where', async () => {
    const error = await client.create(things, { metadata: { name: 'b' }, spec: { size: 'large' } }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ reason: 'invalid', status: 422, message: expect.stringContaining('spec.size') });
  });

  it('reads pages and selects by label and field', async () => {
    for (const name of ['p1', 'p2', 'p3']) await client.create(maps, { metadata: { name, labels: { page: 'yes' } } });
    const first = await client.list(maps, { labelSelector: 'page=yes', limit: 2 });
    expect(first).toMatchObject({ items: [{ kind: 'ConfigMap', apiVersion: 'v1' }, {}], continue: expect.any(String) });
    const rest = await client.list(maps, { labelSelector: 'page=yes', limit: 2, continue: first.continue });
    expect(rest.items.map(({ metadata }) => metadata.name)).toEqual(['p3']);
    expect((await client.list(maps, { fieldSelector: 'metadata.name=p2' })).items).toHaveLength(1);
    expect(await reasonOf(client.list(maps, { continue: 'nonsense' }))).toBe('badRequest');
  });

  it('is told what it may not do, with verb and resource', async () => {
    const stranger = await openRealClient(kube(), 'viewer');
    opened.push(stranger);
    await expect(stranger.list(maps)).rejects.toMatchObject({
      reason: 'forbidden',
      message: expect.stringMatching(/carol.*cannot list.*configmaps/),
    });
  });

  it('is told when nobody knows who it is', async () => {
    const config = await loadKubeConfig({ file: kube().kubeconfig() });
    const stranger = openKubeClient(withUser(config, { token: 'wrong' }), { manager: 'test' });
    opened.push(stranger);
    expect(await reasonOf(stranger.list(maps))).toBe('unauthorized');
  });

  it('speaks to no server that the CA of the kubeconfig does not vouch for', async () => {
    const config = await loadKubeConfig({ file: kube().kubeconfig() });
    const unsure = new KubeConfig();
    const { caFile: _caFile, ...cluster } = config.getCurrentCluster()!;
    unsure.loadFromClusterAndUser(cluster, config.getCurrentUser()!);
    const stranger = openKubeClient(unsure, { manager: 'test' });
    opened.push(stranger);
    await expect(stranger.list(maps)).rejects.toMatchObject({ reason: 'unreachable', message: expect.stringMatching(/certificate/) });
  });

  it('takes the token of a pod that is rotated, and of a plugin', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plumbline-token-'));
    const config = await loadKubeConfig({ file: kube().kubeconfig() });
    const token = config.getCurrentUser()?.token ?? '';
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, 'expired\n');
    const pod = openKubeClient(withUser(config, { authProvider: { name: 'tokenFile', config: { tokenFile } } }), { manager: 'test' });
    opened.push(pod);
    expect(await reasonOf(pod.list(maps))).toBe('unauthorized');
    writeFileSync(tokenFile, `${token}\n`);
    expect(await reasonOf(pod.list(maps))).toBe('no error');

    const plugin = join(folder, 'plugin');
    writeFileSync(plugin, `#!/bin/sh\necho '{"status":{"token":"${token}"}}'\n`);
    chmodSync(plugin, 0o755);
    const person = openKubeClient(withUser(config, { exec: { command: plugin } }), { manager: 'test' });
    opened.push(person);
    expect(await reasonOf(person.list(maps))).toBe('no error');
    rmSync(folder, { recursive: true });
  });

  it('writes nothing through a proxy once it may not, though the tunnel stands, and reads on', async () => {
    const tunnel = await startTunnel();
    const config = await loadKubeConfig({ file: kube().kubeconfig() });
    const behind = new KubeConfig();
    behind.loadFromClusterAndUser({ ...config.getCurrentCluster()!, proxyUrl: tunnel.url }, config.getCurrentUser()!);
    let isLost = false;
    let checks = 0;
    const beforeWrite = () => {
      if (isLost) throw new Error('the lease is lost');
      isLost = ++checks === 1; // while the tunnel is still to be made
    };
    const guarded = openKubeClient(behind, { manager: 'test', beforeWrite });
    opened.push(guarded);
    const map = { metadata: { name: 'through-a-proxy' } };
    await expect(guarded.create(maps, map)).rejects.toThrow('the lease is lost');
    expect(await reasonOf(guarded.get(maps, map.metadata.name))).toBe('notFound');
    isLost = false;
    await guarded.create(maps, map);
    expect(await reasonOf(client.get(maps, map.metadata.name))).toBe('no error');
    expect(tunnel.made()).toBeGreaterThan(0);
    await tunnel.stop();
  });

  it('reads a kind whose CRD was established a moment ago', async () => {
    const stop = new AbortController();
    for (const word of ['one', 'two', 'three']) {
      const kind = `${word[0]?.toUpperCase()}${word.slice(1)}`;
      await kube().apply(thingCrd(`${word}s`, kind));
      const resource = { ...things, plural: `${word}s`, kind };
      const cache = createReflector(client, resource, { signal: stop.signal });
      await cache.synced;
      await client.create(resource, { metadata: { name: 'first' }, spec: { size: 1 } });
      await eventually('the first object', () => cache.size === 1, 10_000);
    }
    stop.abort();
  });

  it('sends events that the server accepts, and counts them there', async () => {
    const regarding = await client.create(things, { metadata: { name: 'drifts' }, spec: { size: 1 } });
    const events = createEvents({ client, controller: 'plumbline.dev/operator', instance: 'operator-0' });
    const facts = { type: 'Warning', reason: 'Drifted', action: 'Read', note: '3 differences ü'.repeat(100) } as const;
    for (let i = 0; i < 3; i++) events.record(regarding, facts);
    events.record({ ...regarding, metadata: { ...regarding.metadata, name: 'x'.repeat(253), uid: 'another' } }, facts);
    await events.close();
    const { items } = await kube()
      .api()
      .ask<{ items: Record<string, unknown>[] }>('GET', `/apis/events.k8s.io/v1/namespaces/${namespace}/events`);
    expect(items).toHaveLength(2);
    expect(items.find(({ series }) => series)).toMatchObject({ reason: 'Drifted', type: 'Warning', series: { count: 3 } });
  });
});

function withUser(config: KubeConfig, user: { token?: string; exec?: unknown; authProvider?: unknown }): KubeConfig {
  const changed = new KubeConfig();
  changed.loadFromClusterAndUser(config.getCurrentCluster()!, { name: 'other', ...user });
  return changed;
}

function thingCrd(plural: string, kind: string): string {
  return `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${plural}.lab.example.net}
spec:
  group: lab.example.net
  scope: Namespaced
  names: {plural: ${plural}, singular: ${kind.toLowerCase()}, kind: ${kind}}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}}
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, properties: {size: {type: integer}}}
            status: {type: object, properties: {seen: {type: integer}}}
`;
}
