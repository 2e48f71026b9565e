import type { Baseline } from '../api/index.ts';
import { canonicalJson } from '../lib/index.ts';
import { compareItems, lastKey } from './compare-items.ts';
import type { Facts, Standing } from './facts.ts';

/**
 * The baseline after a believed read, or undefined when it does not move. Items in sync enter it; items that neither side holds
 * any more leave it; every other item keeps the value it had. A first contact in which everything agrees counts as adoption.
 *
 * What enters is ours from then on, and is removed when Git does not want it. So this is for who decides about the device: an apply.
 */
export function advanceBaseline(facts: Facts): Baseline | undefined {
  return move(facts, () => true);
}

/**
 * The same for who only looks, perhaps from a branch that is never merged: an adopted device keeps the items it has, and none joins
 * them. Before adoption there is nothing to take over, and the baseline starts as `advanceBaseline` has it.
 */
export function refreshBaseline(facts: Facts): Baseline | undefined {
  const known = facts.baseline?.adopted ? facts.baseline.items : undefined;
  return move(facts, (key) => known === undefined || Object.hasOwn(known, key));
}

function move(facts: Facts, mayEnter: (key: string) => boolean): Baseline | undefined {
  const judged = compareItems(facts);
  const items = judged.flatMap(({ key, verdict, desired, baseline }): [string, string][] => {
    const value = verdict === 'InSync' && mayEnter(key) ? desired : baseline;
    return value === undefined ? [] : [[key, value]];
  });
  const agrees = judged.every(({ verdict }) => verdict === 'InSync' || verdict === 'Unmanaged');
  const seen = facts.baseline ?? describeSeen(judged.filter(({ verdict }) => verdict === 'Unmanaged'));
  // Words of two releases side by side stay those of the older one.
  const release = (agrees ? facts.release : undefined) ?? facts.baseline?.release;
  return unlessSame(facts, items, seen, { adopted: (facts.baseline?.adopted ?? false) || agrees, release });
}

/**
 * The baseline that adoption stores: what the device holds now of everything that is ours, and the keys of all else. Writes nothing
 * to a device. Afterwards Git wins: each item that differs is Pending. Undefined when the device was adopted in this very state.
 *
 * A rogue object in our container that appeared after a first adoption is not accepted by a second one: whoever adopts to settle one
 * line has not looked at it, so it stays drift until Git has it or the device loses it.
 */
export function adoptBaseline(facts: Facts): Baseline | undefined {
  const judged = compareItems(facts);
  const isOurs = new Set(facts.live.filter(({ standing }) => ourStandings.has(standing)).map(({ key }) => key));
  const items = judged.flatMap(({ key, live }): [string, string][] => (live !== undefined && isOurs.has(key) ? [[key, live]] : []));
  const isDrifted = new Set(judged.filter(({ verdict }) => verdict === 'Drifted').map(({ key }) => key));
  const seen = describeSeen(facts.live.filter(({ key }) => !isOurs.has(key) && !isDrifted.has(key)));
  return unlessSame(facts, items, seen, { adopted: true, release: facts.release });
}

/** A rogue object in our container is not ours by being there: at the first adoption it joins what was seen and is left alone. */
const ourStandings: ReadonlySet<Standing> = new Set(['owned', 'inside', 'orphaned', 'released']);

type Seen = Pick<Baseline, 'unmanaged' | 'unmanagedLines'>;

function describeSeen(items: readonly { key: string; live?: string; text?: string }[]): Seen {
  const lines = items.flatMap(({ key, live, text = live }): [string, string][] =>
    text === undefined || text === lastKey(key) ? [] : [[key, text]],
  );
  return { unmanaged: items.map(({ key }) => key).toSorted(), ...(lines.length > 0 && { unmanagedLines: Object.fromEntries(lines) }) };
}

function unlessSame(
  { device, platform, revision, baseline }: Facts,
  entries: readonly [string, string][],
  { unmanaged, unmanagedLines }: Seen,
  { adopted, release }: { adopted: boolean; release: string | undefined },
): Baseline | undefined {
  const items = Object.fromEntries(entries);
  // The revision alone does not move a baseline: a merge that touches other devices causes no write.
  if (
    baseline &&
    canonicalJson([baseline.items, baseline.unmanaged, baseline.unmanagedLines ?? null, baseline.adopted ?? false]) ===
      canonicalJson([items, unmanaged, unmanagedLines ?? null, adopted]) &&
    // One that does not say it learns it when it moves: not a whole network at once.
    (baseline.release === undefined || baseline.release === release)
  ) {
    return undefined;
  }
  return {
    device,
    platform,
    revision,
    items,
    unmanaged,
    ...(unmanagedLines && { unmanagedLines }),
    adopted,
    ...(release !== undefined && { release }),
  };
}
