import type { CheckedState } from '../api/index.ts';
import { PlumblineError } from '../lib/index.ts';
import type { Corridor } from './corridor.ts';
import { buildTarget } from './target.ts';

/** How a device is at this very moment, over a new connection: undefined when it answers, else why it is not known to be well. */
export async function probeDevice(
  state: CheckedState,
  name: string,
  { secrets, driver }: Corridor,
  signal: AbortSignal,
): Promise<string | undefined> {
  const device = state.objects.Device.get(name);
  if (!device) return `${name} is not in Git`;
  const target = buildTarget(state, device, secrets);
  if (target instanceof PlumblineError) return target.message;
  const answer = await driver(device.spec.platform).probe(target, signal);
  return answer.outcome === 'Probed' ? undefined : answer.error.message;
}
