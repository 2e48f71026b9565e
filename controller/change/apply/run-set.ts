import { randomBytes } from 'node:crypto';
import type { ChangeRecord, ChangeState, EndState, Plan, Read, WorkingState } from '../../api/index.ts';
import { PlumblineError } from '../../lib/index.ts';
import { errors } from '../errors.ts';
import { inputsDigestOf } from '../gate.ts';
import { decisionAt, isEnd, nextState, type Outcome, table } from '../machine/table.ts';
import { type ActionFacts, actions } from './actions.ts';
import type { ApplyDeps, ApplyOptions, JournalEntry, OnProgress, SetResult } from './ports.ts';
import { blame, type Member, type Run } from './run.ts';

export const defaults = {
  deadlineMs: 120_000,
  settleMs: 7_000,
  /** Left of the deadline when we decide: enough to reach every member over a new connection. */
  confirmMarginMs: 15_000,
  /** After the deadline: enough for a dead-man to replay a rollback. */
  graceMs: 30_000,
  disarmMs: 10_000,
  pauseMs: 1_000,
} as const;

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
  const deadlineMs = options.deadlineMs ?? defaults.deadlineMs;
  const record: ChangeRecord = {
    token: `${plan.id}-${randomBytes(6).toString('hex')}`,
    planId: plan.id,
    revision: plan.revision,
    devices,
    epoch: await deps.epoch.current(),
    deadlineMs,
    state: 'Fencing',
    owner: deps.owner,
    startedAt: deps.clock.now().toISOString(),
  };
  const { token, epoch, revision } = record;
  const run: Run = { token, epoch, revision, deadlineMs, options, members, notes: new Set(), clock: deps.clock };
  return drive(await deps.changes.begin(record), run, deps, signal, onProgress);
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
  try {
    onProgress({ devices: entry.record.devices, state: entry.record.state, message: progressOf(entry.record.state) });
    for (let state: ChangeState = entry.record.state; !isEnd(state); ) {
      const outcome = await perform(state, run, facts(), enteredAtMs);
      if (state === 'Fencing' && outcome === 'asPlanned') run.epoch = await deps.epoch.current(highestEpoch(run.members));
      const next = nextState(state, outcome);
      if (next === state) {
        if (run.waitsFor) onProgress({ devices: entry.record.devices, state, message: `waiting: ${run.waitsFor}` });
        delete run.waitsFor;
        await run.clock.sleep(defaults.pauseMs);
        continue;
      }
      if (next === 'RolledBack' && state === 'Confirming') blame(run, errors.DeadlinePassed({ device: entry.record.devices.join(', ') }));
      entry = await deps.changes.advance(entry, recordAt(next, entry.record, run, deps));
      [state, enteredAtMs] = [next, run.clock.monotonicMs()];
      onProgress({ devices: entry.record.devices, state, message: progressOf(state) });
    }
  } catch (error) {
    return surrender(error, entry.record, run, facts());
  }
  await noteEnd(entry.record, run, deps);
  return resultOf(entry.record.state as EndState, entry.record, run);
}

/** One action, unless a person stops us first or the time of the state is over. */
async function perform(state: WorkingState, run: Run, facts: ActionFacts, enteredAtMs: number): Promise<Outcome> {
  const { signal } = facts;
  if (signal.aborted && isStoppable(state)) return stop(run);
  if (run.clock.monotonicMs() > endOf(state, run, enteredAtMs)) {
    if (facts.decision === undefined) blame(run, errors.DeadlinePassed({ device: run.members.map(({ device }) => device).join(', ') }));
    return 'timeUp';
  }
  if (state === 'Probing') {
    const waitMs = (run.readBackAtMs ?? 0) + (run.options.settleMs ?? defaults.settleMs) - run.clock.monotonicMs();
    if (
      waitMs > 0 &&
      !(await run.clock.sleep(waitMs, signal).then(
        () => true,
        () => false,
      ))
    )
      return stop(run);
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
  return ['Fencing', 'Arming', 'Applying', 'ReadingBack', 'Probing'].includes(state);
}

/** When the time of a state is over, on the monotonic clock. */
function endOf(state: WorkingState, { armedAtMs = 0, deadlineMs, recoveryEndsAtMs }: Run, enteredAtMs: number): number {
  if (state === 'ReadingBack' || state === 'Probing') return armedAtMs + deadlineMs - defaults.confirmMarginMs;
  if (state === 'Confirming' || state === 'RollingBack') return recoveryEndsAtMs ?? armedAtMs + deadlineMs + defaults.graceMs;
  // The others are one action each, ended by the driver's own limits.
  return state === 'Disarming' ? enteredAtMs + defaults.disarmMs : Number.POSITIVE_INFINITY;
}

function highestEpoch(members: readonly Member[]): number {
  return Math.max(0, ...members.map(({ before }) => before?.receipt?.epoch ?? 0));
}

function recordAt(state: ChangeState, record: ChangeRecord, run: Run, deps: ApplyDeps): ChangeRecord {
  const decision = decisionAt(state, record.decision);
  const reason = record.reason ?? run.reason;
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
    const takenOver = errors.TakenOver({ token: record.token });
    return resultOf('OutcomeUnknown', { ...record, reason: { code: takenOver.code, message: takenOver.message } }, run);
  }
  if (record.decision !== 'confirm' && run.armedAtMs !== undefined) await actions.rollBack(run, facts);
  throw error;
}

/** History for every member, and quarantine for a change that failed by its own fault. */
async function noteEnd(record: ChangeRecord, run: Run, deps: ApplyDeps): Promise<void> {
  const { state, reason, token, planId, revision } = record;
  const at = deps.clock.now().toISOString();
  const failed = (state === 'RolledBack' || state === 'RollbackIncomplete') && !blameless.has(reason?.code ?? '');
  for (const { device, plan } of run.members) {
    const effectDigest = plan?.effectDigest;
    const { actor } = run.options;
    const message = reason ? `${token}: ${reason.message}` : token;
    await deps.history.append({
      device,
      at,
      event: state,
      message,
      revision,
      planId,
      ...(effectDigest && { effectDigest }),
      ...(actor && { actor }),
    });
    if (plan && failed) {
      const why = reason ?? { code: state, message: `change ${token} ended in ${state}` };
      await deps.quarantines.put({ effectDigest: plan.effectDigest, device, inputsDigest: inputsDigestOf(plan), reason: why, at });
    }
    if (plan && state === 'Confirmed') await deps.quarantines.release(plan.effectDigest);
  }
}

/** Reasons that say nothing about the change itself. */
const blameless: ReadonlySet<string> = new Set(['Stopped', 'LeftUnfinished', 'ConcurrentChange', 'TakenOver']);

function resultOf(end: EndState, { devices, token, reason }: ChangeRecord, run: Run): SetResult {
  const told = reason ?? defaultReason(end, devices);
  const reads = new Map(run.members.flatMap(({ device, after }): [string, Read][] => (after ? [[device, after]] : [])));
  return { devices, end, token, ...(told && { reason: told }), notes: [...run.notes], reads: end === 'Confirmed' ? reads : new Map() };
}

function defaultReason(end: EndState, devices: readonly string[]): SetResult['reason'] {
  if (end !== 'PartiallyApplied' && end !== 'OutcomeUnknown') return undefined;
  const { code, message } = errors[end]({ devices: devices.join(', ') });
  return { code, message };
}

function progressOf(state: ChangeState): string {
  const words: Record<ChangeState, string> = {
    Fencing: 'reading the device once more',
    Arming: 'arming the dead-man',
    Disarming: 'taking the dead-man back, nothing was sent',
    Applying: 'sending the commands',
    ReadingBack: 'reading back',
    Probing: 'waiting until it takes effect, then probing',
    Confirming: 'confirming and saving',
    RollingBack: 'rolling back',
    Comparing: 'comparing with what was and what should be',
    Confirmed: 'applied, read back, probed and saved',
    RolledBack: 'rolled back: the device is as it was',
    NothingWritten: 'nothing was written',
    RollbackIncomplete: 'rolled back, and something is left over',
    PartiallyApplied: 'one member is new, the other old',
    OutcomeUnknown: 'the outcome was not seen',
  };
  return words[state];
}
