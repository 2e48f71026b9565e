import type { ChangeReason, ChangeState, DevicePlan, NeighborState, Read } from '../../api/index.ts';
import type { Check, CheckAnswer, RevealHeld } from '../../drivers/index.ts';
import type { Clock, PlumblineError } from '../../lib/index.ts';
import type { MemberEnd } from '../machine/fold.ts';
import type { ApplyOptions, Bystander, Reach } from './ports.ts';

/** One device of a set while the change runs. What is remembered here is lost in a crash; nothing that matters then stands here alone. */
export interface Member extends Reach {
  device: string;
  /** Absent when a recovery does not find the plan any more: then the change can only be rolled back. */
  plan: DevicePlan | undefined;
  /** The read of the fence: sessions before the change, and the text the guard compares with. */
  before?: Read;
  /** What policy asks of the device, and what it answered before the change. */
  checks?: readonly (NamedCheck & { before: CheckAnswer })[];
  /** Values of lines that the target held when it was armed. */
  revealHeld?: RevealHeld;
  /** The highest epoch that the target has seen. */
  epoch?: number;
  /** The last believed read after the change. */
  after?: Read;
  /** How it ended, as far as it was seen: a set in halves says which is which. */
  ended?: MemberEnd;
  /** `no` only when the target said that it did not arm: then there is nothing to roll back. */
  armed: 'no' | 'maybe';
}

/** A check, and what people call it. */
export interface NamedCheck {
  name: string;
  check: Check;
}

/** One set while its change runs. Times are on the monotonic clock. */
export interface Run {
  token: string;
  epoch: number;
  revision: string;
  deadlineMs: number;
  options: ApplyOptions;
  members: readonly Member[];
  /** Just before the first target was asked to arm: the targets count from a little later. */
  armedAtMs?: number;
  readBackAtMs?: number;
  /** In a recovery nobody knows when the targets armed: after this, their dead-men are done. */
  recoveryEndsAtMs?: number;
  reason?: ChangeReason;
  /** The end that the history tells of already: a device that stays dark is not told of at every try. */
  toldBefore?: ChangeState;
  notes: Set<string>;
  /** Beside the members, as they were before: those that could not be reached then do not count. */
  bystanders: readonly Bystander[];
  reachedBefore?: readonly (Bystander & { before: readonly NeighborState[] })[];
  /** Traffic is led away from a member. */
  isDrained: boolean;
  /** Members from which a rollback could not take the drain. */
  stuck: Map<string, PlumblineError>;
  /** What the last probe waits for. */
  waitsFor?: { device: string; findings: string } | undefined;
  clock: Clock;
}

/** Keeps the first reason: what came after is a consequence. */
export function blame(run: Run, error: PlumblineError | ChangeReason, device?: string): void {
  run.reason ??= { ...reasonOf(error), ...(device !== undefined && { device }) };
}

export function reasonOf({ code, message, next }: PlumblineError | ChangeReason): ChangeReason {
  return { code, message, ...(next !== undefined && { next }) };
}
