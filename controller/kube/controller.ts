import { randomUUID } from 'node:crypto';
import type { Registry } from 'prom-client';
import { type Clock, type Log, silentLog, systemClock } from '../lib/index.ts';
import { within } from './deadline.ts';
import { metrics } from './metrics.ts';
import type { Priority, Queue } from './queue.ts';

/** How a reconciliation ended, and what that means for its key. */
export type Outcome =
  /** Nothing to do until something changes. */
  | { readonly do: 'done' }
  /** Fine; look again after this time. */
  | { readonly do: 'requeueAfter'; readonly ms: number; readonly priority?: Priority }
  /** Try again, later each time. */
  | { readonly do: 'retry'; readonly error: unknown }
  /** No retry mends it: somebody must change something, which will be an event. */
  | { readonly do: 'terminal'; readonly error: unknown };

/** What one reconciliation gets beside key and signal. */
export interface ReconcileContext {
  /** New each time; every line of `log` carries it. */
  readonly id: string;
  readonly log: Log;
}

export interface ControllerOptions {
  name: string;
  queue: Queue;
  /** Default 1. */
  workers?: number;
  /**
   * The signal of a reconciliation aborts after this time, which is asked for as it begins. The key stays with its worker until the
   * reconciler is really back.
   */
  deadlineMs: number | (() => number);
  /**
   * Level-based: reads everything again, whatever the reason. The signal aborts at the deadline, on shutdown past the grace and when the
   * lease is lost; nothing may be written after that.
   */
  reconcile(key: string, signal: AbortSignal, context: ReconcileContext): Promise<Outcome> | Outcome;
  clock?: Clock;
  log?: Log;
  registry?: Registry;
}

/** Workers over a queue. */
export interface Controller {
  readonly name: string;
  /**
   * Works until the queue is shut down (what runs ends in peace) or the signal aborts (what runs is told to stop). Resolves when every
   * reconciler is back. Rejects only when a log or a metric throws.
   */
  run(signal: AbortSignal): Promise<void>;
}

export function createController(options: ControllerOptions): Controller {
  const { name, queue, workers = 1, deadlineMs, clock = systemClock, log = silentLog } = options;
  const counters = metrics.on(options.registry);
  const labels = { controller: name };

  /** One reconciliation. A reconciler that throws ends like one that asks for a retry. */
  const reconcile = async (key: string, parent: AbortSignal, context: ReconcileContext): Promise<Outcome> => {
    let isLate = false;
    const limitMs = typeof deadlineMs === 'number' ? deadlineMs : deadlineMs();
    const late = () => {
      isLate = true;
      counters.controller_runtime_reconcile_timeouts_total.inc(labels);
      return new Error(`not done within ${limitMs / 1000} s`);
    };
    try {
      return await within({ clock, ms: limitMs, parent, late }, async (signal) => await options.reconcile(key, signal, context));
    } catch (error) {
      if (!parent.aborted && !isLate) counters.controller_runtime_reconcile_panics_total.inc(labels);
      return { do: 'retry', error };
    }
  };

  const settle = (key: string, outcome: Outcome, context: ReconcileContext) => {
    switch (outcome.do) {
      case 'done':
      case 'requeueAfter':
        counters.controller_runtime_reconcile_total.inc({ ...labels, result: outcome.do === 'done' ? 'success' : 'requeue_after' });
        queue.forget(key);
        if (outcome.do === 'requeueAfter') {
          queue.add(key, { afterMs: outcome.ms, ...(outcome.priority && { priority: outcome.priority }) });
        }
        return;
      case 'retry':
      case 'terminal': {
        counters.controller_runtime_reconcile_total.inc({ ...labels, result: 'error' });
        counters.controller_runtime_reconcile_errors_total.inc(labels);
        if (outcome.do === 'terminal') {
          counters.controller_runtime_terminal_reconcile_errors_total.inc(labels);
          queue.forget(key);
          context.log.error({ err: outcome.error }, 'Reconciled to an error that no retry mends');
          return;
        }
        const retryMs = queue.retry(key);
        context.log.warn({ err: outcome.error, retryMs, failures: queue.failures(key) }, 'Could not reconcile');
      }
    }
  };

  const work = async (signal: AbortSignal) => {
    for (let key = await queue.next(signal); key !== undefined; key = await queue.next(signal)) {
      const id = randomUUID();
      const context = { id, log: log.child({ controller: name, object: key, reconcileID: id }) };
      const began = clock.monotonicMs();
      try {
        counters.controller_runtime_active_workers.inc(labels);
        const outcome = await reconcile(key, signal, context);
        counters.controller_runtime_active_workers.dec(labels);
        counters.controller_runtime_reconcile_time_seconds.observe(labels, (clock.monotonicMs() - began) / 1000);
        if (!signal.aborted) settle(key, outcome, context);
      } finally {
        // Also when a log or a metric threw: a key that nobody gives back would keep the process from ending, half alive.
        queue.done(key);
      }
    }
  };

  return {
    name,
    run: async (signal) => {
      counters.controller_runtime_max_concurrent_reconciles.set(labels, workers);
      counters.controller_runtime_active_workers.set(labels, 0);
      await Promise.all(Array.from({ length: workers }, async () => await work(signal)));
    },
  };
}
