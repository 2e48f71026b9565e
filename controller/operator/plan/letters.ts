import type { ChangeRecord, EndState, SetLetter } from '../../api/index.ts';

const letters: Readonly<Record<EndState, SetLetter>> = {
  Confirmed: 'c',
  RolledBack: 'r',
  NothingWritten: 'n',
  RollbackIncomplete: 'i',
  PartiallyApplied: 'p',
  OutcomeUnknown: 'u',
};

/** The letter of a set whose change ended so. */
export function letterOf(end: EndState): SetLetter {
  return letters[end];
}

/** What became of a set that was at work when the operator ended, by its journal. Without a record its change was never begun. */
export function letterFrom(record: ChangeRecord | undefined): SetLetter {
  if (!record) return '.';
  return record.state in letters ? letters[record.state as EndState] : 'a';
}

/** Progress with one letter replaced. */
export function withLetter(progress: string, set: number, letter: SetLetter): string {
  return progress.slice(0, set) + letter + progress.slice(set + 1);
}
