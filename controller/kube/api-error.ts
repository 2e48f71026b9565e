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

/** The error in an answer: a `Status` object where there is one, else what the HTTP status and the first words say. */
export function apiErrorOf(httpStatus: number, body: string, retryAfterHeader?: string): KubeApiError {
  const status = statusOf(body);
  const code = status?.code ?? httpStatus;
  const reason = byStatusReason[status?.reason ?? ''] ?? byHttpStatus[code] ?? (code >= 500 ? 'serverError' : 'badRequest');
  const seconds = Number(retryAfterHeader ?? status?.retryAfterSeconds);
  return new KubeApiError(reason, code, status?.message ?? (body.slice(0, 300).trim() || `HTTP ${httpStatus}`), {
    retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined,
  });
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
