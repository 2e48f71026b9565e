import type { Outcome } from './table.ts';

/** How one member of a set ended: as it was, as it should be, neither, not yet, or only its configuration can tell. */
export type MemberEnd = 'old' | 'new' | 'incomplete' | 'pending' | 'unclear';

/** What reading a member's configuration says about its end. */
export type MemberComparison = 'old' | 'new' | 'other' | 'unknown';

/** The first of these that any member says is what the set says: the worst leads. */
const worstFirst = [
  ['moved', 'unknown', 'asPlanned'],
  ['refused', 'lost', 'armed'],
  ['rejected', 'refused', 'lost', 'applied'],
  ['notYet', 'emptied'],
  ['differs', 'unknown', 'asPredicted'],
  ['sick', 'notYet', 'healthy'],
] as const satisfies readonly (readonly Outcome[])[];

/** Folds the answers of one action that is not an end. */
export function foldAnswers(answers: readonly Outcome[]): Outcome {
  const row = worstFirst.find((words) => answers.every((answer) => (words as readonly Outcome[]).includes(answer)));
  const worst = row?.find((word) => answers.includes(word));
  if (!worst) throw new Error(`answers of different actions: ${answers.join(', ')}`);
  return worst;
}

/** Folds ends. Nothing is called an end before every member has one. */
export function foldEnds(ends: readonly MemberEnd[]): Outcome {
  if (ends.includes('pending')) return 'lost';
  if (ends.includes('unclear')) return 'unclear';
  if (ends.every((end) => end === 'old')) return 'old';
  if (ends.every((end) => end === 'new')) return 'new';
  return ends.includes('new') ? 'mixed' : 'incomplete';
}

/** Folds comparisons. A change that nobody decided to keep and that is still there was not rolled back: `other`, never `new`. */
export function foldComparisons(found: readonly MemberComparison[], decision: 'confirm' | 'rollback' | undefined): Outcome {
  if (found.includes('unknown')) return 'unknown';
  if (found.every((each) => each === 'old')) return 'old';
  if (found.every((each) => each === 'new')) return decision === 'confirm' ? 'new' : 'other';
  return found.includes('new') && found.includes('old') ? 'mixed' : 'other';
}
