import type { Receipt } from '../api/index.ts';
import { digestOf, type PlumblineError } from '../lib/index.ts';
import { errors } from './errors.ts';

/**
 * What a receipt on a device tells that we do not know: somebody else changed it with a plumb of theirs. `known` is the last one that we read
 * or left. Undefined when there is nothing new. Pure.
 */
export function foreignReceipt(device: string, known: Receipt | undefined, seen: Receipt | undefined): PlumblineError | undefined {
  if (!seen || (known && digestOf(known) === digestOf(seen))) return undefined;
  const { glass, revision } = seen;
  return glass ? errors.BreakGlass({ device, ...glass, revision }) : errors.ForeignChange({ device, revision });
}
