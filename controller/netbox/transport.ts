import { X509Certificate } from 'node:crypto';
import { Agent, type Dispatcher, errors as undiciErrors } from 'undici';
import { type Clock, PlumblineError, type Secret } from '../lib/index.ts';
import { explainRefusal } from './answers.ts';
import { errors } from './errors.ts';
import { RetryAfter } from './retry-after.ts';

/** Query of a request. A list repeats the name, which NetBox reads as "any of". */
export type Query = Readonly<Record<string, string | number | boolean | readonly (string | number)[] | undefined>>;

export interface NetBoxRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api/`, without slashes at its ends: `dcim/devices`, `dcim/devices/7`. */
  path: string;
  query?: Query;
  body?: unknown;
  ifMatch?: string;
  signal?: AbortSignal | undefined;
}

export interface NetBoxAnswer {
  /** Parsed JSON; undefined where NetBox answers without a body. */
  body: unknown;
  /** Version as the header says it, for example `4.7`. */
  apiVersion: string | undefined;
  /** Key of the change records that a write left. */
  requestId: string | undefined;
}

/** Requests to one NetBox. */
export interface Transport {
  /** For messages: `netbox.example.net`. */
  readonly host: string;
  /** Rejects with an error of the catalogue, or with the reason of the caller's signal. */
  send(request: NetBoxRequest): Promise<NetBoxAnswer>;
  close(): Promise<void>;
}

export interface TransportOptions {
  /** As people open it: `https://netbox.example.net`, or with a path below. */
  url: string;
  /** `nbt_KEY.SECRET` (NetBox 4.5 and later), or the 40 hex digits of an older one. */
  token: Secret;
  clock: Clock;
  /** PEM of a private authority. Default: those of Node. */
  ca?: string | undefined;
  /** For one answer, tries and waits included. Default 60 s. */
  timeoutMs?: number;
  /** Requests at the same time. Default 3: a NetBox has few workers, and people need them too. */
  atOnce?: number;
  /** Requests over the life of this transport, tries included. Default 20,000. */
  budget?: number;
  /** Called with the name that NetBox gives a request of ours that wrote something: its webhooks carry it. */
  onWritten?: (requestId: string) => void;
  /** 0 to 1, for jitter. */
  random?: () => number;
}

/** Servers close idle connections, gunicorn after 2 s: ours go first, so that no write meets a closing one. */
const keepIdleMs = 1_000;
/** A page of 1,000 full objects is 5 MB. */
const largestAnswer = 64 * 2 ** 20;
const mostTries = 4;

export function openTransport(options: TransportOptions): Transport {
  const { clock, random = Math.random, timeoutMs = 60_000, budget = 20_000 } = options;
  const base = baseOf(options.url);
  const token = options.token.reveal();
  const authorization = token.startsWith('nbt_') ? `Bearer ${token}` : `Token ${token}`;
  if (/[^\x21-\x7e]/.test(token) || token === '') {
    throw errors.NetBoxAuthFailed({
      host: base.host,
      why: token === '' ? 'none was given' : 'it holds a space, a line break or a letter that no token has',
    });
  }
  if (options.ca !== undefined && !isCertificate(options.ca))
    throw errors.NetBoxAuthority({ host: base.host, why: 'it holds no certificate' });
  const agent = new Agent({
    connections: options.atOnce ?? 3,
    keepAliveTimeout: keepIdleMs,
    keepAliveMaxTimeout: keepIdleMs,
    maxResponseSize: largestAnswer,
    connect: options.ca === undefined ? {} : { ca: options.ca },
  });
  let requests = 0;

  const once = async (request: NetBoxRequest, signal: AbortSignal): Promise<NetBoxAnswer> => {
    if (++requests > budget) throw errors.NetBoxBudget({ host: base.host, requests: budget });
    const what = `${request.method} ${request.path}`;
    let response: Dispatcher.ResponseData;
    let text: string;
    try {
      response = await agent.request({
        origin: base.origin,
        path: `${base.pathname.replace(/\/+$/, '')}/api/${request.path}/${queryOf(request.query)}`,
        method: request.method,
        headers: {
          authorization,
          accept: 'application/json',
          'user-agent': 'plumbline',
          ...(request.body !== undefined && { 'content-type': 'application/json' }),
          ...(request.ifMatch !== undefined && { 'if-match': request.ifMatch }),
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        signal,
        headersTimeout: 0, // the deadline is ours
        bodyTimeout: 0,
      });
      text = await response.body.text();
    } catch (cause) {
      throw lost(request, cause);
    }
    const { statusCode, headers } = response;
    const contentType = String(headers['content-type'] ?? '');
    if (statusCode >= 300) {
      throw explainRefusal({
        host: base.host,
        what,
        statusCode,
        contentType,
        text,
        location: headers['location'],
        retryAfter: headers['retry-after'],
      });
    }
    const requestId = single(headers['x-request-id']);
    if (request.method !== 'GET' && requestId !== undefined) options.onWritten?.(requestId);
    return {
      body: statusCode === 204 || text === '' ? undefined : parseJson(text, contentType, what),
      apiVersion: single(headers['api-version']),
      requestId,
    };
  };

  const parseJson = (text: string, contentType: string, what: string): unknown => {
    if (!contentType.includes('json'))
      throw errors.NetBoxUnreadable({ host: base.host, what, why: `it is ${contentType || 'without a type'}, not JSON` });
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw errors.NetBoxUnreadable({ host: base.host, what, why: 'its JSON ends early or is broken' }, { cause });
    }
  };

  const lost = (request: NetBoxRequest, cause: unknown): unknown => {
    if (cause instanceof PlumblineError) return cause;
    const why = wordsOf(cause);
    if (request.method === 'GET' || wasNeverSent(cause)) return errors.NetBoxUnreachable({ host: base.host, why }, { cause });
    return errors.NetBoxOutcomeUnknown({ host: base.host, what: `${request.method} ${request.path}`, why }, { cause });
  };

  const send = async (request: NetBoxRequest): Promise<NetBoxAnswer> => {
    const until = clock.monotonicMs() + timeoutMs;
    const late = new AbortController();
    const bell = new AbortController();
    const signal = AbortSignal.any([late.signal, ...(request.signal ? [request.signal] : [])]);
    // The error of a deadline depends on the method, as any other loss of a connection does.
    clock.sleep(timeoutMs, bell.signal).then(
      () => late.abort(new Error(`no answer within ${timeoutMs / 1000} s`)),
      () => undefined,
    );
    try {
      for (let tries = 1; ; tries++) {
        try {
          return await once(request, signal);
        } catch (error) {
          request.signal?.throwIfAborted();
          const waitMs = waitBeforeRetry(error, request, tries);
          if (waitMs === undefined || tries >= mostTries || clock.monotonicMs() + waitMs >= until) throw error;
          await clock.sleep(waitMs * (1 + random() / 4), signal);
        }
      }
    } finally {
      bell.abort();
    }
  };

  return { host: base.host, send, close: () => agent.destroy() };
}

function baseOf(url: string): URL {
  let base: URL;
  try {
    base = new URL(url);
  } catch {
    throw errors.NetBoxAddress({ url, why: 'it is no URL' });
  }
  if (base.protocol !== 'https:' && base.protocol !== 'http:') throw errors.NetBoxAddress({ url, why: 'it is neither https nor http' });
  if (base.username !== '' || base.password !== '')
    throw errors.NetBoxAddress({ url: `${base.protocol}//…@${base.host}`, why: 'it holds credentials' });
  if (base.search !== '' || base.hash !== '') throw errors.NetBoxAddress({ url, why: 'something follows the path' });
  if (/\/api\/?$/.test(base.pathname)) throw errors.NetBoxAddress({ url, why: 'it ends in /api' });
  return base;
}

/** Node takes a file without a certificate for an authority that signed nothing, and says only that the server's is unknown. */
function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

/**
 * How long to wait before the same request again; undefined when another try is not ours to make. What reads may be sent again; what writes
 * only when it was surely not done.
 */
function waitBeforeRetry(error: unknown, request: NetBoxRequest, tries: number): number | undefined {
  if (!(error instanceof PlumblineError) || error.retry !== 'backoff') return undefined;
  if (error.code !== 'NetBoxUnreachable' && !(error.code === 'NetBoxUnreadable' && request.method === 'GET')) return undefined;
  const { cause } = error;
  const retryAfterMs = cause instanceof RetryAfter ? cause.ms : undefined;
  return retryAfterMs ?? 250 * 2 ** (tries - 1);
}

/** True where no connection came about: then nothing can have been done. */
function wasNeverSent(cause: unknown): boolean {
  if (cause instanceof undiciErrors.ConnectTimeoutError) return true;
  const codes = (cause instanceof AggregateError ? cause.errors : [cause]).map((each) => (each as NodeJS.ErrnoException).code ?? '');
  return (
    codes.length > 0 &&
    codes.every((code) =>
      /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS)/.test(code),
    )
  );
}

function wordsOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return cause.errors.map(wordsOf).join(', ');
  // Of a certificate Node adds how Node is started otherwise, which is nobody's to do here.
  return cause instanceof Error ? (cause.message || cause.name).replace(/; if the root CA is installed locally.*$/, '') : String(cause);
}

function queryOf(query: Query = {}): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? (value as readonly (string | number)[]) : [value as string | number | boolean])
      words.append(name, String(each));
  }
  return words.size === 0 ? '' : `?${words.toString()}`;
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
