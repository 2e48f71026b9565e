import type { Baseline, DeviceIntent, Observation, Read, Rendered } from '../api/index.ts';
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
  intent: DeviceIntent;
  rendered: Rendered;
  read: Read;
  baseline: Baseline | undefined;
  last: Observation | undefined;
}): Compared {
  const { rendered, read, baseline, intent } = input;
  const dialect = dialectFor(rendered.platform);
  const intended = parseIntended(rendered.text, dialect, { version: read.version });
  const live = parse(read.config, dialect, { version: read.version });
  const desiredItems = listItems(intended.tree, dialect);
  const exactContainers = new Set([...intended.exact, ...matchContainers(intent.exactContainers, desiredItems)]);
  const ownership = classify(live, intended.tree, new Set(Object.keys(baseline?.items ?? {})), dialect, exactContainers);
  const facts: Facts = {
    device: rendered.device,
    platform: rendered.platform,
    revision: input.revision,
    desired: desiredItems.map((item) => {
      const source = intended.owners.get(item.key);
      return { key: item.key, path: item.path, text: item.text, ...(source && { source: { file: source.file, line: source.line } }) };
    }),
    live: liveItems(ownership),
    baseline,
    at: new Date(read.at),
    sinceOf: sinceFrom(input.last),
  };
  return { intended, live, ownership, exactContainers, facts };
}

function liveItems({ owned, unmanaged, foreign, strangers }: Ownership): LiveItem[] {
  const inside = new Set(foreign.map(({ key }) => key));
  const beside = new Set(strangers.map(({ key }) => key));
  const stand = ({ key, path, text }: Item, standing: Standing): LiveItem => ({ key, path, text, standing });
  return [
    ...owned.map((item) => stand(item, inside.has(item.key) ? 'inside' : 'owned')),
    ...unmanaged.map((item) => stand(item, beside.has(item.key) ? 'beside' : 'unmanaged')),
  ];
}

/**
 * A profile names a block by the words that open it, `router bgp`: every block of Git whose key begins with them. Never one that only
 * the device has, `router bgp vrf CUST`: it would lose all its lines because of another block that Git fills.
 */
function matchContainers(openers: readonly string[], items: readonly Item[]): string[] {
  if (openers.length === 0) return [];
  return items.map(({ key }) => key).filter((key) => openers.some((opener) => key === opener || key.startsWith(`${opener} `)));
}
