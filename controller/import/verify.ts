import { LineCounter, isNode, parseDocument } from 'yaml';
import type { CheckedState } from '../api/index.ts';
import { dialectFor, type Intended, listItems, type Node, parseIntended, planPatch, type Tree } from '../config/index.ts';
import { loadSource, type Source } from '../desired/index.ts';
import { type PlumblineError, systemClock } from '../lib/index.ts';
import { prepareDevices } from '../pipeline/index.ts';
import type { Unit } from './claims.ts';
import { type Composition, folders } from './compose/compose.ts';
import type { ComposedDevice } from './compose/device.ts';
import { overlay } from './overlay.ts';

/** What came of a composition: nothing to blame, or who is. */
export interface Verdict {
  /** Units that do not come back as they were, by device. */
  units: Map<string, Set<Unit>>;
  /** Raw lines that cannot stand in Git, by device and key, with why. Looked at when no unit is to blame. */
  lines: Map<string, Map<string, string>>;
  /** Devices with a difference that nobody was found to blame for, and what differs first. */
  unclear: Map<string, string>;
}

export function isExact({ units, lines, unclear }: Verdict): boolean {
  return units.size + lines.size + unclear.size === 0;
}

/** Loads, compiles and renders the files as every command does, and holds each device to its original. */
export async function verify(composition: Composition, base: Source | undefined, before: ReadonlyMap<string, string>): Promise<Verdict> {
  const state = await loadSource(overlay(base, composition.files), systemClock);
  const blame = createBlame(composition, state);
  const errors = state.problems.filter(({ severity }) => severity === 'error');
  for (const problem of errors) blame.problem(problem, undefined);
  if (errors.length > 0) return blame.verdict;

  const names = composition.devices.map(({ original }) => original.device);
  // Devices of Git whose sessions got another end stay what they were.
  const touched = [...new Set(composition.joined.map(({ session }) => session.neighbor.device))];
  const { devices } = await prepareDevices(state, [...names, ...touched], undefined);
  for (const device of touched) {
    const after = devices.find(({ name }) => name === device)?.ready?.rendered.text;
    if (after === undefined || !isSameText(before.get(device) ?? '', after)) blame.joinedTo(device);
  }
  for (const [i, composed] of composition.devices.entries()) {
    const prepared = devices[i];
    for (const problem of prepared?.problems ?? []) blame.problem(problem, composed);
    const text = prepared?.ready?.rendered.text;
    if (text !== undefined) compareDevice(composed, parseIntended(text, composed.original.dialect, composed.original.tree), blame);
  }
  return blame.verdict;
}

function isSameText(before: string, after: string): boolean {
  const dialect = dialectFor('frr');
  const [old, now] = [before, after].map((text) =>
    listItems(parseIntended(text, dialect).tree, dialect).map(({ key, text: line }) => `${key} = ${line}`),
  );
  return old?.length === now?.length && new Set(old).symmetricDifference(new Set(now)).size === 0;
}

function compareDevice(composed: ComposedDevice, intended: Intended, blame: Blame): void {
  const { original, expected } = composed;
  const rendered = new Map(listItems(intended.tree, original.dialect).map((item) => [item.key, item.text]));
  let differs = 0;
  for (const { node, key } of original.entries) {
    if (blame.isLeftOut(composed, key)) continue;
    const text = expected(node);
    const there = text === node.text ? key : key.replace(node.text, () => text);
    if (rendered.get(there) !== text) {
      differs++;
      blame.missing(composed, node, intended.owners.get(there));
    }
    rendered.delete(there);
  }
  for (const key of rendered.keys()) {
    differs++;
    blame.extra(composed, key, intended.owners.get(key));
  }
  if (differs > 0) return;
  const { commands } = planPatch(expectedTree(composed, blame), intended.tree, original.dialect, { scope: 'all' });
  const [first] = commands;
  if (first) blame.unclear(composed, [...first.path, first.text].join(' > '));
}

/** The tree of the original with references in place of secrets, without what is left out. */
function expectedTree(composed: ComposedDevice, blame: Blame): Tree {
  const { original, expected } = composed;
  const copy = (node: Node): Node[] => {
    const entry = original.entryOf.get(node);
    if (!entry || blame.isLeftOut(composed, entry.key)) return [];
    const text = expected(node);
    const children = node.children.flatMap(copy);
    return [{ ...node, text, key: text === node.text ? node.key : node.key.replace(node.text, () => text), children }];
  };
  return { ...original.tree, roots: original.tree.roots.flatMap(copy) };
}

type Owner = { file: string; line: number } | undefined;

type Blame = ReturnType<typeof createBlame>;

function createBlame(composition: Composition, state: CheckedState) {
  const verdict: Verdict = { units: new Map(), lines: new Map(), unclear: new Map() };
  const byDevice = new Map(composition.devices.map((composed) => [composed.original.device, composed]));
  const bySection = new Map(
    composition.devices.flatMap((composed) => composed.sections.map((section) => [section.path, { composed, section }])),
  );
  const placesOf = new Map<string, readonly (readonly [line: number, unit: Unit])[]>();

  const refuse = (device: string, unit: Unit): void => void verdict.units.set(device, (verdict.units.get(device) ?? new Set()).add(unit));
  const leaveOut = (device: string, key: string, why: string): void =>
    void verdict.lines.set(device, (verdict.lines.get(device) ?? new Map<string, string>()).set(key, why));

  /** Blames whatever of the import stands at the place; false when nothing does. */
  function blamePlace(file: string, line: number, why: string): boolean {
    const section = bySection.get(file);
    if (section) {
      const node = section.section.nodes[line - 1];
      const entry = node && section.composed.original.entryOf.get(node);
      if (!entry) return false;
      const { device } = section.composed.original;
      // An object belongs to one owner: what kinds express of it is let go.
      const others = section.composed.original.entries.filter((each) => entry.object !== undefined && each.object === entry.object);
      const units = others.flatMap((each) => section.composed.claims.unitOf(each.node) ?? []);
      if (units.length > 0) for (const unit of units) refuse(device, unit);
      else leaveOut(device, entry.key, why);
      return true;
    }
    const [, folder = '', name = ''] = /^([a-z-]+)\/(.+)\.(?:yaml|txt)$/.exec(file) ?? [];
    if (folder === 'devices') return blameDevice(name, file, line);
    const units = titlesIn(file, folder, name).flatMap((title) => composition.unitsOf(title));
    for (const { device, unit } of units) refuse(device, unit);
    return units.length > 0;
  }

  /** A file that is ours holds one object; one of Git may hold many, of which some were touched. */
  function titlesIn(file: string, folder: string, name: string): string[] {
    const joined = composition.joined.flatMap(({ session }) => (session.path === file ? [`BGPSession/${session.name}`] : []));
    return joined.length > 0 ? joined : [`${kinds[folder]}/${name}`];
  }

  function blameDevice(device: string, file: string, line: number): boolean {
    const composed = byDevice.get(device);
    const text = composition.files.get(file);
    if (!composed || text === undefined) return false;
    const places = placesOf.get(file) ?? findPlaces(text, composed);
    placesOf.set(file, places);
    const unit = places.findLast(([start]) => start <= line)?.[1];
    if (unit === undefined) return false;
    refuse(device, unit);
    return true;
  }

  /** A session of Git says that an address is somebody else's: then we do not say that it is ours. */
  function blameAddress({ code, at }: PlumblineError): boolean {
    if (code !== 'ExternalIsManaged') return false;
    const session = [...state.objects.BGPSession.values()].findLast(
      ({ position }) => position.file === at?.file && position.line <= at.line,
    );
    const address = session?.spec.ends.find((end) => end.external)?.external?.address;
    const found = composition.devices.flatMap(({ original: { device } }) => {
      const interfaces = state.objects.Device.get(device)?.spec.interfaces ?? [];
      return interfaces.flatMap(({ name, addresses }) =>
        addresses.some((text) => text.split('/')[0] === address) ? [{ device, name }] : [],
      );
    });
    for (const { device, name } of found) refuse(device, `interface ${name}`);
    return found.length > 0;
  }

  const blameOwner = (owner: Owner): boolean =>
    owner !== undefined && blamePlace(owner.file, owner.line, 'it does not read back as it is written');

  return {
    verdict,
    isLeftOut: ({ sections, claims, original }: ComposedDevice, key: string): boolean => {
      const left = leftOutOf(sections, claims, original);
      return left.has(key);
    },
    problem(problem: PlumblineError, composed: ComposedDevice | undefined): void {
      if (problem.severity !== 'error') return;
      if (problem.at && blamePlace(problem.at.file, problem.at.line, problem.message)) return;
      if (blameAddress(problem)) return;
      for (const device of composed ? [composed.original.device] : byDevice.keys()) verdict.unclear.set(device, problem.message);
    },
    /** A device of Git is not what it was: the ends that were added to its sessions go. */
    joinedTo(device: string): void {
      for (const { session, units } of composition.joined)
        if (session.neighbor.device === device) for (const each of units) refuse(each.device, each.unit);
    },
    missing({ original, claims }: ComposedDevice, node: Node, owner: Owner): void {
      const unit = claims.unitOf(node);
      if (unit !== undefined) refuse(original.device, unit);
      else if (!blameOwner(owner))
        leaveOut(original.device, original.entryOf.get(node)?.key ?? '', 'it does not read back as it is written');
    },
    extra({ original, claims }: ComposedDevice, key: string, owner: Owner): void {
      if (blameOwner(owner)) return;
      // A field that says it in more places than the original has: the lines that became it are of the same name.
      const units = original.entries.flatMap(({ node }) => (key.endsWith(` > ${node.key}`) ? (claims.unitOf(node) ?? []) : []));
      for (const unit of units) refuse(original.device, unit);
      if (units.length === 0) verdict.unclear.set(original.device, key);
    },
    unclear({ original }: ComposedDevice, what: string): void {
      verdict.unclear.set(original.device, what);
    },
  };
}

const leftOut = new WeakMap<object, Set<string>>();

/** Keys of the lines that stand neither in a section nor in a unit, with all inside them. */
function leftOutOf(
  sections: ComposedDevice['sections'],
  claims: ComposedDevice['claims'],
  original: ComposedDevice['original'],
): Set<string> {
  const known = leftOut.get(sections);
  if (known) return known;
  const kept = new Set<Node>(sections.flatMap(({ nodes }) => nodes.flatMap((node) => node ?? [])));
  for (const { node, parents } of original.entries)
    if (claims.unitOf(node) !== undefined) for (const each of [node, ...parents]) kept.add(each);
  const keys = new Set(original.entries.flatMap(({ node, key }) => (kept.has(node) ? [] : [key])));
  leftOut.set(sections, keys);
  return keys;
}

const kinds: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(folders).map(([kind, folder]) => [folder, kind]));

/** Lines at which the values of a Device begin that came from a unit, in their order. */
function findPlaces(text: string, { items }: ComposedDevice): (readonly [line: number, unit: Unit])[] {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  return [...items, ['rpki', 'rpki'] as const]
    .flatMap(([path, unit]) => {
      const steps = path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));
      const node = document.getIn(['spec', ...steps], true);
      return isNode(node) && node.range ? [[lineCounter.linePos(node.range[0]).line, unit] as const] : [];
    })
    .sort(([a], [b]) => a - b);
}
