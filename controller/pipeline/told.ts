import { isDeepStrictEqual } from 'node:util';
import type { Baseline, CheckedState, DesiredObject, ToldFacts, ToldSides } from '../api/index.ts';
import { listItems } from '../config/index.ts';
import { tell } from '../drivers/index.ts';
import type { Surveyed } from './survey.ts';

/**
 * What devices say of themselves, beside what they said when they last were as Git says: for a comparison with an inventory. A device
 * that was not looked at, or could not be read, is `unread`.
 */
export function tellDevices(state: CheckedState, surveyed: readonly Surveyed[]): ReadonlyMap<string, ToldSides> {
  const seen = new Map(surveyed.map((each) => [each.device.name, each]));
  return new Map(
    [...state.objects.Device.values()].map((device) => [device.metadata.name, tellDevice(state, device, seen.get(device.metadata.name))]),
  );
}

/** The same of one device. */
export function tellDevice(state: CheckedState, device: DesiredObject<'Device'>, surveyed: Surveyed | undefined): ToldSides {
  const { compared, observed, baseline } = surveyed ?? {};
  const keep = ownFacts(state, device);
  const base = baseline?.adopted && { baseline: keep(tellBaseline(baseline)) };
  // Of what a device would tell an empty value says only that it would.
  if (!compared) return { live: keep({ interfaces: {}, ...(device.spec.platform === 'frr' && { sessions: [] }) }), unread: true, ...base };
  const serial = observed?.state === 'Read' ? observed.identity.serial : undefined;
  const told = tell(device.spec.platform, listItems(compared.live, compared.live.dialect));
  const live = keep({ ...told, ...(serial !== undefined && { serial }) });
  // Most devices say today what they said then: of ten thousand it is kept once.
  return { live, ...(isDeepStrictEqual(base, { baseline: live }) ? { baseline: live } : base) };
}

function tellBaseline({ platform, items }: Baseline): ToldFacts {
  return tell(
    platform,
    Object.entries(items).map(([key, text]) => ({ path: key.split(' > ').slice(0, -1), text })),
  );
}

/** Interfaces belong to the operating system where Plumbline does not render them: then what the configuration says of them is not all. */
function ownFacts(state: CheckedState, { spec }: DesiredObject<'Device'>): (facts: ToldFacts) => ToldFacts {
  const profile = spec.profile === undefined ? undefined : state.objects.DeviceProfile.get(spec.profile);
  if (profile?.spec.renderInterfaces) return (facts) => facts;
  return ({ interfaces: _interfaces, ...others }) => others;
}
