import { carefulProbes, carefulRollout } from '../../api/index.ts';
import { type ChangePolicy, changePolicyOf } from '../../desired/index.ts';
import type { DesiredFleet } from '../fleet/desired-fleet.ts';

/** How a device is changed, by the revision in force. The defaults for one that it has no more. */
export function policyOf({ state }: Pick<DesiredFleet, 'state'>, name: string): ChangePolicy {
  const device = state.objects.Device.get(name);
  if (!device) return { rollout: carefulRollout([]), probes: carefulProbes([]), withoutDeadMan: false };
  return changePolicyOf(device, state.objects.ReconcilePolicy.values());
}
