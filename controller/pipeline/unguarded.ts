import type { CheckedState, DesiredObject } from '../api/index.ts';
import { changePolicyOf } from '../desired/index.ts';
import { PlumblineError } from '../lib/index.ts';
import type { Corridor } from './corridor.ts';
import { errors } from './errors.ts';
import type { buildTarget } from './target.ts';

/** Why a device is not changed though it could be: nothing there takes an unconfirmed change back, and no policy accepts that. */
export function whyUnguarded(
  { objects }: CheckedState,
  device: DesiredObject<'Device'>,
  target: ReturnType<typeof buildTarget>,
  { driver }: Pick<Corridor, 'driver'>,
): PlumblineError | undefined {
  if (target instanceof PlumblineError) return undefined;
  const platform = driver(device.spec.platform);
  const { confirm } = platform.capabilitiesOf?.(target) ?? platform.capabilities;
  if (confirm !== 'none' || changePolicyOf(device, objects.ReconcilePolicy.values()).withoutDeadMan) return undefined;
  return errors.NoDeadMan({ device: device.metadata.name });
}
