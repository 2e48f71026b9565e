import { type CheckedState, hasErrors, type Rendered } from '../../api/index.ts';
import { dialectFor, listItems, parseIntended } from '../../config/index.ts';
import { loadSource, type Source } from '../../desired/index.ts';
import { type PlumblineError, secretToken, systemClock } from '../../lib/index.ts';
import { type Known, prepareDevices, type Surveyed } from '../../pipeline/index.ts';
import { overlay } from '../overlay.ts';
import { type Drift, driftOf, withDrift } from './drift.ts';
import { namesIn, readFound } from './found.ts';
import { createBook } from './book.ts';
import type { Proposal } from './proposal.ts';
import { proposeDevice } from './propose-device.ts';
import { proposeGroups } from './propose-groups.ts';
import { proposePolicies } from './propose-policies.ts';
import { proposeRaw } from './propose-raw.ts';
import { proposeSessions } from './propose-sessions.ts';

export interface CaptureRequest {
  state: CheckedState;
  source: Source;
  /** The devices, read and judged. */
  surveyed: readonly Surveyed[];
  secrets: Parameters<typeof prepareDevices>[2];
  /** Also what is new on a device since it was adopted, and claimed by nobody. */
  news?: boolean;
  onStep?: (what: string) => void;
}

export interface Captured {
  /** New text of the files, by path from the root of the desired state. */
  files: ReadonlyMap<string, string>;
  /** Those among them that there were before, as they were. */
  before: ReadonlyMap<string, string>;
  /** What was written, in the words of Git. */
  changes: readonly string[];
  /** Lines, by device, that Git has as the device does now. */
  lines: readonly { device: string; key: string }[];
  /** Lines that nothing was found for. */
  left: readonly LeftLine[];
}

export interface LeftLine {
  device: string;
  line: string;
  why: string;
}

/**
 * Writes what was changed on devices into the desired state: where a field says it there, else in a raw section. What it returns was loaded, checked
 * and rendered, gives each captured line just as the device has it, and changes nothing else on any device. Writes nothing.
 */
export async function captureDrift(request: CaptureRequest): Promise<Captured> {
  const { state, source, secrets, onStep = () => undefined } = request;
  const book = createBook(source);
  const names = [...state.objects.Device.keys()];
  const all = await prepareDevices(state, names, secrets);
  let standing: Standing = { state, devices: new Map(all.devices.map((device) => [device.name, device])) };
  const captured: { device: string; key: string }[] = [];
  const changes: string[] = [];
  const left: LeftLine[] = [];

  for (const surveyed of request.surveyed) {
    const { name } = surveyed.device;
    const drifts = driftOf(surveyed, request.news === true);
    const open = new Map(drifts.filter((drift) => !isSecret(drift)).map((drift) => [drift.key, drift]));
    for (const drift of drifts)
      if (isSecret(drift))
        left.push({ device: name, line: drift.key, why: 'its secret changed: give the new value to the secret that Git names' });
    if (open.size === 0 || !surveyed.compared) continue;
    onStep(`capturing ${name} …`);

    const attempt = async (proposals: readonly Proposal[]): Promise<boolean> => {
      const edited = await book.try(proposals);
      if (!edited) return false;
      const next = await render(overlay(source, edited), standing, secrets);
      const done = next && settledBy(standing, next, surveyed, open);
      if (!next || !done || done.length === 0) return false;
      book.keep(edited);
      standing = next;
      for (const key of done) {
        open.delete(key);
        captured.push({ device: name, key });
      }
      changes.push(...proposals.map(({ what }) => what));
      return true;
    };
    const typed = proposeFields(surveyed, standing, [...open.values()]);
    if (typed.length > 0 && !(await attempt(typed))) for (const proposal of typed) await attempt([proposal]);
    if (open.size > 0)
      for (const proposal of proposeRaw(standing.state, name, surveyed.compared.live, [...open.values()]))
        if (open.size > 0) await attempt([proposal]);
    for (const drift of open.values()) left.push({ device: name, line: drift.live ?? drift.desired ?? drift.key, why: whyLeft(drift) });
  }
  return { files: book.files(), before: await book.before(), changes, lines: captured, left };
}

/** A state of Git with everything that it renders. */
interface Standing {
  state: CheckedState;
  devices: Known;
}

function proposeFields({ device, compared }: Surveyed, { state }: Standing, drifts: readonly Drift[]): Proposal[] {
  if (!compared || device.object.spec.platform !== 'frr') return [];
  const { intended, live } = compared;
  const before = readFound(device.name, intended.tree);
  const after = readFound(device.name, withDrift(intended.tree, live, drifts));
  const names = namesIn(state);
  return [
    ...proposeDevice(state, device.name, before, after, names),
    ...proposeSessions(state, device.name, before, after, intended.owners),
    ...proposeGroups(state, before, after, names),
    ...proposePolicies(state, before, after, names, intended.owners),
  ];
}

async function render(source: Source, { devices }: Standing, secrets: CaptureRequest['secrets']): Promise<Standing | undefined> {
  const state = await loadSource(source, systemClock);
  if (hasErrors(state.problems)) return undefined;
  const prepared = await prepareDevices(state, [...state.objects.Device.keys()], secrets, devices);
  return { state, devices: new Map(prepared.devices.map((device) => [device.name, device])) };
}

/** Keys of the open lines that are now as the device has them; undefined when anything else became different anywhere. */
function settledBy(
  before: Standing,
  after: Standing,
  { device: { name }, observed }: Surveyed,
  open: ReadonlyMap<string, Drift>,
): string[] | undefined {
  const here = observed.state === 'Read' ? { version: observed.version, device: observed.config } : {};
  const done: string[] = [];
  for (const [device, now] of after.devices) {
    const old = before.devices.get(device);
    if (!now.ready || hasNew(old?.problems, now.problems)) return undefined;
    if (old?.ready?.rendered.text === now.ready.rendered.text) continue;
    const [was, is] = [old?.ready?.rendered, now.ready.rendered].map((rendered) => itemsOf(rendered, device === name ? here : {}));
    if (!was || !is) return undefined;
    for (const key of new Set([...was.keys(), ...is.keys()])) {
      if (was.get(key) === is.get(key)) continue;
      const drift = device === name ? open.get(key) : undefined;
      if (!drift || is.get(key) !== drift.live) return undefined;
      done.push(key);
    }
  }
  return done;
}

function hasNew(before: readonly PlumblineError[] = [], after: readonly PlumblineError[]): boolean {
  return after.some(({ severity }) => severity === 'error') && !before.some(({ severity }) => severity === 'error');
}

function itemsOf(rendered: Rendered | undefined, read: { version?: string; device?: string }): ReadonlyMap<string, string> {
  if (!rendered) return new Map();
  const dialect = dialectFor(rendered.platform);
  const { tree, problems } = parseIntended(rendered.text, dialect, read);
  const wrong = problems.some(({ severity }) => severity === 'error');
  return new Map([...listItems(tree, dialect).map(({ key, text }) => [key, text] as const), ...(wrong ? [['', ''] as const] : [])]);
}

function isSecret({ desired = '', live = '' }: Drift): boolean {
  return [desired, live].some((text) => text.search(secretToken) >= 0);
}

function whyLeft({ desired, live, owner }: Drift): string {
  const place = owner ? `${owner.owner} (${owner.file}:${owner.line})` : 'Git';
  if (live === undefined) return `the device lacks it, and ${place} has no way to leave it out: take it out there when that is meant`;
  if (desired === undefined) return `${place} has no field for it, and it does not stand in a raw section`;
  return `${place} has no field that says so: write it there by hand`;
}
