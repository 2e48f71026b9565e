import type { Node } from './types.ts';
import { isAlike } from './woven.ts';

/**
 * One way in which two trees differ. The path holds the sections around it, as they will be. `quiet`: it follows from others, as the order of things
 * does when one of them comes or goes: to be sent, and no difference of its own.
 */
export type Change =
  | { readonly kind: 'add'; readonly path: readonly Node[]; readonly want: Node; readonly quiet?: boolean }
  | { readonly kind: 'remove'; readonly path: readonly Node[]; readonly live: Node; readonly quiet?: boolean }
  /** Same key, other text: a value, or the opening line of a block whose lines are compared on their own. */
  | { readonly kind: 'change'; readonly path: readonly Node[]; readonly live: Node; readonly want: Node; readonly quiet?: boolean }
  /** A block whose lines have no identity but their order, or that the platform replaces whole. */
  | { readonly kind: 'rewrite'; readonly path: readonly Node[]; readonly live: Node; readonly want: Node; readonly quiet?: boolean };

/** The line that a change is about, as it will be. */
export function nodeOf(change: Change): Node {
  return change.kind === 'remove' ? change.live : change.want;
}

/** What differs, in the order of the wanted tree, then what is too much. Linear in the size of both. */
export function compare(live: readonly Node[], want: readonly Node[]): Change[] {
  const changes: Change[] = [];
  compareBlock(live, want, [], changes);
  return changes;
}

function compareBlock(all: readonly Node[], want: readonly Node[], path: readonly Node[], changes: Change[]): void {
  const wipers = changedWipers(all, want);
  if (wipers.length === 0) return matchLines(all, want, path, changes);
  // What wipes other lines goes ahead of them; they are not there any more when they are looked at.
  matchLines(all.filter(isWiper), want.filter(isWiper), path, changes);
  const rest = survivors(all, wipers).filter((node) => !isWiper(node));
  matchLines(
    rest,
    want.filter((node) => !isWiper(node)),
    path,
    changes,
  );
}

function matchLines(live: readonly Node[], want: readonly Node[], path: readonly Node[], changes: Change[]): void {
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
    } else changes.push({ kind: 'add', path, want: node, ...(node.rule.row.woven && { quiet: true }) });
  }
  for (const rest of index.values()) removeNode(rest, path, changes);
}

function compareNode(live: Node, want: Node, path: readonly Node[], changes: Change[]): void {
  if (live === want) return;
  const { shape } = want.rule.row;
  if (
    (shape === 'whole' || (shape === 'ordered' && !(isNumbered(live) && isNumbered(want)))) &&
    !isSameSequence(linesOf(live), linesOf(want))
  ) {
    changes.push({ kind: 'rewrite', path, live, want });
    return;
  }
  if (shape === 'whole' && live.text === want.text) return;
  const differs = live.text !== want.text && !isSame(live, want);
  if (differs && want.rule.inner && want.rule.row.change === 'recreate') {
    changes.push({ kind: 'remove', path, live }, { kind: 'add', path, want });
    return;
  }
  if (differs)
    changes.push({ kind: 'change', path, live, want, ...(want.rule.row.woven && isAlike(live.text, want.text) && { quiet: true }) });
  if (live.children.length > 0 || want.children.length > 0) compareBlock(live.children, want.children, [...path, want], changes);
}

/** Two ways to write one line. */
function isSame(live: Node, want: Node): boolean {
  const { same } = want.rule.row;
  return same !== undefined && same(live.text.split(' ')).join(' ') === same(want.text.split(' ')).join(' ');
}

/** Lines in the order in which they can be made: what wipes others ahead of them. */
export function wipersFirst(nodes: readonly Node[]): readonly Node[] {
  const first = nodes.findIndex(isWiper);
  return first <= 0 ? nodes : [...nodes.filter(isWiper), ...nodes.filter((node) => !isWiper(node))];
}

function isWiper(node: Node): boolean {
  return node.rule.row.wipes !== undefined;
}

/** Lines that differ and take others with them. */
export function changedWipers(live: readonly Node[], want: readonly Node[]): readonly Node[] {
  const wipers = [...live.filter(isWiper), ...want.filter(isWiper)];
  if (wipers.length === 0) return wipers;
  const textOf = (nodes: readonly Node[], key: string): string | undefined => nodes.find((node) => node.key === key)?.text;
  return wipers.filter(({ key }) => textOf(live, key) !== textOf(want, key));
}

/** Live lines without those that the device drops when these change. */
export function survivors(live: readonly Node[], wipers: readonly Node[]): readonly Node[] {
  const starts = wipers.flatMap((node) => node.rule.row.wipes ?? []);
  return starts.length === 0 ? live : live.filter((node) => !starts.some((start) => node.text.startsWith(start)));
}

/** A block that cannot be removed by itself, only emptied. */
function removeNode(live: Node, path: readonly Node[], changes: Change[]): void {
  if (!live.rule.inner || !live.rule.row.emptyIsAbsent || live.rule.remove) {
    for (const child of live.children) if (child.rule.row.lingers) changes.push({ kind: 'remove', path: [...path, live], live: child });
    changes.push({ kind: 'remove', path, live, ...(live.rule.row.woven && { quiet: true }) });
    return;
  }
  for (const child of live.children) removeNode(child, [...path, live], changes);
}

/** Lines inside, as they are written: how deep they are indented in a block that is replaced whole says nothing. */
export function linesOf(block: Node): readonly Node[] {
  if (block.rule.row.shape !== 'whole') return block.children;
  const lines: Node[] = [];
  const go = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      lines.push({ ...node, children: [] });
      go(node.children);
    }
  };
  go(block.children);
  return lines;
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
