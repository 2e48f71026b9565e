import type { Baseline, DeviceVerdict, NotKnown, Observed } from '../api/index.ts';
import { dialectFor, listItems, parse } from '../config/index.ts';
import { PlumblineError } from '../lib/index.ts';
import { storeErrors } from '../store/index.ts';
import { adoptBaseline, advanceBaseline, judge, judgeUnknown, observe, refreshBaseline } from '../verdict/index.ts';
import { type Compared, compareDevice } from './compare-device.ts';
import type { Corridor } from './corridor.ts';
import { errors } from './errors.ts';
import type { Prepared, PreparedDevice } from './prepare.ts';
import { spread } from './spread.ts';
import { buildTarget } from './target.ts';

/** One device as it was found: what Git says, what it holds, and who is wrong. */
export interface Surveyed {
  device: PreparedDevice;
  observed: Observed;
  baseline: Baseline | undefined;
  /** Absent when the device is Unknown. */
  compared: Compared | undefined;
  verdict: DeviceVerdict;
}

/** Devices read at the same time. Each has its own deadline, so a dead one slows nobody. */
const readsAtOnce = 16;

export interface SurveyOptions {
  /**
   * Ask a device with an unfinished change what became of it, with the account that may change it: after a restart of the device
   * that settles it, also when the journal of the change is lost. For commands that change devices.
   */
  settle?: boolean;
  /**
   * Let lines that Git and an adopted device agree on become ours when they were not: from then on Git removes them. For commands that
   * change devices; a command that only reads may look from a branch or a work tree that is never merged.
   */
  takeOver?: boolean;
}

/**
 * Reads devices, judges them, and remembers: the baseline moves forward on what is in sync, `since` of what differs stands.
 * A device that cannot be read, or that Git cannot be rendered for, is Unknown; nothing is remembered of it but that.
 */
export async function surveyDevices(
  prepared: Prepared,
  corridor: Corridor,
  signal: AbortSignal,
  onDone: (device: string) => void = () => undefined,
  options: SurveyOptions = {},
): Promise<readonly Surveyed[]> {
  return spread(prepared.devices, readsAtOnce, async (device) => {
    const surveyed = await surveyDevice(prepared, device, corridor, signal, options);
    onDone(device.name);
    return surveyed;
  });
}

async function surveyDevice(
  prepared: Prepared,
  device: PreparedDevice,
  corridor: Corridor,
  signal: AbortSignal,
  options: SurveyOptions,
): Promise<Surveyed> {
  const { store } = corridor;
  const { revision } = prepared.state;
  const [baseline, last] = await Promise.all([store.baselines.get(device.name), store.observations.get(device.name)]);
  const observed = await observeDevice(prepared, device, baseline, corridor, signal, options);
  if (observed.state === 'Unknown' || !device.ready) {
    const unknown = observed.state === 'Unknown' ? observed : notRendered(device, observed.at);
    const verdict = judgeUnknown(unknown, revision);
    await remember(corridor, verdict, last);
    return { device, observed: unknown, baseline, compared: undefined, verdict };
  }
  const compared = compareDevice({ ...device.ready, revision, read: observed, baseline, last });
  const verdict = judge(compared.facts);
  const moved = options.takeOver ? advanceBaseline(compared.facts) : refreshBaseline(compared.facts);
  // Another process that adopted or applied meanwhile knows more than this read: then nothing moves.
  const stored = moved !== undefined && (await store.baselines.replace(baseline, moved));
  await remember(corridor, verdict, last);
  return { device, observed, baseline: stored ? moved : baseline, compared, verdict };
}

/**
 * Stores what the devices hold now of everything that is ours as their baseline. Writes nothing to a device. A device whose baseline
 * another process moved since it was surveyed is not adopted: a Conflict comes back under its name.
 */
export async function adoptDevices(surveyed: readonly Surveyed[], corridor: Corridor): Promise<ReadonlyMap<string, PlumblineError>> {
  const conflicts = new Map<string, PlumblineError>();
  for (const { compared, baseline } of surveyed) {
    if (!compared) continue;
    const adopted = adoptBaseline({ ...compared.facts, baseline });
    if (!adopted) continue;
    if (!(await corridor.store.baselines.replace(baseline, adopted))) {
      conflicts.set(adopted.device, storeErrors.Conflict({ kind: 'Baseline', name: adopted.device }));
      continue;
    }
    await corridor.store.history.append({
      device: adopted.device,
      at: corridor.clock.now().toISOString(),
      event: 'Adopted',
      message: `${Object.keys(adopted.items).length} items taken as baseline from the device`,
      revision: adopted.revision,
    });
  }
  return conflicts;
}

async function remember(corridor: Corridor, verdict: DeviceVerdict, last: Parameters<typeof observe>[0]): Promise<void> {
  const observation = observe(last, verdict);
  if (!observation) return;
  try {
    await corridor.store.observations.put(observation);
  } catch (error) {
    // Two look at once, and the other one was first: what it saw is as new as this.
    if (!(error instanceof PlumblineError && (error.code === 'Conflict' || error.code === 'AlreadyExists'))) throw error;
  }
}

async function observeDevice(
  { state }: Prepared,
  { name, object, ready }: PreparedDevice,
  baseline: Baseline | undefined,
  corridor: Corridor,
  signal: AbortSignal,
  { settle }: SurveyOptions,
): Promise<Observed> {
  const at = corridor.clock.now().toISOString();
  const unknown = (error: PlumblineError): NotKnown => ({
    state: 'Unknown',
    device: name,
    at,
    reason: 'Unverified',
    message: error.message,
    next: error.next,
  });
  if (object.spec.lifecycle === 'Planned') {
    return {
      state: 'Unknown',
      device: name,
      at,
      reason: 'Unverified',
      message: `${name} is Planned: it is not contacted`,
      next: 'Write lifecycle: Active when it is there',
    };
  }
  const target = buildTarget(state, object, corridor.secrets);
  if (target instanceof PlumblineError) return unknown(target);
  const limited = AbortSignal.any([signal, AbortSignal.timeout(corridor.timeoutMs)]);
  const keys = Object.keys(baseline?.items ?? {});
  const driver = corridor.driver(object.spec.platform);
  const look = (): Promise<Observed> =>
    driver.observe(target, { lacksOwned: (config) => lacks(config, object.spec.platform, keys, ready !== undefined) }, limited);
  let observed = await look();
  let unfinished = findUnfinished(observed);
  if (unfinished && settle && target.apply && observed.state === 'Read' && observed.lastChange) {
    const status = await driver.status(target, observed.lastChange.token, limited);
    if (status.outcome === 'Status' && settledStates.has(status.state)) observed = await look();
    unfinished = findUnfinished(observed);
  }
  return unfinished ? { ...unknown(unfinished), reason: 'DeviceSettling' } : observed;
}

/** While a dead-man may restore the device, what it holds now is not what it will hold: neither in sync nor drift. */
function findUnfinished(observed: Observed): PlumblineError | undefined {
  if (observed.state === 'Unknown') return undefined;
  const { device, lastChange } = observed;
  if (lastChange === undefined || settledStates.has(lastChange.state)) return undefined;
  return errors.ChangeUnfinished({ device, ...lastChange });
}

const settledStates: ReadonlySet<string> = new Set(['none', 'confirmed', 'persisted', 'persist-failed', 'restored', 'restore-failed']);

/** True when something that we owned is missing from a read: it may be gone, or the daemon that holds it may not be up yet. */
function lacks(config: string, platform: string, keys: readonly string[], known: boolean): boolean {
  if (keys.length === 0 || !known) return false;
  const dialect = dialectFor(platform);
  const held = new Set(listItems(parse(config, dialect), dialect).map(({ key }) => key));
  return keys.some((key) => !held.has(key));
}

function notRendered({ name, problems }: PreparedDevice, at: string): NotKnown {
  return {
    state: 'Unknown',
    device: name,
    at,
    reason: 'Unverified',
    message: `${name}: what Git says cannot be rendered (${problems.length} problems)`,
    next: 'Mend what plumb check says; nothing is compared until then',
  };
}
