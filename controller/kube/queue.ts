import type { Registry } from 'prom-client';
import { type Clock, systemClock } from '../lib/index.ts';
import { createDelayedKeys } from './delayed-keys.ts';
import { metrics } from './metrics.ts';

/** What somebody waits for comes before what is only looked at again. */
export type Priority = 'high' | 'low';

export interface AddOptions {
  /** Default `high`. A key that waits with `low` is raised, never lowered. */
  readonly priority?: Priority;
  /** Not before this time has gone by. A key that is taken earlier forgets it: whoever works on it decides anew. */
  readonly afterMs?: number;
}

/**
 * Keys to work on. A key is worked on by one worker at a time; one that is added meanwhile comes again after `done`; one that waits
 * already is not added twice.
 */
export interface Queue {
  readonly name: string;
  add(key: string, options?: AddOptions): void;
  /** Adds with the key's back-off: 5 ms, doubled at each retry until `forget`, at most 1,000 s. Answers the delay in ms. */
  retry(key: string, options?: Pick<AddOptions, 'priority'>): number;
  /** The key's next retry begins at the shortest back-off again. */
  forget(key: string): void;
  /** Retries since the last `forget`. */
  failures(key: string): number;
  /** The next key; `done` must follow. Undefined once the queue is shut down or the signal aborts. */
  next(signal?: AbortSignal): Promise<string | undefined>;
  done(key: string): void;
  /** Keys of low priority stay where they are until they are held no more. What was given out is not called back. */
  holdLow(isHeld: boolean): void;
  /** Keys that are ready and wait for a worker. */
  readonly depth: number;
  /** Keys that wait for a time. */
  readonly delayed: number;
  /** Gives out and takes in nothing more; what waits is dropped. Resolves when every key that was given out is done. */
  shutDown(): Promise<void>;
}

export interface QueueOptions {
  name: string;
  clock?: Clock;
  registry?: Registry;
  backoff?: { firstMs: number; longestMs: number };
}

/** After so many keys of high priority in a row one of low priority is taken. */
const highInARow = 8;
/** Node's timers know no longer time. */
const longestSleepMs = 2 ** 31 - 1;

interface Waiting {
  priority: Priority;
  since: number;
}

export function createQueue({ name, clock = systemClock, registry, backoff = { firstMs: 5, longestMs: 1_000_000 } }: QueueOptions): Queue {
  const counters = metrics.on(registry);
  const labels = { name, controller: name };
  const waiting = new Map<string, Waiting>();
  const order = { high: createOrder(), low: createOrder() };
  const working = new Map<string, number>(); // key → since when
  const again = new Map<string, Priority>(); // added while it is worked on
  const delayed = createDelayedKeys();
  const delayedPriority = new Map<string, Priority>();
  const failures = new Map<string, number>();
  const takers: ((key: string | undefined) => void)[] = [];
  let highTaken = 0;
  let isLowHeld = false;
  let drained: PromiseWithResolvers<void> | undefined;
  let alarm: { at: number; off: AbortController } | undefined;

  const stopCounting = counters.onScrape(() => {
    const now = clock.monotonicMs();
    const held = [...working.values()].map((since) => (now - since) / 1000);
    counters.workqueue_unfinished_work_seconds.set(
      labels,
      held.reduce((sum, seconds) => sum + seconds, 0),
    );
    counters.workqueue_longest_running_processor_seconds.set(labels, Math.max(0, ...held));
    const high = waiting.values().reduce((count, { priority }) => count + (priority === 'high' ? 1 : 0), 0);
    counters.workqueue_depth.set({ ...labels, priority: 'high' }, high);
    counters.workqueue_depth.set({ ...labels, priority: 'low' }, waiting.size - high);
  });

  const makeReady = (key: string, priority: Priority) => {
    const found = waiting.get(key);
    if (found && (found.priority === 'high' || priority === 'low')) return;
    if (!found) counters.workqueue_adds_total.inc(labels);
    waiting.set(key, { priority, since: found?.since ?? clock.monotonicMs() });
    order[priority].push(key);
    serve();
  };
  /** Whoever waits gets what may be taken. */
  const serve = () => {
    while (takers.length > 0) {
      const key = take();
      if (key === undefined) return;
      takers.shift()?.(key);
    }
  };

  const addNow = (key: string, priority: Priority) => {
    if (working.has(key)) again.set(key, again.get(key) === 'high' ? 'high' : priority);
    else makeReady(key, priority);
  };

  const take = (): string | undefined => {
    const lowFirst = highTaken >= highInARow;
    const key = takeOf(lowFirst ? 'low' : 'high') ?? takeOf(lowFirst ? 'high' : 'low');
    if (key === undefined) return undefined;
    const now = clock.monotonicMs();
    const { priority, since } = waiting.get(key) ?? { priority: 'high', since: now };
    highTaken = priority === 'high' ? highTaken + 1 : 0;
    waiting.delete(key);
    delayed.delete(key);
    delayedPriority.delete(key);
    working.set(key, now);
    counters.workqueue_queue_duration_seconds.observe(labels, (now - since) / 1000);
    return key;
  };
  /** Keys that were raised or taken stay behind in the order of their old priority: passed over here. */
  const takeOf = (priority: Priority): string | undefined => {
    if (priority === 'low' && isLowHeld) return undefined;
    for (let key = order[priority].shift(); key !== undefined; key = order[priority].shift()) {
      if (waiting.get(key)?.priority === priority) return key;
    }
    return undefined;
  };

  /** One timer for all: set to the first key that is due. */
  const setAlarm = () => {
    const at = delayed.firstAt();
    if (at === alarm?.at) return;
    alarm?.off.abort();
    alarm = undefined;
    if (at === undefined) return;
    const mine = { at, off: new AbortController() };
    alarm = mine;
    const sleepMs = Math.min(Math.max(0, at - clock.monotonicMs()), longestSleepMs);
    clock.sleep(sleepMs, mine.off.signal).then(
      () => {
        if (alarm === mine) alarm = undefined;
        for (const key of delayed.takeDue(clock.monotonicMs())) {
          const priority = delayedPriority.get(key) ?? 'high';
          delayedPriority.delete(key);
          addNow(key, priority);
        }
        setAlarm();
      },
      () => undefined,
    );
  };

  const add = (key: string, { priority = 'high', afterMs = 0 }: AddOptions = {}) => {
    if (drained) return;
    if (afterMs <= 0) return addNow(key, priority);
    if (waiting.has(key)) return makeReady(key, priority);
    if (delayedPriority.get(key) !== 'high') delayedPriority.set(key, priority);
    delayed.set(key, clock.monotonicMs() + afterMs);
    setAlarm();
  };

  return {
    name,
    add,
    retry: (key, options) => {
      const before = failures.get(key) ?? 0;
      failures.set(key, before + 1);
      const afterMs = Math.min(backoff.firstMs * 2 ** before, backoff.longestMs);
      counters.workqueue_retries_total.inc(labels);
      add(key, { ...options, afterMs });
      return afterMs;
    },
    forget: (key) => void failures.delete(key),
    failures: (key) => failures.get(key) ?? 0,
    next: async (signal) => {
      if (drained || signal?.aborted) return undefined;
      const ready = take();
      if (ready !== undefined) return ready;
      const taken = Promise.withResolvers<string | undefined>();
      const giveUp = () => {
        const place = takers.indexOf(taken.resolve);
        if (place >= 0) takers.splice(place, 1);
        taken.resolve(undefined);
      };
      takers.push(taken.resolve);
      signal?.addEventListener('abort', giveUp, { once: true });
      try {
        return await taken.promise;
      } finally {
        signal?.removeEventListener('abort', giveUp);
      }
    },
    done: (key) => {
      const since = working.get(key);
      if (since === undefined) return;
      working.delete(key);
      counters.workqueue_work_duration_seconds.observe(labels, (clock.monotonicMs() - since) / 1000);
      const priority = again.get(key);
      again.delete(key);
      if (drained) {
        if (working.size === 0) drained.resolve();
      } else if (priority) makeReady(key, priority);
    },
    holdLow: (isHeld) => {
      isLowHeld = isHeld;
      serve();
    },
    get depth() {
      return waiting.size;
    },
    get delayed() {
      return delayed.size;
    },
    shutDown: async () => {
      if (!drained) {
        drained = Promise.withResolvers();
        waiting.clear();
        again.clear();
        delayed.clear();
        delayedPriority.clear();
        setAlarm();
        for (const taker of takers.splice(0)) taker(undefined);
        if (working.size === 0) drained.resolve();
      }
      await drained.promise;
      stopCounting();
    },
  };
}

/** First in, first out. */
function createOrder(): { push(key: string): void; shift(): string | undefined } {
  let keys: string[] = [];
  let head = 0;
  return {
    push: (key) => void keys.push(key),
    shift: () => {
      const key = keys[head++];
      if (key === undefined) [keys, head] = [[], 0];
      else if (head > 1000 && head * 2 > keys.length) [keys, head] = [keys.slice(head), 0];
      return key;
    },
  };
}
