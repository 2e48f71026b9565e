import { type Log, silentLog } from '../lib/index.ts';
import { frozen, keyOf, type KubeObject } from './object.ts';

/** What changed in a cache. Objects are frozen: whoever wants another makes one. */
export type Change =
  /** `initial`: it was there before we looked, nothing happened. */
  | { readonly type: 'added'; readonly key: string; readonly object: KubeObject; readonly initial: boolean }
  | { readonly type: 'changed'; readonly key: string; readonly object: KubeObject; readonly before: KubeObject }
  /** `object` is the last state we know. */
  | { readonly type: 'deleted'; readonly key: string; readonly object: KubeObject };

export type ChangeListener = (change: Change) => void;

/** The values under which an object is found by an index. */
export type IndexFunction = (object: KubeObject) => readonly string[];

/** What is known of one resource, from memory. */
export interface CacheReader {
  get(key: string): KubeObject | undefined;
  list(): KubeObject[];
  /** Objects that an index files under a value. Throws for an index that was not declared. */
  byIndex(name: string, value: string): KubeObject[];
  /** Tells every change, first what is there already. The answer ends it. */
  onChange(listener: ChangeListener): () => void;
  readonly size: number;
}

/** The writing side, for the reflector. Both tell what really changed: the same version again is nothing. */
export interface CacheStore extends CacheReader {
  set(object: KubeObject): void;
  delete(object: KubeObject): void;
  /** The complete truth: what is not in it is told as deleted. */
  replace(objects: readonly KubeObject[]): void;
}

export interface CacheOptions {
  indexes?: Readonly<Record<string, IndexFunction>>;
  log?: Log;
  /** Called for each listener or index that threw: it goes on, and so do the others. */
  onListenerError?: () => void;
}

export function createCache({ indexes = {}, log = silentLog, onListenerError }: CacheOptions = {}): CacheStore {
  const objects = new Map<string, KubeObject>();
  const filed = new Map(Object.keys(indexes).map((name) => [name, new Map<string, Set<string>>()]));
  const listeners = new Set<ChangeListener>();
  let isInitial = true;

  /** Of an object that an index function cannot read there are none: that must not keep its change from those who listen. */
  const valuesOf = (name: string, index: IndexFunction, object: KubeObject): readonly string[] => {
    try {
      return index(object);
    } catch (error) {
      onListenerError?.();
      log.error({ err: error, object: keyOf(object), index: name }, 'Index of a cache threw');
      return [];
    }
  };
  const file = (key: string, object: KubeObject, way: 'in' | 'out') => {
    for (const [name, index] of Object.entries(indexes)) {
      const values = filed.get(name);
      for (const value of valuesOf(name, index, object)) {
        const keys = values?.get(value) ?? new Set();
        if (way === 'in') keys.add(key);
        else keys.delete(key);
        if (keys.size === 0) values?.delete(value);
        else values?.set(value, keys);
      }
    }
  };
  const tellOne = (listener: ChangeListener, change: Change) => {
    try {
      listener(change);
    } catch (error) {
      onListenerError?.();
      log.error({ err: error, object: change.key }, 'Listener of a cache threw');
    }
  };
  const tell = (change: Change) => {
    for (const listener of Array.from(listeners)) tellOne(listener, change); // one that joins now is told all by joining
  };
  const put = (object: KubeObject, initial: boolean) => {
    const key = keyOf(object);
    const before = objects.get(key);
    if (before && before.metadata.resourceVersion === object.metadata.resourceVersion && before.metadata.uid === object.metadata.uid)
      return;
    // Deleted and made again between two looks: two facts, not one change.
    const isAnother = before && before.metadata.uid !== object.metadata.uid;
    if (isAnother) remove(key);
    else if (before) file(key, before, 'out');
    const now = frozen(object);
    objects.set(key, now);
    file(key, now, 'in');
    tell(before && !isAnother ? { type: 'changed', key, object: now, before } : { type: 'added', key, object: now, initial });
  };
  const remove = (key: string, last?: KubeObject) => {
    const before = objects.get(key);
    if (!before) return;
    objects.delete(key);
    file(key, before, 'out');
    tell({ type: 'deleted', key, object: last ? frozen(last) : before });
  };

  return {
    get: (key) => objects.get(key),
    list: () => [...objects.values()],
    byIndex: (name, value) => {
      const values = filed.get(name);
      if (!values) throw new Error(`the cache has no index ${name}`);
      return [...(values.get(value) ?? [])].flatMap((key) => objects.get(key) ?? []);
    },
    onChange: (listener) => {
      for (const [key, object] of objects) tellOne(listener, { type: 'added', key, object, initial: true });
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    get size() {
      return objects.size;
    },
    set: (object) => put(object, false),
    delete: (object) => remove(keyOf(object), object),
    replace: (all) => {
      const seen = new Set(all.map(keyOf));
      for (const key of objects.keys()) if (!seen.has(key)) remove(key);
      for (const object of all) put(object, isInitial);
      isInitial = false;
    },
  };
}
