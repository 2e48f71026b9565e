/** What an API server, or the way to it, answered: Kubernetes' own reasons, and four of ours for what never reached it. */
export type KubeApiReason =
  | 'badRequest'
  | 'unauthorized'
  | 'forbidden'
  | 'notFound'
  | 'alreadyExists'
  | 'conflict'
  | 'expired'
  | 'invalid'
  | 'tooManyRequests'
  | 'unavailable'
  | 'serverError'
  /** No answer within the deadline. A write may have happened. */
  | 'timeout'
  /** No connection, or it broke. A write may have happened. */
  | 'unreachable'
  /** An answer that is not what the API speaks. */
  | 'brokenAnswer'
  /** The credentials could not be read or made. Nothing was sent. */
  | 'noCredentials';

/** A request that did not do what was asked. */
export class KubeApiError extends Error {
  readonly reason: KubeApiReason;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** How long the server asked to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(reason: KubeApiReason, status: number, message: string, more: { retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'KubeApiError';
    this.reason = reason;
    this.status = status;
    this.retryAfterMs = more.retryAfterMs;
  }
}

/** Whether an error is an API error with one of these reasons. */
export function isApiError(error: unknown, ...reasons: readonly KubeApiReason[]): error is KubeApiError {
  return error instanceof KubeApiError && (reasons.length === 0 || reasons.includes(error.reason));
}

const byStatusReason: Readonly<Record<string, KubeApiReason>> = {
  AlreadyExists: 'alreadyExists',
  Conflict: 'conflict',
  Expired: 'expired',
  Gone: 'expired',
  Timeout: 'timeout',
  ServerTimeout: 'unavailable',
  TooManyRequests: 'tooManyRequests',
};

const byHttpStatus: Readonly<Record<number, KubeApiReason>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'notFound',
  408: 'timeout',
  409: 'conflict',
  410: 'expired',
  422: 'invalid',
  429: 'tooManyRequests',
  503: 'unavailable',
  504: 'timeout',
};

/** Longer nobody waits for a word: what stands in between may say any number. */
const longestRetryAfterMs = 300_000;

/** The error in an answer: a `Status` object where there is one, else what the HTTP status and the first words say. */
export function apiErrorOf(httpStatus: number, body: string, retryAfterMs?: number): KubeApiError {
  const status = statusOf(body);
  const code = status?.code ?? httpStatus;
  const known = byStatusReason[status?.reason ?? ''] ?? byHttpStatus[code] ?? (code >= 500 ? 'serverError' : 'badRequest');
  // That something is not there only the API says: a proxy in between that knows no such page is no answer.
  const isOfAnother = known === 'notFound' && status === undefined && !/page not found/.test(body);
  const said = retryAfterMs ?? (status?.retryAfterSeconds === undefined ? undefined : status.retryAfterSeconds * 1000);
  return new KubeApiError(
    isOfAnother ? 'brokenAnswer' : known,
    code,
    status?.message ?? (body.slice(0, 300).trim() || `HTTP ${httpStatus}`),
    {
      retryAfterMs: said !== undefined && said >= 0 ? Math.min(said, longestRetryAfterMs) : undefined,
    },
  );
}

/** Milliseconds of a `Retry-After`: seconds, or a date, which counts from the server's own where it says one. Undefined for nonsense. */
export function readRetryAfter(text: string, now: Date, serverDate = ''): number | undefined {
  if (/^\s*\d+(\.\d+)?\s*$/.test(text)) return Number(text) * 1000;
  const until = /^\w+, /.test(text) ? Date.parse(text) : Number.NaN;
  const from = Date.parse(serverDate);
  return Number.isNaN(until) ? undefined : Math.max(0, until - (Number.isNaN(from) ? now.getTime() : from));
}

interface StatusFacts {
  code?: number;
  reason?: string;
  message?: string;
  retryAfterSeconds?: number;
}

function statusOf(body: string): StatusFacts | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined; // a proxy's page, or nothing
  }
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'Status') return undefined;
  const { code, reason, message, details } = value as Record<string, unknown>;
  const retryAfter =
    typeof details === 'object' && details !== null && 'retryAfterSeconds' in details ? details.retryAfterSeconds : undefined;
  return {
    ...(typeof code === 'number' && code > 0 && { code }),
    ...(typeof reason === 'string' && { reason }),
    ...(typeof message === 'string' && message !== '' && { message }),
    ...(typeof retryAfter === 'number' && { retryAfterSeconds: retryAfter }),
  };
}
