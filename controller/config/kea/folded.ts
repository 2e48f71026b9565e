import { type Change, nodeOf } from '../compare.ts';
import type { Node } from '../types.ts';
import { readText } from './words.ts';

type Removed = Extract<Change, { kind: 'remove' }>;

/** A block of which every line goes is one that goes, and so is one that was empty and is filled. `live`: what the server has. */
export function foldEmptied(changes: readonly Change[], live: readonly Node[]): readonly Change[] {
  const groups = Map.groupBy(
    changes.filter((change): change is Removed => change.kind === 'remove' && change.path.length > 0),
    ({ path }) => path.at(-1) as Node,
  );
  const gone = new Set<Change>();
  const folded: Change[] = [];
  for (const [place, removed] of groups) {
    const path = (removed[0] as Removed).path;
    const around = path.slice(0, -1);
    const before = nodeAt(live, path);
    if (!before?.rule.row.emptyIsAbsent || removed.length < before.children.filter(({ rule }) => !rule.row.woven).length) continue;
    if (place !== before && place.children.some(({ text }) => !standsForNone(place, text))) continue;
    const said = changes.find((change) => change.kind === 'change' && change.want === place);
    for (const change of changes) if (change.kind === 'add' && change.path.at(-1) === place) gone.add(change);
    for (const each of removed) gone.add(each);
    if (said) gone.add(said);
    folded.push(said ? { kind: 'rewrite', path: around, live: before, want: place } : { kind: 'remove', path: around, live: before });
  }
  for (const change of changes) {
    if (change.kind !== 'change' || change.live.children.length > 0 || change.want.children.length === 0) continue;
    gone.add(change);
    for (const each of changes) if (each.kind === 'add' && each.path.at(-1) === change.want) gone.add(each);
    folded.push({ ...change, kind: 'rewrite' });
  }
  if (folded.length === 0) return changes;
  return foldEmptied([...changes.filter((change) => !gone.has(change)), ...folded], live);
}

/** What a server does without the map, said as if it stood there. */
function standsForNone({ key }: Node, line: string): boolean {
  return key === 'interfaces-config' && line === 're-detect false';
}

export function nodeAt(roots: readonly Node[], path: readonly Node[]): Node | undefined {
  let node: Node | undefined;
  for (const { key } of path) {
    node = (node?.children ?? roots).find((child) => child.key === key);
    if (!node) return undefined;
  }
  return node;
}

/** A shared network that comes or goes with its subnets is one thing: they are shown inside. */
export function foldNetworks(changes: readonly Change[]): readonly Change[] {
  const shown = new Map<Change, Node[]>();
  const inside = new Set<Change>();
  for (const kind of ['add', 'remove'] as const) {
    const networks = new Map<string, Change>();
    for (const change of changes) {
      const node = change.kind === kind ? nodeOf(change) : undefined;
      if (node?.key.startsWith('shared-network ') && change.path.length === 1)
        networks.set(`${change.path[0]?.text} ${readText(node.key.slice('shared-network '.length))}`, change);
    }
    if (networks.size === 0) continue;
    for (const change of changes) {
      const node = change.kind === kind ? nodeOf(change) : undefined;
      if (!node?.key.startsWith('subnet ')) continue;
      const name = node.children.find(({ key }) => key === 'shared-network')?.text.slice('shared-network '.length);
      const network = name === undefined ? undefined : networks.get(`${change.path[0]?.text} ${readText(name)}`);
      if (!network) continue;
      shown.set(network, [...(shown.get(network) ?? []), node]);
      inside.add(change);
    }
  }
  if (inside.size === 0) return changes;
  const filled = (node: Node, more: readonly Node[]): Node => ({ ...node, children: [...node.children, ...more] });
  return changes.flatMap((change): Change[] => {
    const more = shown.get(change);
    if (inside.has(change)) return [];
    if (!more) return [change];
    if (change.kind === 'add') return [{ ...change, want: filled(change.want, more) }];
    return change.kind === 'remove' ? [{ ...change, live: filled(change.live, more) }] : [change];
  });
}
