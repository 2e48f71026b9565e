import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/kube/fake-clock.ts';
import { type Change, createCache } from './cache.ts';
import type { KubeObject, ObjectMeta } from './object.ts';
import { annotationChanged, anyOf, feed, generationChanged, labelsChanged } from './predicates.ts';
import { createQueue } from './queue.ts';

const object = (metadata: Partial<ObjectMeta> = {}, more: object = {}): KubeObject => ({
  apiVersion: 'plumbline.dev/v1alpha1',
  kind: 'Device',
  metadata: { name: 'edge1', namespace: 'net', resourceVersion: '1', generation: 1, ...metadata },
  ...more,
});
const change = (before: KubeObject, after: KubeObject): Change => ({ type: 'changed', key: 'net/edge1', before, object: after });
const requested = annotationChanged('plumbline.dev/requestedAt', 'reconcile.fluxcd.io/requestedAt');

describe('predicates', () => {
  it.each([
    { name: 'a spec that changed', after: object({ generation: 2 }), generation: true, asked: false, labels: false },
    { name: 'a status that changed', after: object({}, { status: { verdict: 'InSync' } }), generation: false, asked: false, labels: false },
    {
      name: 'a deletion that began',
      after: object({ deletionTimestamp: '2026-11-01T00:00:00Z' }),
      generation: true,
      asked: false,
      labels: false,
    },
    {
      name: 'somebody who asks',
      after: object({ annotations: { 'plumbline.dev/requestedAt': 'now' } }),
      generation: false,
      asked: true,
      labels: false,
    },
    {
      name: 'somebody who asks in the words of Flux',
      after: object({ annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } }),
      generation: false,
      asked: true,
      labels: false,
    },
    { name: 'another annotation', after: object({ annotations: { note: 'x' } }), generation: false, asked: false, labels: false },
    { name: 'a label', after: object({ labels: { site: 'fra' } }), generation: false, asked: false, labels: true },
  ])('tell $name apart', ({ after, generation, asked, labels }) => {
    const seen = change(object(), after);
    expect({ generation: generationChanged(seen), asked: requested(seen), labels: labelsChanged(seen) }).toEqual({
      generation,
      asked,
      labels,
    });
    expect(anyOf(generationChanged, requested)(seen)).toBe(generation || asked);
  });

  it('take a label that was renamed for changed', () => {
    expect(labelsChanged(change(object({ labels: { a: '1' } }), object({ labels: { b: '1' } })))).toBe(true);
  });

  it('let through what appears and what goes', () => {
    expect(generationChanged({ type: 'added', key: 'k', object: object(), initial: true })).toBe(true);
    expect(generationChanged({ type: 'deleted', key: 'k', object: object() })).toBe(true);
    expect(
      requested({ type: 'added', key: 'k', object: object({ annotations: { 'plumbline.dev/requestedAt': 'old' } }), initial: true }),
    ).toBe(false);
  });
});

describe('feed', () => {
  const taken = async (queue: ReturnType<typeof createQueue>) => {
    const keys: string[] = [];
    while (queue.depth > 0) keys.push((await queue.next()) ?? '');
    return keys;
  };

  it('is not woken by a status that its own reconciliation writes', async () => {
    const cache = createCache();
    const queue = createQueue({ name: 'device', clock: createFakeClock() });
    feed(cache, queue, { when: anyOf(generationChanged, requested) });
    cache.replace([object()]);
    expect(await taken(queue)).toEqual(['net/edge1']);
    queue.done('net/edge1');
    cache.set(object({ resourceVersion: '2' }, { status: { verdict: 'InSync' } }));
    expect(queue.depth).toBe(0);
    cache.set(object({ resourceVersion: '3', generation: 2 }));
    expect(await taken(queue)).toEqual(['net/edge1']);
  });

  it('gives what happens now precedence over what was there', async () => {
    const cache = createCache();
    const queue = createQueue({ name: 'device', clock: createFakeClock() });
    feed(cache, queue);
    cache.replace(['a', 'b', 'c'].map((name) => object({ name })));
    cache.set(object({ name: 'c', resourceVersion: '2' }));
    expect(await taken(queue)).toEqual(['net/c', 'net/a', 'net/b']);
  });

  it('adds the keys that an object concerned before and concerns now', async () => {
    const cache = createCache();
    const queue = createQueue({ name: 'fleet', clock: createFakeClock() });
    const stop = feed(cache, queue, { keysOf: ({ metadata }) => [metadata.labels?.['fleet'] ?? 'none'] });
    cache.set(object({ labels: { fleet: 'a' } }));
    await taken(queue);
    queue.done('a');
    cache.set(object({ labels: { fleet: 'b' }, resourceVersion: '2' }));
    expect(new Set(await taken(queue))).toEqual(new Set(['a', 'b']));
    stop();
    cache.delete(object({ resourceVersion: '3' }));
    expect(queue.depth).toBe(0);
  });
});
