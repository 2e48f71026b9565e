import { type Change, compare, nodeOf } from '../compare.ts';
import type { Node } from '../types.ts';
import { nodeAt } from './folded.ts';

const again = / again \d+$/;

/**
 * Where two members of a list have one identity, their order says nothing about which is which: those that hold the same belong together, so that
 * an id or a code that somebody gave twice is one difference.
 */
export function settleTwins(changes: readonly Change[], live: readonly Node[], want: readonly Node[]): readonly Change[] {
  const places = new Map<string, { path: readonly Node[]; kind: string }>();
  for (const change of changes) {
    const nodes = [...change.path, nodeOf(change)];
    const at = nodes.findIndex(({ key }) => again.test(key));
    if (at < 0) continue;
    const [path, kind] = [nodes.slice(0, at), kindOf(nodes[at] as Node)];
    places.set(`${path.map(({ key }) => key).join('\n')}\n\n${kind}`, { path, kind });
  }
  let settled = changes;
  for (const { path, kind } of places.values()) {
    const isHere = (change: Change): boolean => {
      const node = [...change.path, nodeOf(change)][path.length];
      return node !== undefined && kindOf(node) === kind && path.every(({ key }, at) => change.path[at]?.key === key);
    };
    const membersOf = (roots: readonly Node[]): Node[] => (nodeAt(roots, path)?.children ?? []).filter((node) => kindOf(node) === kind);
    settled = [...settled.filter((change) => !isHere(change)), ...rematch(membersOf(live), membersOf(want), path)];
  }
  return settled;
}

function rematch(live: readonly Node[], want: readonly Node[], path: readonly Node[]): Change[] {
  const changes: Change[] = [];
  const left = new Set(live);
  const open: Node[] = [];
  const pair = (node: Node, isIt: (other: Node) => boolean): Node | undefined => {
    for (const other of left)
      if (isIt(other)) {
        left.delete(other);
        return other;
      }
    return undefined;
  };
  const same = want.filter((node) => !pair(node, (other) => headOf(other) === headOf(node) && contentOf(other) === contentOf(node)));
  for (const node of same) {
    const from = pair(node, (other) => contentOf(other) === contentOf(node));
    if (from) changes.push({ kind: 'change', path, live: from, want: node });
    else open.push(node);
  }
  for (const node of open) {
    const from = pair(node, (other) => headOf(other) === headOf(node));
    if (!from) changes.push({ kind: 'add', path, want: node });
    else
      changes.push(
        ...compare([{ ...from, key: node.key }], [node]).map((change): Change => ({ ...change, path: [...path, ...change.path] })),
      );
  }
  for (const node of left) changes.push({ kind: 'remove', path, live: node });
  return changes;
}

/** First word of lines that name something; whole key of those that do not. */
export function kindOf({ key }: Node): string {
  const space = key.indexOf(' ');
  return space < 0 ? key : key.slice(0, space);
}

function headOf({ key }: Node): string {
  return key.replace(again, '');
}

/** What a member says beside what it is called; an option's name follows from its code. */
function contentOf(node: Node): string {
  const rest = node.text.slice(node.key.length + 1);
  const own = kindOf(node) === 'option' ? rest.replace(/^\S+ ?/, '') : rest;
  return `${own}\n${node.children.map(printed).join('\n')}`;
}

function printed(node: Node): string {
  return `${node.text}{${node.children.map(printed).join('\n')}}`;
}
