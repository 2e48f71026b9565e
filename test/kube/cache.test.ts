import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Cache, createReflector, type KubeClient, type ReflectorOptions } from '../../controller/kube/index.ts';
import { describeWithKube, type KubeLab, up } from '../lab/kube/index.ts';
import { buildRoad, configMaps, eventually, openRealClient, type Road } from './real-api.ts';

describeWithKube('the cache on a real API server', (kube) => {
  let client: KubeClient;
  let stop: AbortController;
  beforeAll(async () => {
    client = await openRealClient(kube());
  });
  afterAll(() => client.close());
  beforeEach(() => {
    stop = new AbortController();
  });
  afterEach(() => stop.abort());

  it('follows 2,000 objects through changes and deletes, and none of them is told twice', async () => {
    const maps = configMaps(await kube().namespace('many'));
    await inParallel(2_000, async (i) => void (await client.create(maps, { metadata: { name: `m-${i}` }, data: { site: `s${i % 10}` } })));
    const cache = createReflector(client, maps, {
      signal: stop.signal,
      pageSize: 300,
      indexes: { site: (map) => [(map['data'] as { site: string }).site] },
    });
    const told = { added: 0, changed: 0, deleted: 0 };
    cache.onChange(({ type }) => told[type]++);
    await cache.synced;
    expect({ size: cache.size, inIndex: cache.byIndex('site', 's3').length }).toEqual({ size: 2_000, inIndex: 200 });
    await inParallel(
      200,
      async (i) => void (await client.update(maps, { ...cache.get(`${maps.namespace}/m-${i}`)!, data: { site: 'moved' } })),
    );
    await inParallel(100, async (i) => await client.delete(maps, `m-${i + 500}`));
    await eventually('all changes', () => told.changed === 200 && told.deleted === 100);
    expect({ ...told, moved: cache.byIndex('site', 'moved').length, size: cache.size }).toEqual({
      added: 2_000,
      changed: 200,
      deleted: 100,
      moved: 200,
      size: 1_900,
    });
  });
});

describeWithKube('the cache when a real API server goes away', () => {
  let lab: KubeLab;
  let direct: KubeClient;
  let road: Road;
  let client: KubeClient;
  let registry: Registry;
  const stop = new AbortController();

  beforeAll(async () => {
    lab = await up();
    road = await buildRoad(lab);
    [direct, client] = [await openRealClient(lab), await road.client()];
    registry = new Registry();
  });
  afterAll(async () => {
    stop.abort();
    await client.close();
    await direct.close();
    await road.stop();
    await lab.down();
  });

  const reflect = async (namespace: string, options: Partial<ReflectorOptions> = {}) => {
    const cache = createReflector(client, configMaps(namespace), { signal: stop.signal, registry, ...options });
    const told: string[] = [];
    await cache.synced;
    cache.onChange(({ type, object }) => told.push(`${type} ${object.metadata.name}`));
    return { cache, told };
  };
  const counted = async (line: string) => (await registry.metrics()).split('\n').find((found) => found.startsWith(line));
  const names = (cache: Cache) =>
    cache
      .list()
      .map(({ metadata }) => metadata.name)
      .sort();

  it('goes on where it was after a break, without a list', async () => {
    const maps = configMaps(await lab.namespace('break'));
    const { cache, told } = await reflect(maps.namespace ?? '');
    const lists = await counted('plumbline_kube_relists_total');
    road.close();
    await direct.create(maps, { metadata: { name: 'meanwhile' } });
    road.open();
    await eventually('what happened meanwhile', () => cache.size === 1);
    expect({ told, lists: await counted('plumbline_kube_relists_total') }).toEqual({ told: ['added meanwhile'], lists });
  });

  it('tells what was deleted while its version was compacted away, by a list', async () => {
    const maps = configMaps(await lab.namespace('compact'));
    for (const name of ['stays', 'goes', 'changes']) await direct.create(maps, { metadata: { name } });
    const { cache, told } = await reflect(maps.namespace ?? '');
    told.length = 0;

    road.close();
    await direct.delete(maps, 'goes');
    await direct.create(maps, { metadata: { name: 'new' } });
    await direct.mergePatch(maps, 'changes', { data: { x: '1' } });
    await lab.compact();
    await lab.killApiServer(); // its own memory of versions goes with it
    await lab.startApiServer();
    await direct.mergePatch(maps, 'stays', { data: {} });
    road.open();

    await eventually('a list', () => told.includes('deleted goes'));
    await eventually('the rest of it', () => told.includes('added new') && told.includes('changed changes'));
    expect(names(cache)).toEqual(['changes', 'new', 'stays']);
    expect(await counted('plumbline_kube_watch_restarts_total{resource="configmaps",why="expired"}')).toBeDefined();
    await direct.create(maps, { metadata: { name: 'later' } });
    await eventually('what happens later', () => told.includes('added later'));
  });

  it('goes through a kill of the server, and knows meanwhile what it knew', async () => {
    const maps = configMaps(await lab.namespace('kill'));
    await direct.create(maps, { metadata: { name: 'a' } });
    const { cache, told } = await reflect(maps.namespace ?? '');
    told.length = 0;
    await lab.killApiServer();
    expect({ size: cache.size, told }).toEqual({ size: 1, told: [] });
    await lab.startApiServer();
    await direct.create(maps, { metadata: { name: 'b' } });
    await eventually('the watch to go on', () => cache.size === 2);
    expect(told).toEqual(['added b']);
  });
});

async function inParallel(count: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < count; i = next++) await work(i);
  };
  await Promise.all(Array.from({ length: 20 }, worker));
}
