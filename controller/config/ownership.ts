import { saysDefaults, withDefaultsOf } from './defaults.ts';
import { type Dialect, isPermanent } from './dialect.ts';
import { walk } from './names.ts';
import type { PlanOptions } from './plan.ts';
import { compileDialect } from './rules.ts';
import { findStillUsed, type Placed } from './still-used.ts';
import type { Item, Node, Tree } from './types.ts';
import { isAlike, weave } from './woven.ts';

/** What Git claims of the live configuration. */
export interface Ownership {
  /** In Git, or in Git before, or inside an object that Git has: compared, put right. */
  readonly owned: readonly Item[];
  /** Claimed by nobody: never touched, counted. */
  readonly unmanaged: readonly Item[];
  /** Inside an object or an exact section that Git has, but not in Git, or the contrary of what Git says: drift. Also among `owned`. */
  readonly foreign: readonly Item[];
  /** The foreign ones in an object that Git had and dropped: Git takes away what somebody is working on. */
  readonly orphaned: readonly Item[];
  /** Objects and routes of nobody in a section that Git uses, a neighbor in our `router bgp`: reported, not removed. Also among `unmanaged`. */
  readonly strangers: readonly Item[];
  /**
   * Ours before, dropped by Git, and what no plan removes: a section that holds lines of others, an object that they use, a line that
   * the platform cannot be without. Also among `unmanaged`.
   */
  readonly released: readonly Item[];
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
  const found: { item: Item; claim: Claim; stranger: boolean }[] = [];
  walk(live.roots, dialect, (node, key, place, object, path) => {
    const wanted = node.rule.row.woven ? claims.orders.get(key) : undefined;
    const text = wanted !== undefined && isAlike(node.text, wanted) ? wanted : node.text;
    const remark = node.rule.row.remark;
    const item: Item = { key, path, text, ...(object !== undefined && { object }), ...(remark && { remark }) };
    const stranger = (object !== undefined || node.rule.row.traffic === true) && isWithin(place.key, claims.sections);
    found.push({ item, claim: claims(key, object, place.key), stranger });
  });
  const left = found.some(({ claim }) => claim === 'before')
    ? keysOf(intendedWith(live, intended, { scope: 'owned', previouslyOwned: baselineKeys, exactContainers }, dialect), dialect)
    : new Set();
  const sorted = { owned: [], unmanaged: [], foreign: [], orphaned: [], strangers: [], released: [] } as Record<keyof Ownership, Item[]>;
  for (const { item, claim, stranger } of found) {
    const isReleased = (claim === 'before' || claim === 'orphaned') && left.has(item.key);
    sorted[claim === 'none' || isReleased ? 'unmanaged' : 'owned'].push(item);
    if (isReleased) sorted.released.push(item);
    if (claim === 'none' && stranger) sorted.strangers.push(item);
    if (claim === 'inside' || claim === 'contrary' || (claim === 'orphaned' && !isReleased)) sorted.foreign.push(item);
    if (claim === 'orphaned' && !isReleased) sorted.orphaned.push(item);
  }
  return sorted;
}

function keysOf(roots: readonly Node[], dialect: Dialect): ReadonlySet<string> {
  const keys = new Set<string>();
  walk(roots, dialect, (_node, key) => keys.add(key));
  return keys;
}

/**
 * Why a line is ours, `none` when it is not: Git wants it; Git says the contrary in words that the device does not print, since they go without
 * saying; Git wanted it, or it was adopted; it is inside an object or an exact section of Git; it is inside an object that Git had and dropped.
 */
type Claim = 'wanted' | 'contrary' | 'before' | 'inside' | 'orphaned' | 'none';

interface Claims {
  (key: string, object: string | undefined, section: string): Claim;
  readonly sections: ReadonlySet<string>;
  /** What Git says of the order of things, by key. */
  readonly orders: ReadonlyMap<string, string>;
}

function claimsOf(live: Tree, intended: Tree, dialect: Dialect, before: ReadonlySet<string>, exact: ReadonlySet<string>): Claims {
  const wanted = new Set<string>();
  const objects = new Set<string>();
  const sections = new Set<string>();
  const orders = new Map<string, string>();
  walk(intended.roots, dialect, (node, key, _place, object) => {
    wanted.add(key);
    if (object !== undefined) objects.add(object);
    if (node.rule.inner) sections.add(key);
    if (node.rule.row.woven) orders.set(key, node.text);
  });
  // An object that Git no longer wants was ours in all its lines, also those that a person put into it since.
  const dropped = new Set<string>();
  walk(live.roots, dialect, (_node, key, _place, object) => {
    if (object !== undefined && before.has(key)) dropped.add(object);
  });
  const claim = (key: string, object: string | undefined, section: string): Claim => {
    if (wanted.has(key)) return 'wanted';
    if (intended.implied?.has(key)) return 'contrary';
    if (before.has(key)) return 'before';
    if (object !== undefined && objects.has(object)) return 'inside';
    if (object !== undefined && dropped.has(object)) return 'orphaned';
    return isWithin(section, exact) ? 'inside' : 'none';
  };
  return Object.assign(claim, { sections, orders });
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
  const target = mergeSpared(live.roots, intended.roots, claims, dialect);
  if (!claims || !haveOtherDefaults(live.roots, target)) return target;
  // What is not ours stays what it is, not what it says: under another default the device prints it in other words.
  return mergeSpared(withDefaultsOf(target, live.roots, compileDialect(dialect, live.version)), intended.roots, claims, dialect);
}

function mergeSpared(live: readonly Node[], want: readonly Node[], claims: Claims | undefined, dialect: Dialect): readonly Node[] {
  const spared: Spared = new Map();
  if (claims) {
    const [dropped, others]: [Placed[], Placed[]] = [[], []];
    walk(live, dialect, (node, key, place, object) => {
      const claim = claims(key, object, place.key);
      if (claim === 'none') spared.set(node, 'unclaimed');
      else if (isPermanent(node.rule.row) && claim !== 'contrary') spared.set(node, 'permanent');
      if (claim === 'none' && node.rule.uses.length > 0) others.push({ node, place, object });
      if (claim === 'before' || claim === 'orphaned') dropped.push({ node, place, object });
    });
    for (const node of findStillUsed(dropped, others, want, dialect)) spared.set(node, 'unclaimed');
  } else sparePermanent(live, spared);
  const stays = new Set<Node>();
  addStays(live, spared, stays);
  return merge(live, want, spared, stays);
}

/** In one of the outermost sections, where such lines stand. */
function haveOtherDefaults(live: readonly Node[], want: readonly Node[]): boolean {
  const said = (roots: readonly Node[]): Set<string> =>
    new Set(roots.flatMap(({ key, children }) => children.filter(saysDefaults).map(({ text }) => `${key} ${text}`)));
  return said(live).symmetricDifference(said(want)).size > 0;
}

/** Live lines that stay although Git does not want them, and why. */
type Spared = Map<Node, 'unclaimed' | 'permanent'>;

/** Where everything is Git's, no line needs its name to be judged. */
function sparePermanent(nodes: readonly Node[], spared: Spared): void {
  for (const node of nodes) {
    if (isPermanent(node.rule.row)) spared.set(node, 'permanent');
    if (node.children.length > 0) sparePermanent(node.children, spared);
  }
}

/** Lines that are spared, and those around them. */
function addStays(nodes: readonly Node[], spared: Spared, stays: Set<Node>): boolean {
  let any = false;
  for (const node of nodes) {
    const holds = node.children.length > 0 && addStays(node.children, spared, stays);
    if (!holds && !spared.has(node)) continue;
    stays.add(node);
    any = true;
  }
  return any;
}

/** The wanted lines, then the live ones that stay: spared themselves, or around lines that are. */
function merge(live: readonly Node[], want: readonly Node[], spared: Spared, stays: ReadonlySet<Node>): readonly Node[] {
  const index = new Map<string, Node>();
  for (const node of live) if (stays.has(node)) index.set(node.key, node);
  if (index.size === 0) return want;
  const merged: Node[] = want.map((node) => {
    const there = index.get(node.key);
    if (!there) return node;
    index.delete(node.key);
    if (there.children.length === 0) return node;
    return { ...node, children: merge(there.children, node.children, spared, stays) };
  });
  // Lines go ahead of sections, which may speak of them.
  const lines: Node[] = [];
  for (const rest of index.values()) {
    // What nothing removes by itself goes with a section that can be removed.
    if (!spared.has(rest) && rest.rule.remove && !holdsUnclaimed(rest, spared)) continue;
    const children = merge(rest.children, [], spared, stays);
    if (spared.has(rest) || children.length > 0) (rest.rule.inner ? merged : lines).push({ ...rest, children });
  }
  const at = merged.findIndex((node) => node.rule.inner);
  merged.splice(at < 0 ? merged.length : at, 0, ...lines);
  return weave(merged, live, want);
}

function holdsUnclaimed(block: Node, spared: Spared): boolean {
  return block.children.some((child) => spared.get(child) === 'unclaimed' || child.rule.row.keep === true || holdsUnclaimed(child, spared));
}
