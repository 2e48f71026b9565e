import type { Observed } from '../../api/index.ts';
import { PlumblineError } from '../../lib/index.ts';
import { type Surveyed, surveyDevices, takeOverAgreed } from '../../pipeline/index.ts';
import type { DesiredDevice, DesiredFleet } from '../fleet/desired-fleet.ts';
import { sayProblem } from '../fleet/fleet-status.ts';
import { errors } from '../errors.ts';
import type { World } from '../world.ts';
import { readHold, readRequest } from './hold.ts';
import type { Look } from './publish.ts';

/**
 * Reads one device and judges it. Never throws for what a device, Git or the store does: what stands in the way becomes the outcome.
 * Writes nothing to a device.
 */
export async function lookAtDevice(world: World, fleet: DesiredFleet, device: DesiredDevice, signal: AbortSignal): Promise<Look> {
  const { runtime, logins, suspended } = world;
  const { clock } = runtime.corridor;
  const annotations = world.devices.get(device.name)?.annotations ?? {};
  const base = {
    held: readHold(annotations, clock.now()),
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
  if (!logins.admits(device.name)) return unknown('AuthFailed', errors.LoginsStopped({ device: device.name, count: logins.count() }));
  const prepared = {
    state: fleet.state,
    templatesDigest: fleet.templatesDigest,
    templateProblems: fleet.templateProblems,
    devices: [device],
  };
  let surveyed: Surveyed | undefined;
  try {
    [surveyed] = await surveyDevices(prepared, runtime.corridor, signal);
    // A look that we broke off ourselves says nothing about the device.
    signal.throwIfAborted();
    // What is in force was merged: lines that Git and an adopted device agree on are ours from now on.
    if (surveyed) await takeOverAgreed([surveyed], runtime.corridor);
  } catch (error) {
    if (signal.aborted) throw error;
    const failure =
      error instanceof PlumblineError ? error : errors.LookFailed({ device: device.name, why: (error as Error).message }, { cause: error });
    runtime.log.error({ device: device.name, err: error }, 'Device could not be judged');
    return { ...unknown('Unverified', failure), lost: failure.code === 'StoreDamaged' };
  }
  if (!surveyed) throw new Error(`no answer for ${device.name}`);
  const { observed, verdict } = surveyed;
  reportLogin(world, device.name, observed);
  return {
    ...base,
    observed,
    outcome: verdict,
    version: observed.state === 'Read' ? observed.version : undefined,
  };
}

/** A login that was let in or refused; other troubles say nothing about the account. */
function reportLogin({ logins, runtime }: World, device: string, observed: Observed): void {
  if (observed.state === 'Read') logins.report(device, false);
  else if (observed.reason === 'AuthFailed') {
    if (logins.report(device, true)) runtime.log.error({ device }, 'Logins stopped: too many devices in a row refused them');
  }
}

function sayInvalid({ name, problems }: DesiredDevice): string {
  const found = problems.filter(({ severity }) => severity === 'error');
  const [first] = found;
  return `Git cannot be rendered for ${name}: ${found.length} ${found.length === 1 ? 'error' : 'errors'}; first: ${first ? sayProblem(first) : ''}`;
}
