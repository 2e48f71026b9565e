/**
 * lib: mechanisms without opinions on networks: clock, error and metric tables, log, positions, secrets, digests.
 * Imports nothing of ours.
 */
export { isTimeZone, nextBegin } from './begins.ts';
export { createBreather } from './breathe.ts';
export { type Clock, systemClock } from './clock.ts';
export { type Cron, parseCron } from './cron.ts';
export { canonicalJson, digestOf, sha256 } from './digest.ts';
export { defineErrors, type ErrorEntry, type ErrorTable, PlumblineError, type Retry } from './errors.ts';
export { isLocked, takeLock, withLock } from './file-lock.ts';
export { createInterner } from './interner.ts';
export {
  addressText,
  bitsOf,
  containsAddress,
  hasHostBits,
  type IpAddress,
  type IpPrefix,
  isUnicast,
  networkOf,
  parseAddress,
  parsePrefix,
} from './ip.ts';
export { type IpRange, parseRange } from './ip-range.ts';
export { type Log, type LogFields, silentLog } from './log.ts';
export { defineMetrics, type MetricRow, type Metrics, type MetricTable } from './metrics.ts';
export { nearest } from './nearest.ts';
export { parsePattern, type Pattern } from './pattern.ts';
export { comparePositions, formatPosition, type Position } from './position.ts';
export { Secret, secretToken, tokenOfVersion, unsetToken } from './secret.ts';
