import { type Change, nodeOf } from '../compare.ts';
import type { Node, Tree } from '../types.ts';
import { bounds, inherited, networkDefaults, serverDefaults, usualOf } from './defaults.ts';
import { withoutFollowing } from './defined.ts';
import { modeOf } from './entries.ts';
import { foldEmptied, foldNetworks } from './folded.ts';
import { kindOf, settleTwins } from './twins.ts';
import { foldLists } from './whole-lists.ts';
import { readValue, sayValue } from './words.ts';

/**
 * The changes as people count them. What got another name is one difference, not one that goes and one that comes. A setting that a subnet
 * says itself because what it took over changes is none: it holds there before and after.
 */
export function countedOnce(changes: readonly Change[], live: Tree, want: readonly Node[]): readonly Change[] {
  const told = changes.filter(({ quiet }) => !quiet);
  const loud = foldNetworks(withoutFollowing(foldEmptied(settleTwins(told, live.roots, want), live.roots)));
  const renamed = pairsIn(loud);
  const gone = new Set(renamed.values());
  const networks = new Map([...renamed].map(([to, from]) => [to.want.text, from.live.text]));
  const here = effectiveIn(live.roots, live.version);
  const there = effectiveIn(want, live.version);
  const counted = loud.flatMap((change): Change[] => {
    if (change.kind === 'remove' && gone.has(change)) return [];
    const from = change.kind === 'add' ? renamed.get(change) : undefined;
    if (from && change.kind === 'add') return [{ kind: 'change', path: change.path, live: from.live, want: change.want }];
    if (change.kind === 'change' && networks.get(change.want.text) === change.live.text) return [];
    return isHeldAnyway(change, here, there) ? [] : [change];
  });
  return foldLists(foldModes(counted, here, there), live.roots, want);
}

type Added = Extract<Change, { kind: 'add' }>;
type Removed = Extract<Change, { kind: 'remove' }>;

/** Of each kind of line in a block: the only one that comes and the only one that goes, when they hold the same. */
function pairsIn(changes: readonly Change[]): Map<Added, Removed> {
  const groups = Map.groupBy(
    changes.filter((change): change is Added | Removed => change.kind === 'add' || change.kind === 'remove'),
    ({ path, ...change }) => `${path.map(({ key }) => key).join('\n')}\n\n${kindOf(change.kind === 'add' ? change.want : change.live)}`,
  );
  const pairs = new Map<Added, Removed>();
  for (const group of groups.values()) {
    const [added, removed] = [group.filter((each) => each.kind === 'add'), group.filter((each) => each.kind === 'remove')];
    const [to, from] = [added[0], removed[0]];
    if (to && from && added.length === 1 && removed.length === 1 && isSameInside(to.want, from.live)) pairs.set(to, from);
  }
  return pairs;
}

function isSameInside(a: Node, b: Node): boolean {
  const [one, other] = [childrenBut(a, b), childrenBut(b, a)];
  return one.length === other.length && one.every((child, at) => isSameLine(child, other[at]));
}

/** What is said of files says nothing of an output that is none. */
function childrenBut(node: Node, other: Node): readonly Node[] {
  if (kindOf(node) !== 'output' || node.key === other.key) return node.children;
  return node.children.filter(({ key }) => key !== 'maxsize' && key !== 'maxver');
}

function isSameLine(a: Node, b: Node | undefined): boolean {
  return b !== undefined && a.text === b.text && isSameInside(a, b);
}

/** The value of a setting in a server, or in a subnet or shared network of it, said there or taken over. */
type Effective = (root: string, place: string | undefined, key: string) => string | undefined;

const boundOf = new Map(bounds);

function effectiveIn(roots: readonly Node[], version: string): Effective {
  const indexes = new Map<Node, Map<string, Node>>();
  const inside = (node: Node | undefined, key: string): Node | undefined => {
    if (!node) return undefined;
    let index = indexes.get(node);
    if (!index) indexes.set(node, (index = new Map(node.children.map((child) => [child.key, child]))));
    return index.get(key);
  };
  const valueOf = (node: Node | undefined, key: string): string | undefined => inside(node, key)?.text.slice(key.length + 1);
  const effective: Effective = (root, place, key) => {
    const server = roots.find(({ text }) => text === root);
    const own = place === undefined ? undefined : inside(server, place);
    const network = valueOf(own, 'shared-network');
    const said =
      valueOf(own, key) ??
      (network === undefined ? undefined : valueOf(inside(server, `shared-network ${network}`), key)) ??
      valueOf(server, key);
    if (said !== undefined) return said;
    const of = boundOf.get(key);
    if (of !== undefined) return effective(root, place, of);
    if (key === 'relay') return 'none';
    const usual = usualOf(serverDefaults(root === 'Dhcp4' ? 'ipv4' : 'ipv6', version), key) ?? usualOf(networkDefaults, key);
    return usual === undefined ? undefined : sayValue(usual);
  };
  return effective;
}

function isHeldAnyway(change: Change, here: Effective, there: Effective): boolean {
  const [root, place] = change.path;
  const { key } = nodeOf(change);
  if (!root || !place || change.path.length !== 2 || !/^(?:subnet|shared-network) /.test(place.key)) return false;
  if (!inherited.has(key) && !boundOf.has(key) && key !== 'relay') return false;
  const [before, after] = [here(root.text, place.key, key), there(root.text, place.key, key)];
  return before !== undefined && after !== undefined && readValue(before) === readValue(after);
}

const flags = ['reservations-global', 'reservations-in-subnet', 'reservations-out-of-pool'] as const;

/** Where to look for reservations is one setting in older files, and three flags in newer ones: several of them at once are the one. */
function foldModes(changes: readonly Change[], here: Effective, there: Effective): Change[] {
  const some = changes.filter((change) => change.path.length < 3 && flags.some((flag) => nodeOf(change).key === flag));
  const folded = new Map<Change, Change | undefined>();
  for (const group of Map.groupBy(some, ({ path }) => path.map(({ key }) => key).join('\n')).values()) {
    const [first, ...rest] = group;
    const [root, place] = first?.path ?? [];
    if (!first || rest.length === 0 || !root) continue;
    const [before, after] = [here, there].map((effective) =>
      modeOf(flags.map((flag) => effective(root.text, place?.key, flag) === 'true')),
    );
    if (before === undefined || after === undefined) continue;
    const say = (mode: string): Node => ({ ...nodeOf(first), key: 'reservation-mode', text: `reservation-mode ${mode}` });
    folded.set(first, { kind: 'change', path: first.path, live: say(before), want: say(after) });
    for (const each of rest) folded.set(each, undefined);
  }
  return changes.flatMap((change) => (folded.has(change) ? (folded.get(change) ?? []) : change));
}
