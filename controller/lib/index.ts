/**
 * lib: mechanisms without opinions on networks: clock, error tables, positions, secrets, digests.
 * Imports nothing of ours.
 */
export { type Clock, systemClock } from './clock.ts';
export { canonicalJson, digestOf, sha256 } from './digest.ts';
export { defineErrors, type ErrorEntry, type ErrorTable, PlumblineError, type Retry } from './errors.ts';
export {
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
export { nearest } from './nearest.ts';
export { comparePositions, formatPosition, type Position } from './position.ts';
export { Secret, secretToken, tokenOfVersion, unsetToken } from './secret.ts';
