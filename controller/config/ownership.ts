import type { Dialect } from './dialect.ts';
import { walk } from './names.ts';
import type { PlanOptions } from './plan.ts';
import type { Item, Node, Tree } from './types.ts';

/** What Git claims of the live configuration. */
export interface Ownership {
  /** In Git, or in Git before, or inside an object that Git has: compared, put right. */
  readonly owned: readonly Item[];
  /** Claimed by nobody: never touched, counted. */
  readonly unmanaged: readonly Item[];
  /** Inside an object or an exact section that Git has, but not in Git: drift. Also among `owned`. */
  readonly foreign: readonly Item[];
  /** Objects and routes of nobody in a section that Git uses, a neighbor in our `router bgp`: reported, not removed. Also among `unmanaged`. */
  readonly strangers: readonly Item[];
}

/** Sorts the live lines by who owns them. `baselineKeys`: items that Git owned when they were last seen equal. */
export function classify(
  live: Tree,
  intended: Tree,
  baselineKeys: ReadonlySet<string>,
  dialect: Dialect,
  exactContainers: ReadonlySet<string> = new Set(),
): Ownership {
  const claims = claimsOf(live, intended, dialect, baselineKeys, exactContainers);
  const owned: Item[] = [];
  const unmanaged: Item[] = [];
  const foreign: Item[] = [];
  const strangers: Item[] = [];
  walk(live.roots, dialect, (node, key, place, object, path) => {
    const item: Item = { key, path, text: node.text, ...(object !== undefined && { object }) };
    const claim = claims(key, object, place.key);
    if (claim === 'none') {
      unmanaged.push(item);
      if ((object !== undefined || node.rule.row.traffic) && isWithin(place.key, claims.sections)) strangers.push(item);
      return;
    }
    owned.push(item);
    if (claim === 'inside') foreign.push(item);
  });
  return { owned, unmanaged, foreign, strangers };
}

interface Claims {
  (key: string, object: string | undefined, section: string): 'wanted' | 'before' | 'inside' | 'none';
  readonly sections: ReadonlySet<string>;
}

function claimsOf(live: Tree, intended: Tree, dialect: Dialect, before: ReadonlySet<string>, exact: ReadonlySet<string>): Claims {
  const wanted = new Set<string>();
  const objects = new Set<string>();
  const sections = new Set<string>();
  walk(intended.roots, dialect, (node, key, _place, object) => {
    wanted.add(key);
    if (object !== undefined) objects.add(object);
    if (node.rule.inner) sections.add(key);
  });
  // An object that Git no longer wants was ours in all its lines, also those that a person put into it since.
  walk(live.roots, dialect, (_node, key, _place, object) => {
    if (object !== undefined && before.has(key)) objects.add(object);
  });
  const claim = (key: string, object: string | undefined, section: string): ReturnType<Claims> => {
    if (wanted.has(key)) return 'wanted';
    if (before.has(key)) return 'before';
    if (object !== undefined && objects.has(object)) return 'inside';
    return isWithin(section, exact) ? 'inside' : 'none';
  };
  return Object.assign(claim, { sections });
}

function isWithin(section: string, exact: ReadonlySet<string>): boolean {
  if (exact.size === 0) return false;
  for (let at = section; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf(' > ')))) if (exact.has(at)) return true;
  return false;
}

/** The whole configuration the device should hold: what Git wants, and every live line that is not Git's to remove. */
export function intendedWith(live: Tree, intended: Tree, options: PlanOptions, dialect: Dialect): readonly Node[] {
  const claims =
    options.scope === 'owned'
      ? claimsOf(live, intended, dialect, options.previouslyOwned ?? new Set(), options.exactContainers ?? new Set())
      : undefined;
  const spared: Spared = new Map();
  walk(live.roots, dialect, (node, key, place, object) => {
    if (claims && claims(key, object, place.key) === 'none') spared.set(node, 'unclaimed');
    else if (isPermanent(node)) spared.set(node, 'permanent');
  });
  if (spared.size === 0) return intended.roots;
  return merge(live.roots, intended.roots, spared);
}

/** Live lines that stay although Git does not want them, and why. */
type Spared = Map<Node, 'unclaimed' | 'permanent'>;

function isPermanent(node: Node): boolean {
  const { row } = node.rule;
  return row.keep === true || (row.remove === null && !row.emptyIsAbsent);
}

/** The wanted lines, then the live ones that stay: spared themselves, or around lines that are. */
function merge(live: readonly Node[], want: readonly Node[], spared: Spared): readonly Node[] {
  const index = new Map(live.map((node) => [node.key, node]));
  const merged: Node[] = want.map((node) => {
    const there = index.get(node.key);
    if (!there) return node;
    index.delete(node.key);
    if (there.children.length === 0) return node;
    return { ...node, children: merge(there.children, node.children, spared) };
  });
  // Lines go ahead of sections, which may speak of them.
  const lines: Node[] = [];
  for (const rest of index.values()) {
    // What nothing removes by itself goes with a section that can be removed.
    if (!spared.has(rest) && rest.rule.remove && !holdsUnclaimed(rest, spared)) continue;
    const children = rest.children.length === 0 ? [] : merge(rest.children, [], spared);
    if (spared.has(rest) || children.length > 0) (rest.rule.inner ? merged : lines).push({ ...rest, children });
  }
  const at = merged.findIndex((node) => node.rule.inner);
  merged.splice(at < 0 ? merged.length : at, 0, ...lines);
  return merged;
}

function holdsUnclaimed(block: Node, spared: Spared): boolean {
  return block.children.some((child) => spared.get(child) === 'unclaimed' || child.rule.row.keep === true || holdsUnclaimed(child, spared));
}
