import { destination, pino, stdTimeFunctions } from 'pino';
import type { Log } from '../lib/index.ts';

/**
 * JSON lines on standard error, as the log collectors of clusters take them. Level by `PLUMB_LOG` (debug, info, warn, error; default
 * warn). An error is its code and message: causes may hold what a device printed.
 */
export function openLog(level: string = process.env['PLUMB_LOG'] ?? 'warn'): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: {
        err: (error: unknown) =>
          error instanceof Error ? { code: (error as { code?: unknown }).code, message: error.message, name: error.name } : String(error),
      },
    },
    destination(2),
  );
}
