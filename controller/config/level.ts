import type { PlannedCommand } from '../api/index.ts';
import { removeCommands, rewriteCommands, valueCommands } from './atoms.ts';
import { changedWipers, linesOf, survivors, wipersFirst } from './compare.ts';
import { planFlat } from './flat.ts';
import type { PlaceTable } from './places.ts';
import { placesOf } from './places.ts';
import { type CompiledDialect, isNegated, positiveWords } from './rules.ts';
import type { Node } from './types.ts';

/** One line to send, with its place among its siblings and what comes inside it. */
interface Step {
  readonly text: string;
  readonly at: number;
  /** Lines of one kind keep together: the pattern of their row. */
  readonly kind: string;
  readonly goes: boolean;
  /** A removal with a place of its own: it counts as what comes. */
  readonly placed?: boolean;
  readonly inside: readonly Step[];
}

/**
 * Commands section by section: in each what goes, then what comes, then the order of `places`. It does not look at references: for platforms
 * that take a change as one commit, and for those who want the order of another tool.
 */
export function planByLevel(live: readonly Node[], want: readonly Node[], compiled: CompiledDialect): PlannedCommand[] {
  const { syntax } = compiled.dialect;
  if (syntax === 'braces' || syntax === 'set') return planFlat(live, want, compiled);
  const commands: PlannedCommand[] = [];
  flatten(stepsFor(live, want, placesOf(compiled.dialect.places), compiled), [], commands);
  return commands;
}

function flatten(steps: readonly Step[], path: readonly string[], commands: PlannedCommand[]): void {
  for (const { text, inside } of steps) {
    commands.push({ path, text });
    if (inside.length > 0) flatten(inside, [...path, text], commands);
  }
}

function stepsFor(all: readonly Node[], want: readonly Node[], places: PlaceTable, compiled: CompiledDialect): Step[] {
  const steps: Step[] = [];
  const live = survivors(all, changedWipers(all, want));
  const there = new Map(live.map((node) => [node.key, node]));
  const wanted = new Map(want.map((node) => [node.key, node]));
  const taken = new Set(want.flatMap((node) => slotOf(node, compiled)));
  const taking = new Set(live.filter((node) => !wanted.has(node.key) && node.rule.row.cascades).map((node) => objectIn(node, compiled)));
  const along = membersOf(live, taking, compiled);
  const isTaken = (node: Node): boolean => {
    if (node.rule.object === undefined || node.rule.row.apart) return false;
    const object = objectIn(node, compiled);
    return along.has(object) || (!node.rule.row.cascades && taking.has(object));
  };
  const goes = (node: Node): boolean => !wanted.has(node.key) && !isTaken(node) && !slotOf(node, compiled).some((slot) => taken.has(slot));
  for (const node of inTurn(live, wipersFirst(want), compiled)) {
    const old = there.get(node.key);
    const wants = wanted.get(node.key);
    if (wants) steps.push(...(old ? difference(old, wants, places, compiled) : addition(wants, places, compiled)));
    else if (goes(node)) steps.push(...removal(node, places, compiled));
  }
  return arranged(unique(steps), compiled);
}

/** Every key once: first what goes, then what comes; by kind of line, both as they stand, side by side. */
function inTurn(live: readonly Node[], want: readonly Node[], { dialect }: CompiledDialect): Iterable<Node> {
  const wanted = new Map(want.map((node) => [node.key, node.text]));
  const differs = live.filter((node) => wanted.get(node.key) !== node.text);
  if (dialect.arrange !== 'kinds') return [...differs.filter((node) => !wanted.has(node.key)), ...want];
  const turn = new Map<string, Node>();
  const gone = new Set(differs);
  for (let i = 0; i < Math.max(live.length, want.length); i++) {
    const [comes, goes] = [want[i], live[i]];
    if (comes && !turn.has(comes.key)) turn.set(comes.key, comes);
    if (goes && gone.has(goes) && !turn.has(goes.key)) turn.set(goes.key, goes);
  }
  return turn.values();
}

/** Objects that go because they are members of others that go. */
function membersOf(live: readonly Node[], taking: ReadonlySet<string>, compiled: CompiledDialect): ReadonlySet<string> {
  const along = new Set<string>();
  if (taking.size === 0) return along;
  for (const node of live)
    if (node.rule.joins && taking.has(node.rule.joins(positiveWords(node.text, compiled.negations)))) along.add(objectIn(node, compiled));
  return along;
}

function objectIn(node: Node, { negations }: CompiledDialect): string {
  return node.rule.object?.(positiveWords(node.text, negations)) ?? '';
}

/** The place that the line takes from any other like it. */
function slotOf(node: Node, { negations }: CompiledDialect): string[] {
  return node.rule.slot && !isNegated(node.text, negations) ? [node.rule.slot(node.text.split(' '))] : [];
}

function arranged(steps: Step[], { dialect }: CompiledDialect): Step[] {
  if (!dialect.places) return steps;
  return steps.sort(dialect.arrange === 'kinds' ? byKind : (a, b) => a.at - b.at);
}

/** One command may take several lines away. */
function unique(steps: readonly Step[]): Step[] {
  const said = new Set<string>();
  return steps.filter((step) => !step.goes || step.inside.length > 0 || (!said.has(step.text) && said.add(step.text)));
}

function early(step: Step): number {
  return Number(step.goes && !step.placed);
}

function byKind(a: Step, b: Step): number {
  return a.at - b.at || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0) || early(b) - early(a) || Number(a.goes) - Number(b.goes);
}

/** Whether commands take lines away, bring them, or do as they say. */
type Way = 'goes' | 'comes' | 'either';

/** A command as a step: commands inside the line's block hang below it. */
function toSteps(
  commands: readonly PlannedCommand[],
  way: Way,
  node: Node,
  places: PlaceTable,
  compiled: CompiledDialect,
  depth = 0,
): Step[] {
  const steps: Step[] = [];
  for (let i = 0; i < commands.length; i++) {
    const { text, path } = commands[i] as PlannedCommand;
    const opener = path[depth];
    const title = opener ?? text;
    const goes = opener === undefined && (way === 'either' ? isNegated(title, compiled.negations) : way === 'goes');
    const said = !goes && isNegated(title, compiled.negations) ? title.split(' ') : undefined;
    const { at, placed } = places.rank(positiveWords(title, compiled.negations), goes, said);
    const kind = kindOf(node);
    if (opener === undefined) {
      const inner: PlannedCommand[] = [];
      while (commands[i + 1]?.path[depth] === text) inner.push(commands[++i] as PlannedCommand);
      steps.push({
        text,
        at,
        kind,
        goes,
        placed,
        inside: inner.length === 0 ? [] : toSteps(inner, way, node, places, compiled, depth + 1),
      });
    } else {
      const inner = [commands[i] as PlannedCommand];
      while (commands[i + 1]?.path[depth] === opener) inner.push(commands[++i] as PlannedCommand);
      steps.push({ text: opener, at, kind, goes: false, inside: toSteps(inner, way, node, places, compiled, depth + 1) });
    }
  }
  return steps;
}

function kindOf(node: Node): string {
  const { match } = node.rule.row;
  const pattern = typeof match === 'string' ? match : (match[0] ?? '');
  return pattern === '{all*}'
    ? '~'
    : pattern
        .replaceAll(/ ?<[^>]*>/g, '')
        .replaceAll(/\{[^}]*\*\}/g, '~')
        .replaceAll(/\{[^}]*\}/g, '*');
}

function removal(live: Node, places: PlaceTable, compiled: CompiledDialect): Step[] {
  return toSteps(removeCommands(live, [], compiled), 'goes', live, places, compiled);
}

function addition(want: Node, places: PlaceTable, compiled: CompiledDialect): Step[] {
  const commands = valueCommands(undefined, want, [], compiled);
  if (want.children.length === 0) return toSteps(commands, 'comes', want, places, compiled);
  const text = commands.at(-1)?.text ?? want.text;
  const { at, inside } = places.rank(want.text.split(' '), false);
  const verbatim = want.rule.row.verbatim === true;
  const steps = verbatim ? want.children.map((child) => asIs(child)) : stepsFor([], want.children, inside, compiled);
  return [{ text, at, kind: kindOf(want), goes: false, inside: steps }];
}

function asIs(node: Node): Step {
  return { text: node.text, at: 0, kind: '', goes: false, inside: node.children.map(asIs) };
}

function difference(live: Node, want: Node, places: PlaceTable, compiled: CompiledDialect): Step[] {
  const { shape, change } = want.rule.row;
  const isSection = live.children.length > 0 || want.children.length > 0;
  if (shape === 'whole' && live.text === want.text && isSameText(live, want)) return [];
  if ((shape === 'whole' || shape === 'ordered') && !isSame(live, want)) {
    const numbered = shape === 'ordered' && [...live.children, ...want.children].every((child) => child.rule.row.numbered);
    if (shape === 'whole') return addition(want, places, compiled);
    if (!numbered) return toSteps(rewriteCommands(live, want, [], compiled), 'either', want, places, compiled);
  }
  const { same } = want.rule.row;
  if (same && same(live.text.split(' ')).join(' ') === same(want.text.split(' ')).join(' ')) return [];
  if (live.text !== want.text && change === 'recreate') {
    return [...removal(live, places, compiled), ...addition(want, places, compiled)];
  }
  const { at, inside } = places.rank(positiveWords(want.text, compiled.negations), false);
  const steps = isSection ? stepsFor(live.children, want.children, inside, compiled) : [];
  if (live.text === want.text) return steps.length === 0 ? [] : [{ text: want.text, at, kind: kindOf(want), goes: false, inside: steps }];
  const way = isNegated(want.text, compiled.negations) ? 'comes' : 'either';
  const said = toSteps(valueCommands(live, want, [], compiled), way, want, places, compiled);
  return steps.length === 0 ? said : [{ text: want.text, at, kind: kindOf(want), goes: false, inside: steps }];
}

function isSameText(live: Node, want: Node): boolean {
  const text = (node: Node): string =>
    linesOf(node)
      .map((line) => line.text)
      .join('\n');
  return text(live) === text(want);
}

function isSame(live: Node, want: Node): boolean {
  return (
    live.text === want.text &&
    live.children.length === want.children.length &&
    live.children.every((child, i) => isSame(child, want.children[i] as Node))
  );
}
