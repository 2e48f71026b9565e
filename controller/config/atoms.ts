import type { PlannedCommand } from '../api/index.ts';
import { type Change, nodeOf, survivors, wipersFirst } from './compare.ts';
import { numberCommands } from './numbers.ts';
import { enter, itemKey, namesOf, objectOf, outermost, type Place } from './names.ts';
import { type CompiledDialect, isNegated, positiveWords } from './rules.ts';
import type { Node } from './types.ts';

/** The smallest step of a plan: one change, the commands that carry it out, and what it makes, needs and gives up. */
export interface Atom {
  readonly change: Change;
  readonly commands: readonly PlannedCommand[];
  /** Key of the item, and of the section it stands in. */
  readonly key: string;
  readonly section: string;
  readonly object: string | undefined;
  /** The outermost object or section it belongs to: steps of one unit keep together. */
  readonly unit: string;
  readonly makes: readonly string[];
  readonly needs: readonly string[];
  /** Names that the lines taken away defined, or needed. */
  readonly unmakes: readonly string[];
  readonly releases: readonly string[];
  /** Slot in its section that the step takes, and the one it frees. */
  readonly slot: string | undefined;
  readonly frees: string | undefined;
  /** Done ahead of the removals that are ahead of everything. */
  readonly early?: true;
  /** Steps that have to be done before, for reasons of their own. */
  readonly after?: readonly Atom[];
  /** Place in the order that the changes were found in. */
  readonly index: number;
}

export function toAtom(change: Change, index: number, compiled: CompiledDialect): Atom {
  const place = placeOf(change.path, compiled);
  const node = nodeOf(change);
  const gone = change.kind === 'add' ? undefined : change.live;
  const come = change.kind === 'remove' ? undefined : change.want;
  const whole = change.kind !== 'change' || node.rule.row.change === 'recreate';
  return {
    change,
    commands: commandsFor(change, compiled),
    key: itemKey(place, node.key),
    section: place.key,
    object: objectOf(node.rule, positiveWords(node.text, compiled.negations), place),
    unit: unitOf(change.path[0] ?? node, compiled),
    makes: come ? collect('defines', come, place, whole, compiled) : [],
    needs: come ? collect('uses', come, place, whole, compiled) : [],
    unmakes: gone ? collect('defines', gone, place, whole, compiled) : [],
    releases: gone ? collect('uses', gone, place, whole, compiled) : [],
    slot: come && slotOf(come, place, compiled),
    frees: gone && slotOf(gone, place, compiled),
    index,
  };
}

function slotOf({ rule, text }: Node, place: Place, { negations }: CompiledDialect): string | undefined {
  return rule.slot && `${place.key} ${rule.slot(positiveWords(text, negations))}`;
}

function unitOf(top: Node, { negations }: CompiledDialect): string {
  return objectOf(top.rule, positiveWords(top.text, negations), outermost) ?? top.key;
}

/** The place of lines under these sections. */
function placeOf(path: readonly Node[], { negations }: CompiledDialect): Place {
  let place = outermost;
  for (const node of path) place = enter(place, node.key, node.rule, objectOf(node.rule, positiveWords(node.text, negations), place));
  return place;
}

function collect(what: 'defines' | 'uses', node: Node, place: Place, deep: boolean, compiled: CompiledDialect): string[] {
  const names: string[] = [];
  const go = (each: Node, at: Place): void => {
    const { rule } = each;
    if (rule[what].length > 0 && (what === 'defines' || !isNegated(each.text, compiled.negations))) {
      names.push(...namesOf(rule[what], positiveWords(each.text, compiled.negations), rule, at));
    }
    if (!deep || each.children.length === 0) return;
    const inside = enter(at, each.key, rule, undefined);
    for (const child of each.children) go(child, inside);
  };
  go(node, place);
  return names;
}

/** The commands of one change, openers as commands of their own. */
function commandsFor(change: Change, compiled: CompiledDialect): PlannedCommand[] {
  const path = change.path.map((node) => node.text);
  switch (change.kind) {
    case 'add':
      return addCommands(change.want, path, compiled);
    case 'remove':
      return removeCommands(change.live, path, compiled);
    case 'change':
      if (change.want.rule.row.change === 'recreate')
        return [...removeCommands(change.live, path, compiled), ...addCommands(change.want, path, compiled)];
      return valueCommands(change.live, change.want, path, compiled);
    case 'rewrite':
      return rewriteCommands(change.live, change.want, path, compiled);
  }
}

/** A new value: sent over the old one, or only what a set of numbers gains and loses. */
export function valueCommands(live: Node | undefined, want: Node, path: readonly string[], compiled: CompiledDialect): PlannedCommand[] {
  const said = numberCommands(want.rule.row, live?.text, want.text, compiled.negation);
  return (said ?? [want.rule.row.bare ? want.text : assertion(want.text, compiled)]).map((text) => ({ path, text }));
}

function assertion(text: string, { dialect }: CompiledDialect): string {
  return dialect.assertion === undefined ? text : `${dialect.assertion} ${text}`;
}

function addCommands(node: Node, path: readonly string[], compiled: CompiledDialect): PlannedCommand[] {
  const commands: PlannedCommand[] = [];
  const go = (each: Node, at: readonly string[]): void => {
    commands.push(...valueCommands(undefined, each, at, compiled));
    if (each.children.length === 0) return;
    const inside = [...at, each.text];
    for (const child of wipersFirst(each.children)) go(child, inside);
  };
  go(node, path);
  return commands;
}

/** What takes the line away. A block that nothing removes is emptied. */
export function removeCommands(node: Node, path: readonly string[], compiled: CompiledDialect): PlannedCommand[] {
  const { negations, negation } = compiled;
  const words = positiveWords(node.text, negations);
  if (isNegated(node.text, negations)) return node.rule.row.fades || node.rule.row.remove === null ? [] : [{ path, text: words.join(' ') }];
  if (node.rule.remove) {
    const said = node.rule.remove(words);
    if (said !== '') return said.split('\n').map((text) => ({ path, text }));
  }
  if (!node.rule.inner)
    return node.rule.row.remove === null || typeof node.rule.row.remove === 'function' ? [] : [{ path, text: `${negation} ${node.text}` }];
  // What goes along with another line is not there any more to be taken back.
  const wipers = node.children.filter((child) => child.rule.row.wipes !== undefined);
  const inside = [...path, node.text];
  return [...wipers, ...survivors(node.children, wipers).filter((child) => !wipers.includes(child))].flatMap((child) =>
    removeCommands(child, inside, compiled),
  );
}

export function rewriteCommands(live: Node, want: Node, path: readonly string[], compiled: CompiledDialect): PlannedCommand[] {
  if (want.rule.row.shape === 'whole') return addCommands(want, path, compiled);
  // Without the lines that go, the rest may be the beginning of what is wanted: then nothing has to be built again.
  const wanted = new Set(want.children.map((child) => child.text));
  const kept = live.children.filter((child) => wanted.has(child.text));
  if (live.text === want.text && kept.every((child, i) => child.text === want.children[i]?.text)) {
    const inside = [...path, want.text];
    const gone = live.children.filter((child) => !wanted.has(child.text));
    return [
      ...gone.flatMap((child) => removeCommands(child, inside, compiled)),
      ...want.children.slice(kept.length).flatMap((child) => addCommands(child, inside, compiled)),
    ];
  }
  return [...removeCommands(live, path, compiled), ...addCommands(want, path, compiled)];
}
