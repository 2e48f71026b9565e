import type { CheckedState, DesiredObject } from '../api/index.ts';
import type { Utilisation } from '../drivers/index.ts';
import { PlumblineError } from '../lib/index.ts';
import type { Corridor } from './corridor.ts';
import { buildTarget } from './target.ts';

/** How full the subnets of a DHCP server are; undefined for a device that is none. Costs a command for each daemon. */
export async function measureSubnets(
  state: CheckedState,
  device: DesiredObject<'Device'>,
  { driver, secrets, timeoutMs }: Pick<Corridor, 'driver' | 'secrets' | 'timeoutMs'>,
  signal: AbortSignal,
): Promise<Utilisation | undefined> {
  const platform = driver(device.spec.platform);
  if (!platform.utilisation) return undefined;
  const target = buildTarget(state, device, secrets);
  if (target instanceof PlumblineError) return { outcome: 'NotReached', error: target };
  return platform.utilisation(target, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
}
