import type { PlannedCommand } from '../api/index.ts';
import { aroundCell } from './around.ts';
import type { Dialect, Edit } from './dialect.ts';
import { linesBelow, noteLine } from './heads.ts';
import { mergeNumbers } from './numbers.ts';
import { objectOf } from './names.ts';
import { type CompiledDialect, compileDialect, isNegated, matchLine, positiveWords, type Rule, wordsOf } from './rules.ts';
import { type Cell, createState, insert, nodesOf, placeIn, remove, sectionIn, slotOf, type State } from './state.ts';
import type { Tree } from './types.ts';

/**
 * What the device holds after the commands: a model of the platform's command line that knows nothing of plans. A command that the
 * platform would refuse changes nothing.
 */
export function simulate(tree: Tree, commands: readonly PlannedCommand[], dialect: Dialect): Tree {
  const state = createState(tree.roots, compileDialect(dialect, tree.version));
  for (const command of commands) execute(state, command);
  return { ...tree, roots: nodesOf(state) };
}

/** Carries out one command. False when the platform would refuse it. */
export function execute(state: State, { path, text }: PlannedCommand): boolean {
  let block: Cell | undefined = state.root;
  for (const opener of path) {
    block = open(state, block, opener);
    if (!block) return false;
  }
  if (isNegated(text, state.compiled.negations)) return negate(state, block, text);
  const { assertion } = state.compiled.dialect;
  const plain = assertion !== undefined && text.startsWith(`${assertion} `) ? text.slice(assertion.length + 1) : text;
  return assert(state, block, plain) !== undefined;
}

/** Enters a section, making it when it is not there; undefined when the platform refuses, as for a second AS number. */
function open(state: State, block: Cell, opener: string): Cell | undefined {
  const there = block.rule.row.verbatim ? lastOf(block, opener) : block.children.get(opener);
  return there?.rule.inner ? there : assert(state, block, opener, true);
}

function lastOf(block: Cell, text: string): Cell | undefined {
  return block.children.get(`${block.children.size - 1} ${text}`) ?? [...block.children.values()].findLast((child) => child.text === text);
}

function assert(state: State, block: Cell, text: string, asBlock = false): Cell | undefined {
  const { compiled } = state;
  const words = wordsOf(text);
  if (block.rule.row.verbatim) return insert(state, block, `${block.children.size} ${text}`, text, compiled.verbatim);
  const section = sectionIn(state, block);
  const match = matchLine(section, words, compiled.negations);
  const rule = match?.rule ?? (asBlock ? compiled.unknownBlock : compiled.unknownLeaf);
  const key = match?.key ?? text;
  if (rule.undoes) {
    const undone = block.children.get(rule.undoes(words));
    if (undone) remove(state, undone);
    return block;
  }
  const there = block.children.get(key);
  if (there && isReset(there, text, compiled)) return (remove(state, there), block);
  const merged = match && mergeNumbers(rule.row, there?.text, words, false);
  if (merged === null) return there ? (remove(state, there), block) : block;
  if (merged !== undefined) return insert(state, block, key, merged, rule);
  if (needsFounding(rule, text) && !there && !isFounded(state, block, rule, text)) return undefined;
  if (rule.row.defaultOn || rule.row.on?.(words, aroundCell(block), compiled.version)) {
    if (there) remove(state, there);
    rule.row.aftermath?.(aroundCell(block), editIn(state, block), { words, changed: there !== undefined });
    return block;
  }
  if (there && there.text !== text && rule.inner && rule.row.change === 'recreate') return undefined;
  if (there && rule.row.shape === 'whole') for (const inner of there.children.values()) remove(state, inner);
  if (rule.row.wipes && there?.text !== text) wipe(state, block, rule.row.wipes);
  // Some values go only by being set to what they are without being said.
  if (typeof rule.row.remove === 'string' && rule.row.remove !== '' && rule.remove?.(words) === text) {
    if (there) remove(state, there);
    return block;
  }
  const slot = slotOf(state, { rule, text, parent: block });
  if (slot !== undefined && [...(state.slots.get(slot) ?? [])].some((other) => other !== there)) return undefined;
  const lifts = there !== undefined && compiled.dialect.negated === 'kept' && isNegated(there.text, compiled.negations);
  const cell = insert(state, block, key, text, there?.rule ?? rule);
  if (lifts && !cell.lifted) {
    cell.lifted = true;
    state.undo.push(() => void delete cell.lifted);
  }
  if (compiled.dialect.flat && !there) noteLine(state, key);
  rule.row.aftermath?.(aroundCell(block), editIn(state, block), { words, changed: !there });
  return cell;
}

/** Where a value is taken back by another value, the one that the device has when it is new. */
function isReset(there: Cell, text: string, { dialect, negations }: CompiledDialect): boolean {
  const { remove } = there.rule.row;
  if (dialect.flat || typeof remove !== 'string' || negations.has(remove.split(' ', 1)[0] ?? '')) return false;
  return there.rule.remove?.(there.text.split(' ')) === text;
}

function wipe(state: State, block: Cell, starts: readonly string[]): void {
  for (const cell of block.children.values()) if (starts.some((start) => cell.text.startsWith(start))) remove(state, cell);
}

/** `no …`: what it names goes, with its object where the platform takes the object along. A line that is kept negated stays so. */
function negate(state: State, block: Cell, text: string): boolean {
  const { compiled } = state;
  const words = text.split(' ');
  const match = matchLine(sectionIn(state, block), words, compiled.negations);
  const key = match?.key ?? words.slice(1).join(' ');
  if (compiled.dialect.flat) return deleteFrom(state, block, words.slice(1).join(' '));
  const there = block.children.get(key);
  // The bare name of an object: with it goes everything that is its.
  if (match && !there && match.rule.row.cascades === true) {
    const members = [...(state.members.get(objectOf(match.rule, words.slice(1), placeIn(block)) ?? '') ?? [])];
    for (const member of members) remove(state, member);
    return members.length > 0;
  }
  if (!there && typeof match?.rule.row.remove === 'function') {
    const meant = [...block.children.values()].filter(
      ({ rule, text: line }) => rule === match.rule && rule.remove?.(line.split(' ')) === text,
    );
    for (const cell of meant) remove(state, cell);
    if (meant.length > 0) return true;
  }
  const before = there?.text;
  if (match && !there && needsFounding(match.rule, words.slice(1).join(' ')) && !isFounded(state, block, match.rule, text)) return false;
  if (there?.rule.row.wipes) wipe(state, block, there.rule.row.wipes);
  const merged = match && there && mergeNumbers(match.rule.row, there.text, words.slice(1), true);
  if (there && typeof merged === 'string') return insert(state, block, key, merged, there.rule) === there;
  // A platform of which we do not know what it prints: taking back what is there leaves nothing, anything else may stand as it is said.
  const unknown = compiled.dialect.negated === 'kept' && match?.rule.row.negated === undefined && !match?.rule.row.defaultOn;
  const printed = match?.rule.row.on
    ? match.rule.row.on(words.slice(1), aroundCell(block), compiled.version)
      ? 'kept'
      : 'deletes'
    : match?.rule.row.defaultOn
      ? 'kept'
      : (match?.rule.row.negated ?? compiled.dialect.negated);
  if (there?.rule.row.cascades && there.object !== undefined && isLastCarrier(state, there)) {
    for (const member of state.members.get(there.object) ?? []) remove(state, member);
  } else if (there && unknown && !isNegated(there.text, compiled.negations)) remove(state, there);
  else if (there && (printed === 'deletes' || there.rule.inner)) remove(state, there);
  else if (printed === 'kept') insert(state, block, key, text, match?.rule ?? compiled.unknownLeaf);
  match?.rule.row.aftermath?.(aroundCell(block), editIn(state, block), {
    words: words.slice(1),
    changed: printed === 'kept' ? before !== text : before !== undefined,
  });
  return there !== undefined || printed === 'kept';
}

/** Deletes a statement, or all that begins with these words. */
function deleteFrom(state: State, block: Cell, head: string): boolean {
  const gone = linesBelow(state, block, head);
  for (const cell of gone) remove(state, cell);
  return gone.length > 0;
}

function editIn(state: State, block: Cell): Edit {
  return {
    put(sections, text) {
      execute(state, { path: [...pathOf(block), ...sections], text });
    },
    drop(sections, key) {
      let at: Cell | undefined = block;
      for (const section of sections) at = at?.children.get(section);
      const cell = at?.children.get(key);
      if (cell) remove(state, cell);
    },
  };
}

/** The opening lines around what stands in a block. */
export function pathOf(block: Cell): string[] {
  const path: string[] = [];
  for (let at: Cell | undefined = block; at?.parent; at = at.parent) path.unshift(at.text);
  return path;
}

function needsFounding({ row }: Rule, text: string): boolean {
  return typeof row.founded === 'function' ? row.founded(text.split(' ')) : row.founded === true;
}

/** True when a line that makes the object stands somewhere. */
function isFounded(state: State, block: Cell, rule: Rule, text: string): boolean {
  const object = objectOf(rule, positiveWords(text, state.compiled.negations), placeIn(block));
  for (const member of state.members.get(object ?? '') ?? []) if (member.rule.row.cascades) return true;
  return object === undefined;
}

function isLastCarrier(state: State, cell: Cell): boolean {
  if (cell.rule.row.cascades !== 'last' || cell.object === undefined) return true;
  for (const member of state.members.get(cell.object) ?? []) if (member !== cell && member.rule.row.cascades) return false;
  return true;
}
