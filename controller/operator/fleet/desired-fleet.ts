import { isDeepStrictEqual } from 'node:util';
import type { CheckedState, Labels, ReconcileMode } from '../../api/index.ts';
import { modeOf } from '../../desired/index.ts';
import { type Prepared, type PreparedDevice, prepareDevices } from '../../pipeline/index.ts';
import type { Secrets } from '../../store/index.ts';

/** One revision in force: every device of it, compiled and rendered. Replaced as a whole, never changed. */
export interface DesiredFleet {
  revision: string;
  state: CheckedState;
  devices: ReadonlyMap<string, DesiredDevice>;
  templatesDigest: string;
  templateProblems: Prepared['templateProblems'];
}

export interface DesiredDevice extends PreparedDevice {
  mode: ReconcileMode;
}

/** Compiles and renders a revision. What did not change since `before` is taken from it, as the same object. */
export async function enforceRevision(
  state: CheckedState,
  before: DesiredFleet | undefined,
  { ceiling, secrets, isOurs }: { ceiling: ReconcileMode; secrets: Secrets; isOurs: (labels: Labels) => boolean },
): Promise<DesiredFleet> {
  const ours = [...state.objects.Device.values()].filter(({ metadata }) => isOurs(metadata.labels));
  const names = ours.map(({ metadata }) => metadata.name);
  const prepared = await prepareDevices(state, names, secrets, before?.devices);
  const policies = [...state.objects.ReconcilePolicy.values()];
  const devices = prepared.devices.map((device): [string, DesiredDevice] => {
    const { mode } = modeOf(device.object, policies, ceiling);
    const last = before?.devices.get(device.name);
    return [device.name, last === device && last.mode === mode ? last : { ...device, mode }];
  });
  return {
    revision: state.revision,
    state,
    devices: new Map(devices),
    templatesDigest: prepared.templatesDigest,
    templateProblems: prepared.templateProblems,
  };
}

/** Devices that a new revision has made different: new ones, and those that should now be, be reached or be treated otherwise. */
export function changedDevices(before: DesiredFleet | undefined, after: DesiredFleet): string[] {
  return [...after.devices.values()].filter((device) => differs(before?.devices.get(device.name), device)).map(({ name }) => name);
}

function differs(last: DesiredDevice | undefined, next: DesiredDevice): boolean {
  return last !== next && (!last || !isDeepStrictEqual(shownOf(last), shownOf(next)));
}

/** What a look at a device depends on, or what it shows. */
function shownOf({ object, ready, mode, digest, inputs }: DesiredDevice): object {
  return { spec: object.spec, labels: object.metadata.labels, ready, mode, digest, sessions: inputs.sessions.map(({ spec }) => spec) };
}
