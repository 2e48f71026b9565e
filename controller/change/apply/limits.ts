import type { DevicePlan, WorkingState } from '../../api/index.ts';
import type { Run } from './run.ts';

/** Times of an apply, in milliseconds of the monotonic clock. The first two can be set per run. */
export const defaults = {
  deadlineMs: 120_000,
  /** On top of it for each command: FRR 8.4 takes long prefix-lists in quadratic time, 2,000 entries in 76 s on a slow machine. */
  perCommandMs: 75,
  /** On top of it for each further member: all of them are asked at once, and share this machine. */
  perMemberMs: 500,
  /** A pair that got another configuration finds together again within some heartbeats, 10 s apart unless Git says otherwise. */
  turnMs: 45_000,
  /** One of a pair that does not answer any more is given up after this. */
  silentMs: 8_000,
  settleMs: 7_000,
  /** Beside the wait for traffic to leave: both commands of a drain, and what is read back and probed once more after it. */
  drainMs: 60_000,
  /** Left of the deadline when we decide: enough to reach every member over a new connection. */
  confirmMarginMs: 15_000,
  /** After the deadline: enough for a dead-man to replay a rollback. */
  graceMs: 30_000,
  disarmMs: 10_000,
  /** A recovery looks this long at what it confirmed. */
  lookMs: 10_000,
  pauseMs: 1_000,
  /** Pauses before a target that does not answer is asked once more double up to this. */
  longestPauseMs: 5_000,
  /** A set without a dead-man that does not answer is given up after this: nothing on it will change its state, so there is nothing to wait for. */
  unguardedMs: 30_000,
} as const;

/** Something on a target takes the change back by itself, so that its state at the deadline is known. */
export function isGuarded({ members }: Pick<Run, 'members'>): boolean {
  return members.some(({ driver, target }) => (driver.capabilitiesOf?.(target) ?? driver.capabilities).confirm !== 'none');
}

/** When the time of a state is over, on the monotonic clock. */
export function endOf(state: WorkingState, run: Run, enteredAtMs: number): number {
  const endsAtMs = endsWithGuard(state, run, enteredAtMs);
  const waitsForAnswer = state === 'ReadingBack' || state === 'Confirming' || state === 'RollingBack';
  return waitsForAnswer && !isGuarded(run) ? Math.min(endsAtMs, enteredAtMs + defaults.unguardedMs) : endsAtMs;
}

function endsWithGuard(state: WorkingState, { armedAtMs = 0, deadlineMs, recoveryEndsAtMs, members }: Run, enteredAtMs: number): number {
  const waitMs = Math.max(0, ...members.map(({ plan }) => plan?.effect.drain?.waitSeconds ?? 0)) * 1000;
  if (state === 'ReadingBack' || state === 'Probing') return armedAtMs + deadlineMs - defaults.confirmMarginMs;
  if (state === 'Confirming' || state === 'RollingBack') return recoveryEndsAtMs ?? armedAtMs + deadlineMs + defaults.graceMs;
  if (state === 'Emptying') return enteredAtMs + waitMs;
  // The others are one action each, ended by the driver's own limits.
  return state === 'Disarming' ? enteredAtMs + defaults.disarmMs : Number.POSITIVE_INFINITY;
}

/** From arming to the dead-man's turn when nobody says otherwise: longer for a long plan. */
export function standardDeadlineMs(plans: readonly (DevicePlan | undefined)[], turns = 1): number {
  const commands = Math.max(0, ...plans.map((plan) => plan?.effect.commands.length ?? 0));
  return (
    defaults.deadlineMs +
    commands * defaults.perCommandMs +
    drainMs(plans) +
    (plans.length - 1) * defaults.perMemberMs +
    (turns - 1) * defaults.turnMs
  );
}

/** How long the drains of a set may take, from the first command to the probe after traffic came back. */
function drainMs(plans: readonly (DevicePlan | undefined)[]): number {
  const waits = plans.flatMap((plan) => plan?.effect.drain?.waitSeconds ?? []);
  return waits.length === 0 ? 0 : Math.max(...waits) * 1000 + defaults.drainMs;
}
