import type { Registry } from 'prom-client';
import type { Dispatcher } from 'undici';
import type { Clock } from '../lib/index.ts';
import { createAgents } from './agents.ts';
import { apiErrorOf, KubeApiError, readRetryAfter } from './api-error.ts';
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
  const closed = new AbortController();

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
    throw apiErrorOf(response.statusCode, await textOf(response, known, signal), retryAfterOf(response, clock.now()));
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
      const signal = request.signal ? AbortSignal.any([request.signal, closed.signal]) : closed.signal;
      return await patiently(request, (response) => streamOf(response, signal));
    },
    close: async () => {
      // Also what goes over connections of before a CA was changed: their agent ends when they do, and cannot be told to.
      closed.abort(new KubeApiError('unreachable', 0, 'the client is closed'));
      await agents.close();
    },
  };
}

/** Whoever is told to come back at once waits so long, twice as long each time: a server that refuses all is not to be asked without pause. */
const shortestWaitMs = 100;

/** How long to wait before the same request again; undefined when it is for the caller to decide. */
function waitBeforeRetry(error: KubeApiError, request: ApiRequest, tries: number): number | undefined {
  const isRead = request.method === 'GET';
  // A kept connection may have been closed while it was idle. Only what reads may be sent twice.
  if (error.reason === 'unreachable' && isRead && tries === 1) return 0;
  // Both say that nothing was done. Right after a CRD is established its storage answers 429 for about a second.
  const isPutOff =
    error.reason === 'tooManyRequests' ||
    // A write that the server gave up (ServerTimeout, 500) may have happened.
    (error.reason === 'unavailable' && error.retryAfterMs !== undefined && (isRead || error.status === 503));
  return isPutOff ? Math.max(error.retryAfterMs ?? 1000, shortestWaitMs * 2 ** (tries - 1)) : undefined;
}

function retryAfterOf({ headers }: Dispatcher.ResponseData, now: Date): number | undefined {
  const [text, date] = [headers['retry-after'], headers['date']].map((value) => (Array.isArray(value) ? value[0] : value));
  return text === undefined ? undefined : readRetryAfter(text, now, date);
}

async function textOf(response: Dispatcher.ResponseData, known: Credentials, signal: AbortSignal): Promise<string> {
  try {
    return await response.body.text();
  } catch (cause) {
    signal.throwIfAborted();
    throw unreachable(known, cause);
  }
}

function streamOf(response: Dispatcher.ResponseData, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const end = () => response.body.destroy(signal.reason as Error);
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  response.body.on('error', () => undefined); // whoever iterates gets it; nobody may be yet
  response.body.once('close', () => signal.removeEventListener('abort', end));
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
