import { isDeepStrictEqual } from 'node:util';
import { type CheckedState, type DeviceStatus, type Labels, mostSigners, type ReconcileMode, strictestMode } from '../../api/index.ts';
import { modeOf } from '../../desired/index.ts';
import { type Prepared, type PreparedDevice, prepareDevices, type PrepareOptions } from '../../pipeline/index.ts';
import type { Secrets } from '../../store/index.ts';
import type { FedState } from '../netbox/feed-state.ts';

/** One revision in force: every device of it, compiled and rendered. Replaced as a whole, never changed. */
export interface DesiredFleet {
  revision: string;
  state: CheckedState;
  /** The same as it stands in Git, without what NetBox feeds. */
  asWritten: CheckedState;
  devices: ReadonlyMap<string, DesiredDevice>;
  /** False while every device is only reported on: then nothing is planned. */
  mayWrite: boolean;
  templatesDigest: string;
  templateProblems: Prepared['templateProblems'];
  /** As they were compiled. */
  templates: NonNullable<PrepareOptions['templates']>;
}

export interface DesiredDevice extends PreparedDevice {
  mode: ReconcileMode;
  /** Fields that came from NetBox. */
  fed: readonly string[];
  /** Who signed the revisions that changed what the device should be, since it last was that. Undefined: not known. */
  signers: readonly string[] | undefined;
}

export interface EnforceOptions extends Pick<PrepareOptions, 'pool'> {
  ceiling: ReconcileMode;
  secrets: Secrets;
  isOurs: (labels: Labels) => boolean;
  /** Who signed what came with the revision. Undefined: not known. */
  signers: readonly string[] | undefined;
  /** What is published of a device. */
  statusOf: (device: string) => DeviceStatus | undefined;
  /** With what NetBox has the word on. Default: it has none. */
  feed?: (state: CheckedState) => FedState;
}

/** Compiles and renders a revision. What did not change since `before` is taken from it, as the same object. */
export async function enforceRevision(
  asWritten: CheckedState,
  before: DesiredFleet | undefined,
  { ceiling, secrets, isOurs, signers: fresh, statusOf, feed = unfed, pool }: EnforceOptions,
): Promise<DesiredFleet> {
  const { state, fed } = feed(asWritten);
  const ours = [...state.objects.Device.values()].filter(({ metadata }) => isOurs(metadata.labels));
  const names = ours.map(({ metadata }) => metadata.name);
  const { templates } = before ?? {};
  const prepared = await prepareDevices(state, names, secrets, before?.devices, { hold: 'packed', templates, pool });
  const policies = [...state.objects.ReconcilePolicy.values()];
  const devices = new Map<string, DesiredDevice>();
  let mayWrite = false;
  for (const made of prepared.devices) {
    const { fields, problems } = fed.get(made.name) ?? noFacts;
    const device = problems.length === 0 ? made : { ...made, ready: undefined, problems: [...problems, ...made.problems] };
    // Whoever may edit NetBox is not whoever may merge: nothing that comes from there is carried out on its own.
    const mode = strictestMode([modeOf(device.object, policies, ceiling).mode, ...(fields.length > 0 ? (['Approve'] as const) : [])]);
    const last = before?.devices.get(device.name);
    const signers = signersOf(device, last, statusOf(device.name), fresh);
    const isSame = last === device && last.mode === mode && areTextsSame(last.signers, signers) && areTextsSame(last.fed, fields);
    devices.set(device.name, isSame ? last : { ...device, mode, signers, fed: fields });
    mayWrite ||= mode !== 'Report';
  }
  return {
    revision: state.revision,
    state,
    asWritten,
    devices,
    mayWrite,
    templatesDigest: prepared.templatesDigest,
    templateProblems: prepared.templateProblems,
    templates: prepared.templates,
  };
}

const unfed = (state: CheckedState): FedState => ({ state, fed: new Map() });
const noFacts = { fields: [], problems: [] } as const;

/** For every device at every look at the source: nearly always one and the same. */
function areTextsSame(some: readonly string[] | undefined, others: readonly string[] | undefined): boolean {
  return some === others || (some?.length === others?.length && some?.every((text, i) => text === others?.[i]) === true);
}

/**
 * Whoever signs the next revision is not the author of what came before and has not reached the device yet: signers gather until the device
 * was seen to be what Git says. A process that starts goes on from what is published.
 */
function signersOf(
  { ready }: PreparedDevice,
  last: DesiredDevice | undefined,
  status: DeviceStatus | undefined,
  fresh: readonly string[] | undefined,
): readonly string[] | undefined {
  // Of the same text there is one answer, unless somebody published another since.
  if (ready && last?.ready === ready && (!status || areTextsSame(status.signers, last.signers))) return last.signers;
  const digest = ready?.rendered.digest;
  const lastDigest = last?.ready === ready ? digest : last?.ready?.rendered.digest;
  const isPublished = status !== undefined && (!last || status.digest === lastDigest);
  const before = isPublished ? status : last && { digest: lastDigest, signers: last.signers };
  if (!before) return fresh;
  if (before.digest !== undefined && before.digest === digest) return before.signers;
  return before.signers?.length === 0 ? fresh : gatherSigners([before, { signers: fresh }]);
}

/** All signers of several devices, each once; undefined as soon as those of one are not known, or when they are too many to be told. */
export function gatherSigners(from: Iterable<{ signers?: readonly string[] | undefined }>): readonly string[] | undefined {
  const all = new Set<string>();
  for (const { signers } of from) {
    if (!signers) return undefined;
    for (const signer of signers) all.add(signer);
  }
  return all.size > mostSigners ? undefined : [...all].toSorted();
}

/** Devices that a new revision has made different: new ones, and those that should now be, be reached or be treated otherwise. */
export function changedDevices(before: DesiredFleet | undefined, after: DesiredFleet): string[] {
  return [...after.devices.values()].filter((device) => differs(before?.devices.get(device.name), device)).map(({ name }) => name);
}

function differs(last: DesiredDevice | undefined, next: DesiredDevice): boolean {
  return last !== next && (!last || !isDeepStrictEqual(shownOf(last), shownOf(next)));
}

/** What a look at a device depends on, or what it shows. */
function shownOf({ object, ready, mode, fed, digest, inputs }: DesiredDevice): object {
  return { spec: object.spec, labels: object.metadata.labels, ready, mode, fed, digest, sessions: inputs.sessions.map(({ spec }) => spec) };
}
