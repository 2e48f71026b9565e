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
  /** Sessions of the device, by name. */
  sessions: readonly string[];
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
  const sessions = sessionsByDevice(state);
  const devices = prepared.devices.map((device): [string, DesiredDevice] => {
    const next = { ...device, mode: modeOf(device.object, policies, ceiling).mode, sessions: sessions.get(device.name) ?? [] };
    const last = before?.devices.get(device.name);
    return [device.name, last && isSame(last, next) ? { ...last, object: device.object } : next];
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
  return !last || !isSame(last, next) || JSON.stringify(last.object.spec) !== JSON.stringify(next.object.spec) || !sameLabels(last, next);
}

function isSame(last: DesiredDevice, next: DesiredDevice): boolean {
  return (
    last.ready === next.ready && last.mode === next.mode && last.sessions.join() === next.sessions.join() && last.inputs === next.inputs
  );
}

function sameLabels(last: DesiredDevice, next: DesiredDevice): boolean {
  return JSON.stringify(last.object.metadata.labels) === JSON.stringify(next.object.metadata.labels);
}

function sessionsByDevice({ objects }: CheckedState): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, { spec }] of objects.BGPSession)
    for (const { device } of spec.ends) if (device !== undefined) found.set(device, [...(found.get(device) ?? []), name]);
  return found;
}
