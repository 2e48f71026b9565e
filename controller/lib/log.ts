import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Structured log for whoever runs Plumbline, JSON lines on standard error. People read reports, not this. */
export function createLog(level: string): Logger {
  return pino({ level, base: null, messageKey: 'msg', timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: true }));
}
