import type { Position } from './position.ts';

/** What a caller may do after an error: nothing until an input moves, try again later, or read the device first. */
export type Retry = 'never' | 'backoff' | 'afterRead';

/** One row of a folder's error table. The key of the row is condition reason, event reason and alert label at once. */
export interface ErrorEntry<Facts> {
  severity?: 'error' | 'warning';
  retry?: Retry;
  /** The fact: starts with the thing, no final period. Never carries a secret. */
  message: (facts: Facts) => string;
  /** What the reader does next, or what to write instead. */
  next: string | ((facts: Facts) => string);
}

/** A failure that has a row in an error table. `at` is set when a place in a user's file is to blame. */
export class PlumblineError extends Error {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly retry: Retry;
  readonly next: string;
  readonly at: Position | undefined;

  constructor(
    code: string,
    fields: { severity: 'error' | 'warning'; retry: Retry; message: string; next: string; at?: Position | undefined; cause?: unknown },
  ) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = 'PlumblineError';
    this.code = code;
    this.severity = fields.severity;
    this.retry = fields.retry;
    this.next = fields.next;
    this.at = fields.at;
  }
}

type FactsOf<Entry> = Entry extends ErrorEntry<infer Facts> ? Facts : never;

/** Makes one error of the table. `at` for a mistake in a user's file; `cause` for an outside failure, wrapped once. */
type Raise<Entry> = (facts: FactsOf<Entry>, context?: { at?: Position; cause?: unknown }) => PlumblineError;

/** A folder's error table: a function per code that makes the error, and the rows for the printed reference. */
export type ErrorTable<Rows> = { readonly [Code in keyof Rows]: Raise<Rows[Code]> } & {
  readonly rows: Rows;
};

/**
 * Declares the errors of one folder.
 * @example
 * export const errors = defineErrors({
 *   ConcurrentChange: { retry: 'afterRead', message: (f: { device: string }) => `${f.device}: …`, next: 'Look at the new plan.' },
 * });
 * throw errors.ConcurrentChange({ device: 'edge1-fra' }, { cause });
 */
export function defineErrors<const Rows extends Record<string, ErrorEntry<never>>>(rows: Rows): ErrorTable<Rows> {
  const table: Record<string, unknown> = { rows };
  for (const [code, entry] of Object.entries(rows)) table[code] = raiser(code, entry as ErrorEntry<unknown>);
  return table as ErrorTable<Rows>;
}

function raiser(code: string, entry: ErrorEntry<unknown>): Raise<ErrorEntry<unknown>> {
  return (facts, context = {}) =>
    new PlumblineError(code, {
      severity: entry.severity ?? 'error',
      retry: entry.retry ?? 'never',
      message: entry.message(facts),
      next: typeof entry.next === 'string' ? entry.next : entry.next(facts),
      at: context.at,
      cause: context.cause,
    });
}
