import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ObjectStore, openStore, type Store, type StoredObject, type StoreEvent } from '../store/index.ts';
import { followObjects, type ObjectCache } from './object-cache.ts';
import { amendObject, removeObject, writeObject } from './write-object.ts';

interface Spec {
  size: number;
}
interface Status {
  seen: string;
}
type Widget = StoredObject<Spec, Status>;

let folder: string;
let store: Store;
let stop: AbortController;
/** What the watch told, beside what it had told before. */
let heard: { type: string; now: Pick<Widget, 'name' | 'uid'> & Partial<Widget>; before: Widget | undefined }[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-cache-'));
  store = await openStore(folder);
  heard = [];
  stop = new AbortController();
});
afterEach(() => {
  stop.abort();
  store.close();
  rmSync(folder, { recursive: true });
});

/** A watch that tells nothing beyond what existed until it is let go: what happens meanwhile is known before it is told. */
function slowed(objects: ObjectStore): { objects: ObjectStore; letGo: () => void } {
  const gate = Promise.withResolvers<void>();
  async function* held<A, B>(...asked: Parameters<ObjectStore['watch']>) {
    for await (const event of objects.watch<A, B>(...asked)) {
      yield event;
      if (event.type === 'listed') await gate.promise;
    }
  }
  return { objects: differing(objects, { watch: held }), letGo: gate.resolve };
}

/** The store, with a function of ours in place of its own. */
function differing(objects: ObjectStore, own: Partial<ObjectStore>): ObjectStore {
  return new Proxy(objects, {
    get: (target, name: keyof ObjectStore) => own[name] ?? (target[name] as () => unknown).bind(target),
  });
}

async function follow(objects: ObjectStore): Promise<ObjectCache<Spec, Status>> {
  const { cache } = await followObjects<Spec, Status>(objects, 'Widget', stop.signal, ({ type, object }, before) =>
    heard.push({ type, now: object, before }),
  );
  return cache;
}

const put = (cache: ObjectCache<Spec, Status>, size: number, seen = 'ok') =>
  writeObject<Spec, Status>(store.objects, cache, { kind: 'Widget', name: 'a', spec: { size }, fresh: { size }, status: () => ({ seen }) });
const annotate = async (words: string) => {
  const found = await store.objects.get<Spec, Status>('Widget', 'a');
  if (found) await store.objects.update({ ...found, annotations: { asks: words } });
};
const told = async (what: (last: (typeof heard)[number]) => boolean) => {
  await expect.poll(() => heard.some(what)).toBe(true);
  return heard.find(what);
};

describe('following a kind', () => {
  it('knows what existed before, and what comes', async () => {
    await store.objects.create<Spec>({ kind: 'Widget', name: 'old', spec: { size: 1 } });
    const cache = await follow(store.objects);
    expect(cache.list().map(({ name }) => name)).toEqual(['old']);
    await store.objects.create<Spec>({ kind: 'Widget', name: 'new', spec: { size: 2 } });
    await expect.poll(() => cache.get('new')?.spec).toEqual({ size: 2 });
    await store.objects.delete('Widget', 'old');
    await told(({ type, now }) => type === 'deleted' && now.name === 'old');
    expect(cache.get('old')).toBeUndefined();
  });

  it('knows nothing of what went before the watch began to tell', async () => {
    for (const name of ['goes', 'stays']) await store.objects.create<Spec>({ kind: 'Widget', name, spec: { size: 1 } });
    async function* late<A, B>(...asked: Parameters<ObjectStore['watch']>) {
      await store.objects.delete('Widget', 'goes');
      yield* store.objects.watch<A, B>(...asked);
    }
    const cache = await follow(differing(store.objects, { watch: late }));
    expect(cache.list().map(({ name }) => name)).toEqual(['stays']);
    expect(heard).toEqual([]);
  });

  it('gives up when it is stopped before all that existed was told', async () => {
    async function* silent(_kind: string, signal: AbortSignal) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      yield* [];
    }
    const following = follow(differing(store.objects, { watch: silent }));
    stop.abort();
    await expect(following).rejects.toThrow('aborted');
  });

  it('tells what a person asked beside what was told before', async () => {
    const cache = await follow(store.objects);
    await put(cache, 1);
    await annotate('look');
    const found = await told(({ now }) => now.annotations?.['asks'] === 'look');
    expect(found?.before?.annotations).toEqual({});
  });

  it('loses no question that we came to know by ourselves, after a conflict, before the watch told of it', async () => {
    await store.objects.create<Spec, Status>({ kind: 'Widget', name: 'a', spec: { size: 1 }, status: { seen: 'ok' } });
    const { objects, letGo } = slowed(store.objects);
    const cache = await follow(objects);
    await annotate('look');
    // Written from what was known, so a conflict; read again, so the question is known now.
    await put(cache, 1, 'written past the question');
    expect(cache.get('a')?.annotations).toEqual({ asks: 'look' });
    letGo();
    const found = await told(({ now }) => now.annotations?.['asks'] === 'look');
    expect(found?.before?.annotations).toEqual({});
    expect(found?.now.status).toEqual({ seen: 'written past the question' });
  });

  it('does not take what we wrote ourselves for what a person wrote', async () => {
    const { objects, letGo } = slowed(store.objects);
    const cache = await follow(objects);
    await put(cache, 1);
    await put(cache, 2);
    letGo();
    const found = await told(({ now }) => now.name === 'a');
    expect(found?.before?.generation).toBe(found?.now.generation);
  });
});

/** A watch that tells just what it is given. */
function scripted(objects: ObjectStore): { objects: ObjectStore; tell: (...events: StoreEvent<Spec, Status>[]) => void } {
  const events: StoreEvent<Spec, Status>[] = [];
  let wake = Promise.withResolvers<void>();
  async function* watch() {
    yield { type: 'listed' };
    while (!stop.signal.aborted) {
      yield* events.splice(0);
      await wake.promise;
      wake = Promise.withResolvers();
    }
  }
  const tell = (...more: StoreEvent<Spec, Status>[]) => (events.push(...more), wake.resolve());
  return { objects: differing(objects, { watch: watch as unknown as ObjectStore['watch'] }), tell };
}

describe('a watch that is behind', () => {
  const other = async () => ({
    type: 'added' as const,
    object: await store.objects.create<Spec, Status>({ kind: 'Widget', name: 'other', spec: { size: 0 } }),
  });

  it('brings no status back that was written over since', async () => {
    const { objects, tell } = scripted(store.objects);
    const cache = await follow(objects);
    const first = await put(cache, 1, 'Drifted');
    const second = await put(cache, 1, 'InSync');
    tell({ type: 'added', object: first }, await other());
    await told(({ now }) => now.name === 'other');
    expect(cache.get('a')?.status).toEqual({ seen: 'InSync' });
    // What was Drifted, InSync and is Drifted again is written.
    await put(cache, 1, 'Drifted');
    expect((await store.objects.get<Spec, Status>('Widget', 'a'))?.status).toEqual({ seen: 'Drifted' });
    tell({ type: 'modified', object: second });
  });

  it('tells what others wrote, also between two writes of ours', async () => {
    const { objects, tell } = scripted(store.objects);
    const cache = await follow(objects);
    const first = await put(cache, 1);
    await annotate('look');
    const asked = (await store.objects.get<Spec, Status>('Widget', 'a')) as Widget;
    const last = await put(cache, 1, 'again');
    tell({ type: 'added', object: first }, { type: 'modified', object: asked }, { type: 'modified', object: last });
    const found = await told(({ now }) => now.annotations?.['asks'] === 'look');
    expect(found?.before?.annotations).toEqual({});
    await annotate('look again');
    const later = (await store.objects.get<Spec, Status>('Widget', 'a')) as Widget;
    tell({ type: 'modified', object: later });
    await told(({ now }) => now.annotations?.['asks'] === 'look again');
    expect(cache.get('a')?.status).toEqual({ seen: 'again' });
  });

  it('makes nothing of a deleted object that was there before it', async () => {
    const { objects, tell } = scripted(store.objects);
    const cache = await follow(objects);
    const first = await put(cache, 1);
    const last = await put(cache, 1, 'again');
    await store.objects.delete('Widget', 'a');
    tell({ type: 'added', object: first }, { type: 'deleted', object: last });
    await told(({ type }) => type === 'deleted');
    expect(cache.get('a')).toBeUndefined();
    const made = await put(cache, 2);
    tell({ type: 'added', object: made });
    await told(({ type, now }) => type === 'added' && now.uid === made.uid);
    expect(cache.get('a')?.spec).toEqual({ size: 2 });
  });
});

describe('writing an object', () => {
  it('makes it, with its status', async () => {
    const cache = await follow(store.objects);
    expect(await put(cache, 1)).toMatchObject({ spec: { size: 1 }, status: { seen: 'ok' } });
    expect(await store.objects.get('Widget', 'a')).toMatchObject({ spec: { size: 1 }, status: { seen: 'ok' } });
  });

  it('sends object and status at once, and does not forget the status when an API server tells of the object first', async () => {
    const { objects, tell } = scripted(store.objects);
    const sent: string[] = [];
    let bare: Widget | undefined;
    const inHalves: Partial<ObjectStore> = {
      create: async <A, B>({ status, ...object }: Parameters<typeof store.objects.create<A, B>>[0]) => {
        sent.push('create');
        const made = await store.objects.create<A, B>(object);
        bare = made as unknown as Widget;
        return store.objects.updateStatus<A, B>({ ...made, ...(status !== undefined && { status }) });
      },
      updateStatus: async (object) => {
        sent.push('updateStatus');
        return store.objects.updateStatus(object);
      },
    };
    const cache = await follow(objects);
    const written = await writeObject<Spec, Status>(differing(objects, inHalves), cache, {
      kind: 'Widget',
      name: 'a',
      fresh: { size: 1 },
      status: ({ spec, generation }) => ({ seen: `size ${spec.size}, generation ${generation}` }),
    });
    expect(sent).toEqual(['create']);
    expect(written).toMatchObject({ generation: 1, status: { seen: 'size 1, generation 1' } });
    const other = await store.objects.create<Spec, Status>({ kind: 'Widget', name: 'other', spec: { size: 0 } });
    tell({ type: 'added', object: bare as Widget }, { type: 'added', object: other });
    await told(({ now }) => now.name === 'other');
    expect(cache.get('a')).toEqual(written);
  });

  it('writes nothing when nothing differs', async () => {
    const cache = await follow(store.objects);
    const first = await put(cache, 1);
    expect((await put(cache, 1)).resourceVersion).toBe(first.resourceVersion);
  });

  it('writes a status without touching the spec, and a spec without losing what people asked', async () => {
    const cache = await follow(store.objects);
    await put(cache, 1);
    await annotate('look');
    expect(await put(cache, 2, 'again')).toMatchObject({ generation: 2, annotations: { asks: 'look' }, status: { seen: 'again' } });
  });

  it('puts right what somebody wrote over it, and makes again what somebody deleted', async () => {
    const cache = await follow(store.objects);
    const { spec: _spec, ...first } = await put(cache, 1);
    await store.objects.update<Spec>({ ...first, spec: { size: 99 } });
    expect(await put(cache, 1)).toMatchObject({ spec: { size: 1 } });
    await store.objects.delete('Widget', 'a');
    await told(({ type }) => type === 'deleted');
    expect(await put(cache, 1)).toMatchObject({ spec: { size: 1 }, generation: 1 });
    expect(await store.objects.get('Widget', 'a')).toBeDefined();
  });

  it('gives up on whoever is always faster', async () => {
    const cache = await follow(store.objects);
    await put(cache, 1);
    let rounds = 0;
    const overtaken: ObjectStore['updateStatus'] = async (object) => {
      await annotate(`round ${++rounds}`);
      return store.objects.updateStatus(object);
    };
    const objects = differing(store.objects, { updateStatus: overtaken });
    const write = writeObject<Spec, Status>(objects, cache, {
      kind: 'Widget',
      name: 'a',
      fresh: { size: 1 },
      status: () => ({ seen: `round ${rounds}` }),
    });
    await expect(write).rejects.toMatchObject({ code: 'Conflict' });
    expect(rounds).toBe(5);
  });

  it('does not make again what is only to be amended', async () => {
    const cache = await follow(store.objects);
    const amend = () =>
      amendObject<Spec, Status>(store.objects, cache, { kind: 'Widget', name: 'a', status: ({ spec }) => ({ seen: `size ${spec.size}` }) });
    expect(await amend()).toBeUndefined();
    await put(cache, 3);
    expect(await amend()).toMatchObject({ status: { seen: 'size 3' } });
    await store.objects.delete('Widget', 'a');
    cache.learn({ ...(cache.get('a') as Widget), status: { seen: 'stale' } });
    expect(await amend()).toBeUndefined();
    expect(await store.objects.get('Widget', 'a')).toBeUndefined();
  });

  it('keeps one copy of a spec that is equal, and another one as it is', async () => {
    const cache = await follow(store.objects);
    const spec = { size: 1 };
    const write = () =>
      writeObject<Spec, Status>(store.objects, cache, { kind: 'Widget', name: 'a', spec, fresh: spec, status: () => ({ seen: 'ok' }) });
    await write();
    expect(cache.get('a')?.spec).toBe(spec);
    await write();
    expect(cache.get('a')?.spec).toBe(spec);
    cache.learn({ ...(cache.get('a') as Widget), spec: { size: 1 } });
    expect(cache.get('a')?.spec).toBe(spec);
    cache.learn({ ...(cache.get('a') as Widget), spec: { size: 2 } });
    cache.share('a', spec);
    expect(cache.get('a')?.spec).toEqual({ size: 2 });
  });

  it('removes it once, and nothing that is not known', async () => {
    const cache = await follow(store.objects);
    await put(cache, 1);
    expect(await removeObject(store.objects, cache, 'Widget', 'a')).toBe(true);
    expect(await removeObject(store.objects, cache, 'Widget', 'a')).toBe(false);
  });
});
