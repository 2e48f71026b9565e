import { randomBytes } from 'node:crypto';
import type { ChangeRecord, ChangeState, EndState, Plan, WorkingState } from '../../api/index.ts';
import { PlumblineError } from '../../lib/index.ts';
import { errors } from '../errors.ts';
import { decisionAt, isEnd, nextState, type Outcome, table } from '../machine/table.ts';
import { type ActionFacts, actions } from './actions.ts';
import { noteEnd, noteGlass, progressOf, quarantine, resultOf } from './ends.ts';
import { defaults, endOf, standardDeadlineMs } from './limits.ts';
import { moveBaselines } from './move-baselines.ts';
import type { ApplyDeps, ApplyOptions, Bystander, JournalEntry, OnProgress, SetResult } from './ports.ts';
import { blame, type Member, reasonOf, type Run } from './run.ts';

/** Applies one set from the beginning. */
export async function runSet(
  plan: Plan,
  devices: readonly string[],
  deps: ApplyDeps,
  options: ApplyOptions,
  signal: AbortSignal,
  onProgress: OnProgress,
): Promise<SetResult> {
  const members = devices.map((device): Member => {
    const reach = deps.reach(device);
    if (!reach) throw new Error(`${device} is in the plan and cannot be reached`);
    return { ...reach, device, plan: plan.devices.find(({ effect }) => effect.device === device), armed: 'no' };
  });
  const epoch = await claimEpoch(() => deps.epoch.current());
  if (epoch instanceof PlumblineError) return skip(devices, epoch);
  const deadlineMs =
    options.deadlineMs ??
    standardDeadlineMs(
      members.map((member) => member.plan),
      new Set(members.map(({ turn = 0 }) => turn)).size,
    );
  const record: ChangeRecord = {
    token: `${plan.id}-${randomBytes(6).toString('hex')}`,
    planId: plan.id,
    revision: plan.revision,
    devices,
    epoch,
    deadlineMs,
    state: 'Fencing',
    ...(options.cause && { cause: options.cause }),
    ...(options.glass && { glass: options.glass }),
    owner: deps.owner,
    startedAt: deps.clock.now().toISOString(),
  };
  const { token, revision } = record;
  const bystanders = bystandersOf(members);
  const run: Run = {
    token,
    epoch,
    revision,
    deadlineMs,
    options,
    members,
    bystanders,
    isDrained: false,
    stuck: new Map(),
    notes: new Set(),
    clock: deps.clock,
  };
  // Before anybody can find the record: a recovery beside us leaves what is at work.
  deps.atWork?.add(token);
  try {
    const begun = await deps.changes.begin(record);
    if (options.glass) await noteGlass(record, options.glass, deps);
    return await drive(begun, run, deps, signal, onProgress);
  } finally {
    deps.atWork?.delete(token);
  }
}

/** Each once, and none that changes itself. */
function bystandersOf(members: readonly Member[]): readonly Bystander[] {
  const beside = new Map(members.flatMap(({ bystanders = [] }) => bystanders.map((each) => [each.device, each])));
  for (const { device } of members) beside.delete(device);
  return [...beside.values()];
}

/** Walks the table from the state of a stored record to an end. Each state is stored before its action begins. */
export async function drive(
  begun: JournalEntry,
  run: Run,
  deps: ApplyDeps,
  signal: AbortSignal,
  onProgress: OnProgress,
): Promise<SetResult> {
  let entry = begun;
  const facts = (): ActionFacts => ({
    decision: entry.record.decision,
    nothingSent: entry.record.state === 'Disarming',
    holder: deps.owner,
    reveal: deps.reveal,
    signal,
  });
  let enteredAtMs = run.clock.monotonicMs();
  let said = '';
  let pauseMs: number = defaults.pauseMs;
  deps.atWork?.add(run.token);
  try {
    onProgress({ devices: entry.record.devices, state: entry.record.state, message: progressOf(entry.record.state, run) });
    for (let state: ChangeState = entry.record.state; !isEnd(state); ) {
      const outcome = await perform(state, run, facts(), enteredAtMs);
      const next = nextState(state, outcome === 'asPlanned' ? await mayArm(run, deps) : outcome);
      if (next === state) {
        const waits =
          (state === 'Probing' || state === 'Emptying') && run.waitsFor
            ? `waiting: ${run.waitsFor.device}: ${run.waitsFor.findings}`
            : said;
        if (waits !== said) onProgress({ devices: entry.record.devices, state, message: waits });
        said = waits;
        await run.clock.sleep(pauseMs);
        if (isAsking(state)) pauseMs = Math.min(2 * pauseMs, defaults.longestPauseMs);
        continue;
      }
      pauseMs = defaults.pauseMs;
      if (next === 'RolledBack' && state === 'Confirming') blame(run, errors.DeadlinePassed({ device: entry.record.devices.join(', ') }));
      const record = recordAt(next, entry.record, run, deps);
      if (next === 'Confirmed') await moveBaselines(run, deps);
      if (isEnd(next)) await quarantine(record, run, deps); // first: a kill in between must not lose it
      entry = await deps.changes.advance(entry, record);
      [state, enteredAtMs] = [next, run.clock.monotonicMs()];
      onProgress({ devices: entry.record.devices, state, message: progressOf(state, run) });
    }
  } catch (error) {
    return await surrender(error, entry.record, run, facts());
  } finally {
    deps.atWork?.delete(run.token);
  }
  if (entry.record.state !== run.toldBefore) await noteEnd(entry.record, run, deps);
  return resultOf(entry.record.state as EndState, entry.record, run);
}

/** What is decided is asked of a target until it answers: one that is down is not asked more often than helps. */
function isAsking(state: ChangeState): boolean {
  return state === 'Confirming' || state === 'RollingBack';
}

/** One action, unless a person stops us first or the time of the state is over. */
async function perform(state: WorkingState, run: Run, facts: ActionFacts, enteredAtMs: number): Promise<Outcome> {
  const { signal } = facts;
  if (signal.aborted && isStoppable(state)) return stop(run);
  if (run.clock.monotonicMs() > endOf(state, run, enteredAtMs)) {
    const device = run.members.map((member) => member.device).join(', ');
    if (facts.decision === undefined) {
      const late = state === 'Emptying' ? errors.DrainTimedOut : errors.ProbeFailed;
      blame(run, run.waitsFor ? late(run.waitsFor) : errors.DeadlinePassed({ device }));
    }
    return 'timeUp';
  }
  if (state === 'Probing' || state === 'Emptying') {
    const sinceMs = state === 'Probing' ? (run.readBackAtMs ?? 0) : enteredAtMs;
    const waitMs = sinceMs + (run.options.settleMs ?? defaults.settleMs) - run.clock.monotonicMs();
    if (waitMs > 0) await run.clock.sleep(waitMs, signal).catch(() => undefined);
    if (signal.aborted) return stop(run);
  }
  const outcome = await actions[table[state].do](run, facts);
  return signal.aborted && isStoppable(state) && outcome !== 'moved' ? stop(run) : outcome;
}

function stop(run: Run): Outcome {
  blame(run, errors.Stopped({ device: run.members.map(({ device }) => device).join(', ') }));
  return 'stopped';
}

/** Before the decision. From then on the way ahead is the way out. */
function isStoppable(state: WorkingState): boolean {
  return ['Fencing', 'Arming', 'Draining', 'Emptying', 'Applying', 'ReadingBack', 'Probing', 'Undraining'].includes(state);
}

/**
 * A controller of its own writes with the epoch it finds, a leader with the one of its leadership: who is none any more stops here. To read a
 * device takes a while, and a process may have been frozen amid that: what allowed the change is asked once more.
 */
async function mayArm(run: Run, deps: ApplyDeps): Promise<Outcome> {
  const epoch = await claimEpoch(() => deps.epoch.current(Math.max(0, ...run.members.map((member) => member.epoch ?? 0))));
  if (epoch instanceof PlumblineError) {
    blame(run, epoch);
    return 'stopped';
  }
  run.epoch = epoch;
  const because = run.options.whyNot?.();
  if (because === undefined) return 'asPlanned';
  blame(run, errors.Withdrawn({ device: run.members.map(({ device }) => device).join(', '), because }));
  return 'stopped';
}

/** The epoch to write with, or why this process must not write. */
export async function claimEpoch(claim: () => Promise<number>): Promise<number | PlumblineError> {
  try {
    return await claim();
  } catch (error) {
    if (error instanceof PlumblineError && error.code === 'StaleEpoch') return error;
    throw error;
  }
}

function recordAt(state: ChangeState, record: ChangeRecord, run: Run, deps: ApplyDeps): ChangeRecord {
  const decision = decisionAt(state, record.decision);
  // A device that carries no traffic outranks what made the change go back.
  const stuck = state === 'RollbackIncomplete' ? [...run.stuck].map(([device, error]) => ({ ...reasonOf(error), device }))[0] : undefined;
  const reason = stuck ?? record.reason ?? run.reason;
  return {
    ...record,
    state,
    epoch: run.epoch,
    ...(decision && { decision }),
    ...(reason && { reason }),
    ...(isEnd(state) && { endedAt: deps.clock.now().toISOString() }),
  };
}

/**
 * The store does not take our word any more. Another process took the change over: it decides. Or the store is broken: then an
 * undecided change is rolled back at once instead of at the deadline, which is what any recovery would decide too.
 */
async function surrender(error: unknown, record: ChangeRecord, run: Run, facts: ActionFacts): Promise<SetResult> {
  if (error instanceof PlumblineError && error.code === 'Conflict') {
    return resultOf('OutcomeUnknown', { ...record, reason: reasonOf(errors.TakenOver({ token: record.token })) }, run);
  }
  if (record.decision !== 'confirm' && run.armedAtMs !== undefined) await actions.rollBack(run, facts);
  throw error;
}

/** Not begun. */
export function skip(devices: readonly string[], error: PlumblineError | undefined): SetResult {
  return { devices, end: 'Skipped', ...(error && { reason: reasonOf(error) }), notes: [], reads: new Map() };
}
