import type { CheckedState, DesiredObject, DevicePlan } from '../api/index.ts';
import { describeLeases, type PlannedDevice } from '../change/index.ts';
import type { LeaseAnswer } from '../drivers/index.ts';
import { PlumblineError } from '../lib/index.ts';
import type { Corridor } from './corridor.ts';
import { buildTarget } from './target.ts';

/** The same with what the leases of the server say to its plan; who cannot be asked is told as not known. No command for other devices. */
export async function askLeases(
  state: CheckedState,
  device: DesiredObject<'Device'>,
  planned: PlannedDevice,
  { driver, secrets, timeoutMs }: Pick<Corridor, 'driver' | 'secrets' | 'timeoutMs'>,
  signal: AbortSignal,
): Promise<PlannedDevice> {
  const { plan, doubts } = planned;
  if (!plan || !doubts) return planned;
  const platform = driver(device.spec.platform);
  const target = buildTarget(state, device, secrets);
  const notKnown = (why: string): LeaseAnswer[] => doubts.doubts.map(() => ({ known: false, why }));
  const answers =
    target instanceof PlumblineError
      ? notKnown(target.message)
      : ((await platform.leases?.(
          target,
          doubts.doubts.map(({ question }) => question),
          AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        )) ?? notKnown('its platform tells no leases'));
  return { ...planned, plan: withLeases(plan, describeLeases(doubts.doubts, answers, doubts.unasked)) };
}

/** The same for a plan that is made without asking anybody. */
export function leaveLeases(planned: PlannedDevice): PlannedDevice {
  const { plan, doubts } = planned;
  if (!plan || !doubts) return planned;
  const answers = doubts.doubts.map((): LeaseAnswer => ({ known: false, why: 'no server was asked' }));
  return { ...planned, plan: withLeases(plan, describeLeases(doubts.doubts, answers)) };
}

function withLeases(plan: DevicePlan, leases: NonNullable<DevicePlan['leases']>): DevicePlan {
  return leases.length === 0 ? plan : { ...plan, leases };
}
