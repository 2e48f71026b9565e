import type { BrokenGlass } from './config-records.ts';

/**
 * Where the apply of one set of devices stands. The state is stored before its first action is carried out, so whoever finds the
 * record after a crash knows the most that can have happened. The last six are ends.
 */
export type ChangeState = WorkingState | EndState;

export type WorkingState =
  | 'Fencing'
  | 'Arming'
  | 'Draining'
  | 'Emptying'
  | 'Disarming'
  | 'Applying'
  | 'ReadingBack'
  | 'Probing'
  | 'Undraining'
  | 'Confirming'
  | 'RollingBack'
  | 'Comparing';

/** `OutcomeUnknown` is the only end that is looked at again: the next recovery asks the devices once more. */
export type EndState = 'Confirmed' | 'RolledBack' | 'NothingWritten' | 'RollbackIncomplete' | 'PartiallyApplied' | 'OutcomeUnknown';

/** Why a change went the way it went: a code of the error catalogue and the fact in one sentence, without secrets. */
export interface ChangeReason {
  code: string;
  message: string;
  /** What a person does about it. */
  next?: string;
  device?: string;
}

/** One apply of one set, written before the first byte leaves for a device. Holds no secret. */
export interface ChangeRecord {
  /** Names the change on the targets too: never used twice. */
  token: string;
  planId: string;
  revision: string;
  devices: readonly string[];
  epoch: number;
  /** From arming until the targets undo the change by themselves, in milliseconds of their own monotonic clocks. */
  deadlineMs: number;
  state: ChangeState;
  /** Stored before it is carried out. Absent: nothing is decided, so a recovery rolls back. */
  decision?: 'confirm' | 'rollback';
  /** The first reason that turned the change away from being confirmed. */
  reason?: ChangeReason;
  /**
   * The set of a ChangePlan that it carries out, and in which direction; absent when it was begun for none. The name of a plan that is gone may be used again: its uid is not.
   */
  cause?: { plan: string; uid: string; set: number; way: 'forward' | 'back' };
  /** Set when it was done past the operator. */
  glass?: BrokenGlass;
  /** The process that carries the change out, as `processIdentity()` prints it. */
  owner: string;
  startedAt: string;
  endedAt?: string;
  /** Nobody asks any more, though the outcome was never seen: Git does not know a device of it any longer. */
  closed?: boolean;
}

/** An effect that failed and was rolled back. It is not tried again while its inputs are the same. */
export interface Quarantine {
  /** Of what is sent: what becomes of routes, and the risk of that, do not count. */
  effectDigest: string;
  device: string;
  /** Digest of what the plan was computed from, without the revision: when it moves, the effect may be tried again. */
  inputsDigest: string;
  reason: ChangeReason;
  at: string;
}

/** A device that a person took back: nothing of Git goes there until Git says what it holds, or a person lets it go. */
export interface Pin {
  device: string;
  /** The ChangePlan that took it back. */
  plan: string;
  by: string;
  reason: string;
  at: string;
}

/** One line of a device's history: what we did, and what we saw others do. */
export interface HistoryEntry {
  device: string;
  at: string;
  /** A code of the closed list of reasons, for example `Confirmed`, `RolledBack`, `Drifted`. */
  event: string;
  message: string;
  actor?: string;
  /** The name of the device before: its history goes on here. */
  renamedFrom?: string;
  revision?: string;
  planId?: string;
  effectDigest?: string;
}

/** What was last seen of a device, so that `since` of a difference survives a restart. Written on transitions only. */
export interface Observation {
  device: string;
  verdict: string;
  reason?: string;
  revision: string;
  /** When this verdict was first seen. */
  since: string;
  /** First sight of every difference that stands now, by `differenceKey`. */
  differences: Readonly<Record<string, string>>;
  /** While the baseline is of another release than the untried one that answers. */
  upgraded?: Upgraded;
}

/** Looks at which a release answered for the first time, the last of them `to`: what was first seen then may have come with it. */
export interface Upgraded {
  from: string;
  to: string;
  firstLooks: readonly string[];
}
