import type { Baseline, DeviceVerdict, NotKnown, Observation, Observed } from '../api/index.ts';
import type { PlumblineError } from '../lib/index.ts';
import { storeErrors } from '../store/index.ts';
import { adoptBaseline, advanceBaseline, judge, judgeUnknown, observe, refreshBaseline } from '../verdict/index.ts';
import { type Compared, compareDevice } from './compare-device.ts';
import type { Corridor } from './corridor.ts';
import { keepLeased } from './keep-leased.ts';
import { observeDevice, type Orphan } from './observe-device.ts';
import type { Prepared, PreparedDevice } from './prepare.ts';
import { spread } from './spread.ts';

/** One device as it was found: what Git says, what it holds, and who is wrong. */
export interface Surveyed {
  device: PreparedDevice;
  observed: Observed;
  baseline: Baseline | undefined;
  /** Absent when the device is Unknown. */
  compared: Compared | undefined;
  verdict: DeviceVerdict;
  /** A change on the device that nobody works on any more; only with `settle`. */
  orphan?: Orphan;
}

/** Devices read at the same time. Each has its own deadline, so a dead one slows nobody. */
const readsAtOnce = 16;

export interface SurveyOptions {
  /**
   * Ask a device with an unfinished change what became of it, with the account that may change it: after a restart of the device
   * that settles it, also when the journal of the change is lost; what nobody works on any more is told as `orphan`. For commands that
   * change devices.
   */
  settle?: boolean;
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
  const { observed, orphan } = await observeDevice(prepared.state, device, baseline, corridor, signal, options.settle ?? false);
  const found = orphan && { orphan };
  if (observed.state === 'Unknown' || !device.ready) {
    const unknown = observed.state === 'Unknown' ? observed : notRendered(device, observed.at);
    const verdict = judgeUnknown(unknown, revision);
    // A read that was called off says nothing about the device.
    if (!signal.aborted) await remember(corridor, verdict, last);
    return { device, observed: unknown, baseline, compared: undefined, verdict, ...found };
  }
  const asGitSays = compareDevice({ ...device.ready, revision, read: observed, baseline, last });
  const { rendered, says } = await keepLeased(prepared.state, device.object, device.ready.rendered, observed, asGitSays, corridor, signal);
  const ready = { ...device.ready, rendered };
  const compared = rendered === device.ready.rendered ? asGitSays : compareDevice({ ...ready, revision, read: observed, baseline, last });
  const verdict = { ...judge(compared.facts), ...(says.length > 0 && { closing: says }) };
  const moved = refreshBaseline(compared.facts);
  // Another process that adopted or applied meanwhile knows more than this read: then nothing moves.
  const stored = moved !== undefined && (await store.baselines.replace(baseline, moved));
  await remember(corridor, verdict, last);
  return { device: { ...device, ready }, observed, baseline: stored ? moved : baseline, compared, verdict, ...found };
}

/**
 * Lets lines that Git and adopted devices agree on become ours when they were not: from then on Git removes them. For who decides about
 * the devices, after it was decided: who only looks may do so from a branch that is never merged.
 */
export async function takeOverAgreed(surveyed: readonly Surveyed[], corridor: Corridor): Promise<void> {
  for (const { compared, baseline } of surveyed) {
    const moved = compared && advanceBaseline({ ...compared.facts, baseline });
    if (moved) await corridor.store.baselines.replace(baseline, moved);
  }
}

/**
 * Stores what the devices hold now of everything that is ours as their baseline. Writes nothing to a device. A device whose baseline
 * another process moved since it was surveyed is not adopted: a Conflict comes back under its name.
 */
export async function adoptDevices(
  surveyed: readonly Surveyed[],
  corridor: Corridor,
  by?: string,
): Promise<ReadonlyMap<string, PlumblineError>> {
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
      message: `${Object.keys(adopted.items).length} items taken as baseline from the device${by === undefined ? '' : `, asked by ${by}`}`,
      revision: adopted.revision,
    });
  }
  return conflicts;
}

async function remember({ store }: Corridor, verdict: DeviceVerdict, last: Observation | undefined): Promise<void> {
  const observation = observe(last, verdict);
  if (observation) await store.observations.put(observation);
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
