import type { Observed, UnknownReason } from '../../api/index.ts';
import { PlumblineError } from '../../lib/index.ts';
import {
  adoptDevices,
  attributeChange,
  measureSubnets,
  proposeDevice,
  type Surveyed,
  surveyDevices,
  takeOverAgreed,
  tellDevice,
} from '../../pipeline/index.ts';
import type { DesiredDevice, DesiredFleet } from '../fleet/desired-fleet.ts';
import { sayProblem } from '../fleet/fleet-status.ts';
import { errors } from '../errors.ts';
import type { World } from '../world.ts';
import { adoptionBy } from './adoption.ts';
import { digestOfReported, reportedOf } from './drift-report.ts';
import { driftHold, readDeviceHold, readHold, readRequest, readResumed } from './hold.ts';
import { pinHold } from './pin.ts';
import type { LoginEnd, Trial } from './login-guard.ts';
import type { Look } from './publish.ts';

/**
 * Reads one device and judges it. Never throws for what a device, Git or the store does: what stands in the way becomes the outcome.
 * Writes nothing to a device.
 */
export async function lookAtDevice(world: World, fleet: DesiredFleet, device: DesiredDevice, signal: AbortSignal): Promise<Look> {
  const { runtime, logins, suspended } = world;
  const secrets = runtime.corridor.secrets.snapshot();
  const corridor = { ...runtime.corridor, secrets, timeoutMs: world.reads().timeoutSeconds * 1000 };
  const { clock } = corridor;
  const mirror = world.devices.get(device.name);
  const annotations = mirror?.annotations ?? {};
  const asked = readHold(annotations, clock.now());
  const resumed = readResumed(annotations, clock.now());
  // A hold file that nobody can see now is not gone.
  const lastHeld = mirror?.status?.held?.where === 'Device' ? mirror.status.held : undefined;
  const base = {
    held: asked ?? lastHeld,
    requestedAt: readRequest(annotations),
    version: undefined,
    observed: undefined,
    who: () => Promise.resolve([]),
  };
  const unknown = (reason: 'AuthFailed' | 'Unverified', error: PlumblineError): Look => ({
    ...base,
    outcome: {
      device: device.name,
      verdict: 'Unknown',
      at: clock.now().toISOString(),
      revision: fleet.revision,
      reason,
      message: error.message,
      next: error.next,
    },
  });
  if (suspended)
    return { ...base, outcome: { kind: 'Suspended', message: 'The Fleet is suspended: the device is not read. Next: plumb unsuspend' } };
  if (!device.ready) return { ...base, outcome: { kind: 'Invalid', message: sayInvalid(device) } };
  // A device that is not there yet is not contacted.
  const guard = device.object.spec.lifecycle === 'Planned' ? undefined : logins.of(device.object.spec.credentials.observe.name);
  const trial = await guard?.admit(device.name, signal);
  if (guard && !trial)
    return { ...unknown('AuthFailed', errors.LoginsStopped({ device: device.name, count: guard.count() })), isTurnedAway: true };
  const prepared = {
    state: fleet.state,
    templatesDigest: fleet.templatesDigest,
    templateProblems: fleet.templateProblems,
    devices: [device],
  };
  let surveyed: Surveyed | undefined;
  let beside: Pick<Look, 'told' | 'use' | 'proposal'> = {};
  try {
    [surveyed] = await surveyDevices(prepared, corridor, signal);
    // A look that we broke off ourselves says nothing about the device.
    signal.throwIfAborted();
    if (surveyed && (await adoptAsked(world, surveyed))) [surveyed] = await surveyDevices(prepared, corridor, signal);
    signal.throwIfAborted();
    // What is in force was merged: lines that Git and an adopted device agree on are ours from now on.
    if (surveyed) await takeOverAgreed([surveyed], corridor);
    if (surveyed) beside = await lookBeside(surveyed);
  } catch (error) {
    if (signal.aborted) throw error;
    const failure =
      error instanceof PlumblineError ? error : errors.LookFailed({ device: device.name, why: (error as Error).message }, { cause: error });
    runtime.log.error({ device: device.name, err: error }, 'Device could not be judged');
    return { ...unknown('Unverified', failure), lost: lostCodes.has(failure.code) };
  } finally {
    if (trial) endTrial(world, device.name, trial, surveyed?.observed);
  }
  if (!surveyed) throw new Error(`no answer for ${device.name}`);
  // What plans in CI are given costs no device its verdict.
  await world.lastReads?.keep(prepared, surveyed).catch((err: unknown) => {
    runtime.log.error({ device: device.name, err }, 'Read could not be kept for plans in CI');
  });
  const { observed, verdict } = surveyed;
  if (observed.state === 'Unknown') return { ...base, ...beside, observed, outcome: verdict };
  return {
    ...base,
    ...beside,
    observed,
    outcome: verdict,
    held:
      asked ??
      readDeviceHold(observed.hold) ??
      pinHold(world.pins.get(device.name), resumed) ??
      driftHold(verdict, { mode: device.mode, holdMs: world.changes().humanHoldSeconds * 1000, resumed }, clock.now()),
    version: observed.version,
    who: async (since) => {
      const { config } = observed;
      const { candidates, gaps } = await attributeChange(fleet.state, device.object, corridor, { since, config }, signal);
      if (gaps.length > 0) runtime.log.info({ device: device.name, gaps }, 'Device does not tell all about who changed it');
      return candidates;
    },
  };

  /** What else is said of a device that was read. */
  async function lookBeside(one: Surveyed): Promise<typeof beside> {
    const { observed, verdict } = one;
    const told = tellDevice(fleet.state, device.object, one);
    if (observed.state === 'Unknown') return { told };
    const use = await measureSubnets(fleet.state, device.object, corridor, signal);
    const differs = verdict.verdict !== 'Unknown' && verdict.verdict !== 'InSync';
    // What left Git is told, and nothing is proposed for it.
    const proposes = differs && fleet.mayWrite && !world.releasing.has(device.name);
    const proposal = proposes ? await proposeDevice(one, prepared, corridor, signal) : undefined;
    return { told, ...(use && { use }), ...(proposal && { proposal }) };
  }
}

/** Takes over what a person saw and asked to take. True when the baseline moved: the device is judged anew then. */
async function adoptAsked({ runtime, devices, drifts }: World, surveyed: Surveyed): Promise<boolean> {
  const { verdict, device } = surveyed;
  if (verdict.verdict === 'Unknown') return false;
  const annotations = devices.get(device.name)?.annotations ?? {};
  const by = adoptionBy(annotations, drifts.get(device.name)?.status, digestOfReported(reportedOf(verdict)));
  if (by === undefined) return false;
  const conflicts = await adoptDevices([surveyed], runtime.corridor, by);
  if (conflicts.size > 0) return false;
  runtime.log.info({ device: device.name, by }, 'Device adopted as it is');
  return true;
}

/** What was known is gone: of one device, or of all. */
const lostCodes: ReadonlySet<string> = new Set(['StoreDamaged', 'RecordsLost']);

function endTrial({ runtime, logins }: World, device: string, trial: Trial, observed: Observed | undefined): void {
  if (!trial.end(loginOf(observed))) return;
  if (logins.closed()) runtime.log.error({ device }, 'Logins stopped: too many devices in a row refused them');
  else runtime.log.info({ device }, 'Logins go on: a device let us in again');
}

/** A login that was let in or refused; whoever was not reached says nothing about the account. */
function loginOf(observed: Observed | undefined): LoginEnd {
  if (observed?.state === 'Read' || (observed && loggedIn.has(observed.reason))) return 'accepted';
  return observed?.reason === 'AuthFailed' ? 'refused' : 'unknown';
}

/** What is known only after a login. */
const loggedIn: ReadonlySet<UnknownReason> = new Set(['DeviceSettling', 'DaemonDown', 'PartialRead']);

function sayInvalid({ name, problems }: DesiredDevice): string {
  const found = problems.filter(({ severity }) => severity === 'error');
  const [first] = found;
  return `Git cannot be rendered for ${name}: ${found.length} ${found.length === 1 ? 'error' : 'errors'}; first: ${first ? sayProblem(first) : ''}`;
}
