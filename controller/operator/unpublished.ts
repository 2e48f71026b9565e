import { PlumblineError } from '../lib/index.ts';
import { errors } from './errors.ts';

/** What fails so often in a row will not go by itself. A server that starts does not serve our kinds for some seconds: that takes more. */
const failuresInARow = { usually: 3, ofAKind: 12 };

/** Names of what the store refuses, with its words. */
export type Refused = Map<string, string>;

/** What cannot be published, apart by who can say so: a device by its own objects, a mirror by itself. */
export interface Unpublished {
  devices: Refused;
  /** `BGPSession/core-fra`, `DHCPSubnet/office`. */
  mirrors: Refused;
}

/**
 * Does the work on an object and notes when its outcome cannot be published, time after time: the object itself cannot say so, the Fleet does.
 * `tell` is called with the first that is refused, again when its words change, and when none is any more; the number of fifty thousand is told by
 * the passes over the Fleet that come anyway. A server that is away, or somebody who was faster, is no such failure.
 */
export async function noteUnpublished<T>(
  refused: Refused,
  { name, failures, signal, tell }: { name: string; failures: number; signal: AbortSignal; tell: () => void },
  work: () => Promise<T>,
): Promise<T> {
  try {
    const done = await work();
    if (refused.delete(name) && refused.size === 0) tell();
    return done;
  } catch (error) {
    if (!signal.aborted && failures + 1 >= (patienceWith(error) ?? Infinity)) {
      const { message } = error as Error;
      const isNews = refused.get(name) !== message;
      refused.set(name, message);
      if (isNews && refused.size === 1) tell();
    }
    throw error;
  }
}

/** The devices in one error, the first of them with the reason. */
export function sayUnpublished({ devices }: Unpublished): PlumblineError | undefined {
  const names = [...devices.keys()].toSorted();
  const [first] = names;
  return first === undefined ? undefined : errors.NotPublished({ names, why: devices.get(first) ?? '' });
}

/** The same of sessions and subnets. */
export function sayUnmirrored({ mirrors }: Unpublished): PlumblineError | undefined {
  const names = [...mirrors.keys()].toSorted();
  const [first] = names;
  return first === undefined ? undefined : errors.NotMirrored({ names, why: mirrors.get(first) ?? '' });
}

/** Failures in a row after which it is told; undefined for what goes by itself. What the API forbids may be one object, by an admission policy. */
function patienceWith(error: unknown): number | undefined {
  if (!(error instanceof PlumblineError) || error.retry === 'never' || error.code === 'ClusterForbidden') return failuresInARow.usually;
  return error.code === 'KindMissing' ? failuresInARow.ofAKind : undefined;
}
