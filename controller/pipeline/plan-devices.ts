import { type CheckedState, type DevicePlan, type NamedWindow, nameSession, type Plan, resetOf } from '../api/index.ts';
import {
  cutPlan,
  type GateFacts,
  type InternalSession,
  judgeWindows,
  type ManagementPath,
  makePlan,
  type PlannedDevice,
  planDevice,
  replaceDevices,
  sentDigestOf,
  withRoutes,
} from '../change/index.ts';
import { changePolicyOf, modeOf, windowsOf } from '../desired/index.ts';
import type { Clock, PlumblineError } from '../lib/index.ts';
import { askLeases } from './ask-leases.ts';
import type { Corridor } from './corridor.ts';
import { errors } from './errors.ts';
import { partnersOf } from './pairs.ts';
import { type Prepared, type PreparedDevice, prepareDevices } from './prepare.ts';
import { type Surveyed, surveyDevices, type SurveyOptions } from './survey.ts';
import { type Earlier, routeChange } from './route-change.ts';
import { buildTarget, whyNotWritable } from './target.ts';
import { whyUnguarded } from './unguarded.ts';
import { whyUntested } from './untested.ts';

/** A proposal from what the devices hold now, and all that the gate needs to decide about it. */
export interface Proposal {
  plan: Plan;
  gateFacts: ReadonlyMap<string, GateFacts>;
  /** Every device that was read, selected or drawn in by a session that both ends must change together. */
  surveyed: readonly Surveyed[];
}

/**
 * Plans the surveyed devices. Where a session would break because only one end is selected, the other end is read and planned too:
 * selecting one member of a coupled set selects all, and `options` are for all. `earlier` tells what the network was, for what becomes of routes.
 */
export async function proposePlan(
  prepared: Prepared,
  surveyed: readonly Surveyed[],
  corridor: Corridor,
  signal: AbortSignal,
  earlier: Earlier,
  options: SurveyOptions = {},
): Promise<Proposal> {
  const { plan, all, planned } = await planTogether(prepared, surveyed, {
    more: async (names) => {
      const more = await prepareDevices(prepared.state, names, corridor.secrets);
      return surveyDevices(more, corridor, signal, undefined, options);
    },
    ask: ({ object }, own) => askLeases(prepared.state, object, own, corridor, signal),
    clock: corridor.clock,
    earlier,
  });
  const windows = windowsOf(prepared.state);
  const gateFacts = new Map(
    await Promise.all(
      all.map(
        async (each): Promise<[string, GateFacts]> => [
          each.device.name,
          await factsFor(each, planned.get(each.device.name), { all, windows, prepared, corridor }),
        ],
      ),
    ),
  );
  return { plan, gateFacts, surveyed: all };
}

/** Where those who plan differ: devices that were not read yet, and what is asked beside. */
export interface PlanTogether {
  more: (names: readonly string[]) => Promise<readonly Surveyed[]>;
  ask: (device: PreparedDevice, planned: PlannedDevice) => Promise<PlannedDevice>;
  clock: Clock;
  earlier: Earlier;
}

/** Plans surveyed devices, those that must change with them, and what all of that does to routes. */
export async function planTogether(
  prepared: Prepared,
  surveyed: readonly Surveyed[],
  { more, ask, clock, earlier }: PlanTogether,
): Promise<{ plan: Plan; all: readonly Surveyed[]; planned: ReadonlyMap<string, PlannedDevice> }> {
  const selected = new Set(surveyed.map(({ device }) => device.name));
  const all = [...surveyed];
  const planned = new Map<string, PlannedDevice>();
  for (let from = 0; from < all.length; ) {
    for (const each of all.slice(from)) planned.set(each.device.name, planSurveyed(each, prepared));
    const missing = peersToRead(all.slice(from), planned, new Set(all.map(({ device }) => device.name)));
    from = all.length;
    if (missing.length === 0) break;
    all.push(...(await more(missing)));
  }
  for (const { device } of all) {
    const own = planned.get(device.name);
    if (own) planned.set(device.name, await ask(device, own));
  }
  const plans = [...planned.values()].flatMap(({ plan }) => plan ?? []);
  const made = makePlan(plans, internalSessions(all.map(({ device }) => device)), {
    revision: prepared.state.revision,
    createdAt: clock.now(),
  });
  const kept = keepSets(made, selected);
  const inPlan = new Set(kept.devices.map(({ effect }) => effect.device));
  const changing = all.flatMap(({ device: { name }, baseline, verdict }) =>
    inPlan.has(name) ? [{ name, baseline, verdict: verdict.verdict }] : [],
  );
  const { routing, shares } = await routeChange(changing, { state: prepared.state, devices: all.map(({ device }) => device) }, earlier);
  const plan = {
    ...replaceDevices(
      kept,
      kept.devices.map((each) => withRoutes(each, shares.get(each.effect.device))),
    ),
    ...(routing && { routing }),
  };
  return { plan, all, planned };
}

/** What could be done about one surveyed device, and what the gate asks about it; its neighbors and what policy says are not in it. */
export interface DeviceProposal {
  planned: PlannedDevice;
  facts: Omit<GateFacts, 'mode' | 'because' | 'quarantine'>;
}

/** Plans one surveyed device by itself, for whoever puts the plans of many looks together. */
export async function proposeDevice(
  surveyed: Surveyed,
  prepared: Pick<Prepared, 'state' | 'templatesDigest'>,
  corridor: Pick<Corridor, 'driver' | 'secrets' | 'timeoutMs'>,
  signal: AbortSignal,
): Promise<DeviceProposal> {
  const planned = await askLeases(prepared.state, surveyed.device.object, planSurveyed(surveyed, prepared), corridor, signal);
  return { planned, facts: ownFacts(surveyed, planned, prepared.state, corridor) };
}

function ownFacts(
  { device, observed, verdict }: Surveyed,
  planned: PlannedDevice | undefined,
  state: CheckedState,
  { secrets, driver }: Pick<Corridor, 'secrets' | 'driver'>,
): DeviceProposal['facts'] {
  const unguarded = () => whyUnguarded(state, device.object, buildTarget(state, device.object, secrets), { driver });
  return {
    verdict,
    removals: planned?.removals ?? { owned: 0, removed: [] },
    startupDiffers: observed.state === 'Read' && observed.startupDiffers,
    notWritable: whyNotWritable(device.object, secrets) ?? whyUntested(observed, device.object.spec.platform) ?? unguarded(),
    problems: [...(planned?.problems ?? []), ...device.unset],
  };
}

/** Sessions with a managed device at both ends, each once. */
export function internalSessions(devices: readonly PreparedDevice[]): InternalSession[] {
  const ends = devices.flatMap(({ name, ready }) =>
    (ready?.sessions ?? [])
      .filter(({ peerDevice }) => peerDevice !== null)
      .map(({ session, neighbor, vrf }) => ({ session, end: { device: name, neighbor, vrf } })),
  );
  const sessions = [...Map.groupBy(ends, ({ session }) => session)].flatMap(([name, [a, b]]): InternalSession[] => {
    return a && b ? [{ name, ends: [a.end, b.end] }] : [];
  });
  return [...sessions, ...pairsAmong(devices)];
}

/** Pairs of DHCP servers, each once. */
function pairsAmong(devices: readonly PreparedDevice[]): InternalSession[] {
  const names = new Set(devices.map(({ name }) => name));
  return devices.flatMap(({ name, object }) =>
    partnersOf(object.spec)
      .filter((partner) => name < partner && names.has(partner))
      .map((partner): InternalSession => {
        const end = (device: string, neighbor: string) => ({ device, neighbor, vrf: 'default' });
        return { name: `${name} and ${partner}`, ends: [end(name, partner), end(partner, name)], always: true };
      }),
  );
}

function planSurveyed(
  { device, observed, baseline, compared }: Surveyed,
  { state, templatesDigest }: Pick<Prepared, 'state' | 'templatesDigest'>,
): PlannedDevice {
  if (!compared || !device.ready || observed.state === 'Unknown') return { removals: { owned: 0, removed: [] }, problems: device.problems };
  const { drain } = changePolicyOf(device.object, state.objects.ReconcilePolicy.values());
  return planDevice({
    rendered: device.ready.rendered,
    read: observed,
    baseline,
    exactContainers: compared.exactContainers,
    revision: state.revision,
    templatesDigest,
    management: managementPath(device),
    ...(drain && { drain }),
  });
}

/** How we reach a device, and the interfaces that Git says lead there. */
export function managementPath({ object: { spec } }: PreparedDevice): ManagementPath {
  const reached = spec.management?.address;
  const leadsThere = spec.interfaces.filter(
    ({ role, addresses }) => role === 'Management' || addresses.some((address) => address.split('/')[0] === reached),
  );
  return { ...(reached !== undefined && { address: reached }), interfaces: leadsThere.map(({ name }) => name) };
}

/** Managed neighbors of sessions that a plan resets, as far as they were not read yet. */
function peersToRead(surveyed: readonly Surveyed[], planned: ReadonlyMap<string, PlannedDevice>, known: ReadonlySet<string>): string[] {
  const peers = surveyed.flatMap(({ device }) => {
    const plan = planned.get(device.name)?.plan;
    if (!plan) return [];
    const sessions = (device.ready?.sessions ?? []).filter((session) => resetOf(plan.effect, session));
    return [...sessions.flatMap(({ peerDevice }) => peerDevice ?? []), ...partnersOf(device.object.spec)];
  });
  return [...new Set(peers)].filter((peer) => !known.has(peer)).toSorted();
}

/** Without devices that were only read because a session led there, and that turned out to change for themselves. */
function keepSets(plan: Plan, selected: ReadonlySet<string>): Plan {
  return cutPlan(plan, (set) => set.some((device) => selected.has(device)));
}

/** What stands around a device when it is decided about. */
interface Surroundings {
  all: readonly Surveyed[];
  windows: readonly NamedWindow[];
  prepared: Prepared;
  corridor: Corridor;
}

async function factsFor(
  surveyed: Surveyed,
  planned: PlannedDevice | undefined,
  { all, windows, prepared: { state }, corridor }: Surroundings,
): Promise<GateFacts> {
  const { device } = surveyed;
  const { store, clock } = corridor;
  const own = ownFacts(surveyed, planned, state, corridor);
  return {
    ...own,
    ...modeOf(device.object, state.objects.ReconcilePolicy.values()),
    closed: judgeWindows(windows, device.object.metadata.labels, clock.now()).because,
    quarantine: planned?.plan && (await store.quarantines.get(sentDigestOf(planned.plan.effect))),
    problems: [...own.problems, ...unreadPeers(surveyed, planned, all)],
  };
}

/** A session that the plan resets needs both ends, and nobody knows what the other one has to change: a set is as Unknown as its members. */
function unreadPeers({ device, verdict }: Surveyed, planned: PlannedDevice | undefined, all: readonly Surveyed[]): PlumblineError[] {
  const plan = planned?.plan;
  if (!plan) return [];
  const lost = all.filter(
    ({ device: { name, object }, verdict: { verdict: is } }) =>
      is === 'Unknown' && object.spec.lifecycle !== 'Planned' && partnersOf(device.object.spec).includes(name),
  );
  const alone = lost.flatMap(({ verdict: found }) =>
    found.verdict === 'Unknown' ? [errors.PartnerUnknown({ device: verdict.device, partner: found.device, reason: found.reason })] : [],
  );
  const unread = (device.ready?.sessions ?? []).flatMap((session) => {
    const peer = resetOf(plan.effect, session) && all.find((each) => each.device.name === session.peerDevice);
    // A device that is Planned is not there yet: no session with it can break.
    if (peer?.verdict.verdict !== 'Unknown' || peer.device.object.spec.lifecycle === 'Planned') return [];
    return errors.PeerUnknown({
      device: verdict.device,
      peer: peer.device.name,
      neighbor: nameSession(session),
      reason: peer.verdict.reason,
    });
  });
  return [...unread, ...alone];
}

/** The plan of one device, by name. */
export function planOf(plan: Plan, device: string): DevicePlan | undefined {
  return plan.devices.find(({ effect }) => effect.device === device);
}
