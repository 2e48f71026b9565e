import type { Gap, PlannedCommand, Proof } from '../api/index.ts';
import { type Change, compare } from './compare.ts';
import { withoutHeads } from './flat.ts';
import { type CompiledDialect, isNegated, matchLine, positiveWords } from './rules.ts';
import { execute } from './simulate.ts';
import { type Cell, nodesOf, placeIn, rewind, type State } from './state.ts';
import type { Node } from './types.ts';

/** Above this many commands the prefixes are sampled. */
const allPrefixesUpTo = 2_000;
const samplesAbove = 400;
/** Simulated commands that the tries of a plan may cost; what would cost more is sampled too. */
const budget = 200_000;
/** Groups up to this size are also tried with each of their lines left out. */
const skipsUpTo = 40;

export interface Proven {
  readonly proof: Proof;
  /** References that are missing in between although neither side misses them. */
  readonly gaps: readonly Gap[];
}

/**
 * Runs the plan on the simulated device: forward gives the target; rollback gives the old configuration back from the end, from every
 * prefix, which is what a section that stops at its first refused line leaves behind, and with any one line left out.
 *
 * Commands that touch different lines do not see each other, so that after each command only the rollback of its own group has to be
 * tried: the other groups are where the try before left them. With the undo log this is linear in the size of the plan for groups of
 * bounded size. `state` holds the live configuration, and does so again at the end.
 */
export function prove(
  live: readonly Node[],
  target: readonly Node[],
  commands: readonly PlannedCommand[],
  rollback: readonly PlannedCommand[],
  state: State,
): Proven {
  if (commands.length === 0) return { proof: { forward: true, rollback: true, checked: 0, of: 0 }, gaps: [] };
  const { compiled } = state;
  const groupOf = grouping([...commands, ...rollback], compiled);
  const backBy = Map.groupBy(rollback, groupOf);
  const away = trackDistance(state, groupOf);
  const missing = new Map<string, string>();
  const before = new Set(state.dangling);
  const cost = commands.reduce((sum, command) => sum + (backBy.get(groupOf(command))?.length ?? 0), 0);
  const sample = Math.max(Math.ceil(cost / budget), commands.length <= allPrefixesUpTo ? 1 : Math.ceil(commands.length / samplesAbove));
  let restored = true;
  let checked = 0;

  const tryBack = (group: string): void => {
    const mark = state.undo.length;
    for (const command of backBy.get(group) ?? []) execute(state, command);
    restored &&= away(group) || sameIn(state, live);
    rewind(state, mark);
    checked++;
  };

  for (const [i, command] of commands.entries()) {
    execute(state, command);
    for (const name of state.dangling) if (!before.has(name) && !missing.has(name)) missing.set(name, command.text);
    if (i % sample === 0) tryBack(groupOf(command));
  }
  const forward = sameIn(state, target);
  const after = new Set(state.dangling);
  for (const command of rollback) execute(state, command);
  restored &&= sameIn(state, live);
  rewind(state, 0);

  const skips = trySkips(state, commands, backBy, groupOf, away);
  return {
    proof: { forward, rollback: restored && skips.held, checked: checked + skips.checked + 1, of: commands.length * 2 + 1 },
    gaps: [...missing]
      .filter(([name]) => !after.has(name))
      .map(([name, text]) => ({ what: name, because: `${name} is missing from "${text}" on, until it is made` })),
  };
}

/** Every line of a small group refused, the others done, then the group's rollback. */
function trySkips(
  state: State,
  commands: readonly PlannedCommand[],
  backBy: ReadonlyMap<string, readonly PlannedCommand[]>,
  groupOf: (command: PlannedCommand) => string,
  away: (group: string) => boolean,
): { held: boolean; checked: number } {
  let held = true;
  let checked = 0;
  for (const [group, own] of Map.groupBy(commands, groupOf)) {
    if (own.length > skipsUpTo) continue;
    for (const skipped of own) {
      for (const command of own) if (command !== skipped && !isInside(command, skipped)) execute(state, command);
      for (const command of backBy.get(group) ?? []) execute(state, command);
      held &&= away(group);
      rewind(state, 0);
      checked++;
    }
  }
  return { held, checked };
}

/** A command in a section whose opening line was refused is not sent. */
function isInside({ path }: PlannedCommand, opener: PlannedCommand): boolean {
  return path.length > opener.path.length && path[opener.path.length] === opener.text && opener.path.every((text, i) => path[i] === text);
}

/** True when the simulated device holds exactly this, as far as it can be known. */
function sameIn(state: State, want: readonly Node[]): boolean {
  const settled = state.compiled.dialect.flat ? withoutHeads : (nodes: readonly Node[]) => nodes;
  return compare(settled(nodesOf(state)), settled(want)).every((change) => isAsGood(change, state.compiled));
}

/**
 * Commands by the lines they can touch: those of one named object, or of one item. A section that one command opens, removes or shapes as a
 * whole is one group.
 */
function grouping(
  commands: readonly PlannedCommand[],
  compiled: CompiledDialect,
): (command: Pick<PlannedCommand, 'path' | 'text'>) => string {
  const units = new Map<string, string>();
  const wholes = new Set<string>();
  const objects = new Map<string, string>();
  const tangled = new Set<string>();
  const slots = new Map<string, string>();
  const known = new Map<string, string>();
  // A document's outermost block comes and goes with nothing: what stands in it is as far apart as elsewhere what stands outside all.
  const depthOf = (path: readonly string[]): number => (compiled.dialect.structured && path.length > 0 ? 1 : 0);
  const unitOf = ({ path, text }: Pick<PlannedCommand, 'path' | 'text'>): string => {
    const depth = depthOf(path);
    const top = path[depth] ?? text;
    const id = depth === 0 ? top : `${path[0]}\n${top}`;
    let unit = units.get(id);
    if (unit === undefined) {
      const words = positiveWords(plain(top, compiled), compiled.negations);
      const section = depth === 0 ? compiled.root : matchLine(compiled.root, (path[0] ?? '').split(' '), compiled.negations)?.rule.inner;
      const match = matchLine(section ?? compiled.root, plain(top, compiled).split(' '), compiled.negations);
      unit = (depth === 0 ? '' : `${path[0]} `) + (match?.key ?? words.join(' '));
      // Lines of a list that take each other's place depend on each other.
      const slot = match?.rule.slot?.(words);
      const object = match?.rule.object?.(words);
      if (slot !== undefined && object !== undefined) {
        if ((slots.get(slot) ?? unit) !== unit) tangled.add(object);
        slots.set(slot, unit);
        objects.set(unit, object);
      }
      units.set(id, unit);
    }
    return unit;
  };
  const finer = (command: Pick<PlannedCommand, 'path' | 'text'>): string => {
    const unit = unitOf(command);
    const depth = depthOf(command.path);
    if (command.path.length === depth) return unit;
    const id = `${command.path.join('\n')}\n${command.text}`;
    let group = known.get(id);
    if (group === undefined) {
      const { key, object, shapes } = lineIn(command, compiled);
      if (shapes) wholes.add(unit);
      group = `${unit}\n${object ?? `${command.path.slice(depth + 1).join('\n')}\n${key}`}`;
      known.set(id, group);
    }
    return group;
  };
  for (const command of commands) {
    finer(command);
    if (command.path.length === depthOf(command.path) && lineIn(command, compiled).shapes) wholes.add(unitOf(command));
  }
  return (command) => {
    const group = finer(command);
    const unit = unitOf(command);
    const object = objects.get(unit);
    if (object !== undefined && tangled.has(object)) return object;
    return wholes.has(unit) ? unit : group;
  };
}

function plain(text: string, { dialect }: CompiledDialect): string {
  return dialect.assertion !== undefined && text.startsWith(`${dialect.assertion} `) ? text.slice(dialect.assertion.length + 1) : text;
}

/** What a command is about, and whether it reaches beyond its own lines. */
function lineIn(
  command: Pick<PlannedCommand, 'path' | 'text'>,
  compiled: CompiledDialect,
): { key: string; object: string | undefined; shapes: boolean } {
  let section = compiled.root;
  let around: string | undefined;
  for (const opener of command.path) {
    const rule = matchLine(section, opener.split(' '), compiled.negations)?.rule ?? compiled.unknownBlock;
    around = rule.object?.(opener.split(' ')) ?? around;
    section = rule.inner ?? compiled.unknownBlock.inner;
  }
  const match = matchLine(section, plain(command.text, compiled).split(' '), compiled.negations);
  const words = positiveWords(plain(command.text, compiled), compiled.negations);
  if (!match) return { key: words.join(' '), object: around, shapes: false };
  const { row } = match.rule;
  const isOpener = match.rule.inner !== undefined && !(row.emptyIsAbsent && !match.negated);
  return {
    key: match.key,
    object: match.rule.object?.(words) ?? around,
    shapes: isOpener || row.aftermath !== undefined || row.wipes !== undefined || row.shape !== undefined,
  };
}

/** Follows how far each group is from where the device began: true means not at all. */
function trackDistance(state: State, groupOf: (command: Pick<PlannedCommand, 'path' | 'text'>) => string): (group: string) => boolean {
  const distances = new Map<string, number>();
  state.onEdit = (cell, sign) => {
    // Such a block comes and goes with its lines, which may be of several groups.
    if (cell.rule.row.emptyIsAbsent && cell.rule.inner) return;
    const path = pathOf(cell);
    const group = groupOf({ path, text: cell.text });
    distances.set(group, (distances.get(group) ?? 0) + sign * weigh(`${placeOf(cell)}\n${cell.text}`));
  };
  return (group) => (distances.get(group) ?? 0) === 0;
}

/** Keys, not texts: an opening line may get another text while lines are inside. */
function placeOf(cell: Cell): string {
  return cell.parent ? placeIn(cell.parent).key : '';
}

function pathOf(cell: Cell): string[] {
  const path: string[] = [];
  for (let at = cell.parent; at?.parent; at = at.parent) path.unshift(at.text);
  return path;
}

/** A number of 40 bits for a text: two texts with one number are not to be expected. */
function weigh(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x1000193;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x5bd1e995) + i;
  }
  return (low >>> 0) + (high & 0xff) * 0x1_0000_0000;
}

/**
 * A negated line, wanted or left over, or what took one back, on a platform of which we do not know whether it prints it: as good as absent.
 * So is what nothing can take away: a setting without a removal, a port of the chassis that is emptied.
 */
export function isAsGood(change: Change, { dialect, negations }: CompiledDialect): boolean {
  if (change.quiet) return true;
  if (dialect.negated === 'kept') {
    if (change.kind === 'add') return isVague(change.want, negations);
    if (change.kind === 'remove' && isVague(change.live, negations)) return true;
  }
  if (change.kind !== 'remove') return false;
  const { rule, text, children } = change.live;
  if (!rule.inner) return rule.row.remove === null;
  return children.every((child) => isVague(child, negations)) && rule.remove?.(positiveWords(text, negations)) === '';
}

function isVague(node: Node, negations: ReadonlySet<string>): boolean {
  return node.children.length === 0 && (node.lifted === true || isNegated(node.text, negations));
}
