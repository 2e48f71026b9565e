import type { DriftReportStatus, ReportedDifference } from '../../api/index.ts';
import type { Attribution } from '../../drivers/index.ts';

export type Candidate = DriftReportStatus['who'][number];

/** As many as the report holds. */
const mostCandidates = 10;

/** What somebody did on the device; that Git moved, or that the device was never adopted, is nobody's doing there. */
const doneByHand: ReadonlySet<ReportedDifference['verdict']> = new Set(['Drifted', 'Diverged', 'New']);

/**
 * Who may have done what is reported now. `ask` is called when a line was changed that the last report did not show so, and `again` once
 * more after it named nobody; whoever was named for what still stands stays named, for the logs of a device reach only so far back.
 */
export async function nameWho(
  reported: readonly ReportedDifference[],
  last: DriftReportStatus | undefined,
  ask: () => Promise<Attribution['candidates']>,
  again = false,
): Promise<Candidate[]> {
  const moved = reported.filter(({ verdict }) => doneByHand.has(verdict));
  if (moved.length === 0) return [];
  const shown = new Map(last?.differences.map((each) => [keyOf(each), each.live]));
  const known = last && moved.some((each) => shown.has(keyOf(each)) || last.differences.length < (last.total ?? 0)) ? last.who : [];
  const isNew = moved.some((each) => !shown.has(keyOf(each)) || shown.get(keyOf(each)) !== each.live);
  const found = isNew || again ? (await ask()).map(toCandidate) : [];
  const all = [...found, ...known];
  return all.filter((each, k) => all.findIndex((other) => covers(other, each)) === k).slice(0, mostCandidates);
}

/** The first says of the same person all that the second does. How many others were there is no part of it. */
function covers(one: Candidate, other: Candidate): boolean {
  const [how, otherHow] = [one, other].map((each) => each.how.split(',')[0]);
  return one.who === other.who && how === otherHow && (one.what ?? '').includes(other.what ?? '');
}

function keyOf({ path, verdict }: ReportedDifference): string {
  return `${verdict} ${path.join('\n')}`;
}

/** Several that may have done one thing are named as such. */
function toCandidate({ who, at, how, what, among = 1 }: Attribution['candidates'][number]): Candidate {
  return {
    who: who.slice(0, 200),
    at,
    how: (among > 1 ? `${how}, one of ${among} who were logged in` : how).slice(0, 200),
    ...(what !== undefined && { what: what.slice(0, 500) }),
  };
}
