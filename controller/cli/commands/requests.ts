import type { DeviceSpec, DeviceStatus, DriftReportSpec, DriftReportStatus, FleetSpec, FleetStatus } from '../../api/index.ts';
import { findCondition, fleetInCharge } from '../../api/index.ts';
import { systemClock } from '../../lib/index.ts';
import {
  holdAnnotation,
  printHold,
  printRelease,
  printResumed,
  releaseAnnotation,
  requestAnnotations,
  resumedAnnotation,
} from '../../operator/index.ts';
import { parseSelector, pipelineErrors } from '../../pipeline/index.ts';
import { plural, printable } from '../../report/index.ts';
import type { ObjectStore, StoredObject } from '../../store/index.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { type ExitCode, worstOf } from '../exit-code.ts';
import { identify, type PlaceOptions, type Published, sayUnwatched, whoami, whoAsks, withPublished } from '../published.ts';
import { parseDuration } from '../table.ts';
import { type Answer, waitAnswered } from '../wait.ts';

export interface WaitOptions extends PlaceOptions {
  wait?: true;
  waitSeconds: number;
}

/** `plumb reconcile [DEVICE...]`: look now. Without a device: fetch the source now. */
export async function reconcile(names: readonly string[], options: WaitOptions & { release?: true }, context: Context): Promise<ExitCode> {
  if (options.release && names.length > 0) throw errors.OptionsConflict({ option: '--release', with: 'names of devices' });
  return withPublished<ExitCode>(options, async (published) => {
    const token = `${systemClock.now().toISOString()} ${whoami()}`;
    const { objects } = published.store;
    if (names.length === 0) {
      const fleet = await theFleet(published);
      const { revision = '', releasing: devices = [] } = fleet.status ?? {};
      const release = options.release && devices.length > 0 ? { [releaseAnnotation]: printRelease({ revision, devices }) } : {};
      await annotate(objects, 'Fleet', fleet.name, { [requestAnnotations[0]]: token, ...release });
      if (options.release)
        context.terminal.say(
          `Fleet ${fleet.name}: ${devices.length > 0 ? `let go by ${revision}: ${sayNames(devices)}` : 'no device waits to be let go'}\n`,
        );
      context.terminal.say(`Fleet ${fleet.name}: asked to fetch now\n`);
      return options.wait ? waitLooked(published, 'Fleet', [fleet.name], token, options, context) : 0;
    }
    // All of them or none: a name that was misspelt is said before anybody is asked.
    await chooseDevices(published, names, options);
    for (const name of names) await annotate(objects, 'Device', name, { [requestAnnotations[0]]: token }, published.where);
    context.terminal.say(`${names.join(', ')}: asked to be looked at now\n`);
    return options.wait ? waitLooked(published, 'Device', names, token, options, context) : 0;
  });
}

/** `plumb suspend` and `plumb unsuspend`: the whole Fleet. */
export async function setSuspended(suspend: boolean, options: PlaceOptions, context: Context): Promise<ExitCode> {
  return withPublished<ExitCode>(options, async (published) => {
    const fleet = await theFleet(published);
    await amend<FleetSpec>(published, 'Fleet', fleet.name, (found) => ({ ...found, spec: { ...found.spec, suspend } }));
    context.terminal.say(
      suspend
        ? `Fleet ${fleet.name} is suspended: nothing is fetched or read until plumb unsuspend\n`
        : `Fleet ${fleet.name} goes on: every device is read again\n`,
    );
    return 0;
  });
}

/** `plumb hold DEVICE|SITE...`: nothing is written to them until somebody resumes, or the time is over. */
export async function hold(
  names: readonly string[],
  options: ManyOptions & { reason: string; for?: string; by?: string },
  context: Context,
): Promise<ExitCode> {
  const until = options.for === undefined ? undefined : after(options.for);
  return withPublished<ExitCode>(options, async (published) => {
    const by = options.by ?? (await whoAsks(published));
    const text = printHold({ by, reason: options.reason, ...(until !== undefined && { until }) });
    const devices = (await chooseDevices(published, await withSites(published, names), options)).map(({ name }) => name);
    for (const name of devices) await annotate(published.store.objects, 'Device', name, { [holdAnnotation]: text }, published.where);
    const [end, still] = [until === undefined ? ' until plumb resume' : ` until ${until}`, devices.length === 1 ? 'It is' : 'They are'];
    const unwatched = await sayUnwatched(published);
    context.terminal.say(`${sayNames(devices)}: held${end}. ${unwatched ?? `${still} still read and reported`}\n`);
    return 0;
  });
}

/** `plumb resume DEVICE...`: ends a hold, also one for a change of somebody else, or after a rollback. */
export async function resume(names: readonly string[], options: ManyOptions, { terminal }: Context): Promise<ExitCode> {
  return withPublished<ExitCode>(options, async (published) => {
    const devices = await chooseDevices(published, await withSites(published, names), options);
    const { user } = await identify(published);
    const released = printResumed({ by: user, at: systemClock.now().toISOString() });
    const [done, left]: [string[], string[]] = [[], []];
    for (const { name, annotations, status } of devices) {
      const changes = {
        ...(annotations[holdAnnotation] !== undefined && { [holdAnnotation]: undefined }),
        ...((status?.held?.where === 'Drift' || status?.held?.where === 'Rollback') && { [resumedAnnotation]: released }),
      };
      if (Object.keys(changes).length > 0) {
        await annotate(published.store.objects, 'Device', name, changes, published.where);
        done.push(name);
      } else if (status?.held?.where === 'Device')
        left.push(`${name}: ${status.held.by} holds it on the device itself (${status.held.reason}): end it there\n`);
    }
    if (done.length > 0) terminal.say(`${sayNames(done)}: no longer held\n`);
    for (const line of left) terminal.say(printable(line.trimEnd()) + '\n');
    if (done.length + left.length === 0) terminal.say(`${sayNames(devices.map(({ name }) => name))}: not held\n`);
    return left.length > 0 ? 1 : 0;
  });
}

/** Devices by name, and of these, or of all, those that carry the labels; or all of them. */
export interface ManyOptions extends PlaceOptions {
  selector?: string;
  all?: true;
}

type DeviceObject = StoredObject<DeviceSpec, DeviceStatus>;

async function chooseDevices(
  { store, where }: Published,
  names: readonly string[],
  options: ManyOptions,
): Promise<readonly DeviceObject[]> {
  const { selector, all } = options;
  if (all && (names.length > 0 || selector !== undefined))
    throw errors.OptionsConflict({ option: '--all', with: names.length > 0 ? 'names of devices' : '--selector' });
  if (!all && names.length === 0 && selector === undefined) throw errors.DevicesUnnamed({});
  const labelled = await store.objects.list<DeviceSpec, DeviceStatus>('Device', parseSelector(selector));
  const chosen = names.length === 0 ? labelled : labelled.filter(({ name }) => names.includes(name));
  for (const name of names) {
    if (chosen.some((each) => each.name === name)) continue;
    if (selector === undefined || !(await store.objects.get('Device', name))) throw errors.NotWatched({ kind: 'Device', name, where });
  }
  if (chosen.length === 0 && selector === undefined) throw errors.NothingWatched({ where });
  if (chosen.length === 0)
    throw pipelineErrors.NothingSelected({
      selector: selector ?? '',
      among: names.length === 0 ? 'no Device' : `none of ${names.join(', ')}`,
    });
  // In the order in which they were named.
  return names.length === 0 ? chosen : [...new Set(names)].flatMap((name) => chosen.find((each) => each.name === name) ?? []);
}

/** On-call says `plumb hold fra`: a name that no device has stands for every device of the site of that name. */
async function withSites({ store }: Published, names: readonly string[]): Promise<readonly string[]> {
  if (names.length === 0) return names;
  const all = await store.objects.list<DeviceSpec, DeviceStatus>('Device');
  return names.flatMap((name) => {
    const there = all.some((each) => each.name === name) ? [] : all.filter(({ labels }) => labels['site'] === name);
    return there.length > 0 ? there.map((each) => each.name) : [name];
  });
}

/** A site is not read out name by name. */
function sayNames(names: readonly string[]): string {
  return names.length > 10 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}

/** `plumb ack DEVICE`: somebody looks after what differs; it alerts again when something else differs or the time is over. */
export async function ack(
  name: string,
  options: PlaceOptions & { reason: string; for: string; owner?: string },
  context: Context,
): Promise<ExitCode> {
  const expires = after(options.for);
  return withPublished<ExitCode>(options, async (published) => {
    const { store, where } = published;
    const report = await store.objects.get<DriftReportSpec, DriftReportStatus>('DriftReport', name);
    const { digest, recordDigest, total = 0, recordTotal = 0 } = report?.status ?? {};
    if (!report || (digest === undefined && recordDigest === undefined)) {
      context.terminal.say(`${name}: there is nothing to acknowledge in ${where}\n`);
      return 1;
    }
    const acknowledgement = {
      owner: options.owner ?? (await whoAsks(published)),
      reason: options.reason,
      expires,
      digest: digest ?? '',
      ...(recordDigest !== undefined && { recordDigest }),
    };
    // What differs by now may be something else: what was seen is what is acknowledged.
    await amend<DriftReportSpec>(published, 'DriftReport', name, (found) => ({ ...found, spec: { ...found.spec, acknowledgement } }));
    const what = [
      ...(total > 0 || recordTotal === 0 ? [plural(total, 'line')] : []),
      ...(recordTotal > 0 ? [`${plural(recordTotal, 'value')} of NetBox`] : []),
    ].join(' and ');
    context.terminal.say(`${name}: ${what} acknowledged by ${acknowledgement.owner} until ${expires}\n`);
    return 0;
  });
}

function after(duration: string): string {
  const ms = parseDuration(duration);
  if (ms === undefined) throw errors.DurationUnreadable({ text: duration });
  return new Date(systemClock.now().getTime() + ms).toISOString();
}

async function theFleet({ store, where }: Published): Promise<StoredObject<FleetSpec, FleetStatus>> {
  const fleet = fleetInCharge(await store.objects.list<FleetSpec, FleetStatus>('Fleet'));
  if (!fleet) throw errors.NoFleet({ where });
  return fleet;
}

/** Sets annotations, or takes those away that are undefined. */
export async function annotate(
  objects: ObjectStore,
  kind: 'Device' | 'Fleet' | 'ChangePlan',
  name: string,
  changes: Readonly<Record<string, string | undefined>>,
  where = '',
): Promise<void> {
  await amend({ store: { objects }, where }, kind, name, (object) => {
    const entries = Object.entries({ ...object.annotations, ...changes }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return { ...object, annotations: Object.fromEntries(entries) };
  });
}

/** Changes an object as it is now; goes on where somebody else, the operator first of all, was faster. */
async function amend<Spec>(
  { store, where }: { store: { objects: ObjectStore }; where: string },
  kind: 'Device' | 'DriftReport' | 'Fleet' | 'ChangePlan',
  name: string,
  change: (object: StoredObject<Spec>) => StoredObject<Spec>,
): Promise<void> {
  for (let round = 1; ; round++) {
    const object = await store.objects.get<Spec>(kind, name);
    if (!object) throw errors.NotWatched({ kind, name, where });
    try {
      await store.objects.update(change(object));
      return;
    } catch (error) {
      if (round >= 10 || (error as { code?: unknown }).code !== 'Conflict') throw error;
    }
  }
}

async function waitLooked(
  { store }: Published,
  kind: 'Device' | 'Fleet',
  names: readonly string[],
  token: string,
  { waitSeconds }: WaitOptions,
  { terminal, signal }: Context,
): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  for (const name of names) {
    const look = async (): Promise<Answer<ExitCode>> => {
      const object = await store.objects.get<unknown, DeviceStatus & FleetStatus>(kind, name);
      if (!object?.status?.lastHandledReconcileAt?.includes(token)) return 'silent';
      const ready = findCondition(object.status.conditions, 'Ready');
      terminal.write(`${name}  ${ready?.reason ?? ''}  ${printable(ready?.message ?? '')}\n`);
      return { done: ready?.status === 'Unknown' ? 2 : ready?.status === 'True' ? 0 : 1 };
    };
    codes.push(await waitAnswered({ what: `a look at ${kind} ${name}`, seconds: waitSeconds, signal }, look));
  }
  return worstOf(codes);
}
