import { PlumblineError } from '../../lib/index.ts';
import { errors } from '../errors.ts';
import type { World } from '../world.ts';

/** What fails so often in a row will not go by itself. */
const failuresInARow = 3;

/**
 * Does the work on a device and notes when its outcome cannot be published, time after time: its own objects cannot say so, the Fleet does.
 * `tell` is called when there is something else to say. A server that is away, or somebody who was faster, is no such failure.
 */
export async function noteUnpublished<T>(
  { unpublished }: Pick<World, 'unpublished'>,
  { device, failures, signal, tell }: { device: string; failures: number; signal: AbortSignal; tell: () => void },
  work: () => Promise<T>,
): Promise<T> {
  try {
    const done = await work();
    if (unpublished.delete(device)) tell();
    return done;
  } catch (error) {
    const { message } = error as Error;
    if (!signal.aborted && failures + 1 >= failuresInARow && isLasting(error) && unpublished.get(device) !== message) {
      unpublished.set(device, message);
      tell();
    }
    throw error;
  }
}

/** The devices in one error, the first of them with the reason. */
export function sayUnpublished(unpublished: ReadonlyMap<string, string>): PlumblineError | undefined {
  const names = [...unpublished.keys()].toSorted();
  const [first] = names;
  return first === undefined ? undefined : errors.NotPublished({ names, why: unpublished.get(first) ?? '' });
}

/** What the API forbids may be one object, by an admission policy. */
function isLasting(error: unknown): boolean {
  return !(error instanceof PlumblineError) || error.retry === 'never' || error.code === 'ClusterForbidden';
}
