import type { Baseline, Observation, Read, Rendered } from '../api/index.ts';
import {
  classify,
  dialectFor,
  type Intended,
  type Item,
  listItems,
  type Ownership,
  parse,
  parseIntended,
  type Tree,
} from '../config/index.ts';
import { isUntried, releaseOf } from './untested.ts';
import { type Facts, type LiveItem, type Standing, sinceFrom } from '../verdict/index.ts';

/** Git and one device side by side, in the canonical form of the software version that answered. */
export interface Compared {
  intended: Intended;
  live: Tree;
  ownership: Ownership;
  /** Keys of sections in which lines that Git does not know are removed. */
  exactContainers: ReadonlySet<string>;
  facts: Facts;
}

/** Brings both texts into canonical form and says which live lines are ours. Pure. */
export function compareDevice(input: {
  revision: string;
  exactContainers: readonly string[];
  rendered: Rendered;
  read: Read;
  baseline: Baseline | undefined;
  last: Observation | undefined;
}): Compared {
  const { rendered, read, baseline } = input;
  const dialect = dialectFor(rendered.platform);
  const intended = parseIntended(rendered.text, dialect, { version: read.version, device: read.config });
  const live = parse(read.config, dialect, { version: read.version, like: intended.tree });
  const desiredItems = listItems(intended.tree, dialect);
  const exactContainers = new Set([...intended.exact, ...matchContainers(input.exactContainers, desiredItems)]);
  const ownership = classify(live, intended.tree, new Set(Object.keys(baseline?.items ?? {})), dialect, exactContainers);
  const facts: Facts = {
    device: rendered.device,
    platform: rendered.platform,
    revision: input.revision,
    desired: desiredItems.map((item) => {
      const source = intended.owners.get(item.key);
      return { key: item.key, path: item.path, text: item.text, ...(source && { source: { file: source.file, line: source.line } }) };
    }),
    live: liveItems(ownership, baseline),
    baseline,
    ...(read.version !== '' && { release: releaseOf(read.version), isUntried: isUntried(read.version, rendered.platform) }),
    at: new Date(read.at),
    sinceOf: sinceFrom(input.last),
    ...(input.last?.upgraded && { lastUpgraded: input.last.upgraded }),
  };
  return { intended, live, ownership, exactContainers, facts };
}

function liveItems({ owned, unmanaged, foreign, orphaned, strangers, released }: Ownership, baseline: Baseline | undefined): LiveItem[] {
  const seen = new Set(baseline?.unmanaged);
  // Whoever has an object in our section since before adoption may work on it: that is news, and no new object.
  const accepted = new Set(unmanaged.flatMap(({ key, object }) => (object !== undefined && seen.has(key) ? [object] : [])));
  const isNew = ({ object }: Item): boolean => object === undefined || !accepted.has(object);
  const standings = new Map<string, Standing>([
    ...standing(foreign, 'inside'),
    ...standing(orphaned, 'orphaned'),
    ...standing(strangers.filter(isNew), 'beside'),
    ...standing(released, 'released'),
  ]);
  const toLive = ({ key, path, text, remark }: Item, otherwise: Standing): LiveItem => ({
    key,
    path,
    text,
    ...(remark && { remark }),
    standing: standings.get(key) ?? otherwise,
  });
  return [...owned.map((item) => toLive(item, 'owned')), ...unmanaged.map((item) => toLive(item, 'unmanaged'))];
}

function standing(items: readonly Item[], is: Standing): [string, Standing][] {
  return items.map(({ key }) => [key, is]);
}

/**
 * A profile names a block by the words that open it, `router bgp`: every block of Git whose key begins with them. Never one that only
 * the device has, `router bgp vrf CUST`: it would lose all its lines because of another block that Git fills.
 */
function matchContainers(openers: readonly string[], items: readonly Item[]): string[] {
  if (openers.length === 0) return [];
  return items.map(({ key }) => key).filter((key) => openers.some((opener) => key === opener || key.startsWith(`${opener} `)));
}
