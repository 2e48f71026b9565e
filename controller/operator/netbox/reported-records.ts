import type { RecordDifference, ReportedRecord, Severity } from '../../api/index.ts';
import { canonicalJson } from '../../lib/index.ts';
import { sayBeside } from '../../report/index.ts';

/** A record that is late misleads nobody for long; one that knows more than Git, or contradicts both, is a person's work that may get lost. */
const severityOf: Readonly<Record<RecordDifference['record'], Severity>> = {
  Behind: 'info',
  Missing: 'info',
  Unknown: 'info',
  Ahead: 'warning',
  Conflict: 'warning',
};

/** As the report on a device shows them, the worst and oldest first. Each keeps its age from `last`, whoever of the three moved since. */
export function reportRecords(
  differences: readonly RecordDifference[],
  last: readonly ReportedRecord[] | undefined,
  at: Date,
): ReportedRecord[] {
  const since = new Map(last?.map((each) => [keyOf(each), each.since]));
  return differences
    .map((each): ReportedRecord => {
      const object = short(`${each.kind} ${each.object}`);
      const { field, source } = each;
      const say = sayBeside([each.desired, each.recorded, each.live], '');
      const values = (['desired', 'recorded', 'live', 'baseline'] as const).flatMap((side) =>
        each[side] === undefined ? [] : [[side, short(say(each[side]))] as const],
      );
      return {
        record: each.record,
        severity: severityOf[each.record],
        object,
        ...(field !== undefined && { field }),
        ids: each.ids.slice(0, 10),
        ...Object.fromEntries(values),
        ...(source && { source: { file: short(source.file), line: source.line } }),
        since: since.get(keyOf({ object, ...(field !== undefined && { field }) })) ?? at.toISOString(),
        ...(each.who && {
          who: {
            who: each.who.who.slice(0, 200),
            at: each.who.at.slice(0, 40),
            ...(each.who.message !== undefined && { message: short(each.who.message) }),
          },
        }),
        why: short(each.why),
        next: short(each.next.words),
        ...(each.next.command !== undefined && { command: short(each.next.command) }),
      };
    })
    .toSorted(
      (a, b) => Number(b.severity === 'warning') - Number(a.severity === 'warning') || (a.since < b.since ? -1 : a.since > b.since ? 1 : 0),
    );
}

/** What is said, without since when: the same text, the same answer. */
export function textOfRecords(differences: readonly RecordDifference[]): string {
  return canonicalJson(differences);
}

/** Names a difference over time: the same field of the same object, whatever its verdict has become. */
function keyOf({ object, field }: Pick<ReportedRecord, 'object' | 'field'>): string {
  return `${object}\n${field ?? ''}`;
}

function short(text: string): string {
  return text.length <= 500 ? text : `${text.slice(0, 499)}…`;
}
