import type { ChangeReason, ChangeRecord, EndState, SetLetter } from '../../api/index.ts';

/** Letters of sets that are under way: a change of theirs may have begun. */
export const atWork: ReadonlySet<string> = new Set<SetLetter>(['a', 'b']);
/** Letters after which no further set of the plan begins. */
export const failing: ReadonlySet<string> = new Set<SetLetter>(['r', 'n', 'p', 'i', 's', 'b', 't', 'k']);

/** The progress with a letter for some sets. */
export function markProgress(progress: string, sets: Iterable<number>, letter: SetLetter): string {
  const letters = progress.split('');
  for (const set of sets) {
    if (letters[set] === undefined) throw new Error(`no set ${set} among ${letters.length}`);
    letters[set] = letter;
  }
  return letters.join('');
}

/** Forward: the plan itself. Back: what takes a confirmed set of it back. */
export type Way = 'forward' | 'back';

const forward: Readonly<Record<EndState, SetLetter>> = {
  Confirmed: 'c',
  RolledBack: 'r',
  NothingWritten: 'n',
  PartiallyApplied: 'p',
  RollbackIncomplete: 'i',
  OutcomeUnknown: 'u',
};

/**
 * Reasons that say nothing of the change: who carried it out ended, or is no leader any more, or what allowed it was taken back before it began.
 */
const untried: ReadonlySet<string> = new Set(['Stopped', 'StaleEpoch', 'Withdrawn']);

/**
 * The letter of a set whose change ended. One that its operator gave up, and left as it was, waits again. A set that could not be taken back
 * stays as it is for good: nothing is tried for ever.
 */
export function letterOf(end: EndState | 'Skipped', way: Way, reason?: Pick<ChangeReason, 'code'>): SetLetter {
  const isGivenUp = (end === 'RolledBack' || end === 'NothingWritten') && untried.has(reason?.code ?? '');
  if (end === 'Skipped' || isGivenUp) return way === 'forward' ? '.' : 's';
  if (way === 'forward') return forward[end];
  if (end === 'Confirmed') return 't';
  return end === 'OutcomeUnknown' ? 'u' : 'k';
}

/** What the journal knows of the set: the newest change that was begun for it by this very ChangePlan. */
export interface SetRecord {
  way: Way;
  record: Pick<ChangeRecord, 'state' | 'endedAt' | 'reason'>;
}

/**
 * After a process died, or when an unknown outcome may be known now: the letters of sets that were under way, as the journal tells.
 * A set that was marked and never begun waits again; one that was to be taken back, and was not begun, is still to be taken back.
 */
export function settleProgress(progress: string, recordOf: (set: number) => SetRecord | undefined): string {
  const letters = progress.split('');
  return letters
    .map((letter, set) => {
      if (!atWork.has(letter) && letter !== 'u') return letter;
      const found = recordOf(set);
      const isOfThis = found && (letter === 'u' || (letter === 'b') === (found.way === 'back'));
      if (!isOfThis) return letter === 'a' ? '.' : letter === 'b' ? 's' : letter;
      const { state, endedAt, reason } = found.record;
      return endedAt === undefined ? letter : letterOf(state as EndState, found.way, reason);
    })
    .join('');
}
