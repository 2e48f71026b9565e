import type { Baseline, DesiredObject, DevicePlan, Plan, Read, Rendered } from '../api/index.ts';
import { makePlan, planDevice, withRoutes } from '../change/index.ts';
import { dialectFor, listItems, parseIntended } from '../config/index.ts';
import { changePolicyOf } from '../desired/index.ts';
import type { Clock, PlumblineError } from '../lib/index.ts';
import type { ReadTable } from '../policy/index.ts';
import { leaveLeases } from './ask-leases.ts';
import { compareDevice } from './compare-device.ts';
import { keepUnasked } from './keep-leased.ts';
import { internalSessions, managementPath } from './plan-devices.ts';
import type { Prepared, PreparedDevice } from './prepare.ts';
import { changedDevices, compareRoutingOf, shareRouting } from './routing.ts';

/**
 * What a merge would do to devices that are exactly what `base` says: no device is asked, so sessions, drift and adoption are
 * not known. A device that only `head` has starts from nothing; one that only `base` has is released and left alone.
 */
export function planOffline(
  base: Prepared,
  head: Prepared,
  clock: Clock,
  tables: readonly ReadTable[] = [],
): { plan: Plan; problems: readonly PlumblineError[]; released: readonly string[] } {
  const before = new Map(base.devices.map((device) => [device.name, device]));
  const changed = changedDevices(base, head);
  // What people approve stands on Git alone: tables of routers are another day another.
  const known = compareRoutingOf(base, head, changed);
  const shares = shareRouting(known, changed, (name) => head.state.objects.Device.get(name)?.metadata.labels['site']);
  const routing = known && tables.length > 0 ? compareRoutingOf(base, head, changed, tables) : known;
  const outcomes = head.devices.map((device) => planAgainst(before.get(device.name), device, head, clock.now()));
  const plan = makePlan(
    outcomes.flatMap(({ plan: each }) => (each ? withRoutes(each, shares.get(each.effect.device)) : [])),
    internalSessions(head.devices),
    { revision: head.state.revision, createdAt: clock.now() },
  );
  const released = [...base.state.objects.Device.keys()].filter((name) => !head.state.objects.Device.has(name));
  return { plan: { ...plan, ...(routing && { routing }) }, problems: outcomes.flatMap((each) => each.problems), released };
}

function planAgainst(
  was: PreparedDevice | undefined,
  is: PreparedDevice,
  { state, templatesDigest }: Prepared,
  now: Date,
): { plan?: DevicePlan; problems: readonly PlumblineError[] } {
  if (!is.ready) return { problems: is.problems };
  if (was?.ready === is.ready) return { problems: [] };
  const { platform } = is.ready.rendered;
  const dialect = dialectFor(platform);
  const config = was?.ready?.rendered.text ?? '';
  const [version = ''] = dialect.versions;
  const read: Read = {
    state: 'Read',
    device: is.name,
    at: '',
    config,
    fingerprint: was?.ready?.rendered.digest ?? '',
    version,
    identity: { hostname: is.name, bootId: '' },
    daemons: [],
    neighbors: [],
    startupDiffers: false,
  };
  const { drain } = changePolicyOf(is.object, state.objects.ReconcilePolicy.values());
  const items = listItems(parseIntended(config, dialect, { version }).tree, dialect).map(({ key, text }): [string, string] => [key, text]);
  const baseline = { device: is.name, platform, revision: '', items: Object.fromEntries(items), unmanaged: [], adopted: true };
  const planned = planDevice({
    rendered: closeFirst(is.object, is.ready.rendered, read, baseline, state.revision, now),
    read,
    baseline,
    exactContainers: new Set(),
    revision: state.revision,
    templatesDigest,
    management: managementPath(is),
    ...(drain && { drain }),
  });
  return leaveLeases(planned);
}

/** With the pools of a DHCP server that close before they go, as it is sent to a server of which nobody knows that no lease is left there. */
function closeFirst(
  device: DesiredObject<'Device'>,
  rendered: Rendered,
  read: Read,
  baseline: Baseline,
  revision: string,
  now: Date,
): Rendered {
  if (!device.spec.dhcp) return rendered;
  const compared = compareDevice({ rendered, exactContainers: [], revision, read, baseline, last: undefined });
  return keepUnasked(device, rendered, read, compared, now).rendered;
}
