import type { Node } from './types.ts';

/** One way in which two trees differ. The path holds the sections around it, as they will be. */
export type Change =
  | { readonly kind: 'add'; readonly path: readonly Node[]; readonly want: Node }
  | { readonly kind: 'remove'; readonly path: readonly Node[]; readonly live: Node }
  /** Same key, other text: a value, or the opening line of a block whose lines are compared on their own. */
  | { readonly kind: 'change'; readonly path: readonly Node[]; readonly live: Node; readonly want: Node }
  /** A block whose lines have no identity but their order, or that the platform replaces whole. */
  | { readonly kind: 'rewrite'; readonly path: readonly Node[]; readonly live: Node; readonly want: Node };

/** What differs, in the order of the wanted tree, then what is too much. Linear in the size of both. */
export function compare(live: readonly Node[], want: readonly Node[]): Change[] {
  const changes: Change[] = [];
  compareBlock(live, want, [], changes);
  return changes;
}

function compareBlock(live: readonly Node[], want: readonly Node[], path: readonly Node[], changes: Change[]): void {
  // The common case, an unchanged run of lines in the same order, needs no index.
  let same = 0;
  while (same < live.length && same < want.length && live[same]?.key === want[same]?.key) {
    compareNode(live[same] as Node, want[same] as Node, path, changes);
    same++;
  }
  if (same === live.length && same === want.length) return;
  const index = new Map<string, Node>();
  for (let i = same; i < live.length; i++) index.set((live[i] as Node).key, live[i] as Node);
  for (let i = same; i < want.length; i++) {
    const node = want[i] as Node;
    const there = index.get(node.key);
    if (there) {
      index.delete(node.key);
      compareNode(there, node, path, changes);
    } else changes.push({ kind: 'add', path, want: node });
  }
  for (const rest of index.values()) removeNode(rest, path, changes);
}

function compareNode(live: Node, want: Node, path: readonly Node[], changes: Change[]): void {
  if (live === want) return;
  const { shape } = want.rule.row;
  if ((shape === 'whole' || (shape === 'ordered' && !(isNumbered(live) && isNumbered(want)))) && !isSameSequence(live.children, want.children)) {
    changes.push({ kind: 'rewrite', path, live, want });
    return;
  }
  if (live.text !== want.text) changes.push({ kind: 'change', path, live, want });
  if (live.text !== want.text && want.rule.inner && want.rule.row.change === 'recreate') return;
  if (live.children.length > 0 || want.children.length > 0) compareBlock(live.children, want.children, [...path, want], changes);
}

/** A block that cannot be removed by itself, only emptied. */
function removeNode(live: Node, path: readonly Node[], changes: Change[]): void {
  if (!live.rule.inner || !live.rule.row.emptyIsAbsent || live.rule.remove) {
    changes.push({ kind: 'remove', path, live });
    return;
  }
  for (const child of live.children) removeNode(child, [...path, live], changes);
}

/** Every line inside carries its place. */
function isNumbered(block: Node): boolean {
  return block.children.every((child) => child.rule.row.numbered);
}

function isSameSequence(live: readonly Node[], want: readonly Node[]): boolean {
  return (
    live.length === want.length &&
    live.every((node, i) => node.text === want[i]?.text && isSameSequence(node.children, want[i]?.children ?? []))
  );
}
