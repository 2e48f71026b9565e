import { enter, namesOf, objectOf, outermost, type Place } from './names.ts';
import { type CompiledDialect, isNegated, positiveWords, type Rule, type Section } from './rules.ts';
import type { Node } from './types.ts';

/** One line of a configuration that changes. */
export interface Cell {
  text: string;
  readonly key: string;
  readonly rule: Rule;
  readonly parent: Cell | undefined;
  readonly children: Map<string, Cell>;
  /** The place of the lines inside; made when the first one comes. */
  inner: Place | undefined;
  object: string | undefined;
  defines: readonly string[];
  uses: readonly string[];
  line: number;
  /** See `Node.lifted`. */
  lifted?: true;
}

/** A configuration under change, with an undo log, the members of each object, and a count of references to what does not exist. */
export interface State {
  readonly compiled: CompiledDialect;
  readonly root: Cell;
  readonly members: Map<string, Set<Cell>>;
  readonly defined: Map<string, number>;
  readonly used: Map<string, number>;
  /** Lines by what they say apart from their number, within their section; see `Row.slot`. */
  readonly slots: Map<string, Set<Cell>>;
  /** Names that are used and not defined, now. */
  readonly dangling: Set<string>;
  /** What takes back each step done so far, newest last. */
  readonly undo: (() => void)[];
  /** Told of every line that comes (1) or goes (-1), a new text being both. */
  onEdit: ((cell: Cell, sign: 1 | -1) => void) | undefined;
}

export function createState(roots: readonly Node[], compiled: CompiledDialect): State {
  const root: Cell = bare('', '', compiled.unknownBlock, undefined);
  root.inner = outermost;
  const state: State = {
    compiled,
    root,
    members: new Map(),
    defined: new Map(),
    used: new Map(),
    slots: new Map(),
    dangling: new Set(),
    undo: [],
    onEdit: undefined,
  };
  const fill = (parent: Cell, nodes: readonly Node[]): void => {
    for (const node of nodes) {
      const cell = insert(state, parent, node.key, node.text, node.rule, node.line, false);
      if (node.children.length > 0) fill(cell, node.children);
    }
  };
  fill(root, roots);
  return state;
}

function bare(key: string, text: string, rule: Rule, parent: Cell | undefined): Cell {
  return { text, key, rule, parent, children: new Map(), inner: undefined, object: undefined, defines: [], uses: [], line: 0 };
}

/** The tree as it is now. */
export function nodesOf(state: State): Node[] {
  const copy = (cell: Cell): Node => ({
    text: cell.text,
    key: cell.key,
    rule: cell.rule,
    line: cell.line,
    ...(cell.lifted && { lifted: cell.lifted }),
    children: cell.children.size === 0 ? [] : [...cell.children.values()].map(copy),
  });
  return [...state.root.children.values()].map(copy);
}

export function placeIn(cell: Cell): Place {
  cell.inner ??= enter(cell.parent ? placeIn(cell.parent) : outermost, cell.key, cell.rule, cell.object);
  return cell.inner;
}

export function sectionIn(state: State, cell: Cell): Section {
  return cell === state.root ? state.compiled.root : (cell.rule.inner ?? state.compiled.unknownBlock.inner);
}

/** Adds a line, or gives it a new text. */
export function insert(state: State, parent: Cell, key: string, text: string, rule: Rule, line = 0, logged = true): Cell {
  const there = parent.children.get(key);
  if (there) {
    if (there.text !== text) retext(state, there, text);
    return there;
  }
  const cell = bare(key, text, rule, parent);
  cell.line = line;
  parent.children.set(key, cell);
  name(state, cell);
  if (logged) state.undo.push(() => void (unname(state, cell), parent.children.delete(key)));
  return cell;
}

function retext(state: State, cell: Cell, text: string): void {
  const before = cell.text;
  const set = (value: string): void => {
    unname(state, cell);
    cell.text = value;
    name(state, cell);
  };
  set(text);
  state.undo.push(() => set(before));
}

/** Takes a line away with all inside it. Blocks that are nothing without lines go with their last one. */
export function remove(state: State, cell: Cell): void {
  const { parent } = cell;
  if (!parent || parent.children.get(cell.key) !== cell) return;
  for (const inner of cell.children.values()) remove(state, inner);
  if (parent.children.get(cell.key) !== cell) return;
  const order = parent.rule.row.shape === 'ordered' ? [...parent.children.keys()] : undefined;
  parent.children.delete(cell.key);
  unname(state, cell);
  state.undo.push(() => {
    parent.children.set(cell.key, cell);
    name(state, cell);
    if (order) reorder(parent, order);
  });
  if (parent.children.size === 0 && parent.rule.row.emptyIsAbsent) remove(state, parent);
}

function reorder(parent: Cell, order: readonly string[]): void {
  const cells = order.map((key) => parent.children.get(key)).filter((cell) => cell !== undefined);
  parent.children.clear();
  for (const cell of cells) parent.children.set(cell.key, cell);
}

/** Takes back everything after the mark (a length of `undo`). */
export function rewind(state: State, mark: number): void {
  while (state.undo.length > mark) state.undo.pop()?.();
}

function name(state: State, cell: Cell): void {
  state.onEdit?.(cell, 1);
  const { rule } = cell;
  const place = cell.parent ? placeIn(cell.parent) : outermost;
  const isNamed = rule.object !== undefined || place.object !== undefined || rule.defines.length > 0 || rule.uses.length > 0;
  if (!isNamed && !rule.slot) return;
  const words = positiveWords(cell.text, state.compiled.negations);
  if (rule.slot) addTo(state.slots, slotIn(place, rule.slot(words)), cell);
  if (!isNamed) return;
  cell.object = objectOf(rule, words, place);
  if (cell.object !== undefined) {
    addTo(state.members, cell.object, cell);
  }
  cell.defines = namesOf(rule.defines, words, rule, place);
  cell.uses = rule.uses.length === 0 || isNegated(cell.text, state.compiled.negations) ? [] : namesOf(rule.uses, words, rule, place);
  for (const each of cell.defines) count(state, state.defined, each, 1);
  for (const each of cell.uses) count(state, state.used, each, 1);
}

/** Where the line stands in the way of another one that says the same; undefined when it does not. */
export function slotOf(state: State, { rule, text, parent }: Pick<Cell, 'rule' | 'text' | 'parent'>): string | undefined {
  return rule.slot && slotIn(parent ? placeIn(parent) : outermost, rule.slot(positiveWords(text, state.compiled.negations)));
}

function slotIn(place: Place, slot: string): string {
  return `${place.key}\n${slot}`;
}

function addTo(sets: Map<string, Set<Cell>>, name: string, cell: Cell): void {
  const set = sets.get(name);
  if (set) set.add(cell);
  else sets.set(name, new Set([cell]));
}

function unname(state: State, cell: Cell): void {
  state.onEdit?.(cell, -1);
  const slot = slotOf(state, cell);
  if (slot !== undefined) state.slots.get(slot)?.delete(cell);
  if (cell.object !== undefined) state.members.get(cell.object)?.delete(cell);
  for (const each of cell.defines) count(state, state.defined, each, -1);
  for (const each of cell.uses) count(state, state.used, each, -1);
}

function count(state: State, counts: Map<string, number>, name: string, by: 1 | -1): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
  if ((state.used.get(name) ?? 0) > 0 && (state.defined.get(name) ?? 0) === 0) state.dangling.add(name);
  else state.dangling.delete(name);
}
