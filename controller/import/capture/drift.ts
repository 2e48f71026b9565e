import type { DeviceVerdict, Difference } from '../../api/index.ts';
import { type Item, listItems, type Node, type Owner, type Tree } from '../../config/index.ts';
import type { Surveyed } from '../../pipeline/index.ts';

/** One line that the device has otherwise than Git. */
export interface Drift {
  key: string;
  /** Undefined: Git does not want the line. */
  desired: string | undefined;
  /** Undefined: the device does not hold it. */
  live: string | undefined;
  /** Whoever prints the line, or the lines of the same object, in Git. */
  owner: Owner | undefined;
}

/** What somebody changed on a device: moved there and not in Git, in both, or never seen in agreement. */
const captured: ReadonlySet<Difference['verdict']> = new Set(['Drifted', 'Diverged', 'Unadopted']);

/** The lines of a device that are to be written into Git. What Git moved itself is none. `news`: also what is new there and claimed by nobody. */
export function driftOf({ compared, verdict }: Pick<Surveyed, 'compared' | 'verdict'>, news: boolean): readonly Drift[] {
  if (!compared || verdict.verdict === 'Unknown') return [];
  const { intended, live } = compared;
  const wanted = listItems(intended.tree, intended.tree.dialect);
  const held = listItems(live, live.dialect);
  const byPath = new Map([...held, ...wanted].map((item) => [placeOf(item), item]));
  const wantedOf = new Map(wanted.map(({ key, text }) => [key, text]));
  const heldOf = new Map(held.map(({ key, text }) => [key, text]));
  const ownerOfObject = new Map(
    wanted.flatMap(({ key, object }) => (object === undefined ? [] : [[object, intended.owners.get(key)] as const])),
  );
  return [...differencesOf(verdict), ...(news ? (verdict.news ?? []) : [])].flatMap(({ path }) => {
    const item = byPath.get(path.join(' > '));
    if (!item) return [];
    const { key, object } = item;
    const owner = intended.owners.get(key) ?? (object === undefined ? undefined : ownerOfObject.get(object));
    return [{ key, desired: wantedOf.get(key), live: heldOf.get(key), owner }];
  });
}

function differencesOf(verdict: Exclude<DeviceVerdict, { verdict: 'Unknown' }>): readonly Difference[] {
  return verdict.differences.filter((each) => captured.has(each.verdict));
}

/** As a report names the line. */
function placeOf({ key, path }: Item): string {
  return [...path, key.slice(key.lastIndexOf(' > ') + 1).replace(/^> /, '')].join(' > ');
}

/** What Git wants with the drifted lines as the device has them. */
export function withDrift(intended: Tree, live: Tree, drifts: readonly Drift[]): Tree {
  const keys = new Set(drifts.map(({ key }) => key));
  return { ...intended, roots: merge(intended.roots, live.roots, '', keys) };
}

/** Only the lines that the device has and Git does not want, each in its blocks. */
export function onlyAdded(live: Tree, drifts: readonly Drift[]): Tree {
  const keys = new Set(drifts.map(({ key }) => key));
  return { ...live, roots: merge([], live.roots, '', keys) };
}

function merge(wanted: readonly Node[], held: readonly Node[], around: string, keys: ReadonlySet<string>): Node[] {
  const keyOf = (node: Node): string => (around === '' ? node.key : `${around} > ${node.key}`);
  const heldOf = new Map(held.map((node) => [node.key, node]));
  const known = new Set(wanted.map(({ key }) => key));
  const kept = wanted.flatMap((node): Node[] => {
    const other = heldOf.get(node.key);
    const children = merge(node.children, other?.children ?? [], keyOf(node), keys);
    if (!keys.has(keyOf(node))) return [{ ...node, children }];
    return other ? [{ ...other, children }] : [];
  });
  const added = held.flatMap((node): Node[] => {
    if (known.has(node.key)) return [];
    const children = merge([], node.children, keyOf(node), keys);
    return keys.has(keyOf(node)) || children.length > 0 ? [{ ...node, children }] : [];
  });
  return [...kept, ...added];
}
