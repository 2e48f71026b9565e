import { isCollection, isPair, LineCounter, parseDocument as parseYaml, visit } from 'yaml';
import type { CheckedState } from '../../api/index.ts';
import { parseIntended, planPatch, type Tree } from '../../config/index.ts';
import { loadSource, type Source } from '../../desired/index.ts';
import { type PlumblineError, systemClock } from '../../lib/index.ts';
import { prepareDevices } from '../../pipeline/index.ts';
import type { Unit } from '../claims.ts';
import { overlay } from '../overlay.ts';
import type { ComposedKea, FilePlaces, KeaComposition } from './compose.ts';
import { kea, treeOf } from './original.ts';

/** What came of a composition: units to blame by device, devices with a fault that nobody was found for, and what it is. */
export interface KeaVerdict {
  units: Map<string, Set<Unit>>;
  unclear: Map<string, string>;
  state: CheckedState;
}

/** Loads, compiles and renders the files as every command does, and holds each device to its original. */
export async function verifyKea(composition: KeaComposition, base: Source | undefined): Promise<KeaVerdict> {
  const state = await loadSource(overlay(base, composition.files), systemClock);
  const verdict: KeaVerdict = { units: new Map(), unclear: new Map(), state };
  const refuse = (device: string, unit: Unit): void => void verdict.units.set(device, (verdict.units.get(device) ?? new Set()).add(unit));
  const tell = (problem: PlumblineError, devices: readonly string[]): void => {
    if (problem.severity !== 'error') return;
    const { at } = problem;
    const places = at && composition.places.get(at.file);
    const unit = places && unitAt(places, composition.files.get(at.file) ?? '', at.line, at.col);
    if (places && unit !== undefined) return refuse(places.device, unit);
    for (const device of places ? [places.device] : devices) verdict.unclear.set(device, problem.message);
  };
  const names = composition.devices.map(({ original }) => original.device);
  for (const problem of state.problems) tell(problem, names);
  if (verdict.units.size + verdict.unclear.size > 0) return verdict;

  const { devices } = await prepareDevices(state, names, undefined);
  for (const [i, composed] of composition.devices.entries()) {
    const { device } = composed.original;
    for (const problem of devices[i]?.problems ?? []) tell(problem, [device]);
    const text = devices[i]?.ready?.rendered.text;
    if (text === undefined) {
      if (!verdict.units.has(device) && !verdict.unclear.has(device)) verdict.unclear.set(device, 'it cannot be rendered');
      continue;
    }
    for (const version of composed.original.versions) {
      const difference = compareKea(composed, text, version);
      for (const unit of difference.units) refuse(device, unit);
      if (difference.first !== undefined && difference.units.size === 0) verdict.unclear.set(device, difference.first);
      if (difference.first !== undefined) break;
    }
  }
  return verdict;
}

function compareKea(composed: ComposedKea, text: string, version: string): { units: Set<Unit>; first: string | undefined } {
  const { tree, problems } = parseIntended(text, kea, { version });
  const { commands } = planPatch(treeOf(composed.original, version, composed.unsetOf), tree, kea, { scope: 'all' });
  const units = new Set<Unit>();
  let [first] = problems.map(({ message }) => message);
  for (const command of commands) {
    first ??= [...command.path, command.text].join(' > ');
    const [root = '', block = command.text] = command.path;
    const [, id] = /^(?:no )?subnet (\S+)/.exec(command.path.length > 0 ? block : '') ?? [];
    if (id !== undefined) units.add(`${root} subnet ${id}`);
  }
  return { units: composedUnits(composed, units), first };
}

/** Of these only subnets that are objects of ours: one that is raw already is nobody's fault. */
function composedUnits({ sections }: ComposedKea, units: ReadonlySet<Unit>): Set<Unit> {
  const raw = new Set(sections.flatMap(({ left }) => Object.entries(left).flatMap(([root, map]) => wholeSubnets(root, map))));
  return new Set([...units].filter((unit) => !raw.has(unit)));
}

function wholeSubnets(root: string, map: unknown): string[] {
  if (typeof map !== 'object' || map === null) return [];
  if (Array.isArray(map)) return map.flatMap((each) => wholeSubnets(root, each));
  const own = 'subnet' in map && 'id' in map ? [`${root} subnet ${String(map.id)}`] : [];
  const inner = Object.entries(map).flatMap(([key, value]) =>
    /^(?:Dhcp[46]|subnet[46]|shared-networks)$/.test(key) ? wholeSubnets(root, value) : [],
  );
  return [...own, ...inner];
}

/** The smallest unit that stands at a place of a file. */
function unitAt({ rows, units, whole, root }: FilePlaces, text: string, line: number, col: number): Unit | undefined {
  if (rows) return rows[line - 1] ?? whole;
  if (root !== undefined) return subnetAround(text.split('\n'), line - 1, root);
  const counter = new LineCounter();
  const document = parseYaml(text, { lineCounter: counter });
  const offset = (counter.lineStarts[line - 1] ?? 0) + col - 1;
  let found: string[] = [];
  visit(document, {
    Node(key, node, ancestors) {
      if (!node.range || node.range[0] > offset || (isCollection(node) && node.range[2] <= offset)) return;
      const path: string[] = [];
      for (const [i, each] of ancestors.entries()) {
        if (isPair(each)) path.push(String(each.key));
        else if (isCollection(each) && 'items' in each) {
          const next = ancestors[i + 1] ?? node;
          const at = each.items.indexOf(next as never);
          if (at >= 0 && !isPair(next)) path.push(String(at));
        }
      }
      found = path;
    },
  });
  const [, ...inSpec] = found;
  for (let length = inSpec.length; length > 0; length--) {
    const unit = units.get(inSpec.slice(0, length).join('.'));
    if (unit !== undefined) return unit;
  }
  return whole;
}

/** The subnet that a line of a section belongs to, going by how it is laid out. */
function subnetAround(lines: readonly string[], at: number, root: string): Unit | undefined {
  let depth = Number.POSITIVE_INFINITY;
  for (let i = at; i >= 0; i--) {
    const line = lines[i] ?? '';
    const indent = line.length - line.trimStart().length;
    if (indent > depth || (indent === depth && i !== at)) continue;
    depth = indent;
    const [, id] =
      (/^\s*\{?\s*"id": (\d+)/.exec(line) ?? /^\s*\{$/.exec(line)) ? (/"id": (\d+)/.exec(`${line}${lines[i + 1] ?? ''}`) ?? []) : [];
    if (id !== undefined) return `${root} subnet ${id}`;
  }
  return undefined;
}

export function isSameTree(a: Tree, b: Tree): string | undefined {
  const [first] = planPatch(a, b, kea, { scope: 'all' }).commands;
  return first && [...first.path, first.text].join(' > ');
}
