import { PlumblineError } from '../../lib/index.ts';
import type { Lost, Refused } from '../contract.ts';

export function refused(error: PlumblineError): Refused {
  return { outcome: 'Refused', error };
}

export function lost(error: PlumblineError): Lost {
  return { outcome: 'Lost', error };
}

/** Errors after which nothing was done there; after any other one nobody knows. */
const nothingDone: ReadonlySet<string> = new Set(['Unreachable', 'AuthFailed', 'KeyUnusable', 'WrongDevice', 'DaemonDown', 'NotWritable']);

/** A step of a change whose failures are values. `work` throws PlumblineError and nothing else, but for bugs. */
export async function step<Outcome>(work: () => Promise<Outcome>): Promise<Outcome | Refused | Lost> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PlumblineError)) throw error;
    return nothingDone.has(error.code) ? refused(error) : lost(error);
  }
}
