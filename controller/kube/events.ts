import type { Registry } from 'prom-client';
import { type Clock, type Log, sha256, silentLog, systemClock } from '../lib/index.ts';
import type { KubeClient } from './client.ts';
import { microTime } from './lease-record.ts';
import { metrics } from './metrics.ts';
import type { KubeObject, Resource } from './object.ts';

/** What happened, in the words of `kubectl get events`. The reason is a code of an error table or a condition reason. */
export interface EventFacts {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** What was done, or was to be done, in one word: `Read`, `Reconcile`. */
  readonly action: string;
  /** For people. Cut at 1 kB. Never a secret. */
  readonly note: string;
}

/** The object an event is about. */
export type Regarding = Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>;

/**
 * Tells people what happened to an object. To be called on transitions only; what is told again within ten minutes is counted on the first
 * event instead of being another. Nothing here fails or delays a reconciliation: events are sent behind its back, at a bounded rate, and
 * one that cannot be sent is dropped and counted.
 */
export interface Events {
  record(regarding: Regarding, facts: EventFacts): void;
  /** Resolves when everything recorded so far is sent or dropped, counts included. */
  flush(): Promise<void>;
  /** Sends what is left, for at most 5 s, then nothing more. */
  close(): Promise<void>;
}

export interface EventOptions {
  client: KubeClient;
  /** Who reports: `plumbline.dev/operator`. */
  controller: string;
  /** Which process of it: the pod's name. */
  instance: string;
  clock?: Clock;
  log?: Log;
  registry?: Registry;
}

/** What is told again within this time is the same event, seen once more. */
const seriesMs = 600_000;
/** Counts of a series are sent this often. */
const countEveryMs = 300_000;
/** For one object: a burst, then one in five minutes. */
const perObject = { burst: 25, everyMs: 300_000 };
/** For all: what waits beyond this is dropped. */
const mostWaiting = 1_000;
/** Series and budgets remembered; the oldest go. */
const mostRemembered = 10_000;
const deadlineMs = 10_000;
const closeMs = 5_000;

interface Series {
  /** The event in the API. */
  event: KubeObject;
  resource: Resource;
  lastAt: number;
  lastTime: string;
  count: number;
  /** The count that the API knows. */
  sentCount: number;
}

export function createEvents(options: EventOptions): Events {
  const { client, clock = systemClock, log = silentLog } = options;
  const counters = metrics.on(options.registry);
  const series = new Map<string, Series>();
  const budgets = new Map<string, number>();
  const waiting: (() => Promise<void>)[] = [];
  const closed = new AbortController();
  let sending: Promise<void> | undefined;
  let isCounting = false;

  /** False when it is dropped. */
  const send = (job: () => Promise<void>): boolean => {
    if (closed.signal.aborted || waiting.length >= mostWaiting) {
      counters.plumbline_kube_events_total.inc({ fate: 'dropped' });
      return false;
    }
    waiting.push(job);
    sending ??= drain();
    return true;
  };
  /** One at a time: events must not crowd out what matters. */
  const drain = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      try {
        closed.signal.throwIfAborted();
        await job();
      } catch (error) {
        counters.plumbline_kube_events_total.inc({ fate: 'failed' });
        log.debug({ err: error }, 'Could not send an event');
      }
    }
    sending = undefined;
  };

  /** Whether the object may tell something now: the time its budget is used up to moves on by one event. */
  const mayTell = (uid: string): boolean => {
    const now = clock.monotonicMs();
    const usedUpTo = Math.max(budgets.get(uid) ?? -Infinity, now - perObject.burst * perObject.everyMs) + perObject.everyMs;
    if (usedUpTo > now) return false;
    remember(budgets, uid, usedUpTo);
    return true;
  };

  const sendCount = (found: Series) => {
    const { count, lastTime, event, resource } = found;
    found.sentCount = count;
    send(async () => {
      await client.mergePatch(
        resource,
        event.metadata.name,
        { series: { count, lastObservedTime: lastTime } },
        { deadlineMs, signal: closed.signal },
      );
      counters.plumbline_kube_events_total.inc({ fate: 'counted' });
    });
  };
  /** Runs while there are series: sends what was counted, forgets what is over. */
  const keepCounting = async () => {
    if (isCounting) return;
    isCounting = true;
    while (series.size > 0 && !closed.signal.aborted) {
      await clock.sleep(countEveryMs, closed.signal).catch(() => undefined);
      for (const [key, found] of series) {
        if (found.count !== found.sentCount) sendCount(found);
        if (clock.monotonicMs() - found.lastAt >= seriesMs) series.delete(key);
      }
    }
    isCounting = false;
  };

  const flush = async () => {
    for (const found of series.values()) if (found.count !== found.sentCount) sendCount(found);
    await sending;
  };

  return {
    record: (regarding, facts) => {
      const { uid = '', name, namespace = '' } = regarding.metadata;
      const about = uid || `${regarding.kind}/${namespace}/${name}`;
      const key = JSON.stringify([about, facts.type, facts.reason, facts.action, facts.note]);
      const now = clock.monotonicMs();
      const time = microTime(clock.now());
      const known = series.get(key);
      if (known && now - known.lastAt < seriesMs) {
        Object.assign(known, { lastAt: now, lastTime: time, count: known.count + 1 });
        return;
      }
      if (!mayTell(about)) {
        counters.plumbline_kube_events_total.inc({ fate: 'dropped' });
        return;
      }
      const event = eventOf(regarding, facts, options, time);
      const resource: Resource = {
        group: 'events.k8s.io',
        version: 'v1',
        plural: 'events',
        kind: 'Event',
        namespace: event.metadata.namespace ?? '',
      };
      const told: Series = { event, resource, lastAt: now, lastTime: time, count: 1, sentCount: 1 };
      remember(series, key, told);
      // What did not get there has no first event to be counted on: told again, it is told.
      const forget = () => void (series.get(key) === told && series.delete(key));
      const isQueued = send(async () => {
        try {
          await client.create(resource, event, { deadlineMs, signal: closed.signal });
        } catch (error) {
          forget();
          throw error;
        }
        counters.plumbline_kube_events_total.inc({ fate: 'sent' });
      });
      if (!isQueued) forget();
      void keepCounting();
    },
    flush,
    close: async () => {
      const ended = new AbortController();
      clock.sleep(closeMs, ended.signal).then(
        () => closed.abort(),
        () => undefined,
      );
      await flush();
      ended.abort();
      closed.abort();
      await sending;
    },
  };
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key); // to the end: the oldest come first
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > mostRemembered && oldest !== undefined) map.delete(oldest);
}

function eventOf(regarding: Regarding, facts: EventFacts, { controller, instance }: EventOptions, time: string): KubeObject {
  const { name, namespace, uid, resourceVersion } = regarding.metadata;
  // Events of what has no namespace live in `default`. A name of ours: the API refuses a generateName that ends in a dot.
  const suffix = sha256(JSON.stringify([uid, namespace, facts, time, instance])).slice(0, 16);
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: `${name.slice(0, 230).replace(/[^a-z0-9]+$/, '')}.${suffix}`, namespace: namespace ?? 'default' },
    eventTime: time,
    type: facts.type,
    reason: cut(facts.reason, 128),
    action: cut(facts.action, 128),
    note: cut(facts.note, 1024),
    regarding: {
      apiVersion: regarding.apiVersion,
      kind: regarding.kind,
      name,
      ...(namespace !== undefined && { namespace }),
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
    reportingController: controller,
    reportingInstance: cut(instance, 128),
  };
}

/** At most so many bytes, whole letters. */
function cut(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  return `${new TextDecoder().decode(bytes.subarray(0, most - 3), { stream: true })}…`;
}
