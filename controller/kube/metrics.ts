import { defineMetrics } from '../lib/index.ts';

/** Metrics of the runtime. Names, labels and buckets are those of client-go and controller-runtime: stock dashboards work. */
export const metrics = defineMetrics({
  rest_client_requests_total: {
    type: 'counter',
    help: 'Requests to the Kubernetes API by answer.',
    labels: ['code', 'method', 'host'],
  },

  workqueue_depth: { type: 'gauge', help: 'Keys that wait for a worker.', labels: ['name', 'controller', 'priority'], computed: true },
  workqueue_adds_total: { type: 'counter', help: 'Keys added to the queue.', labels: ['name', 'controller'] },
  workqueue_queue_duration_seconds: {
    type: 'histogram',
    help: 'Time a key waits until a worker takes it.',
    labels: ['name', 'controller'],
    buckets: decades(1e-8, 12),
  },
  workqueue_work_duration_seconds: {
    type: 'histogram',
    help: 'Time a worker holds a key.',
    labels: ['name', 'controller'],
    buckets: decades(1e-8, 12),
  },
  workqueue_unfinished_work_seconds: {
    type: 'gauge',
    help: 'Time spent so far on keys that workers hold, in sum. Large and growing: somebody is stuck.',
    labels: ['name', 'controller'],
    computed: true,
  },
  workqueue_longest_running_processor_seconds: {
    type: 'gauge',
    help: 'Time the longest-running worker holds its key so far.',
    labels: ['name', 'controller'],
    computed: true,
  },
  workqueue_retries_total: { type: 'counter', help: 'Keys added again with back-off.', labels: ['name', 'controller'] },

  controller_runtime_reconcile_total: {
    type: 'counter',
    help: 'Reconciliations by result: success, requeue_after, requeue, error.',
    labels: ['controller', 'result'],
  },
  controller_runtime_reconcile_errors_total: { type: 'counter', help: 'Reconciliations that ended in an error.', labels: ['controller'] },
  controller_runtime_terminal_reconcile_errors_total: {
    type: 'counter',
    help: 'Reconciliations that ended in an error that no retry mends.',
    labels: ['controller'],
  },
  controller_runtime_reconcile_panics_total: { type: 'counter', help: 'Reconcilers that threw.', labels: ['controller'] },
  controller_runtime_reconcile_timeouts_total: { type: 'counter', help: 'Reconciliations past their deadline.', labels: ['controller'] },
  controller_runtime_reconcile_time_seconds: {
    type: 'histogram',
    help: 'Time of one reconciliation.',
    labels: ['controller'],
    buckets: [
      0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4,
      4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
    ],
  },
  controller_runtime_max_concurrent_reconciles: { type: 'gauge', help: 'Workers a controller may have at once.', labels: ['controller'] },
  controller_runtime_active_workers: { type: 'gauge', help: 'Workers that reconcile now.', labels: ['controller'] },

  leader_election_master_status: { type: 'gauge', help: '1 while this process leads.', labels: ['name'] },
  leader_election_slowpath_total: { type: 'counter', help: 'Tries to renew or take the lease that failed.', labels: ['name'] },

  plumbline_kube_watch_events_total: { type: 'counter', help: 'Events of watches by type.', labels: ['resource', 'type'] },
  plumbline_kube_watch_restarts_total: {
    type: 'counter',
    help: 'Watches opened again, or tried in vain, by why: ended, stale, expired, error.',
    labels: ['resource', 'why'],
  },
  plumbline_kube_relists_total: { type: 'counter', help: 'Complete lists read.', labels: ['resource'] },
  plumbline_kube_listener_errors_total: { type: 'counter', help: 'Listeners of a cache that threw.', labels: ['resource'] },
  plumbline_kube_events_total: { type: 'counter', help: 'Events by fate: sent, counted, dropped, failed.', labels: ['fate'] },
});

/** Ten times the one before, `count` of them. */
function decades(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, step) => Number((first * 10 ** step).toPrecision(3)));
}
