import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type AnyKind, anyKindNames, clusterSpecs, specs, statuses } from '../../controller/api/index.ts';
import { examples } from '../../controller/api/print/examples.ts';
import type { KubeClient } from '../../controller/kube/index.ts';
import { type Clock, sha256, systemClock } from '../../controller/lib/index.ts';
import { type ObjectStore, openKubeStore } from '../../controller/store/index.ts';
import { describeWithKube } from '../lab/kube/index.ts';
import { describeStoreContract } from '../store/store-contract.ts';
import { countWrites, makePlaces, openClient, rightsOf, twoHoursLater } from './kube-store-setup.ts';

interface Listed {
  items: { metadata: { name: string; labels?: Record<string, string> }; spec: unknown; status?: unknown; data?: Record<string, string> }[];
}

/** The example of a kind's page, as `plumb check` reads it. */
function example(kind: AnyKind): { name: string; spec: unknown } {
  const { metadata, spec } = parse(examples[kind]) as { metadata: { name: string }; spec: unknown };
  return { name: metadata.name, spec: { ...specs, ...clusterSpecs }[kind].parse(spec) };
}

const deviceSpec = example('Device').spec as Record<string, unknown>;
/** A text that takes three chunks. */
const bigText = (): string => randomBytes(2_000_000).toString('base64');

describeWithKube('on a real API server', (kube) => {
  describeStoreContract('Kubernetes store with the rights of the operator and no others', async () => {
    const places = await makePlaces(kube());
    await kube().apply(rightsOf(places));
    const client = await openClient(kube(), 'operator');
    return { open: async () => (await openKubeStore({ client, ...places })).objects, dispose: () => client.close() };
  });

  describeStoreContract('Kubernetes store with artifacts on a volume', async () => {
    const client = await openClient(kube());
    const [places, folder] = [await makePlaces(kube()), mkdtempSync(join(tmpdir(), 'plumb-artifacts-'))];
    return {
      open: async () => (await openKubeStore({ client, ...places, artifacts: { folder } })).objects,
      dispose: async () => {
        await client.close();
        rmSync(folder, { recursive: true });
      },
    };
  });

  describe('the store', () => {
    let client: KubeClient;
    let places: { namespace: string; artifactNamespace: string };
    let store: ObjectStore;
    const open = async (options: { clock?: Clock; maxArtifactBytes?: number } = {}): Promise<ObjectStore> =>
      (await openKubeStore({ client, ...places, ...options })).objects;
    const secrets = () => `/api/v1/namespaces/${places.artifactNamespace}/secrets`;
    const chunks = async (): Promise<string[]> =>
      (await kube().api().ask<Listed>('GET', secrets())).items
        .map(({ metadata }) => metadata.name)
        .filter((name) => name.startsWith('artifact-'));
    const records = (place: string) => `/apis/plumbline.dev/v1alpha1/namespaces/${place}/storerecords`;

    beforeAll(async () => {
      client = await openClient(kube());
    });
    beforeEach(async () => {
      places = await makePlaces(kube());
      store = await open();
      await store.list('Thing'); // marks the place
    });
    afterAll(() => client.close());

    it('keeps what people know as resources of its own, as they would write it', async () => {
      const made = await store.create({ kind: 'Device', name: 'edge1-fra', labels: { site: 'fra' }, spec: deviceSpec });
      await store.updateStatus({ ...made, status: { verdict: 'InSync' } });
      const path = `/apis/plumbline.dev/v1alpha1/namespaces/${places.namespace}/devices`;
      const { items } = await kube().api().ask<Listed>('GET', path);
      expect(items).toMatchObject([
        { metadata: { name: 'edge1-fra', labels: { site: 'fra' } }, spec: deviceSpec, status: { verdict: 'InSync' } },
      ]);
      expect(items[0]!.metadata.labels).toEqual({ site: 'fra' });
      expect((await store.list('Device', { site: 'fra' })).map(({ name }) => name)).toEqual(['edge1-fra']);
    });

    it.each(anyKindNames)('keeps the spec of a %s as Git says it, defaults and all, and writes it once', async (kind) => {
      const counted = countWrites(client);
      const opened = (await openKubeStore({ ...places, client: counted.client })).objects;
      const made = await opened.create({ kind, ...example(kind) });
      expect(made.spec).toEqual(example(kind).spec);
      await opened.update({ ...made, ...example(kind) });
      expect(counted.writes).toHaveLength(1);
    });

    it('writes what it has read without reading it again, and still refuses what somebody else changed meanwhile', async () => {
      const made = await store.create({ kind: 'Device', name: 'edge1-fra', spec: deviceSpec });
      const reads: string[] = [];
      const counting: KubeClient = { ...client, get: (...given) => (reads.push(given[1]), client.get(...given)) };
      const opened = (await openKubeStore({ ...places, client: counting })).objects;
      const [listed] = await opened.list('Device');
      const written = await opened.updateStatus({ ...listed!, status: statuses.Device.parse({ verdict: 'InSync' }) });
      const moved = await opened.update({ ...written, spec: { ...deviceSpec, lifecycle: 'Decommissioning' } });
      expect([reads, moved.generation, moved.status]).toEqual([[], 2, written.status]);
      await expect(store.update({ ...made, spec: { ...deviceSpec, lifecycle: 'Planned' } })).rejects.toMatchObject({ code: 'Conflict' });
      await store.delete('Device', 'edge1-fra');
      await expect(opened.updateStatus({ ...moved, status: {} })).rejects.toMatchObject({ code: 'NotFound' });
      expect(() => Object.assign(moved.spec as object, { platform: 'changed in place' })).toThrow(TypeError);
    });

    it('keeps owners and finalizers that others gave an object', async () => {
      const made = await store.create({ kind: 'Device', name: 'edge1-fra', spec: deviceSpec });
      const path = `/apis/plumbline.dev/v1alpha1/namespaces/${places.namespace}/devices/edge1-fra`;
      await kube()
        .api()
        .ask('PATCH', path, { metadata: { finalizers: ['example.net/keep'] } }, 'application/merge-patch+json');
      const found = (await store.get('Device', 'edge1-fra'))!;
      expect(found.generation).toBe(made.generation);
      await store.update({ ...found, spec: { ...deviceSpec, lifecycle: 'Decommissioning' } });
      expect(await kube().api().ask('GET', path)).toMatchObject({ metadata: { finalizers: ['example.net/keep'] } });
    });

    it('keeps all other records out of sight, under names that say what they are', async () => {
      await store.create({ kind: 'Quarantine', name: 'sha256-ab', spec: {} });
      const names = async (place: string) =>
        (await kube().api().ask<Listed>('GET', records(place))).items.map(({ metadata }) => metadata.name);
      expect(await names(places.artifactNamespace)).toContain(`${places.namespace}.quarantine.sha256-ab`);
      expect(await names(places.namespace)).toEqual([`${places.namespace}.store.identity`]);
    });

    it('keeps stores apart that share a place for records, their artifacts too', async () => {
      const theirs = (await openKubeStore({ client, ...places, namespace: await kube().namespace('fleet') })).objects;
      await store.create({ kind: 'Baseline', name: 'edge1-fra', spec: 'ours' });
      expect(await theirs.get('Baseline', 'edge1-fra')).toBeUndefined();
      await theirs.create({ kind: 'Baseline', name: 'edge1-fra', spec: 'theirs' });
      expect((await store.list('Baseline')).map(({ spec }) => spec)).toEqual(['ours']);
      const digest = await store.putArtifact('the same text');
      expect(await theirs.getArtifact(digest)).toBeUndefined();
      await theirs.putArtifact('the same text');
      await theirs.deleteArtifact(digest);
      expect(await store.getArtifact(digest)).toBe('the same text');
    });

    it('lists more objects than one page holds, each once', async () => {
      const names = Array.from({ length: 1_203 }, (_, i) => `thing-${String(i).padStart(4, '0')}`);
      for (let i = 0; i < names.length; i += 50)
        await Promise.all(names.slice(i, i + 50).map((name) => store.create({ kind: 'Thing', name, spec: {} })));
      expect((await store.list('Thing')).map(({ name }) => name)).toEqual(names);
    });

    it('takes at most three writes for a device that is seen first, and none when nothing moved', async () => {
      const counted = countWrites(client);
      const opened = await openKubeStore({ ...places, client: counted.client });
      await opened.epoch.raise();
      counted.writes.length = 0;
      const device = 'edge1-fra';
      const items = Object.fromEntries(
        Array.from({ length: 200 }, (_, i) => [`router bgp 64496 > neighbor 192.0.2.${i}`, ` remote-as ${i}`]),
      );
      const baseline = { device, platform: 'frr', revision: 'main@sha1:1', items, unmanaged: [] };
      const see = async () => {
        const found = await opened.objects.get('Device', device);
        const mirror = found
          ? await opened.objects.update({ ...found, spec: deviceSpec })
          : await opened.objects.create({ kind: 'Device', name: device, spec: deviceSpec });
        await opened.objects.updateStatus({ ...mirror, status: statuses.Device.parse({ verdict: 'InSync' }) });
        await opened.baselines.put(baseline);
        await opened.observations.put({ device, verdict: 'InSync', revision: 'main@sha1:1', since: '', differences: {} });
      };
      await see();
      expect(counted.writes).toEqual(['create devices', 'updateStatus devices', 'create storerecords']);
      await see();
      expect(counted.writes.slice(3)).toEqual([]);
    });

    it('gives one key of secret versions to everybody who opens it', async () => {
      const keys = await Promise.all([1, 2, 3].map(async () => (await (await openKubeStore({ client, ...places })).versionKey()).reveal()));
      expect(new Set(keys).size).toBe(1);
      expect(keys[0]).toHaveLength(44);
    });

    describe('of artifacts', () => {
      it('keeps what does not fit into one Secret in several, each below a megabyte', async () => {
        await store.putArtifact(bigText());
        const { items } = await kube().api().ask<Listed>('GET', secrets());
        const sizes = items.flatMap(({ data }) => (data?.['chunk'] ? [Buffer.from(data['chunk'], 'base64').length] : []));
        expect(sizes.length).toBeGreaterThan(1);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(900 * 1024);
      });

      it.each(['lost', 'changed'])('tells that a part was %s, and mends it when the text is kept again', async (what) => {
        const text = bigText();
        const digest = await store.putArtifact(text);
        const [name] = await chunks();
        await kube().api().ask('DELETE', `${secrets()}/${name}`);
        if (what === 'changed')
          await kube()
            .api()
            .ask('POST', secrets(), { metadata: { name }, data: { chunk: 'AAAA' } });
        await expect(store.getArtifact(digest)).rejects.toMatchObject({ code: 'StoreDamaged' });
        expect(await store.putArtifact(text)).toBe(digest);
        expect((await store.getArtifact(digest)) === text).toBe(true);
      });

      it('shows nothing of a writer that died in the middle, and removes its parts after an hour', async () => {
        const text = bigText();
        let left = 1;
        const dying: KubeClient = {
          ...client,
          create: (resource, object, options) => {
            if (resource.plural === 'secrets' && left-- <= 0) throw new Error('killed');
            return client.create(resource, object, options);
          },
          delete: () => Promise.reject(new Error('killed')),
        };
        const writer = (await openKubeStore({ ...places, client: dying })).objects;
        await expect(writer.putArtifact(text)).rejects.toThrow('killed');
        expect(await chunks()).toHaveLength(1);
        expect(await store.getArtifact(sha256(text))).toBeUndefined();
        const kept = await store.putArtifact('what stays');
        const digest = await (await openKubeStore({ ...places, client: twoHoursLater(client, kept) })).objects.putArtifact(
          'what comes later',
        );
        expect(await chunks()).toHaveLength(2);
        expect([await store.getArtifact(kept), await store.getArtifact(digest)]).toEqual(['what stays', 'what comes later']);
      });

      it('takes no more than it may, says so, and keeps what it has', async () => {
        const small = await open({ maxArtifactBytes: 2 * 2 ** 20 });
        const first = randomBytes(1_000_000).toString('base64');
        const digest = await small.putArtifact(first);
        const error = small.putArtifact(bigText());
        await expect(error).rejects.toMatchObject({ code: 'ArtifactsFull', retry: 'backoff' });
        await expect(error).rejects.toThrow('hold 1 MB, 2 MB more would pass the limit of 2 MB');
        expect((await small.getArtifact(digest)) === first).toBe(true);
        await small.deleteArtifact(digest);
        await small.putArtifact(randomBytes(1_200_000).toString('base64'));
      });

      it('keeps files whole on a volume, and tells one that changed', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'plumb-artifacts-'));
        try {
          const volume = (await openKubeStore({ client, ...places, artifacts: { folder } })).objects;
          const digest = await volume.putArtifact('what we knew');
          expect(readdirSync(folder, { recursive: true })).toEqual([digest.slice(0, 2), join(digest.slice(0, 2), `${digest}.gz`)]);
          writeFileSync(join(folder, digest.slice(0, 2), `${digest}.gz`), 'nonsense');
          await expect(volume.getArtifact(digest)).rejects.toMatchObject({ code: 'StoreDamaged' });
          await volume.putArtifact('what we knew');
          expect(await volume.getArtifact(digest)).toBe('what we knew');
        } finally {
          rmSync(folder, { recursive: true });
        }
      });
    });

    describe('whose records were lost', () => {
      it('is not used, and says what to restore', async () => {
        await store.create({ kind: 'Baseline', name: 'edge1-fra', spec: {} });
        const path = records(places.artifactNamespace);
        await kube().api().ask('DELETE', path); // as when the namespace was deleted and made again
        const opened = await open();
        await expect(opened.get('Baseline', 'edge1-fra')).rejects.toMatchObject({ code: 'RecordsLost' });
        await expect(opened.create({ kind: 'Baseline', name: 'edge1-fra', spec: {} })).rejects.toThrow(places.artifactNamespace);
        await expect(opened.putArtifact('text')).rejects.toMatchObject({ code: 'RecordsLost' });
      });

      it('does not take what it finds no more for a first contact', async () => {
        let offset = 0;
        const clock: Clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + offset };
        const opened = await open({ clock });
        expect(await opened.get('Baseline', 'edge1-fra')).toBeUndefined();
        await kube().api().ask('DELETE', records(places.artifactNamespace));
        offset = 6_000;
        await expect(opened.get('Baseline', 'edge1-fra')).rejects.toMatchObject({ code: 'RecordsLost' });
        await expect(opened.list('Baseline')).rejects.toMatchObject({ code: 'RecordsLost' });
        await expect(opened.getArtifact('0'.repeat(64))).rejects.toMatchObject({ code: 'RecordsLost' });
      });

      it('begins anew when a person says so', async () => {
        await kube().api().ask('DELETE', records(places.artifactNamespace));
        await kube()
          .api()
          .ask('DELETE', `${records(places.namespace)}/${places.namespace}.store.identity`);
        expect(await (await open()).list('Baseline')).toEqual([]);
      });

      it('stands when only the namespace of the mirrors was made anew', async () => {
        await store.create({ kind: 'Baseline', name: 'edge1-fra', spec: 'kept' });
        await kube()
          .api()
          .ask('DELETE', `${records(places.namespace)}/${places.namespace}.store.identity`);
        expect((await (await open()).get('Baseline', 'edge1-fra'))?.spec).toBe('kept');
      });
    });

    it('says which right is missing', async () => {
      const stranger = await openClient(kube(), 'viewer');
      const { objects } = await openKubeStore({ client: stranger, ...places });
      await expect(objects.list('Device')).rejects.toThrow(/"carol" cannot list resource "devices"/);
      const asking = objects.get('Baseline', 'edge1-fra');
      await expect(asking).rejects.toMatchObject({ code: 'ClusterForbidden' });
      await expect(asking).rejects.toThrow(/"carol" cannot get resource "storerecords".*in the namespace/);
      await stranger.close();
    });

    it('says that a namespace is not there', async () => {
      const { objects } = await openKubeStore({ client, namespace: await kube().namespace(), artifactNamespace: 'nowhere' });
      await expect(objects.get('Baseline', 'edge1-fra')).rejects.toThrow('namespaces "nowhere" not found');
    });
  });
});
