import { type CheckedState, findCondition, fleetInCharge, FleetSpec, type FleetStatus, hasErrors } from '../../api/index.ts';
import { PlumblineError } from '../../lib/index.ts';
import { createSandboxPool, type SandboxPool } from '../../render/index.ts';
import type { Labels, StoredObject } from '../../store/index.ts';
import { holdAnnotation, readRequest } from '../device/hold.ts';
import { removeReport } from '../device/publish.ts';
import { isFeeding } from '../../compile/index.ts';
import { feedState } from '../netbox/feed-state.ts';
import { netboxOf } from '../netbox/read-netbox.ts';
import { sayNetBox } from '../netbox/say-netbox.ts';
import { sayUnmirrored, sayUnpublished } from '../unpublished.ts';
import { errors } from '../errors.ts';
import { endPlansOf } from '../plan/keep-plans.ts';
import type { ObjectCache } from '../object-cache.ts';
import type { RightOfWay } from '../right-of-way.ts';
import type { Notice } from '../runtime.ts';
import { fleetLabel, isOurs, regionOf, type World } from '../world.ts';
import { amendObject, removeObject } from '../write-object.ts';
import { changedDevices, type DesiredFleet, type EnforceOptions, enforceRevision } from './desired-fleet.ts';
import { describeFleet, type FleetOutcome } from './fleet-status.ts';
import { holdAgain } from './hold-again.ts';
import { beforeOf, loadRevision } from './load-revision.ts';
import { countReleases, guardReleases, isReleased, noteRelease } from './releases.ts';
import { tellUpgrades } from './tell-upgrades.ts';
import type { FleetSource, Found } from './source.ts';
import { webhookOf } from './webhook.ts';
import type { WebhookSender } from '../../web/index.ts';

export type FleetObject = StoredObject<FleetSpec, FleetStatus>;

export interface FleetPass {
  world: World;
  fleets: ObjectCache<FleetSpec, FleetStatus>;
  sourceOf: (fleet: FleetObject) => Promise<FleetSource>;
  /** The source failed: the next look opens it anew, with the credentials of then. */
  dropSource: (fleet: string) => Promise<void>;
  /** Devices that must be looked at now. */
  wake: (devices: readonly string[]) => void;
  /** Devices that left Git for good: their objects go, nothing on them is touched. */
  release: (device: string) => Promise<void>;
  /** Reads NetBox, when it has the word on something and was not read yet. */
  readFacts: (signal: AbortSignal) => Promise<unknown>;
  /** A new revision goes before looks that nobody asked for. */
  way: RightOfWay;
  /** What is known of a device goes on under its new name. */
  rename: (from: string, to: string) => Promise<void>;
}

/** One pass over a Fleet: look at the source, check, put in force. Whatever goes wrong, the last good revision stays. */
export async function reconcileFleet(pass: FleetPass, name: string, signal: AbortSignal): Promise<{ againMs: number } | undefined> {
  const { world, fleets } = pass;
  const object = fleets.get(name);
  if (!object) {
    await releaseAll(pass, name);
    return undefined;
  }
  const first = fleetInCharge(fleets.list());
  if (first && first.name !== name) {
    const refused = errors.FleetRefused({ fleet: name, first: first.name });
    return finish(pass, object, { kind: 'Invalid', reason: refused.code, message: `${refused.message}. ${refused.next}` }, 60_000);
  }
  if (world.fleet !== name) takeCharge(world, name);
  const parsed = FleetSpec.safeParse(object.spec);
  if (!parsed.success) {
    const what = parsed.error.issues.map(({ path, message }) => `spec.${path.join('.')} ${message}`).join('; ');
    const invalid = errors.FleetInvalid({ fleet: name, what });
    return finish(pass, object, { kind: 'Invalid', reason: invalid.code, message: `${invalid.message}. ${invalid.next}` }, 60_000);
  }
  const spec = parsed.data;
  const againMs = (spec.git?.intervalSeconds ?? 60) * 1000;
  if (spec.suspend !== world.suspended) {
    world.suspended = spec.suspend;
    if (world.inForce) pass.wake([...world.inForce.devices.keys()]);
  }
  const fleet = { ...object, spec };
  const outcome: FleetOutcome = spec.suspend ? { kind: 'Suspended' } : await takeRevision(pass, fleet, signal);
  if (!world.inForce) await recallRevision(pass, fleet);
  return finish(pass, object, outcome, againMs);
}

/** Another Fleet is in charge from now on: nothing of the one before is in force. */
function takeCharge(world: World, name: string): void {
  world.fleet = name;
  world.inForce = undefined;
  world.told = undefined;
  world.loaded = undefined;
  world.releasing = new Set();
}

/** A Fleet that was deleted watches nothing any more: what it published goes. Baselines stay, and nothing on a device is touched. */
async function releaseAll({ world, release }: FleetPass, name: string): Promise<void> {
  const { metrics } = world.runtime;
  metrics.plumbline_git_problems.remove({ fleet: name });
  metrics.plumbline_git_last_fetch_timestamp_seconds.remove({ fleet: name });
  metrics.plumbline_netbox_last_read_timestamp_seconds.remove({ fleet: name });
  for (const result of ['ok', 'failed']) {
    metrics.plumbline_git_fetches_total.remove({ fleet: name, result });
    metrics.plumbline_netbox_reads_total.remove({ fleet: name, result });
    metrics.plumbline_netbox_writes_total.remove({ fleet: name, result });
  }
  if (world.fleet === name) takeCharge(world, '');
  await endPlansOf(world, name);
  const isItsOwn = ({ labels }: StoredObject) => labels[fleetLabel] === name;
  for (const device of world.devices.list()) if (isItsOwn(device) && isOurs(world, device.labels)) await release(device.name);
  const { objects } = world.runtime;
  for (const session of world.sessions.list().filter(isItsOwn)) await removeObject(objects, world.sessions, 'BGPSession', session.name);
  for (const subnet of world.subnets.list().filter(isItsOwn)) await removeObject(objects, world.subnets, 'DHCPSubnet', subnet.name);
  // Of a device whose mirror somebody deleted by hand.
  for (const report of world.drifts.list().filter(isItsOwn)) if (!world.devices.get(report.name)) await removeReport(world, report.name);
}

/** Looks at the source and puts in force what it finds. Whatever stands in the way, what was in force stays. */
async function takeRevision(pass: FleetPass, fleet: FleetObject, signal: AbortSignal): Promise<FleetOutcome> {
  const { metrics, log } = pass.world.runtime;
  try {
    return await takeNewest(pass, fleet, await pass.sourceOf(fleet), signal);
  } catch (error) {
    if (signal.aborted) throw error;
    metrics.plumbline_git_fetches_total.inc({ fleet: fleet.name, result: 'failed' });
    log.warn({ fleet: fleet.name, err: error }, 'Source cannot be taken');
    await pass.dropSource(fleet.name);
    const known =
      error instanceof PlumblineError ? error : errors.SourceFailed({ fleet: fleet.name, why: (error as Error).message }, { cause: error });
    return { kind: 'Failed', error: known };
  }
}

async function takeNewest(pass: FleetPass, fleet: FleetObject, source: FleetSource, signal: AbortSignal): Promise<FleetOutcome> {
  const { world } = pass;
  const { metrics, log } = world.runtime;
  const labels = { fleet: fleet.name };
  const heldAgainst = beforeOf(world, fleet, (revision) => source.past(revision));
  const found = await source.look(signal, world.inForce?.revision ?? fleet.status?.revision, heldAgainst);
  metrics.plumbline_git_fetches_total.inc({ ...labels, result: 'ok' });
  metrics.plumbline_git_last_fetch_timestamp_seconds.set(labels, world.runtime.corridor.clock.now().getTime() / 1000);
  const before = world.inForce;
  const isNews = ![before?.revision, world.loaded?.revision].includes(found.revision);
  const way = isNews ? pass.way.take() : undefined;
  if (isNews) log.info({ ...labels, revision: found.revision }, 'Revision fetched');
  // A process that renders takes longer to start than to be needed: it starts while the revision is read.
  const pool = isNews && before ? createSandboxPool() : undefined;
  try {
    pool?.prepare();
    const outcome = await putInForce(pass, fleet, found, { signal, pool });
    if (!world.inForce || outcome.kind !== 'InForce') return outcome;
    // Before the way is free: what the commit changed has the first places.
    const changed = changedDevices(before, world.inForce);
    pass.wake([...changed, ...world.releasing]);
    // Not only of news: what stood in its way when it came, facts of NetBox for example, may be gone by now.
    if (before?.revision !== outcome.revision)
      log.info({ ...labels, revision: outcome.revision, changed: changed.length }, 'Revision in force');
    return outcome;
  } finally {
    pool?.close();
    way?.leave();
  }
}

async function putInForce(
  pass: FleetPass,
  fleet: FleetObject,
  found: Found,
  { signal, pool }: { signal: AbortSignal; pool: SandboxPool | undefined },
): Promise<FleetOutcome> {
  const { world } = pass;
  const loading = await loadRevision(world, fleet, found);
  world.runtime.metrics.plumbline_git_problems.set({ fleet: fleet.name }, 'problems' in loading ? loading.problems.length : 0);
  if ('problems' in loading) return { kind: 'Refused', ...loading };
  const { state } = loading;
  const watched = watchedBy(world, fleet.name);
  const wanted = netboxOf(world);
  const isUnread = !world.netbox.facts && !world.netbox.problem;
  if (wanted && isFeeding(wanted.authority) && isUnread) await pass.readFacts(signal);
  if (state.objects.Device.size === 0 && watched.length > 0) throw errors.FleetEmpty({ revision: state.revision, watched: watched.length });
  const next = await releaseGone(pass, fleet, world.inForce, await enforce(world, fleet, state, { signers: found.signers, pool }), watched);
  await holdAgain(world, next);
  world.inForce = next;
  forgetOthers(world, world.inForce);
  return { kind: 'InForce', revision: state.revision };
}

/** After a start, when no revision can be taken: the last one that was in force is, as if the process had never ended. */
async function recallRevision({ world, sourceOf, wake }: FleetPass, fleet: FleetObject): Promise<void> {
  const revision = fleet.status?.revision;
  if (revision === undefined || world.recalled === revision) return;
  try {
    const state = await (await sourceOf(fleet)).earlier(revision);
    // Not kept on this machine, or not yet: a fetch may bring it, though what is newest cannot be taken.
    if (!state) return;
    world.recalled = revision;
    if (hasErrors(state.problems)) return;
    world.inForce = await enforce(world, fleet, state, { signers: undefined });
  } catch (error) {
    world.runtime.log.warn({ fleet: fleet.name, revision, err: error }, 'The last revision in force cannot be recalled');
    return;
  }
  const { devices, state } = world.inForce;
  world.releasing = new Set(watchedBy(world, fleet.name).filter((name) => !state.objects.Device.has(name)));
  world.runtime.log.info({ fleet: fleet.name, revision }, 'Recalled the last revision in force');
  wake([...devices.keys(), ...world.releasing]);
}

/** A value behind a reference may have changed though Git did not: tokens are asked for at every pass, rendering is not repeated. */
async function enforce(
  world: World,
  fleet: FleetObject,
  state: CheckedState,
  given: Pick<EnforceOptions, 'signers' | 'pool'>,
): Promise<DesiredFleet> {
  const { secrets } = world.runtime.corridor;
  const ours = (labels: Labels) => isOurs(world, labels);
  const statusOf = (device: string) => world.devices.get(device)?.status;
  const feed = (written: CheckedState) =>
    feedState(written, {
      wanted: netboxOf(world),
      facts: world.netbox.facts,
      lastOf: (device) => lastOf(world, device),
      clock: world.runtime.corridor.clock,
      rules: world.netbox.rules,
    });
  return enforceRevision(state, world.inForce, { ceiling: fleet.spec.ceiling, secrets, isOurs: ours, statusOf, feed, ...given });
}

/** What this process has in force goes before what is published: a device that just got its name has no mirror under it yet. */
function lastOf({ devices, inForce }: World, name: string) {
  const known = inForce?.devices.get(name);
  if (known) return { spec: known.object.spec, fields: known.fed };
  const mirror = devices.get(name);
  return mirror?.status && { spec: mirror.spec, fields: mirror.status.fed ?? [] };
}

/** Names of the devices that the Fleet was seen to have. */
function watchedBy(world: World, fleet: string): string[] {
  return world.devices
    .list()
    .filter(({ labels }) => labels[fleetLabel] === fleet && isOurs(world, labels))
    .map(({ name }) => name);
}

/** Lets devices go that Git no longer has, or keeps all of them under watch until a person says that it is meant. */
async function releaseGone(
  { world, release, rename }: FleetPass,
  fleet: FleetObject,
  before: DesiredFleet | undefined,
  next: DesiredFleet,
  watched: readonly string[],
): Promise<DesiredFleet> {
  const { objects, corridor } = world.runtime;
  // What Git still has became another region's by its labels: its operator goes on with the mirror.
  const left = new Set(watched.filter((name) => !next.state.objects.Device.has(name)));
  const renamed = [...next.devices.values()].flatMap(({ name, object }) => {
    const old = object.spec.movedFrom;
    return old !== undefined && left.delete(old) ? [{ old, name }] : [];
  });
  const now = corridor.clock.now();
  const recent = left.size === 0 ? 0 : await countReleases(objects, now, left);
  const approved = isReleased(fleet.annotations, { revision: next.revision, gone: [...left] });
  const { release: free, wait } = guardReleases([...left], { recent, known: watched.length, approved }, fleet.spec.release);
  const going = new Set([...free, ...renamed.map(({ old }) => old)]);
  // Whoever looks at one of them now sees that it left, and does not publish it again.
  if (before && going.size > 0) world.inForce = { ...before, devices: new Map([...before.devices].filter(([name]) => !going.has(name))) };
  for (const { old, name } of renamed) await rename(old, name);
  for (const name of free) {
    await noteRelease(objects, name, now, world.devices.get(name)?.annotations[holdAnnotation]);
    await release(name);
  }
  world.releasing = new Set(wait);
  // They are judged by what Git last said of them, when this process has seen it, and written to no more: nobody wants that any longer.
  const kept = wait.flatMap((name) => {
    const device = before?.devices.get(name);
    return device ? [[name, device.mode === 'Report' ? device : { ...device, mode: 'Report' as const }] as const] : [];
  });
  return kept.length === 0 ? next : { ...next, devices: new Map([...next.devices, ...kept]) };
}

/**
 * Nothing is told any more of a device that another region's operator looks at now. When it was judged stays known: what was said of it
 * holds until that operator comes, and is stale when none does.
 */
function forgetOthers({ figures, neighbors, releasing, unpublished }: World, { devices }: DesiredFleet): void {
  for (const name of figures.keys()) {
    if (devices.has(name) || releasing.has(name)) continue;
    figures.delete(name);
    neighbors.delete(name);
  }
  for (const name of unpublished.devices.keys()) if (!devices.has(name)) unpublished.devices.delete(name);
}

async function finish(
  { world, fleets }: FleetPass,
  fleet: FleetObject,
  outcome: FleetOutcome,
  againMs: number,
): Promise<{ againMs: number } | undefined> {
  const { runtime } = world;
  const isInCharge = world.fleet === fleet.name;
  const releasing = isInCharge ? world.releasing : new Set<string>();
  const inForce = isInCharge ? world.inForce : undefined;
  const reasonOf = (status: FleetStatus | undefined) => status?.conditions.find(({ type }) => type === 'Ready');
  const before = reasonOf(fleet.status);
  const parsed = FleetSpec.safeParse(fleet.spec);
  const webhookFrom = (sender: WebhookSender) =>
    parsed.success ? webhookOf(fleet.name, parsed.data, runtime.corridor.secrets, sender) : undefined;
  const [webhook, netboxWebhook] = [webhookFrom('git'), webhookFrom('netbox')];
  const written = await amendObject<FleetSpec, FleetStatus>(runtime.objects, fleets, {
    kind: 'Fleet',
    name: fleet.name,
    // Of the object as it was when the pass began: what a person asked or wrote meanwhile is seen by the next one.
    status: ({ status }) =>
      describeFleet({
        outcome,
        inForce: inForce?.revision,
        last: status,
        generation: fleet.generation,
        at: runtime.corridor.clock.now(),
        releasing: [...(isInCharge ? waitingElsewhere(world, status) : []), ...releasing].toSorted(),
        webhook,
        netboxWebhook,
        unwritten: isInCharge ? world.netbox.unwritten : undefined,
        netbox: isInCharge ? sayNetBox(world.netbox) : undefined,
        unpublished: isInCharge ? sayUnpublished(world.unpublished) : undefined,
        unmirrored: isInCharge ? sayUnmirrored(world.unpublished) : undefined,
        requestedAt: readRequest(fleet.annotations) ?? status?.lastHandledReconcileAt,
        region: regionOf(world.selector),
        isNews: inForce !== undefined && inForce.revision !== world.told,
      }),
  });
  if (!written) return undefined; // deleted meanwhile: the next pass sees it
  if (isInCharge) world.told = inForce?.revision;
  const tell = (type: Notice['type'], { reason, message }: Pick<Notice, 'reason' | 'message'>) =>
    runtime.notify({ kind: 'Fleet', name: fleet.name, uid: fleet.uid, type, reason, message });
  const ready = reasonOf(written.status);
  if (ready && (ready.reason !== before?.reason || (ready.status !== 'True' && ready.message !== before.message)))
    tell(ready.status === 'True' ? 'Normal' : 'Warning', ready);
  if (isInCharge) for (const upgrade of tellUpgrades(world)) tell('Normal', upgrade);
  for (const type of ['DevicesPublished', 'MirrorsPublished', 'NetBoxRead', 'NetBoxWritten']) {
    const [was, now] = [fleet, written].map(({ status }) => findCondition(status?.conditions, type));
    if (now && now.reason !== was?.reason) tell('Warning', now);
  }
  return { againMs };
}

/** Devices of other regions that wait for a person: their operators say so in the same Fleet. */
function waitingElsewhere(world: World, status: FleetStatus | undefined): string[] {
  return (status?.releasing ?? []).filter((name) => {
    const labels = world.devices.get(name)?.labels;
    return labels !== undefined && !isOurs(world, labels);
  });
}
