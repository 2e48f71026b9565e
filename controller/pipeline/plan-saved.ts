import { type Baseline, type NotKnown, type Observed, type Plan, type SavedRead, type SavedReads, unknownReasonOf } from '../api/index.ts';
import type { Clock, PlumblineError } from '../lib/index.ts';
import { sha256 } from '../lib/index.ts';
import { judge, judgeUnknown } from '../verdict/index.ts';
import { leaveLeases } from './ask-leases.ts';
import { compareDevice } from './compare-device.ts';
import { keepUnasked } from './keep-leased.ts';
import { planTogether } from './plan-devices.ts';
import { type Prepared, type PreparedDevice, prepareDevices } from './prepare.ts';
import type { Earlier } from './route-change.ts';
import type { Surveyed } from './survey.ts';

/** A plan from what devices held when they were read: nobody is asked, and nothing is remembered. */
export async function planSaved(
  prepared: Prepared,
  saved: SavedReads,
  clock: Clock,
  earlier: Earlier,
): Promise<{ plan: Plan; surveyed: readonly Surveyed[]; problems: readonly PlumblineError[] }> {
  const reads = new Map(saved.devices.map((each) => [each.device, each]));
  const { revision } = prepared.state;
  const survey = (devices: readonly PreparedDevice[]) =>
    devices.map((device) => surveySaved(device, reads.get(device.name), revision, saved.at, clock.now()));
  const { plan, all, planned } = await planTogether(prepared, survey(prepared.devices), {
    more: async (names) => survey((await prepareDevices(prepared.state, names, undefined)).devices),
    ask: (_device, each) => Promise.resolve(leaveLeases(each)),
    clock,
    earlier,
  });
  return { plan, surveyed: all, problems: [...planned.values()].flatMap(({ problems }) => problems) };
}

function surveySaved(device: PreparedDevice, saved: SavedRead | undefined, revision: string, at: string, now: Date): Surveyed {
  const baseline: Baseline | undefined = saved?.baseline && {
    ...saved.baseline,
    device: device.name,
    adopted: saved.baseline.adopted ?? false,
  };
  const observed = observedIn(device, saved, at);
  if (observed.state === 'Unknown' || !device.ready) {
    const unknown: NotKnown =
      observed.state === 'Unknown'
        ? observed
        : { ...notKnown(device.name, at), message: `${device.name}: what Git says cannot be rendered` };
    return { device, observed: unknown, baseline, compared: undefined, verdict: judgeUnknown(unknown, revision) };
  }
  const compare = (ready: NonNullable<PreparedDevice['ready']>) =>
    compareDevice({ ...ready, revision, read: observed, baseline, last: undefined });
  const asGitSays = compare(device.ready);
  const { rendered, says } = keepUnasked(device.object, device.ready.rendered, observed, asGitSays, now);
  const ready = { ...device.ready, rendered };
  const compared = rendered === device.ready.rendered ? asGitSays : compare(ready);
  const verdict = { ...judge(compared.facts), ...(says.length > 0 && { closing: says }) };
  return { device: { ...device, ready }, observed, baseline, compared, verdict };
}

function observedIn({ name }: PreparedDevice, saved: SavedRead | undefined, at: string): Observed {
  if (!saved) return notKnown(name, at);
  const { read } = saved;
  if (read.state === 'Unknown')
    return {
      ...notKnown(name, read.at),
      reason: unknownReasonOf(read.reason) ?? 'Unverified',
      message: read.message,
      next: 'Nobody could read it then: save the reads again',
    };
  const { hold, closedPools, ...rest } = read;
  return {
    ...rest,
    ...(hold && { hold }),
    ...(closedPools && { closedPools }),
    device: name,
    fingerprint: sha256(read.config),
    identity: { hostname: name, bootId: '' },
    daemons: [],
  };
}

function notKnown(device: string, at: string): NotKnown {
  const message = `${device}: it is not among the saved reads`;
  return { state: 'Unknown', device, at, reason: 'Unverified', message, next: 'Save them anew with plumb drift --save' };
}
