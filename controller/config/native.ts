import type { PlannedCommand } from '../api/index.ts';
import type { Dialect } from './dialect.ts';
import { editJson } from './kea/edit.ts';
import { print } from './print.ts';
import type { Node, Tree } from './types.ts';

/** A configuration as its platform takes it: lines where it is made of lines, JSON where lines are only our way to say it. Secrets stay tokens. */
export function printNative(tree: Tree, dialect: Dialect): string {
  if (!dialect.structured) return print(tree);
  return `${JSON.stringify(
    editJson({}, sayAll(tree.roots, []), dialect, (token) => token),
    null,
    2,
  )}\n`;
}

function sayAll(nodes: readonly Node[], path: readonly string[]): readonly PlannedCommand[] {
  return nodes.flatMap(({ text, children }) => [{ path, text }, ...sayAll(children, [...path, text])]);
}
