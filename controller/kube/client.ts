import type { KubeConfig } from '@kubernetes/client-node';
import type { Registry } from 'prom-client';
import { type Clock, systemClock } from '../lib/index.ts';
import { KubeApiError } from './api-error.ts';
import { credentialsOf } from './credentials.ts';
import { apiVersionOf, type KubeObject, type KubeObjectInput, pathOf, type Resource } from './object.ts';
import { type ApiRequest, openTransport, type Transport } from './transport.ts';
import { readEvents, type WatchEvent } from './watch-stream.ts';

/** How long one call may take in all, with the waits that the server asks for. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs?: number | undefined;
}

/** Which objects. Label and field selectors are those of `kubectl get`. */
export interface Selection {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListOptions extends Selection, CallOptions {
  readonly limit?: number | undefined;
  /** The token of the page before. */
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

/** One page. Without `continue` it is the last; `resourceVersion` is where a watch goes on. */
export interface KubeList {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
  readonly continue?: string;
}

export interface WatchOptions extends Selection {
  /** Where to begin: of a list, or of the last event. */
  readonly resourceVersion?: string | undefined;
  /** After this time the server ends the stream in good order. Default: the server's choice. */
  readonly timeoutSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DeleteOptions extends CallOptions {
  /** Only this version of it: anything else is a conflict. */
  readonly resourceVersion?: string | undefined;
  /** Only this object, not another of the same name. */
  readonly uid?: string | undefined;
}

/**
 * The Kubernetes API as functions. Every call rejects with a `KubeApiError`, or with the reason of the caller's signal. What the server
 * asks to send again later (429, also right after a CRD; 503 with Retry-After) is sent again within the deadline, a refused token is
 * renewed once; all else is for the caller: after `timeout` and `unreachable` a write may have happened.
 */
export interface KubeClient {
  get(resource: Resource, name: string, options?: CallOptions): Promise<KubeObject>;
  list(resource: Resource, options?: ListOptions): Promise<KubeList>;
  create(resource: Resource, object: KubeObjectInput, options?: CallOptions): Promise<KubeObject>;
  /** Replaces all but the status. With `metadata.resourceVersion` only that version (`conflict` otherwise). */
  update(resource: Resource, object: KubeObjectInput, options?: CallOptions): Promise<KubeObject>;
  /** Replaces the status alone. */
  updateStatus(resource: Resource, object: KubeObjectInput, options?: CallOptions): Promise<KubeObject>;
  delete(resource: Resource, name: string, options?: DeleteOptions): Promise<void>;
  /** Server-side apply: these fields are ours, by force. Made when it is not there. */
  apply(resource: Resource, object: KubeObjectInput, options?: CallOptions): Promise<KubeObject>;
  /** Server-side apply of status fields. */
  applyStatus(resource: Resource, object: KubeObjectInput, options?: CallOptions): Promise<KubeObject>;
  /** JSON merge patch: null removes a field. For an annotation or two. */
  mergePatch(resource: Resource, name: string, patch: unknown, options?: CallOptions): Promise<KubeObject>;
  /** One stream of events. Ends with the stream; the reflector knows how to go on. */
  watch(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent>;
  /** Anything else the API serves, for example `/readyz`: the answer's text. */
  request(request: ApiRequest): Promise<string>;
  /** Ends every connection. Open watches and calls break. */
  close(): Promise<void>;
}

export interface KubeClientOptions {
  /** Who we are to the API: the field manager of applies and updates. */
  manager: string;
  clock?: Clock;
  /** For one call with its retries. Default 30 s. */
  deadlineMs?: number;
  /** Connections at once; each open watch holds one. Default 64. */
  maxConnections?: number;
  qps?: number;
  /** Called right before each try of a call that writes: throws when this process may not (`Leadership.check`). */
  beforeWrite?: () => void;
  registry?: Registry;
  /** Reads the kubeconfig again: asked when its credentials were refused. */
  reload?: () => Promise<KubeConfig>;
  random?: () => number;
}

/** A client for the current context of a kubeconfig. Nothing is sent before the first call. */
export function openKubeClient(kubeConfig: KubeConfig, options: KubeClientOptions): KubeClient {
  const clock = options.clock ?? systemClock;
  return clientOver(
    openTransport({
      clock,
      credentials: credentialsOf(kubeConfig, clock, options.reload),
      userAgent: options.manager,
      deadlineMs: options.deadlineMs ?? 30_000,
      maxConnections: options.maxConnections ?? 64,
      qps: options.qps,
      beforeWrite: options.beforeWrite,
      registry: options.registry,
      random: options.random ?? Math.random,
    }),
    options.manager,
  );
}

const mergePatchType = 'application/merge-patch+json';
const applyType = 'application/apply-patch+yaml'; // JSON is YAML

function clientOver(transport: Transport, manager: string): KubeClient {
  const ask = async (request: ApiRequest) => objectOf(await transport.send(request), request);
  // Strict: a field that the server does not know is refused, not dropped.
  const writing = { fieldManager: manager, fieldValidation: 'Strict' };
  const write = async (
    method: 'POST' | 'PUT' | 'PATCH',
    resource: Resource,
    object: KubeObjectInput,
    { part, query, contentType, ...call }: { part?: string; query?: ApiRequest['query']; contentType?: string } & CallOptions,
  ) => {
    const namespace = resource.namespace ?? object.metadata.namespace;
    const path = pathOf(
      namespace === undefined ? resource : { ...resource, namespace },
      method === 'POST' ? undefined : object.metadata.name,
      part,
    );
    const body = { apiVersion: apiVersionOf(resource), kind: resource.kind, ...object };
    return await ask({ method, path, query: { ...writing, ...query }, body, ...(contentType && { contentType }), ...call });
  };

  return {
    get: async (resource, name, call) => await ask({ method: 'GET', path: pathOf(resource, name), ...call }),
    list: async (resource, { signal, deadlineMs, ...query } = {}) => {
      const request: ApiRequest = { method: 'GET', path: pathOf(resource), query: { ...query }, signal, deadlineMs };
      return listOf(await transport.send(request), resource, request);
    },
    create: async (resource, object, call) => await write('POST', resource, object, { ...call }),
    update: async (resource, object, call) => await write('PUT', resource, object, { ...call }),
    updateStatus: async (resource, object, call) => await write('PUT', resource, object, { part: 'status', ...call }),
    delete: async (resource, name, { resourceVersion, uid, ...call } = {}) => {
      const preconditions = { ...(resourceVersion !== undefined && { resourceVersion }), ...(uid !== undefined && { uid }) };
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions, propagationPolicy: 'Background' };
      await transport.send({ method: 'DELETE', path: pathOf(resource, name), body, ...call });
    },
    apply: async (resource, object, call) =>
      await write('PATCH', resource, object, { query: { force: true }, contentType: applyType, ...call }),
    applyStatus: async (resource, object, call) =>
      await write('PATCH', resource, object, { part: 'status', query: { force: true }, contentType: applyType, ...call }),
    mergePatch: async (resource, name, patch, call) =>
      await ask({ method: 'PATCH', path: pathOf(resource, name), query: writing, body: patch, contentType: mergePatchType, ...call }),
    watch: (resource, options) => watch(transport, resource, options),
    request: async (request) => await transport.send(request),
    close: async () => await transport.close(),
  };
}

async function* watch(transport: Transport, resource: Resource, options: WatchOptions): AsyncGenerator<WatchEvent, void, void> {
  const { signal, ...query } = options;
  const stream = await transport.open({
    method: 'GET',
    path: pathOf(resource),
    query: { ...query, watch: true, allowWatchBookmarks: true },
    signal,
  });
  yield* readEvents(stream, signal);
}

function objectOf(text: string, request: ApiRequest): KubeObject {
  const value = jsonOf(text, request);
  if (!('metadata' in value)) throw new KubeApiError('brokenAnswer', 200, `${request.method} ${request.path}: the answer is no object`);
  return value as unknown as KubeObject;
}

function listOf(text: string, resource: Resource, request: ApiRequest): KubeList {
  const { items, metadata } = jsonOf(text, request) as { items?: unknown; metadata?: { resourceVersion?: string; continue?: string } };
  // An answer without items is not an empty list: to take it for one would be to see everything deleted.
  if (!Array.isArray(items) || typeof metadata?.resourceVersion !== 'string') {
    throw new KubeApiError('brokenAnswer', 200, `${request.method} ${request.path}: the answer is no list`);
  }
  const kind = { apiVersion: apiVersionOf(resource), kind: resource.kind }; // lists of core kinds leave both out
  return {
    items: items.map((item: KubeObject) => ({ ...kind, ...item })),
    resourceVersion: metadata.resourceVersion,
    ...(metadata.continue && { continue: metadata.continue }),
  };
}

function jsonOf(text: string, request: ApiRequest): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new KubeApiError(
    'brokenAnswer',
    200,
    `${request.method} ${request.path}: the answer is not what the API speaks: ${text.slice(0, 80)}`,
  );
}
