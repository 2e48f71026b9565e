import type { Receipt } from '../api/index.ts';
import type { PlumblineError } from '../lib/index.ts';
import { errors } from './errors.ts';

/** What a receipt on a device tells that is none of ours: somebody else changed it with a plumb of theirs. Pure. */
export function foreignReceipt(device: string, { glass, revision }: Receipt): PlumblineError {
  return glass ? errors.BreakGlass({ device, ...glass, revision }) : errors.ForeignChange({ device, revision });
}
