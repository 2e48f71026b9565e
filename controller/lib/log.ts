/** Facts of a log line. `device` and `reason` are fixed keys; an error goes under `err`. Never a secret. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Where lines for whoever runs Plumbline go. Messages are constant, begin with a capital and have no period; all else is fields.
 * A pino logger is one.
 */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** The same log with fields that every line carries. */
  child(fields: LogFields): Log;
}

/** Says nothing. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};
