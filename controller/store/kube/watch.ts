import { type Change, createReflector, type KubeClient, type KubeObject, type ReflectorOptions, type Resource } from '../../kube/index.ts';
import type { Listed } from '../contract.ts';

export interface Watched<Decoded> {
  client: KubeClient;
  resource: Resource;
  labelSelector: string;
  /** Undefined for what the selector let through and nobody asked for. */
  decode: (object: KubeObject) => Decoded | undefined;
  explain: (cause: unknown) => unknown;
  reflector: ReflectorOptions;
}

export interface WatchedChange<Decoded> {
  type: 'added' | 'modified' | 'deleted';
  object: Decoded;
}

/** What exists, then every change, over breaks and relists. Throws when the kind cannot be listed now; after that it tries again for ever. */
export async function* watchObjects<Decoded>(watched: Watched<Decoded>): AsyncGenerator<WatchedChange<Decoded> | Listed, void, void> {
  const { client, resource, labelSelector, reflector } = watched;
  try {
    await client.list(resource, { labelSelector, limit: 1, signal: reflector.signal });
  } catch (cause) {
    if (reflector.signal.aborted) return;
    throw watched.explain(cause);
  }
  const stop = new AbortController(); // for a consumer that looks no further
  const signal = AbortSignal.any([reflector.signal, stop.signal]);
  const changes: (WatchedChange<Decoded> | Listed)[] = [];
  let wake = Promise.withResolvers<void>();
  const cache = createReflector(client, resource, { ...reflector, signal, selector: { labelSelector } });
  cache.onChange((change) => {
    const told = translate(watched, change);
    if (told && changes.push(told)) wake.resolve();
  });
  cache.synced.then(
    () => changes.push({ type: 'listed' }) && wake.resolve(),
    () => undefined, // stopped before
  );
  signal.addEventListener('abort', () => wake.resolve(), { once: true });
  try {
    while (!signal.aborted) {
      wake = Promise.withResolvers();
      for (const change of changes.splice(0)) yield change;
      if (changes.length === 0 && !signal.aborted) await wake.promise;
    }
  } finally {
    stop.abort();
    await cache.ended;
  }
}

function translate<Decoded>({ decode }: Watched<Decoded>, change: Change): WatchedChange<Decoded> | undefined {
  const before = change.type === 'changed' ? decode(change.before) : undefined;
  const object = decode(change.object);
  if (change.type === 'deleted') return object && { type: 'deleted', object };
  if (object === undefined) return before && { type: 'deleted', object: before };
  return { type: before ? 'modified' : 'added', object };
}
