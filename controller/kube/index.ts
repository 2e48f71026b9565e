/**
 * kube: a small controller runtime. Client, cache, queue, controller, lease, events: what an operator needs and the official
 * library lacks. Knows Kubernetes and nothing of networks. Queue and controller run without a cluster too.
 * The official library gives kubeconfig and credentials; it is loaded by `loadKubeConfig`, not before.
 */
export { isApiError, KubeApiError, type KubeApiReason } from './api-error.ts';
export type { CacheReader, Change, ChangeListener, IndexFunction } from './cache.ts';
export {
  type CallOptions,
  type DeleteOptions,
  type KubeClient,
  type KubeClientOptions,
  type KubeList,
  type ListOptions,
  openKubeClient,
  type Selection,
  type WatchOptions,
} from './client.ts';
export { type Controller, type ControllerOptions, createController, type Outcome, type ReconcileContext } from './controller.ts';
export { errors as kubeErrors, explainApiError } from './errors.ts';
export { createEvents, type EventFacts, type EventOptions, type Events, type Regarding } from './events.ts';
export { type KubeConfigPlace, loadKubeConfig, namespaceOf } from './kube-config.ts';
export { lastLed } from './last-led.ts';
export { createLease, type Leadership, type Lease, type LeaseOptions } from './lease.ts';
export { metrics as kubeMetrics } from './metrics.ts';
export {
  frozen,
  type KubeObject,
  type KubeObjectInput,
  type ObjectMeta,
  type OwnerReference,
  type Resource,
} from './object.ts';
export { type AddOptions, createQueue, type Priority, type Queue, type QueueOptions } from './queue.ts';
export { type Cache, createReflector, listAll, type ReflectorOptions } from './reflector.ts';
export type { ApiRequest } from './transport.ts';
export type { WatchEvent } from './watch-stream.ts';
