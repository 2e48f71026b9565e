import { renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { destination, pino, stdTimeFunctions } from 'pino';
import type { Log } from '../lib/index.ts';
import { errors } from './errors.ts';
import { asNamed } from './files.ts';

/** Where `plumb up` logs to, beside its store. */
export function logFile(folder: string): string {
  return join(folder, 'plumb.log');
}

/** What the one before it held, when that grew too large. */
export function earlierLogFile(folder: string): string {
  return `${logFile(folder)}.1`;
}

const keepBytes = 10 * 1024 * 1024;
/** Of lines that cannot be written now, as on a full disk; beyond it they are lost. */
const waitingBytes = 1024 * 1024;

/**
 * JSON lines, as the log collectors of clusters take them: to standard error, or to a file of which one earlier generation is kept.
 * Level by `PLUMB_LOG` (debug, info, warn, error; default info). An error is its code and message: a cause may hold what a device printed.
 */
export function openLog(file?: string): Log {
  const level = process.env['PLUMB_LOG'] || 'info';
  if (!(level in pino.levels.values) && level !== 'silent') throw errors.LogLevelUnknown({ found: level });
  if (file !== undefined && (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > keepBytes) renameSync(file, `${file}.1`);
  const open = () =>
    destination({
      ...(file === undefined ? { dest: 2 } : { dest: file, append: true, mkdir: true, mode: 0o600, sync: true }),
      maxLength: waitingBytes,
    });
  const target = file === undefined ? open() : asNamed(file, 'written', open);
  // Without a listener each line would throw at whoever logs. What is left for people then is Events and metrics.
  target.once('error', ({ message }) => {
    if (file !== undefined) process.stderr.write(`warning: ${file} cannot be written (${message}); its lines are lost until it can be\n`);
    target.on('error', () => undefined);
  });
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
    target,
  );
}
