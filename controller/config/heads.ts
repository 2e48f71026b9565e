import type { Cell, State } from './state.ts';

/** Keys of lines by their beginnings, for platforms that delete all that begins with some words. Keys that are gone are left in. */
const indexes = new WeakMap<State, Map<string, string[]>>();

/** Lines of the block that are, or begin with, these words, remarks and marks about them included. */
export function linesBelow(state: State, block: Cell, head: string): Cell[] {
  let index = indexes.get(state);
  if (!index) {
    indexes.set(state, (index = new Map()));
    for (const key of block.children.keys()) add(index, key);
  }
  const keys = new Set([head, ...(index.get(head) ?? [])]);
  return [...keys].flatMap((key) => block.children.get(key) ?? []);
}

/** To be told of every line that comes after the first question. */
export function noteLine(state: State, key: string): void {
  const index = indexes.get(state);
  if (index) add(index, key);
}

function add(index: Map<string, string[]>, key: string): void {
  const about = /^(?:deactivate|protect|annotate) /.exec(key)?.[0].length ?? 0;
  const statement = key.slice(about);
  for (let at = statement.indexOf(' '); ; at = statement.indexOf(' ', at + 1)) {
    // The statement itself counts only where the line is about it.
    if (at < 0 && about === 0) return;
    const head = at < 0 ? statement : statement.slice(0, at);
    const keys = index.get(head);
    if (keys) keys.push(key);
    else index.set(head, [key]);
    if (at < 0) return;
  }
}
