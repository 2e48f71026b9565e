import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KubeClient } from '../../controller/kube/index.ts';
import { type ObjectStore, openKubeStore } from '../../controller/store/index.ts';
import { describeWithKube, type KubeLab, up } from '../lab/kube/index.ts';
import { until } from '../lab/shell.ts';
import { makePlaces, openClient } from './kube-store-setup.ts';

/** Watches into a list until it is stopped. */
function follow(store: ObjectStore, kind: string): { events: string[]; stop: () => Promise<void> } {
  const events: string[] = [];
  const stop = new AbortController();
  const ended = (async () => {
    for await (const event of store.watch(kind, stop.signal))
      if (event.type !== 'listed') events.push(`${event.type} ${event.object.name}`);
  })();
  return {
    events,
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

describeWithKube('a watch of the Kubernetes store, on a server of its own', () => {
  let lab: KubeLab;
  let client: KubeClient;
  let store: ObjectStore;
  beforeAll(async () => {
    lab = await up();
    client = await openClient(lab);
    store = (await openKubeStore({ client, ...(await makePlaces(lab)) })).objects;
  });
  afterAll(async () => {
    await client.close();
    await lab.down();
  });

  it('goes on by itself when the server was killed, and when what it missed was compacted', async () => {
    for (const name of ['stays', 'goes', 'changes']) await store.create({ kind: 'Thing', name, spec: 1 });
    const watched = follow(store, 'Thing');
    await until('the first three', () => watched.events.length === 3);

    await lab.killApiServer();
    await lab.startApiServer();
    await store.create({ kind: 'Thing', name: 'after', spec: 1 });
    await until('what came after the kill', () => watched.events.includes('added after'), 30_000);

    await lab.killApiServer();
    await lab.startApiServer();
    await store.delete('Thing', 'goes');
    await store.update({ ...(await store.get('Thing', 'changes'))!, spec: 2 });
    await store.create({ kind: 'Thing', name: 'new', spec: 1 });
    await lab.compact();
    await lab.killApiServer();
    await lab.startApiServer();
    await until('the differences', () => watched.events.length >= 7, 60_000);
    await watched.stop();
    expect(watched.events.slice(0, 4)).toEqual(['added changes', 'added goes', 'added stays', 'added after']);
    expect(watched.events.slice(4).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['added new', 'deleted goes', 'modified changes']);
  });

  it('says that the kind is missing, and takes that for no empty list', async () => {
    await lab.api().ask('DELETE', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/storerecords.plumbline.dev');
    await until('the kind to be gone', () =>
      store.get('Thing', 'stays').then(
        () => false,
        (error: { code?: string }) => error.code === 'KindMissing',
      ),
    );
    await expect(store.list('Thing')).rejects.toMatchObject({ code: 'KindMissing' });
    await expect(store.create({ kind: 'Thing', name: 'x', spec: 1 })).rejects.toMatchObject({ code: 'KindMissing' });
    await expect(follow(store, 'Thing').stop()).resolves.toBeUndefined();
    const watching = (async () => {
      for await (const event of store.watch('Thing', new AbortController().signal)) throw new Error(event.type);
    })();
    await expect(watching).rejects.toMatchObject({ code: 'KindMissing' });
  });
});
