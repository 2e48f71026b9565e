import type { CheckedState, DesiredObject } from '../api/index.ts';
import type { AttributeRequest, Attribution } from '../drivers/index.ts';
import { PlumblineError } from '../lib/index.ts';
import type { Corridor } from './corridor.ts';
import { buildTarget } from './target.ts';

/**
 * Who may have changed a device, as far as it tells: asked when something new differs, for it costs a command. Never fails for what the
 * device does; what is not known is a gap in the answer.
 */
export async function attributeChange(
  state: CheckedState,
  device: DesiredObject<'Device'>,
  corridor: Corridor,
  request: AttributeRequest,
  signal: AbortSignal,
): Promise<Attribution> {
  const driver = corridor.driver(device.spec.platform);
  if (!driver.attribute) return { candidates: [], gaps: [`platform ${device.spec.platform} does not tell who changed a device`] };
  const target = buildTarget(state, device, corridor.secrets);
  if (target instanceof PlumblineError) return { candidates: [], gaps: [target.message] };
  return driver.attribute(target, request, AbortSignal.any([signal, AbortSignal.timeout(corridor.timeoutMs)]));
}
