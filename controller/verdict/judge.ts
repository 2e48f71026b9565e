import type { DeviceVerdict, Difference, News, NotKnown, Severity, Upgraded, Verdict } from '../api/index.ts';
import { compareItems, type JudgedItem } from './compare-items.ts';
import type { Facts } from './facts.ts';

/** From best to worst. The verdict on a device is the worst of its items. */
const order = ['InSync', 'Pending', 'Unadopted', 'Drifted', 'Diverged'] as const satisfies readonly Verdict[];

/** Who is wrong about a device: the verdict on each owned item, and the worst of them. */
export function judge(facts: Facts): DeviceVerdict {
  const items = compareItems(facts);
  const at = facts.at.toISOString();
  const upgraded = upgradeOf(facts);
  const differences = items.flatMap((item) => toDifference(item, at, facts, upgraded));
  const news = items.filter(({ isNews }) => isNews).map((item) => toNews(item, at, facts));
  const owned = items.filter(({ verdict, desired, live }) => verdict !== 'Unmanaged' && (desired ?? live) !== undefined);
  const worst = Math.max(0, ...new Set(differences.map(({ verdict }) => order.indexOf(verdict))));
  return {
    device: facts.device,
    verdict: order[worst] ?? 'InSync',
    at,
    revision: facts.revision,
    differences,
    counts: {
      owned: owned.length,
      inSync: owned.filter(({ verdict }) => verdict === 'InSync').length,
      unmanaged: items.filter(({ verdict }) => verdict === 'Unmanaged').length,
    },
    ...(news.length > 0 && { news }),
    ...(upgraded && differences.length > 0 && { upgraded }),
  };
}

/** Set where two releases print beside each other, and nobody knows the words of the newer one. */
function upgradeOf({ baseline, release, isUntried, lastUpgraded: last, at }: Facts): Upgraded | undefined {
  const from = baseline?.release;
  if (!isUntried || from === undefined || release === undefined || from === release) return undefined;
  const before = last?.from === from ? last.firstLooks : [];
  return { from, to: release, firstLooks: last?.from === from && last.to === release ? before : [...before, at.toISOString()] };
}

/** The verdict when the device could not be read, or the read was not believed. Absence of evidence is never "no drift". */
export function judgeUnknown({ device, at, reason, message, next }: NotKnown, revision: string): DeviceVerdict {
  return { device, verdict: 'Unknown', at, revision, reason, message, next };
}

/** Names a difference over time: the same item in the same trouble keeps its `since`, whatever the value is now. */
export function differenceKey(difference: Pick<Difference, 'path' | 'verdict'>): string {
  return `${difference.verdict} ${difference.path.join(' > ')}`;
}

/** Names a piece of news over time. */
export function newsKey({ path }: Pick<News, 'path'>): string {
  return `New ${path.join(' > ')}`;
}

function toDifference(
  { verdict, path, ...item }: JudgedItem,
  at: string,
  { sinceOf, lastUpgraded }: Facts,
  upgraded: Upgraded | undefined,
): Difference[] {
  if (verdict === 'InSync' || verdict === 'Unmanaged') return [];
  // While the release was untried nobody was asked, for nothing was written: whoever is at work there has the whole time from now on.
  const isWritableAgain = lastUpgraded !== undefined && upgraded === undefined;
  const since = (isWritableAgain ? undefined : sinceOf(differenceKey({ path, verdict }))) ?? at;
  return [
    {
      path,
      verdict,
      ...(item.desired !== undefined && { desired: item.desired }),
      ...(item.baseline !== undefined && { baseline: item.baseline }),
      ...(item.live !== undefined && { live: item.live }),
      ...(item.source && { source: item.source }),
      ...(item.stays && { stays: true as const }),
      severity: severityOf(verdict, item.foreign && !upgraded?.firstLooks.includes(since)),
      since,
    },
  ];
}

/**
 * A foreign term in our policy or a rogue neighbor moves traffic that nobody reviewed: that pages. A changed value of ours or a description is a
 * ticket, and so is what came with an upgrade: a thousand devices that print a line more than before wake nobody. What was there before it, or
 * came after it, did not come with it.
 */
function severityOf(verdict: Difference['verdict'], foreign: boolean): Severity {
  if (verdict === 'Drifted' || verdict === 'Diverged') return foreign ? 'critical' : 'warning';
  return 'info';
}

function toNews({ path, live = '', was }: JudgedItem, at: string, { sinceOf }: Facts): News {
  return { path, live, ...(was !== undefined && { was }), severity: 'warning', since: sinceOf(newsKey({ path })) ?? at };
}
