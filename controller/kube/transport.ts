import type { Socket } from 'node:net';
import type { Registry } from 'prom-client';
import { Agent, buildConnector, type Dispatcher, ProxyAgent } from 'undici';
import type { Clock } from '../lib/index.ts';
import { apiErrorOf, KubeApiError } from './api-error.ts';
import type { CredentialSource, Credentials } from './credentials.ts';
import { within } from './deadline.ts';
import { metrics } from './metrics.ts';

/** One request. `path` begins with a slash; `body` is sent as JSON under `contentType`. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  /** Default: JSON. Another form of it, for example metadata alone, is asked for here. */
  readonly accept?: string;
  readonly signal?: AbortSignal | undefined;
  /** For the whole answer; of a stream, for its beginning. */
  readonly deadlineMs?: number | undefined;
}

/** Bytes to and from one API server, over connections that are kept. */
export interface Transport {
  /** The whole answer as text. Rejects with `KubeApiError`, or with the reason of the caller's signal. */
  send(request: ApiRequest): Promise<string>;
  /** The answer as it comes. The caller's signal ends it. */
  open(request: ApiRequest): Promise<AsyncIterable<Uint8Array>>;
  close(): Promise<void>;
}

export interface TransportOptions {
  clock: Clock;
  credentials: CredentialSource;
  userAgent: string;
  deadlineMs: number;
  maxConnections: number;
  /** Requests a second, twice as many in a burst. Without: as fast as the server lets us. */
  qps?: number | undefined;
  /** Called right before each try of a request that writes. What it throws ends the request, and nothing was sent. */
  beforeWrite?: (() => void) | undefined;
  registry?: Registry | undefined;
  random: () => number;
}

/** The API server closes idle connections after 90 s; ours go first, so that no request meets a closing one. */
const keepIdleMs = 55_000;
/** Load balancers drop what is silent for 60 s. */
const tcpKeepAliveMs = 30_000;
/**
 * What a leader writes is done or refused within this time, by the server's clock: half a request that a stopped process sent must not come
 * true when it wakes and sends the rest. Less than what others wait after a lease was lost.
 */
const guardedTimeout = '5s';

export function openTransport(options: TransportOptions): Transport {
  const { clock, credentials } = options;
  const counters = metrics.on(options.registry);
  const { beforeWrite } = options;
  const agents = createAgents(options.maxConnections, beforeWrite);
  const slot = limitRate(clock, options.qps);

  const once = async (request: ApiRequest, known: Credentials, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    const host = known.server.host;
    const isWrite = request.method !== 'GET';
    if (isWrite) beforeWrite?.();
    const query = isWrite && beforeWrite ? { timeout: guardedTimeout, ...request.query } : request.query;
    let response: Dispatcher.ResponseData;
    try {
      response = await agents.of(known).request({
        origin: known.server.origin,
        path: `${known.server.pathname.replace(/\/+$/, '')}${request.path}${queryOf(query)}`,
        method: request.method,
        headers: {
          ...known.headers,
          accept: request.accept ?? 'application/json',
          'user-agent': options.userAgent,
          ...(request.body !== undefined && { 'content-type': request.contentType ?? 'application/json' }),
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        signal,
        headersTimeout: 0, // the deadline is ours, on our clock
        bodyTimeout: 0,
      });
    } catch (cause) {
      signal.throwIfAborted();
      if (isWrite) beforeWrite?.(); // it may be this that ended it
      counters.rest_client_requests_total.inc({ code: '<error>', method: request.method, host });
      throw unreachable(known, cause);
    }
    counters.rest_client_requests_total.inc({ code: response.statusCode, method: request.method, host });
    if (response.statusCode < 400) return response;
    const retryAfter = response.headers['retry-after'];
    throw apiErrorOf(response.statusCode, await textOf(response, known, signal), typeof retryAfter === 'string' ? retryAfter : undefined);
  };

  /** Sends until there is an answer that another try would not better, or the deadline is near. */
  const patiently = async <T>(
    request: ApiRequest,
    take: (response: Dispatcher.ResponseData, known: Credentials, signal: AbortSignal) => T,
  ) => {
    const ms = request.deadlineMs ?? options.deadlineMs;
    const until = clock.monotonicMs() + ms;
    const late = () => new KubeApiError('timeout', 0, `${request.method} ${request.path}: no answer within ${ms / 1000} s`);
    return await within({ clock, ms, parent: request.signal, late }, async (signal) => {
      let refused = false;
      for (let tries = 1; ; tries++) {
        await slot(signal);
        const known = await credentials.get(signal);
        try {
          return await take(await once(request, known, signal), known, signal);
        } catch (error) {
          if (!(error instanceof KubeApiError) || signal.aborted) throw error;
          if (error.reason === 'unauthorized' && !refused) {
            refused = true;
            credentials.refuse(known);
            continue;
          }
          const waitMs = waitBeforeRetry(error, request, tries);
          if (waitMs === undefined) throw error;
          const jittered = waitMs * (1 + options.random() / 10);
          if (clock.monotonicMs() + jittered >= until) throw error;
          if (jittered > 0) await clock.sleep(jittered, signal).catch(() => signal.throwIfAborted());
        }
      }
    });
  };

  return {
    send: async (request) => await patiently(request, textOf),
    open: async (request) => {
      // The signal of the deadline must not end the stream, the caller's must: it is bound to the body again.
      return await patiently(request, (response) => streamOf(response, request.signal));
    },
    close: async () => await agents.close(),
  };
}

/** How long to wait before the same request again; undefined when it is for the caller to decide. */
function waitBeforeRetry(error: KubeApiError, request: ApiRequest, tries: number): number | undefined {
  // Both say that nothing was done. Right after a CRD is established its storage answers 429 for about a second.
  if (error.reason === 'tooManyRequests') return error.retryAfterMs ?? 1000;
  if (error.reason === 'unavailable' && error.retryAfterMs !== undefined) return error.retryAfterMs;
  // A kept connection may have been closed while it was idle. Only what reads may be sent twice.
  if (error.reason === 'unreachable' && request.method === 'GET' && tries === 1) return 0;
  return undefined;
}

async function textOf(response: Dispatcher.ResponseData, known: Credentials, signal: AbortSignal): Promise<string> {
  try {
    return await response.body.text();
  } catch (cause) {
    signal.throwIfAborted();
    throw unreachable(known, cause);
  }
}

function streamOf(response: Dispatcher.ResponseData, signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
  const end = () => response.body.destroy(signal?.reason as Error);
  if (signal?.aborted) end();
  else signal?.addEventListener('abort', end, { once: true });
  response.body.on('error', () => undefined); // whoever iterates gets it; nobody may be yet
  response.body.once('close', () => signal?.removeEventListener('abort', end));
  return response.body as AsyncIterable<Uint8Array>;
}

function unreachable(known: Credentials, cause: unknown): KubeApiError {
  const why =
    cause instanceof AggregateError ? cause.errors.map(String).join(', ') : cause instanceof Error ? cause.message : String(cause);
  return new KubeApiError('unreachable', 0, `${known.server.host}: ${why || 'no connection'}`, { cause });
}

function queryOf(query: ApiRequest['query']): string {
  const entries = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString()}`;
}

/** One agent, until CA or client certificate change: then another, and the old one ends when its last answer does. */
function createAgents(connections: number, beforeWrite?: () => void): { of(known: Credentials): Dispatcher; close(): Promise<void> } {
  let current: { dispatcher: Dispatcher; digest: string } | undefined;
  return {
    of: (known) => {
      if (current?.digest !== known.tlsDigest) {
        void current?.dispatcher.close().catch(() => undefined);
        current = { dispatcher: createAgent(known, connections, beforeWrite), digest: known.tlsDigest };
      }
      return current.dispatcher;
    },
    close: async () => await current?.dispatcher.destroy(),
  };
}

function createAgent(known: Credentials, connections: number, beforeWrite?: () => void): Dispatcher {
  // HTTP/1.1: a request is then one write, which can be checked and timed (see guardSocket), and a slow watch holds up nobody.
  const kept = { connections, keepAliveTimeout: keepIdleMs, keepAliveMaxTimeout: keepIdleMs, allowH2: false };
  const tls = { ...known.tls, allowH2: false, keepAlive: true, keepAliveInitialDelay: tcpKeepAliveMs };
  if (known.proxy !== undefined) return new ProxyAgent({ ...kept, uri: known.proxy, requestTls: tls });
  if (!beforeWrite) return new Agent({ ...kept, connect: tls });
  const connect = buildConnector(tls);
  return new Agent({
    ...kept,
    connect: (facts, callback) =>
      connect(facts, (error, socket) => (error ? callback(error, null) : callback(null, guardSocket(socket, beforeWrite)))),
  });
}

/**
 * Asks again at the very moment the first bytes of a writing request go out: it may have waited for a connection, or the process may have
 * been stopped since it was asked for. A head is the only text that undici writes; bodies are bytes. What remains are the microseconds
 * until the kernel has them: nobody can ask and send in one.
 */
function guardSocket<S extends Socket>(socket: S, beforeWrite: () => void): S {
  const [one, many] = [socket._write.bind(socket), socket._writev?.bind(socket)];
  const check = (chunk: unknown) => {
    if (typeof chunk === 'string' && !chunk.startsWith('GET ')) beforeWrite();
  };
  socket._write = (chunk, encoding, callback) => {
    check(chunk);
    one(chunk, encoding, callback);
  };
  if (many) {
    socket._writev = (chunks, callback) => {
      for (const { chunk } of chunks) check(chunk);
      many(chunks, callback);
    };
  }
  return socket;
}

/** Spaces requests evenly after a burst of two seconds' worth. */
function limitRate(clock: Clock, qps: number | undefined): (signal: AbortSignal) => Promise<void> {
  if (qps === undefined) return async () => undefined;
  const stepMs = 1000 / qps;
  let nextAt = -Infinity;
  return async (signal) => {
    const now = clock.monotonicMs();
    nextAt = Math.max(nextAt + stepMs, now - 2000 + stepMs);
    if (nextAt > now) await clock.sleep(nextAt - now, signal).catch(() => signal.throwIfAborted());
  };
}
