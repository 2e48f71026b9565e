import type { Registry } from 'prom-client';
import { type Clock, type Log, silentLog, systemClock } from '../lib/index.ts';
import { isApiError, KubeApiError } from './api-error.ts';
import { type CacheReader, createCache, type IndexFunction } from './cache.ts';
import type { KubeClient, Selection } from './client.ts';
import { follow } from './deadline.ts';
import { metrics } from './metrics.ts';
import type { KubeObject, Resource } from './object.ts';

/** A resource in memory, kept true by one watch. */
export interface Cache extends CacheReader {
  readonly resource: Resource;
  /** Resolves when the first complete list is in; rejects with the signal's reason when stopped before. */
  readonly synced: Promise<void>;
  /** Whether `synced` has resolved: before that, what is not in the cache is unknown, not absent. */
  readonly isSynced: boolean;
  /** Milliseconds since the server was last heard, by a list, an event or a bookmark: how old the cache may be. */
  silentMs(): number;
  /** Resolves when the reflector has ended, after its signal aborted. */
  readonly ended: Promise<void>;
}

export interface ReflectorOptions {
  /** Ends it. */
  signal: AbortSignal;
  selector?: Selection;
  indexes?: Readonly<Record<string, IndexFunction>>;
  /** Objects a page of a list. Default 500. */
  pageSize?: number;
  /** A complete list now and then, in case a watch lied. Default 1 h, 0 never; spread by a tenth. */
  relistMs?: number;
  /** A watch that tells nothing for so long, not even a bookmark (one a minute), is taken for dead, and all is listed. Default 3 min. */
  staleMs?: number;
  clock?: Clock;
  log?: Log;
  registry?: Registry;
  random?: () => number;
}

const firstRetryMs = 800;
const longestRetryMs = 30_000;
/** A watch that held so long was a good one: the next failure begins with the shortest wait. */
const goodWatchMs = 10_000;
/** Watches that a server refuses in a row, before the resource is listed anew; to watch may be forbidden where listing is not. */
const patientFailures = 3;
const refusals = ['badRequest', 'invalid', 'forbidden', 'serverError', 'timeout'] as const;
/** The server ends a watch within this time, another for each: so that they do not all come back at once. */
const watchSeconds = { least: 300, most: 600 };

/**
 * Lists a resource and watches it from there, for ever: goes on from the last version after a break, lists again when the server has
 * forgotten that version or is silent, waits longer after each failure (0.8 to 30 s), and never takes a failure for an empty list.
 */
export function createReflector(client: KubeClient, resource: Resource, options: ReflectorOptions): Cache {
  const {
    signal,
    selector = {},
    pageSize = 500,
    relistMs = 3_600_000,
    staleMs = 180_000,
    clock = systemClock,
    random = Math.random,
  } = options;
  const labels = { resource: resource.plural };
  const counters = metrics.on(options.registry);
  const log = (options.log ?? silentLog).child({ resource: resource.plural });
  const synced = Promise.withResolvers<void>();
  synced.promise.catch(() => undefined); // whoever waits for it learns it
  const cache = createCache({
    ...(options.indexes && { indexes: options.indexes }),
    log,
    onListenerError: () => counters.plumbline_kube_listener_errors_total.inc(labels),
  });
  let isSynced = false;
  let heardAt = clock.monotonicMs();
  let version: string | undefined; // where a watch goes on; undefined: list first
  let relistAt = Infinity;
  let failures = 0;

  const heard = () => {
    heardAt = clock.monotonicMs();
  };

  const list = async () => {
    const found = await listAll(client, resource, { ...selector, pageSize, signal }, heard);
    cache.replace(found.items);
    version = found.resourceVersion;
    heard();
    relistAt = relistMs > 0 ? clock.monotonicMs() + relistMs * (0.9 + random() / 5) : Infinity;
    counters.plumbline_kube_relists_total.inc(labels);
    if (isSynced) return;
    isSynced = true;
    synced.resolve();
  };

  /** One watch. Ends in good order when the server ends it, when it is stale, or when a list is due. */
  const watch = async (from: string) => {
    const stream = new AbortController();
    const release = follow(stream, signal);
    const timeoutSeconds = Math.round(watchSeconds.least + random() * (watchSeconds.most - watchSeconds.least));
    const ended = new AbortController();
    const opened = clock.monotonicMs();
    watchOver(clock, ended.signal, () =>
      Math.min(Math.max(heardAt, opened) + staleMs, relistAt, opened + (timeoutSeconds + 30) * 1000),
    ).then(
      () => stream.abort(new Overdue(clock.monotonicMs() >= relistAt ? 'relist' : 'stale')),
      () => undefined,
    );
    try {
      for await (const event of client.watch(resource, { ...selector, resourceVersion: from, timeoutSeconds, signal: stream.signal })) {
        heard();
        if (clock.monotonicMs() - opened >= goodWatchMs || event.type !== 'BOOKMARK') failures = 0;
        counters.plumbline_kube_watch_events_total.inc({ ...labels, type: event.type });
        version = event.object.metadata.resourceVersion ?? version;
        if (event.type === 'DELETED') cache.delete(event.object);
        else if (event.type !== 'BOOKMARK') cache.set(event.object);
      }
      // A server that ends every watch at once must not be asked without pause.
      if (clock.monotonicMs() - opened < 1000) throw new KubeApiError('unreachable', 0, 'the watch ended as soon as it began');
      failures = 0;
      return 'ended';
    } catch (error) {
      if (!(error instanceof Overdue)) throw error;
      // Silent is also a watch from a version that the server has yet to reach: it was put back from a backup, and takes that for no error.
      version = undefined;
      return error.why;
    } finally {
      ended.abort();
      release();
    }
  };

  const restarted = (why: string) => counters.plumbline_kube_watch_restarts_total.inc({ ...labels, why });

  const run = async () => {
    while (!signal.aborted) {
      const from = version;
      try {
        if (from === undefined) await list();
        else restarted(await watch(from));
      } catch (error) {
        if (signal.aborted) break;
        const isExpired = isApiError(error, 'expired');
        restarted(isExpired ? 'expired' : 'error'); // also a list that fails: there is no watch without it
        // The server no longer knows our version, or the stream is not to be trusted: only a list says what is true.
        if (isExpired || isApiError(error, 'brokenAnswer')) version = undefined;
        // It answers, and time after time not with a watch: perhaps it does not like our version and says it in another way.
        if (failures >= patientFailures && isApiError(error, ...refusals) && error.status > 0) version = undefined;
        if (isExpired && failures === 0) {
          failures = 1; // at once, the first time
          continue;
        }
        const longestMs = Math.min(firstRetryMs * 2 ** failures, longestRetryMs);
        failures++;
        const retryMs = Math.max((longestMs * (1 + random())) / 2, isApiError(error) ? (error.retryAfterMs ?? 0) : 0);
        log.warn({ err: error, retryMs, failures }, 'Could not watch');
        await clock.sleep(retryMs, signal).catch(() => undefined);
      }
    }
    synced.reject(signal.reason);
  };

  const ended = run();
  return {
    resource,
    get: (key) => cache.get(key),
    list: () => cache.list(),
    byIndex: (name, value) => cache.byIndex(name, value),
    onChange: (listener) => cache.onChange(listener),
    get size() {
      return cache.size;
    },
    synced: synced.promise,
    get isSynced() {
      return isSynced;
    },
    silentMs: () => clock.monotonicMs() - heardAt,
    ended,
  };
}

/** Why a watch was ended by us. */
class Overdue extends Error {
  readonly why: 'stale' | 'relist';
  constructor(why: 'stale' | 'relist') {
    super(`the watch is ${why === 'stale' ? 'silent' : 'due for a list'}`);
    this.why = why;
  }
}

/** Resolves once the clock has passed what `dueAt` answers by then; rejects when the signal aborts. */
async function watchOver(clock: Clock, signal: AbortSignal, dueAt: () => number): Promise<void> {
  for (let waitMs = dueAt() - clock.monotonicMs(); waitMs > 0; waitMs = dueAt() - clock.monotonicMs()) await clock.sleep(waitMs, signal);
}

/**
 * A complete list, page by page. A list that takes so long that its next page has expired begins again, then in one piece: two halves
 * of different times are no list.
 */
export async function listAll(
  client: KubeClient,
  resource: Resource,
  { pageSize = 500, signal, ...selection }: Selection & { pageSize?: number; signal?: AbortSignal },
  onPage: () => void = () => undefined,
): Promise<{ items: KubeObject[]; resourceVersion: string }> {
  for (const limit of [pageSize, pageSize, undefined]) {
    const items: KubeObject[] = [];
    try {
      for (let next: string | undefined; ; ) {
        const page = await client.list(resource, { ...selection, limit, continue: next, signal });
        onPage();
        items.push(...page.items);
        next = page.continue;
        if (next === undefined) return { items, resourceVersion: page.resourceVersion };
      }
    } catch (error) {
      if (!isApiError(error, 'expired') || limit === undefined) throw error;
    }
  }
  throw new KubeApiError('expired', 410, `${resource.plural}: the list expired while it was read`);
}
