import { compileDialect, positiveWords, type Rule } from './rules.ts';
import { keySeparator, type Item, type Node, type Tree } from './types.ts';
import type { Dialect } from './dialect.ts';

/** Keys of the sections around a line, and their rules: what object names and references are relative to. */
export interface Place {
  readonly key: string;
  readonly rule: Rule | undefined;
  readonly parent: Place | undefined;
  /** The object that the section belongs to, if it does. */
  readonly object: string | undefined;
}

export const outermost: Place = { key: '', rule: undefined, parent: undefined, object: undefined };

/** The place of the lines inside a block that stands at `place`. */
export function enter(place: Place, key: string, rule: Rule, object: string | undefined): Place {
  return { key: itemKey(place, key), rule, parent: place, object };
}

export function itemKey(place: Place, key: string): string {
  return place.key === '' ? key : `${place.key}${keySeparator}${key}`;
}

/** Key of the section that holds the object or name of a rule: the one its row names, else the one the line stands in. */
function scopeOf(rule: Rule, place: Place): string {
  const wanted = rule.row.scope;
  if (wanted === undefined) return place.key;
  for (let at: Place | undefined = place; at; at = at.parent) if ((at.rule?.inner?.name ?? 'root') === wanted) return at.key;
  return place.key;
}

/** Key of the named object that a line belongs to; a line inside an object's block belongs to it. */
export function objectOf(rule: Rule, words: readonly string[], place: Place): string | undefined {
  if (!rule.object) return place.object;
  const name = rule.object(words);
  if (name === '') return place.object;
  const scope = scopeOf(rule, place);
  return scope === '' ? name : `${scope}${keySeparator}${name}`;
}

/** Names that the line brings into being, or needs. */
export function namesOf(templates: Rule['defines'], words: readonly string[], rule: Rule, place: Place): readonly string[] {
  if (templates.length === 0) return [];
  const scope = scopeOf(rule, place);
  return templates.map((template) => template(words, scope));
}

/** Every line of the tree with what it is called, outermost first. */
export function walk(
  roots: readonly Node[],
  dialect: Dialect,
  visit: (node: Node, key: string, place: Place, object: string | undefined, path: readonly string[]) => void,
): void {
  const { negations } = compileDialect(dialect);
  const go = (nodes: readonly Node[], place: Place, path: readonly string[]): void => {
    for (const node of nodes) {
      const object = node.rule.object ? objectOf(node.rule, positiveWords(node.text, negations), place) : place.object;
      visit(node, itemKey(place, node.key), place, object, path);
      if (node.children.length > 0) go(node.children, enter(place, node.key, node.rule, object), [...path, node.text]);
    }
  };
  go(roots, outermost, []);
}

/** Every line as an item, sections included. */
export function listItems(tree: Tree, dialect: Dialect): Item[] {
  const items: Item[] = [];
  walk(tree.roots, dialect, (node, key, _place, object, path) => {
    items.push({ key, path, text: node.text, ...(object !== undefined && { object }) });
  });
  return items;
}
