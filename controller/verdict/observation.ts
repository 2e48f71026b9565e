import type { DeviceVerdict, Observation } from '../api/index.ts';
import { canonicalJson } from '../lib/index.ts';
import { differenceKey, newsKey } from './judge.ts';

/** How long a difference stands, from what was stored: pass it to `judge` as `sinceOf`. */
export function sinceFrom(last: Observation | undefined): (key: string) => string | undefined {
  return (key) => (last && Object.hasOwn(last.differences, key) ? last.differences[key] : undefined);
}

/**
 * What to store after a verdict, or undefined when nothing moved. An Unknown keeps the differences: they are not gone, only unseen.
 * Nothing stored says in sync already; an observation that says so takes away the one that stood.
 */
export function observe(last: Observation | undefined, judged: DeviceVerdict): Observation | undefined {
  const { device, verdict, at, revision } = judged;
  const reason = judged.verdict === 'Unknown' ? judged.reason : undefined;
  const sameVerdict = last?.verdict === verdict && last.reason === reason;
  const differences = judged.verdict === 'Unknown' ? (last?.differences ?? {}) : firstSeen(judged);
  if (!last && verdict === 'InSync' && Object.keys(differences).length === 0) return undefined;
  const upgraded = judged.verdict === 'Unknown' ? last?.upgraded : judged.upgraded;
  const isSame = last && canonicalJson([last.differences, last.upgraded ?? null]) === canonicalJson([differences, upgraded ?? null]);
  if (isSame && sameVerdict) return undefined;
  const since = sameVerdict && last ? last.since : at;
  return { device, verdict, ...(reason && { reason }), revision, since, differences, ...(upgraded && { upgraded }) };
}

function firstSeen(judged: Exclude<DeviceVerdict, { verdict: 'Unknown' }>): Record<string, string> {
  return Object.fromEntries([
    ...judged.differences.map((difference) => [differenceKey(difference), difference.since]),
    ...(judged.news ?? []).map((news) => [newsKey(news), news.since]),
  ]);
}
