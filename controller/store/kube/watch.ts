import { isApiError, type KubeClient, type KubeObject, type Resource, type WatchEvent } from '../../kube/index.ts';
import type { Clock } from '../../lib/index.ts';
import { listAll } from './pages.ts';

export interface Watched<Decoded> {
  client: KubeClient;
  resource: Resource;
  labelSelector: string;
  /** Undefined for what the selector let through and nobody asked for. */
  decode: (object: KubeObject) => Decoded | undefined;
  explain: (cause: unknown) => unknown;
  clock: Clock;
  signal: AbortSignal;
}

export interface Change<Decoded> {
  type: 'added' | 'modified' | 'deleted';
  object: Decoded;
}

/** Waits before another try after a failure: doubled each time, spread so that many watchers do not come at once. */
const firstWaitMs = 800;
const longestWaitMs = 30_000;

/**
 * What exists, then every change: a list, then a stream that goes on where the last one ended, and another list, told as the
 * differences, when the server does not know that place any more. Throws when the first list does; after that it tries again for ever.
 */
export async function* watchObjects<Decoded>(watched: Watched<Decoded>): AsyncGenerator<Change<Decoded>, void, void> {
  const { client, resource, labelSelector, clock, signal } = watched;
  const known = new Map<string, { version: string | undefined; object: Decoded }>();
  let from: string | undefined;
  let failures = 0;
  for (let begun = false; !signal.aborted; ) {
    try {
      if (from === undefined) {
        const { items, resourceVersion } = await listAll(client, resource, labelSelector, signal);
        const names = new Set(items.map(({ metadata }) => metadata.name));
        for (const [name, { object }] of known) {
          if (!names.has(name) && known.delete(name)) yield { type: 'deleted', object };
        }
        for (const object of items) yield* take(watched, known, { type: 'ADDED', object });
        from = resourceVersion;
        begun = true;
      }
      for await (const event of client.watch(resource, { resourceVersion: from, labelSelector, signal })) {
        yield* take(watched, known, event);
        from = event.object.metadata.resourceVersion ?? from;
        failures = 0;
      }
    } catch (cause) {
      if (signal.aborted) return;
      if (!begun) throw watched.explain(cause);
      if (isApiError(cause, 'expired')) from = undefined;
      failures += 1;
      const waitMs = Math.min(firstWaitMs * 2 ** (failures - 1), longestWaitMs) * (0.5 + Math.random() / 2);
      await clock.sleep(waitMs, signal).catch(() => undefined); // aborted: the loop ends
    }
  }
}

function* take<Decoded>(
  { decode }: Watched<Decoded>,
  known: Map<string, { version: string | undefined; object: Decoded }>,
  { type, object }: WatchEvent,
): Generator<Change<Decoded>> {
  if (type === 'BOOKMARK') return;
  const { name, resourceVersion: version } = object.metadata;
  const before = known.get(name);
  const decoded = decode(object);
  if (type === 'DELETED' || decoded === undefined) {
    if (known.delete(name) && before) yield { type: 'deleted', object: decoded ?? before.object };
  } else if (before?.version !== version) {
    known.set(name, { version, object: decoded });
    yield { type: before ? 'modified' : 'added', object: decoded };
  }
}
