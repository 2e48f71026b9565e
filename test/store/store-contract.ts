import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../controller/lib/index.ts';
import type { Listed, ObjectStore, StoreEvent } from '../../controller/store/index.ts';

const said = (event: StoreEvent | Listed) => (event.type === 'listed' ? event.type : `${event.type} ${event.object.name}`);

/** What every implementation of ObjectStore does. `open` gives a second handle on the same data, as another process would have it. */
export function describeStoreContract(
  name: string,
  openData: () => Promise<{ open: () => Promise<ObjectStore>; dispose: () => Promise<void> }>,
): void {
  // oxlint-disable-next-line vitest/valid-title -- each implementation names itself
  describe(name, () => {
    let data: Awaited<ReturnType<typeof openData>>;
    let store: ObjectStore;
    let other: ObjectStore;

    beforeEach(async () => {
      data = await openData();
      [store, other] = [await data.open(), await data.open()];
    });
    afterEach(async () => {
      store.close();
      other.close();
      await data.dispose();
    });

    const thing = (name: string, spec: unknown = { a: 1 }) => ({ kind: 'Thing', name, spec });

    it('gives back what was created, also to another handle', async () => {
      const made = await store.create({ ...thing('a'), labels: { site: 'fra' }, status: { seen: true } });
      expect(await other.get('Thing', 'a')).toEqual(made);
      expect(made).toMatchObject({ kind: 'Thing', name: 'a', labels: { site: 'fra' }, spec: { a: 1 }, status: { seen: true } });
    });

    it('has nothing under a name that was never created', async () => {
      expect(await store.get('Thing', 'a')).toBeUndefined();
      expect(await store.list('Thing')).toEqual([]);
      expect(await store.delete('Thing', 'a')).toBe(false);
    });

    it('refuses to create a name twice', async () => {
      await store.create(thing('a'));
      await expect(other.create(thing('a', { a: 2 }))).rejects.toMatchObject({ code: 'AlreadyExists' });
      expect((await store.get('Thing', 'a'))?.spec).toEqual({ a: 1 });
    });

    it('keeps kinds apart', async () => {
      await store.create(thing('a'));
      await store.create({ kind: 'Other', name: 'a', spec: 1 });
      expect((await store.list('Thing')).map(({ spec }) => spec)).toEqual([{ a: 1 }]);
    });

    it('lists by name, and only what carries every label', async () => {
      await store.create({ ...thing('b'), labels: { site: 'fra', role: 'edge' } });
      await store.create({ ...thing('a'), labels: { site: 'fra' } });
      await store.create({ ...thing('c'), labels: { site: 'lon', role: 'edge' } });
      const names = async (labels?: Record<string, string>) => (await store.list('Thing', labels)).map(({ name }) => name);
      expect(await names()).toEqual(['a', 'b', 'c']);
      expect(await names({ site: 'fra' })).toEqual(['a', 'b']);
      expect(await names({ site: 'fra', role: 'edge' })).toEqual(['b']);
    });

    it('updates what was read last, and refuses what was read before somebody else wrote', async () => {
      const mine = await store.create(thing('a'));
      const theirs = await other.update({ ...mine, spec: { a: 2 } });
      expect(theirs.resourceVersion).not.toBe(mine.resourceVersion);
      await expect(store.update({ ...mine, spec: { a: 3 } })).rejects.toMatchObject({ code: 'Conflict' });
      await expect(store.updateStatus({ ...mine, status: 'x' })).rejects.toMatchObject({ code: 'Conflict' });
      expect((await store.update({ ...theirs, spec: { a: 3 } })).spec).toEqual({ a: 3 });
    });

    it('counts the changes of the spec, and of nothing else', async () => {
      const made = await store.create<unknown>(thing('a'));
      expect(made.generation).toBe(1);
      const labelled = await store.update({ ...made, labels: { site: 'fra' }, annotations: { asked: 'now' } });
      expect(labelled).toMatchObject({ generation: 1, labels: { site: 'fra' }, annotations: { asked: 'now' } });
      const seen = await store.updateStatus({ ...labelled, status: { seen: true } });
      expect(seen.generation).toBe(1);
      const moved = await store.update({ ...seen, spec: { a: 2 } });
      expect(moved).toMatchObject({ generation: 2, labels: { site: 'fra' }, annotations: { asked: 'now' }, status: { seen: true } });
      expect(await other.get('Thing', 'a')).toEqual(moved);
    });

    it('tells an object from an earlier one of its name, and keeps the day it was made', async () => {
      const first = await store.create(thing('a'));
      const moved = await store.update({ ...first, spec: { a: 2 } });
      expect([moved.uid, moved.createdAt]).toEqual([first.uid, first.createdAt]);
      expect(Math.abs(Date.parse(first.createdAt) - systemClock.now().getTime())).toBeLessThan(60_000);
      await store.delete('Thing', 'a');
      expect((await store.create(thing('a'))).uid).not.toBe(first.uid);
    });

    it('takes away labels and annotations that an update leaves out', async () => {
      const { kind, name, spec, resourceVersion } = await store.create({ ...thing('a'), labels: { site: 'fra' }, annotations: { x: 'y' } });
      expect(await store.update({ kind, name, spec, resourceVersion })).toMatchObject({ labels: {}, annotations: {} });
      expect(await other.list('Thing', { site: 'fra' })).toEqual([]);
    });

    it('refuses to update what is gone', async () => {
      const made = await store.create(thing('a'));
      await other.delete('Thing', 'a');
      await expect(store.update({ ...made, spec: {} })).rejects.toMatchObject({ code: 'NotFound' });
    });

    it('writes spec and status apart', async () => {
      const made = await store.create<unknown>({ ...thing('a'), status: { seen: 1 } });
      const specMoved = await store.update({ ...made, spec: { a: 2 }, status: { seen: 'not by this call' } });
      expect(specMoved).toMatchObject({ spec: { a: 2 }, status: { seen: 1 } });
      const statusMoved = await store.updateStatus({ ...specMoved, spec: { a: 'not by this call' }, status: { seen: 2 } });
      expect(statusMoved).toMatchObject({ spec: { a: 2 }, status: { seen: 2 } });
    });

    it('writes nothing when nothing changed, whatever the order of keys', async () => {
      const made = await store.create<unknown>({ ...thing('a', { a: 1, b: { c: 1, d: 2 } }), status: { x: 1, y: 2 } });
      expect((await store.update({ ...made, spec: { b: { d: 2, c: 1 }, a: 1 } })).resourceVersion).toBe(made.resourceVersion);
      expect((await store.updateStatus({ ...made, status: { y: 2, x: 1 } })).resourceVersion).toBe(made.resourceVersion);
    });

    const oddNames = [
      'UPPER',
      'under_score',
      'a/b',
      '../../etc/passwd',
      '-',
      '',
      'ümlaut',
      '__proto__',
      'x'.repeat(300),
      'x-2d',
      'a.b',
      'a b',
    ];

    it('takes any text as a name, and keeps names apart', async () => {
      for (const name of oddNames) await store.create(thing(name, { name }));
      expect((await other.list<{ name: string }>('Thing')).map(({ name, spec }) => [name, spec.name])).toEqual(
        oddNames.toSorted().map((name) => [name, name]),
      );
      for (const name of oddNames) expect((await other.get('Thing', name))?.spec).toEqual({ name });
      for (const name of oddNames) expect([name, await store.delete('Thing', name)]).toEqual([name, true]);
    });

    const oddLabels: [name: string, labels: Record<string, string>][] = [
      ['a value of a hundred letters', { digest: 'a'.repeat(100) }],
      ['a value with blanks and colons', { subject: 'sha256:ab cd' }],
      ['an empty value', { site: '' }],
      ['a key with blanks', { 'the site': 'fra' }],
      ['a key with many slashes', { 'a/b/c': 'd' }],
      ['a key of two dots', { 'a..b/c': 'd', 'A.b/c': 'e' }],
      ['an empty key', { '': 'x' }],
      ['a key that is a member of objects', JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>],
      ['letters beyond ASCII', { städte: 'köln' }],
    ];

    it.each(oddLabels)('keeps and finds labels with %s', async (_, labels) => {
      const made = await store.create({ ...thing('a'), labels, annotations: labels });
      const sorted = (of: Record<string, string>) => Object.entries(of).toSorted(([a], [b]) => (a < b ? -1 : 1));
      expect(sorted(made.labels)).toEqual(sorted(labels));
      const found = await other.list('Thing', labels);
      expect(found).toEqual([made]);
      expect(sorted(found[0]!.annotations)).toEqual(sorted(labels));
      expect(await other.list('Thing', { ...labels, more: 'x' })).toEqual([]);
      const [key = ''] = Object.keys(labels);
      expect(await other.list('Thing', { ...labels, [key]: 'another' })).toEqual([]);
      expect((await store.update(made)).resourceVersion).toBe(made.resourceVersion);
    });

    const values: unknown[] = [0, '', null, false, [], {}, 'text', 1.5, -0.000001, 9_007_199_254_740_991, 1e300, [null, [1]], { a: null }];

    it.each(values.map((value) => [JSON.stringify(value), value]))('gives the spec %s back as it was', async (_, spec) => {
      const made = await store.create<unknown>(thing('a', spec));
      expect([made.spec, (await other.get('Thing', 'a'))?.spec]).toEqual([spec, spec]);
      expect((await store.updateStatus({ ...made, status: spec })).status).toEqual(spec);
      expect((await other.get('Thing', 'a'))?.status).toEqual(spec);
    });

    it('deletes only the version that was meant', async () => {
      const made = await store.create(thing('a'));
      const moved = await other.update({ ...made, spec: { a: 2 } });
      await expect(store.delete('Thing', 'a', made.resourceVersion)).rejects.toMatchObject({ code: 'Conflict' });
      expect(await store.delete('Thing', 'a', moved.resourceVersion)).toBe(true);
    });

    it('never gives a version again, not even after a delete', async () => {
      const first = await store.create(thing('a'));
      await store.delete('Thing', 'a');
      const second = await store.create(thing('a'));
      await expect(store.update({ ...first, spec: {} })).rejects.toMatchObject({ code: 'Conflict' });
      expect(second.resourceVersion).not.toBe(first.resourceVersion);
    });

    it('watches what exists, then what another handle changes', async () => {
      await store.create(thing('a'));
      const stop = new AbortController();
      const events: string[] = [];
      const steps = [
        () => undefined, // until `listed`
        () => other.create(thing('b')),
        async () => other.update({ ...(await other.get('Thing', 'b'))!, spec: { b: 2 } }),
        () => other.delete('Thing', 'a'),
      ];
      for await (const event of store.watch('Thing', stop.signal)) {
        events.push(said(event));
        const next = steps.shift();
        if (next) await next();
        else stop.abort();
      }
      expect(events).toEqual(['added a', 'listed', 'added b', 'modified b', 'deleted a']);
    });

    it('watches what carries the labels, and tells when one loses them', async () => {
      await store.create({ ...thing('a'), labels: { site: 'fra' } });
      await store.create({ ...thing('b'), labels: { site: 'lon' } });
      const stop = new AbortController();
      const events: string[] = [];
      const relabel = async (name: string, site: string) => other.update({ ...(await other.get('Thing', name))!, labels: { site } });
      const steps = [() => undefined, () => relabel('b', 'fra'), () => relabel('a', 'lon')];
      for await (const event of store.watch('Thing', stop.signal, { site: 'fra' })) {
        events.push(said(event));
        const next = steps.shift();
        if (next) await next();
        else stop.abort();
      }
      expect(events).toEqual(['added a', 'listed', 'added b', 'deleted a']);
    });

    it('says that it has told all that exists, once, also where nothing does', async () => {
      const stop = new AbortController();
      const events: string[] = [];
      for await (const event of store.watch('Thing', stop.signal)) {
        events.push(said(event));
        if (events.length === 1) await other.create(thing('a'));
        else stop.abort();
      }
      expect(events).toEqual(['listed', 'added a']);
    });

    it('ends a watch that waits for something to happen', async () => {
      const stop = new AbortController();
      const watched = (async () => {
        for await (const event of store.watch('Thing', stop.signal)) if (event.type !== 'listed') throw new Error(said(event));
      })();
      stop.abort();
      await expect(watched).resolves.toBeUndefined();
    });

    it('lists the artifacts that are kept', async () => {
      expect(await store.listArtifacts()).toEqual([]);
      const digests = [await store.putArtifact('one'), await store.putArtifact('two')];
      expect((await other.listArtifacts()).toSorted()).toEqual(digests.toSorted());
      await store.deleteArtifact(digests[0] ?? '');
      expect(await other.listArtifacts()).toEqual(digests.slice(1));
    });

    it('keeps an artifact under its digest, once', async () => {
      const text = 'router bgp 64496\n'.repeat(10_000);
      const digest = await store.putArtifact(text);
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
      expect(await other.putArtifact(text)).toBe(digest);
      expect(await other.getArtifact(digest)).toBe(text);
      await other.deleteArtifact(digest);
      expect(await store.getArtifact(digest)).toBeUndefined();
    });

    it('keeps an artifact of ten megabytes that hardly compresses', async () => {
      const text = randomBytes(7_500_000).toString('base64');
      const digest = await store.putArtifact(text);
      expect((await other.getArtifact(digest)) === text).toBe(true);
      await store.deleteArtifact(digest);
      expect(await other.getArtifact(digest)).toBeUndefined();
    });

    it('keeps one artifact when two write it in the same moment, and gives it to both', async () => {
      const text = randomBytes(1_500_000).toString('base64');
      const digests = await Promise.all([store, other].map((handle) => handle.putArtifact(text)));
      expect(digests[0]).toBe(digests[1]);
      for (const handle of [store, other]) expect((await handle.getArtifact(digests[0]!)) === text).toBe(true);
      await store.deleteArtifact(digests[0]!);
      expect(await other.getArtifact(digests[0]!)).toBeUndefined();
    });

    it('keeps an artifact that is empty, and one of letters beyond ASCII', async () => {
      for (const text of ['', 'Zürich \u{1f309} \0']) expect(await other.getArtifact(await store.putArtifact(text))).toBe(text);
    });

    it('has nothing under a digest that was never kept, and takes it for no path', async () => {
      for (const digest of ['0'.repeat(64), '', '../../etc/passwd', 'a/b']) {
        expect(await store.getArtifact(digest)).toBeUndefined();
        await store.deleteArtifact(digest);
      }
    });

    it('loses no increment of many concurrent writers', async () => {
      await store.create(thing('counter', { value: 0 }));
      const increment = async (handle: ObjectStore): Promise<void> => {
        const found = await handle.get<{ value: number }>('Thing', 'counter');
        if (!found) throw new Error('the counter is gone');
        await handle.update({ ...found, spec: { value: found.spec.value + 1 } }).catch(() => increment(handle));
      };
      await Promise.all(Array.from({ length: 40 }, (_, i) => increment(i % 2 ? store : other)));
      expect((await store.get<{ value: number }>('Thing', 'counter'))?.spec.value).toBe(40);
    });
  });
}
