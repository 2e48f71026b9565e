import { describe, expect, it } from 'vitest';
import { type Change, createCache } from './cache.ts';
import type { KubeObject } from './object.ts';

const object = (name: string, version: number, spec: unknown = {}, uid = `uid-${name}`): KubeObject => ({
  apiVersion: 'plumbline.dev/v1alpha1',
  kind: 'Device',
  metadata: { name, namespace: 'net', uid, resourceVersion: String(version) },
  spec,
});

/** A cache and what it told, as words. */
function told(...args: Parameters<typeof createCache>) {
  const cache = createCache(...args);
  const changes: string[] = [];
  cache.onChange((change: Change) => changes.push(`${change.type} ${change.key}`));
  return { cache, changes };
}

describe('changes', () => {
  it('are told once each: the same version again is nothing', () => {
    const { cache, changes } = told();
    cache.set(object('a', 1));
    cache.set(object('a', 1));
    cache.set(object('a', 2));
    cache.delete(object('a', 3));
    cache.delete(object('a', 3));
    expect(changes).toEqual(['added net/a', 'changed net/a', 'deleted net/a']);
  });

  it('of a new complete list are the difference: a delete that nobody told is told', () => {
    const { cache, changes } = told();
    cache.replace([object('a', 1), object('b', 1), object('c', 1)]);
    changes.length = 0;
    cache.replace([object('a', 1), object('c', 2), object('d', 2)]);
    expect(changes).toEqual(['deleted net/b', 'changed net/c', 'added net/d']);
  });

  it('are two when an object was deleted and made again under the same name', () => {
    const { cache, changes } = told();
    cache.replace([object('a', 1)]);
    cache.replace([object('a', 5, {}, 'another')]);
    expect(changes).toEqual(['added net/a', 'deleted net/a', 'added net/a']);
  });

  it('say whether an object was there before we looked', () => {
    const cache = createCache();
    const initial: boolean[] = [];
    cache.onChange((change) => change.type === 'added' && initial.push(change.initial));
    cache.replace([object('a', 1)]);
    cache.replace([object('a', 1), object('b', 2)]);
    cache.set(object('c', 3));
    expect(initial).toEqual([true, false, false]);
  });

  it('begin, for who comes late, with what is there', () => {
    const { cache } = told();
    cache.set(object('a', 1));
    const late: string[] = [];
    const stop = cache.onChange(({ type, key }) => late.push(`${type} ${key}`));
    cache.set(object('b', 1));
    stop();
    cache.set(object('c', 1));
    expect(late).toEqual(['added net/a', 'added net/b']);
  });

  it('hold the last state of what was deleted, and the state before of what changed', () => {
    const cache = createCache();
    const seen: Change[] = [];
    cache.onChange((change) => seen.push(change));
    cache.set(object('a', 1, { x: 1 }));
    cache.set(object('a', 2, { x: 2 }));
    cache.delete(object('a', 3, { x: 3 }));
    expect(seen[1]).toMatchObject({ before: { spec: { x: 1 } }, object: { spec: { x: 2 } } });
    expect(seen[2]).toMatchObject({ object: { spec: { x: 3 } } });
  });
});

it('goes on when a listener throws, and so do the other listeners', () => {
  let thrown = 0;
  const cache = createCache({ onListenerError: () => thrown++ });
  const seen: string[] = [];
  cache.onChange(() => {
    throw new Error('no such field');
  });
  cache.onChange(({ key }) => seen.push(key));
  cache.set(object('a', 1));
  cache.set(object('b', 1));
  expect({ thrown, seen, size: cache.size }).toEqual({ thrown: 2, seen: ['net/a', 'net/b'], size: 2 });
});

describe('indexes', () => {
  const bySite = { site: ({ spec }: KubeObject) => [(spec as { site: string }).site].filter(Boolean) };

  it('find objects by a value, through changes and deletes', () => {
    const cache = createCache({ indexes: bySite });
    cache.set(object('a', 1, { site: 'fra' }));
    cache.set(object('b', 1, { site: 'fra' }));
    cache.set(object('a', 2, { site: 'ams' }));
    const names = (site: string) => cache.byIndex('site', site).map(({ metadata }) => metadata.name);
    expect([names('fra'), names('ams'), names('nowhere')]).toEqual([['b'], ['a'], []]);
    cache.delete(object('b', 2));
    expect(names('fra')).toEqual([]);
  });

  it('that cannot read an object file it nowhere, and keep its change from nobody', () => {
    let thrown = 0;
    const cache = createCache({
      indexes: { site: ({ spec }) => [(spec as { place: { site: string } }).place.site], name: ({ metadata }) => [metadata.name] },
      onListenerError: () => thrown++,
    });
    const seen: string[] = [];
    cache.onChange(({ type, key }) => seen.push(`${type} ${key}`));
    cache.set(object('a', 1, { place: { site: 'fra' } }));
    cache.set(object('a', 2, { edited: 'by hand' }));
    cache.set(object('b', 3, null));
    cache.delete(object('a', 4));
    expect(seen).toEqual(['added net/a', 'changed net/a', 'added net/b', 'deleted net/a']);
    expect([cache.byIndex('site', 'fra'), cache.byIndex('name', 'b').length, cache.byIndex('name', 'a').length]).toEqual([[], 1, 0]);
    expect(thrown).toBeGreaterThan(0);
  });

  it('that nobody declared are an error, not an empty answer', () => {
    expect(() => createCache().byIndex('site', 'fra')).toThrow('no index site');
  });
});

it('freezes what it holds, in depth, and leaves out who wrote which field', () => {
  const cache = createCache();
  const made = object('a', 1, { deep: { list: [1] } });
  cache.set({ ...made, metadata: { ...made.metadata, managedFields: [{ manager: 'x' }] } });
  const held = cache.get('net/a');
  const spec = held?.spec as { deep: { list: number[] } } | undefined;
  expect(Object.isFrozen(spec?.deep.list)).toBe(true);
  expect(held?.metadata).not.toHaveProperty('managedFields');
});
