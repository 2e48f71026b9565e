import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KubeApiError, type KubeClient } from '../../controller/kube/index.ts';
import { type Clock, sha256, systemClock } from '../../controller/lib/index.ts';
import { type ObjectStore, openKubeStore } from '../../controller/store/index.ts';
import { describeWithKube } from '../lab/kube/index.ts';
import { makePlaces, openClient } from './kube-store-setup.ts';

interface Listed {
  items: { metadata: { name: string } }[];
}

describeWithKube('what failures, other writers and people do to the store', (kube) => {
  let client: KubeClient;
  let places: { namespace: string; artifactNamespace: string };
  let store: ObjectStore;
  const open = async (given: { client?: KubeClient; clock?: Clock } = {}) => (await openKubeStore({ client, ...places, ...given })).objects;
  const namesOf = async (plural: 'secrets' | 'storerecords', prefix: string) => {
    const group = plural === 'secrets' ? '/api/v1' : '/apis/plumbline.dev/v1alpha1';
    const { items } = await kube().api().ask<Listed>('GET', `${group}/namespaces/${places.artifactNamespace}/${plural}`);
    return items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith(prefix));
  };
  const chunks = () => namesOf('secrets', 'artifact-');
  /** Takes three chunks. */
  const bigText = () => randomBytes(2_000_000).toString('base64');
  const merge = (path: string, patch: unknown) => kube().api().ask('PATCH', path, patch, 'application/merge-patch+json');

  /** The client, with `create` of heads or chunks done by a test. */
  const creating = (plural: 'secrets' | 'storerecords', create: KubeClient['create']): KubeClient => ({
    ...client,
    create: (resource, object, options) =>
      resource.plural === plural ? create(resource, object, options) : client.create(resource, object, options),
  });

  beforeAll(async () => {
    client = await openClient(kube());
  });
  beforeEach(async () => {
    places = await makePlaces(kube());
    store = await open();
    await store.list('Thing'); // marks the place
  });
  afterAll(() => client.close());

  describe('an artifact', () => {
    const forbid = () => Promise.reject(new KubeApiError('forbidden', 403, 'exceeded quota'));

    it('whose head is refused leaves no chunk behind, however often it is tried', async () => {
      const refused = await open({ client: creating('storerecords', forbid) });
      for (const text of [bigText(), bigText()])
        await expect(refused.putArtifact(text)).rejects.toMatchObject({ code: 'ClusterForbidden' });
      expect(await chunks()).toEqual([]);
    });

    it('of which one chunk is refused leaves none of the others behind', async () => {
      let made = 0;
      const refused = await open({ client: creating('secrets', (...given) => (++made === 3 ? forbid() : client.create(...given))) });
      await expect(refused.putArtifact(bigText())).rejects.toMatchObject({ code: 'ClusterForbidden' });
      expect([made, await chunks()]).toEqual([3, []]);
    });

    it('whose head was made while its answer was lost is whole', async () => {
      const text = bigText();
      const unlucky = await open({
        client: creating('storerecords', async (...given) => {
          await client.create(...given);
          throw new KubeApiError('timeout', 0, 'no answer within 30 s');
        }),
      });
      await expect(unlucky.putArtifact(text)).rejects.toMatchObject({ code: 'ClusterUnreachable' });
      expect((await store.getArtifact(sha256(text))) === text).toBe(true);
    });

    it('whose head was made, and made again on the way, is whole', async () => {
      const text = bigText();
      const twice = await open({
        client: creating('storerecords', async (...given) => {
          await client.create(...given);
          return client.create(...given);
        }),
      });
      const digest = await twice.putArtifact(text);
      expect((await store.getArtifact(digest)) === text).toBe(true);
      expect(await chunks()).toHaveLength(3);
    });

    it('that is being written is not torn by another writer, whose clock is a day ahead', async () => {
      const ahead: Clock = { ...systemClock, now: () => new Date(systemClock.now().getTime() + 86_400_000) };
      const other = await open({ clock: ahead });
      const text = bigText();
      const slow = await open({
        client: creating('storerecords', async (...given) => {
          await other.putArtifact('of the other one'); // which looks for what dead writers left
          return client.create(...given);
        }),
      });
      const digest = await slow.putArtifact(text);
      expect((await store.getArtifact(digest)) === text).toBe(true);
    });

    it.each([
      ['no list of chunks', { chunks: 'artifact-x' }],
      ['chunks that are no names', { chunks: [7] }],
      ['a size that is no number', { bytes: 'many' }],
      ['nothing', null],
    ])('whose head a person left with %s is damaged, until it is kept again', async (_what, value) => {
      const digest = await store.putArtifact('what we knew');
      const [head] = await namesOf('storerecords', `${places.namespace}.artifact.`);
      const path = `/apis/plumbline.dev/v1alpha1/namespaces/${places.artifactNamespace}/storerecords/${head}`;
      await merge(path, { spec: { value } });
      await expect(store.getArtifact(digest)).rejects.toMatchObject({ code: 'StoreDamaged' });
      expect(await (await open()).putArtifact('another one')).toBe(sha256('another one'));
      expect(await store.putArtifact('what we knew')).toBe(digest);
      expect(await store.getArtifact(digest)).toBe('what we knew');
    });
  });

  it('an object whose exact text a person wrote is read under the name that it has, and so are the others', async () => {
    const spec = { kind: 'Thing', value: 1 };
    for (const name of ['a', 'b']) await store.create({ kind: 'Thing', name, spec });
    const path = `/apis/plumbline.dev/v1alpha1/namespaces/${places.artifactNamespace}/storerecords/${places.namespace}.thing.a`;
    for (const exact of ['{"name":"b"}', '{"name":5}', '{"labels":{"plumbline.dev/record-kind":5,"site":5}}', '[', '"b"']) {
      await merge(path, { metadata: { annotations: { 'plumbline.dev/exact': exact }, labels: { site: 'fra' } } });
      expect((await store.list('Thing')).map(({ name, labels }) => [name, labels])).toEqual([
        ['a', { site: 'fra' }],
        ['b', {}],
      ]);
      expect(await store.get('Thing', 'a')).toMatchObject({ name: 'a' });
    }
    const found = (await store.get('Thing', 'a'))!;
    expect(await store.update({ ...found, spec: 'ours' })).toMatchObject({ name: 'a', spec: 'ours' });
  });

  it.each([
    ['is too short', { key: Buffer.from('short').toString('base64') }],
    ['is gone from its Secret', { key: null }],
  ])('a key of secret versions that %s is refused by name, and not made anew', async (_what, data) => {
    await (await openKubeStore({ client, ...places })).versionKey();
    const name = `${places.namespace}.version-key`;
    await merge(`/api/v1/namespaces/${places.artifactNamespace}/secrets/${name}`, { data });
    const asked = openKubeStore({ client, ...places }).then(({ versionKey }) => versionKey());
    await expect(asked).rejects.toMatchObject({ code: 'VersionKeyUnusable', message: expect.stringContaining(name) as string });
  });
});
