import type { ChangeRecord, ChangeState, EndState, WorkingState } from '../../api/index.ts';

/** What the shell carries out in a state, for every member of the set. */
export type Action = 'fence' | 'arm' | 'drain' | 'empty' | 'apply' | 'readBack' | 'probe' | 'undrain' | 'confirm' | 'rollBack' | 'compare';

/**
 * What came of an action, for the whole set: the answers of its members folded into one word (see `fold.ts`).
 * `lost`: a reply was not seen, or an end is not reached yet. `unclear`: the target cannot tell, so its configuration must.
 * `timeUp`: the time of the state is over. `stopped`: a person or a signal stops us. `crashed`: found after the process died.
 */
// biome-ignore format: a row of words per action reads better
export type Outcome =
  | 'asPlanned' | 'moved' | 'unknown'
  | 'armed' | 'armedToDrain' | 'refused'
  | 'emptied'
  | 'applied' | 'rejected'
  | 'asPredicted' | 'differs'
  | 'healthy' | 'healthyDrained' | 'notYet' | 'sick'
  | 'old' | 'new' | 'mixed' | 'other' | 'incomplete' | 'unclear'
  | 'lost' | 'timeUp' | 'stopped' | 'crashed';

interface Row {
  do: Action;
  on: Partial<Record<Outcome, ChangeState>>;
}

/**
 * The apply of one set, for every platform and every caller. Rules that the rows keep, and that the tests walk:
 * nothing is sent before all members are armed, and no command of the change before the drained ones are empty; `Confirming` is entered from a healthy probe alone, and never left for `RollingBack`;
 * what was sent once is never sent again; every row has a way on when the process died in it.
 */
export const table: Readonly<Record<WorkingState, Row>> = {
  Fencing: {
    do: 'fence',
    on: {
      asPlanned: 'Arming',
      moved: 'NothingWritten',
      unknown: 'NothingWritten',
      timeUp: 'NothingWritten',
      stopped: 'NothingWritten',
      crashed: 'NothingWritten',
    },
  },
  Arming: {
    do: 'arm',
    on: {
      armed: 'Applying',
      armedToDrain: 'Draining',
      refused: 'Disarming',
      lost: 'Disarming',
      timeUp: 'Disarming',
      stopped: 'Disarming',
      crashed: 'Disarming',
    },
  },
  // From here on the dead-man leads traffic back too: a process that dies leaves nobody drained.
  Draining: {
    do: 'drain',
    on: {
      applied: 'Emptying',
      rejected: 'RollingBack',
      refused: 'RollingBack',
      lost: 'RollingBack',
      timeUp: 'RollingBack',
      stopped: 'RollingBack',
      crashed: 'RollingBack',
    },
  },
  Emptying: {
    do: 'empty',
    on: { emptied: 'Applying', notYet: 'Emptying', timeUp: 'RollingBack', stopped: 'RollingBack', crashed: 'RollingBack' },
  },
  // Nothing was sent. A member that cannot be reached any more disarms itself at its deadline, so there is nothing to wait for.
  Disarming: {
    do: 'rollBack',
    on: {
      old: 'NothingWritten',
      lost: 'Disarming',
      unclear: 'NothingWritten',
      incomplete: 'RollbackIncomplete',
      new: 'PartiallyApplied',
      mixed: 'PartiallyApplied',
      timeUp: 'NothingWritten',
      stopped: 'Disarming',
      crashed: 'Disarming',
    },
  },
  Applying: {
    do: 'apply',
    on: {
      applied: 'ReadingBack',
      rejected: 'RollingBack',
      refused: 'RollingBack',
      lost: 'RollingBack',
      timeUp: 'RollingBack',
      stopped: 'RollingBack',
      crashed: 'RollingBack',
    },
  },
  ReadingBack: {
    do: 'readBack',
    on: {
      asPredicted: 'Probing',
      differs: 'RollingBack',
      unknown: 'ReadingBack',
      timeUp: 'RollingBack',
      stopped: 'RollingBack',
      crashed: 'RollingBack',
    },
  },
  Probing: {
    do: 'probe',
    on: {
      healthy: 'Confirming',
      healthyDrained: 'Undraining',
      notYet: 'Probing',
      sick: 'RollingBack',
      timeUp: 'RollingBack',
      stopped: 'RollingBack',
      crashed: 'RollingBack',
    },
  },
  // What was seen while traffic was away proves little of the traffic that comes back: all is read back and probed once more.
  Undraining: {
    do: 'undrain',
    on: {
      applied: 'ReadingBack',
      rejected: 'RollingBack',
      refused: 'RollingBack',
      lost: 'RollingBack',
      timeUp: 'RollingBack',
      stopped: 'RollingBack',
      crashed: 'RollingBack',
    },
  },
  // Decided and stored. A member that cannot be asked keeps its dead-man, so what it did is known at its deadline at the latest.
  Confirming: {
    do: 'confirm',
    on: {
      new: 'Confirmed',
      lost: 'Confirming',
      old: 'RolledBack',
      mixed: 'PartiallyApplied',
      incomplete: 'RollbackIncomplete',
      unclear: 'Comparing',
      timeUp: 'Comparing',
      stopped: 'Confirming',
      crashed: 'Confirming',
    },
  },
  RollingBack: {
    do: 'rollBack',
    on: {
      old: 'RolledBack',
      lost: 'RollingBack',
      incomplete: 'RollbackIncomplete',
      // A member says confirmed though we never decided so: two controllers on one change. Loud, whatever the other member says.
      new: 'PartiallyApplied',
      mixed: 'PartiallyApplied',
      unclear: 'Comparing',
      timeUp: 'Comparing',
      stopped: 'RollingBack',
      crashed: 'RollingBack',
    },
  },
  Comparing: {
    do: 'compare',
    on: {
      old: 'RolledBack',
      new: 'Confirmed',
      mixed: 'PartiallyApplied',
      other: 'RollbackIncomplete',
      unknown: 'OutcomeUnknown',
      timeUp: 'OutcomeUnknown',
      stopped: 'OutcomeUnknown',
      crashed: 'Comparing',
    },
  },
};

const ends: ReadonlySet<string> = new Set<EndState>([
  'Confirmed',
  'RolledBack',
  'NothingWritten',
  'RollbackIncomplete',
  'PartiallyApplied',
  'OutcomeUnknown',
]);

export function isEnd(state: ChangeState): state is EndState {
  return ends.has(state);
}

/** The state after an outcome. Throws for a pair that has no row: that is a bug, and guessing would be worse than stopping. */
export function nextState(state: WorkingState, outcome: Outcome): ChangeState {
  const next = table[state].on[outcome];
  if (!next) throw new Error(`no row for ${outcome} in ${state}`);
  return next;
}

/** The decision that entering a state stores, kept from then on. */
export function decisionAt(state: ChangeState, before: ChangeRecord['decision']): ChangeRecord['decision'] {
  if (state === 'Confirming') return 'confirm';
  return state === 'RollingBack' || state === 'Disarming' ? 'rollback' : before;
}

/** Where a recovery goes on with a record that nobody works on any more. It never leads to a state that sends the change. */
export function recoverAt(record: Pick<ChangeRecord, 'state' | 'decision'>): ChangeState {
  if (record.state === 'OutcomeUnknown') return record.decision === 'confirm' ? 'Confirming' : 'RollingBack';
  return isEnd(record.state) ? record.state : nextState(record.state, 'crashed');
}
