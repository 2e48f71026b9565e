import type { CheckedState, NetBoxFacts } from '../api/index.ts';
import { loadSource, type Source } from '../desired/index.ts';
import { nearest, type PlumblineError, systemClock } from '../lib/index.ts';
import { compareWithNetBox } from '../netbox/index.ts';
import { prepareDevices } from '../pipeline/index.ts';
import { errors } from './errors.ts';
import { devicesOf, type LeftOut, type NetBoxDevice, type NetBoxWish, without } from './netbox-devices.ts';
import { overlay } from './overlay.ts';
import { writeObject } from './yaml-text.ts';

export interface ImportedFromNetBox {
  /** Files to write, by path from the root of the desired state. */
  files: ReadonlyMap<string, string>;
  devices: readonly string[];
  left: readonly LeftOut[];
  /** Devices that Git has already: people wrote them, and they stay. */
  unchanged: readonly string[];
}

const rounds = 20;

/**
 * Makes desired state of what NetBox records. What it returns was loaded, checked, compiled and compared with NetBox, which then lacks nothing
 * of it and says nothing else; what cannot be kept that way is left out, and said. Throws SiteUnknown, ImportNotExact, StateNotUsable. Writes nothing.
 */
export async function importNetBox(facts: NetBoxFacts, wish: NetBoxWish, base?: Source): Promise<ImportedFromNetBox> {
  refuseUnknownSites(facts, wish);
  const existing = base && (await loadSource(base, systemClock));
  const broken = existing ? errorsOf(existing).length : 0;
  if (broken > 0) throw errors.StateNotUsable({ count: broken });
  const made = devicesOf(facts, wish);
  const left = [...made.left];
  const unchanged = made.devices.flatMap(({ name }) => (existing?.objects.Device.has(name) ? [name] : []));
  let devices = made.devices.filter(({ name }) => !unchanged.includes(name));
  for (let round = 0; round < rounds; round++) {
    const files = new Map(devices.map((device) => [pathOf(device), textOf(device)]));
    const state = await loadSource(overlay(base, files), systemClock);
    const wrong = errorsOf(state);
    if (wrong.length === 0) {
      await verify(state, facts, devices);
      return { files, devices: devices.map(({ name }) => name), left, unchanged };
    }
    const mended = devices.flatMap((device) => mend(device, state, wrong, left) ?? []);
    if (mended.length === devices.length && mended.every((device, index) => device === devices[index])) throw notExact(wrong[0], devices);
    devices = mended;
  }
  throw notExact(undefined, devices);
}

function refuseUnknownSites({ objects }: NetBoxFacts, { sites }: NetBoxWish): void {
  const known = (objects['site'] ?? []).map(({ key }) => key);
  const site = sites.find((each) => !known.includes(each));
  if (site === undefined) return;
  const close = nearest(site, known);
  throw errors.SiteUnknown({ site, ...(close !== undefined && { nearest: close }) });
}

/**
 * Takes out of a device what the checks do not take, the last interface first so that the places of the others hold; all of it where no part
 * is to blame.
 */
function mend(device: NetBoxDevice, state: CheckedState, wrong: readonly PlumblineError[], left: LeftOut[]): NetBoxDevice | undefined {
  const object = state.objects.Device.get(device.name);
  const own = wrong.filter(({ at }) => at?.file === pathOf(device));
  if (!object || own.length === 0) return device;
  const starts = device.spec.interfaces.map((_, index) => object.locate(['spec', 'interfaces', index]).line);
  const blamed = new Map(own.map((problem) => [starts.findLastIndex((line) => line <= (problem.at?.line ?? 0)), problem.message]));
  const indexes = [...blamed.keys()].filter((index) => index >= 0).sort((a, b) => b - a);
  if (indexes.length > 0) return indexes.reduce((rest, index) => without(rest, index, 'addresses', blamed.get(index) ?? '', left), device);
  const why = own[0]?.message ?? '';
  const { serial, ...spec } = device.spec;
  left.push({ what: serial === undefined ? device.name : `${device.name}: serial`, why });
  return serial === undefined ? undefined : { ...device, spec: { ...spec, interfaces: device.spec.interfaces } };
}

async function verify(state: CheckedState, facts: NetBoxFacts, devices: readonly NetBoxDevice[]): Promise<void> {
  const names = devices.map(({ name }) => name);
  const { devices: prepared } = await prepareDevices(state, names, undefined);
  const unready = prepared.find(({ ready }) => ready === undefined);
  if (unready) throw errors.ImportNotExact({ device: unready.name, what: unready.problems[0]?.message ?? 'its templates' });
  const [first] = compareWithNetBox({ state, facts, told: new Map(), devices: new Set(names) }).differences;
  if (first) throw errors.ImportNotExact({ device: first.owner, what: `${first.object} ${first.field ?? ''}: ${first.why}` });
}

function notExact(problem: PlumblineError | undefined, devices: readonly NetBoxDevice[]): PlumblineError {
  return errors.ImportNotExact({
    device: devices[0]?.name ?? '',
    what: problem ? `${problem.at?.file ?? ''}:${problem.at?.line ?? ''} ${problem.message}` : 'its interfaces',
  });
}

function errorsOf({ problems }: CheckedState): readonly PlumblineError[] {
  return problems.filter(({ severity }) => severity === 'error');
}

function pathOf({ name }: NetBoxDevice): string {
  return `devices/${name}.yaml`;
}

function textOf({ name, labels, spec }: NetBoxDevice): string {
  const { interfaces, ...rest } = spec;
  const head =
    '# From NetBox. How the device is reached is not known there: write management (address, hostKeys), then lifecycle: Active.\n';
  return head + writeObject('Device', name, interfaces.length > 0 ? spec : rest, labels);
}
