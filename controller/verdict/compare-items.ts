import type { Source } from '../api/index.ts';
import type { DesiredItem, Facts, LiveItem } from './facts.ts';
import { type ItemVerdict, judgeItem } from './judge-item.ts';

/** One item with its three values and the verdict on it. */
export interface JudgedItem {
  key: string;
  path: readonly string[];
  desired?: string;
  baseline?: string;
  live?: string;
  source?: Source;
  verdict: ItemVerdict;
  /** Not there at adoption, claimed by nobody in Git, and more than words for people. */
  foreign: boolean;
  /** Of nobody, in a section that is not Git's alone. */
  stays: boolean;
  /** Unmanaged, and not there at adoption, or not so. */
  isNews: boolean;
  /** An unmanaged line as it was at adoption, or while it was ours. */
  was?: string;
}

/** Every item of the three sides, once: in the order of Git, then what only the baseline and the device know, in the device's order. */
export function compareItems({ desired, live, baseline }: Facts): readonly JudgedItem[] {
  const liveByKey = new Map(live.map((item) => [item.key, item]));
  const desiredKeys = new Set(desired.map(({ key }) => key));
  const seen = new Set(baseline?.unmanaged);
  const judge = (key: string, want: DesiredItem | undefined, have: LiveItem | undefined): JudgedItem => {
    const was = lineOf(baseline?.items, key);
    const verdict = judgeItem({
      desired: want?.text,
      baseline: was,
      live: have?.text,
      standing: have?.standing ?? 'owned',
      adopted: baseline?.adopted ?? false,
      seenAtAdoption: seen.has(key),
    });
    const before = verdict === 'Unmanaged' ? (was ?? lineOf(baseline?.unmanagedLines, key)) : undefined;
    return {
      key,
      path: [...(want?.path ?? have?.path ?? []), lastKey(key)],
      ...(want && { desired: want.text }),
      ...(was !== undefined && { baseline: was }),
      ...(have && { live: have.text }),
      ...(want?.source && { source: want.source }),
      verdict,
      foreign: want === undefined && was === undefined && have?.remark === undefined,
      stays: have?.standing === 'beside',
      isNews: verdict === 'Unmanaged' && baseline !== undefined && (before === undefined ? !seen.has(key) : before !== have?.text),
      ...(before !== undefined && { was: before }),
    };
  };

  const lost = Object.keys(baseline?.items ?? {}).filter((key) => !desiredKeys.has(key) && !liveByKey.has(key));
  return [
    ...desired.map((item) => judge(item.key, item, liveByKey.get(item.key))),
    ...live.filter(({ key }) => !desiredKeys.has(key)).map((item) => judge(item.key, undefined, item)),
    ...lost.map((key) => judge(key, undefined, undefined)),
  ];
}

function lineOf(lines: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return lines && Object.hasOwn(lines, key) ? lines[key] : undefined;
}

/** The identity of the line itself: an item key is section keys and line key, joined with ` > `. */
export function lastKey(key: string): string {
  return key.slice(key.lastIndexOf(' > ') + 1).replace(/^> /, '');
}
