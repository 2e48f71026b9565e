import type { ChangeRecord } from '../../api/index.ts';
import { PlumblineError } from '../../lib/index.ts';
import { errors } from '../errors.ts';
import { decisionAt, isEnd, recoverAt } from '../machine/table.ts';
import type { ApplyDeps, JournalEntry, OnProgress, SetResult } from './ports.ts';
import { type Member, reasonOf, type Run } from './run.ts';
import { defaults } from './limits.ts';
import { claimEpoch, drive, skip } from './run-set.ts';

/**
 * Finishes what killed processes left: confirms what was decided, rolls back everything else, never sends a change again. Changes of
 * living processes are left alone. A device that does not answer leaves its change open, and the result says OutcomeUnknown.
 * A leader calls it with `isAlive` that knows no other owner: it holds the lease, so whatever others began is abandoned.
 */
export async function recover(deps: ApplyDeps, onProgress: OnProgress): Promise<readonly SetResult[]> {
  const results: SetResult[] = [];
  for (const entry of await deps.changes.listOpen()) {
    if (!isAbandoned(entry.record, deps)) continue;
    const result = await takeOver(entry, deps, onProgress);
    if (result) results.push(result);
    if (result?.end === 'Skipped') break;
  }
  return results;
}

/** Its process is gone, or gave it up; or it ran elsewhere, and every dead-man it may have armed is done. */
function isAbandoned(record: ChangeRecord, deps: ApplyDeps): boolean {
  if (deps.atWork && record.owner === deps.owner) return !deps.atWork.has(record.token);
  const alive = deps.isAlive(record.owner);
  if (record.state === 'OutcomeUnknown' || alive === false) return true;
  return alive === undefined && isLongPast(record, deps);
}

function isLongPast({ startedAt, deadlineMs }: ChangeRecord, { clock }: ApplyDeps): boolean {
  return clock.now().getTime() - Date.parse(startedAt) > deadlineMs + 2 * defaults.graceMs;
}

async function takeOver(entry: JournalEntry, deps: ApplyDeps, onProgress: OnProgress): Promise<SetResult | undefined> {
  const { record } = entry;
  const members = await findMembers(record, deps);
  if (!members) return leave(entry, deps);
  const state = recoverAt(record);
  const found = await Promise.all(members.map((member) => findEpoch(record.token, member)));
  const epoch = await claimEpoch(() => deps.epoch.raise(Math.max(record.epoch, ...found)));
  if (epoch instanceof PlumblineError) return skip(record.devices, epoch);
  const left = errors.LeftUnfinished({ device: record.devices.join(', '), state: record.state });
  const decision = decisionAt(state, record.decision);
  const { endedAt: _endedAt, ...open } = record;
  const taken: ChangeRecord = {
    ...open,
    state,
    epoch,
    owner: deps.owner,
    reason: record.reason ?? { code: left.code, message: left.message },
    ...(decision && { decision }),
    ...(isEnd(state) && { endedAt: deps.clock.now().toISOString() }),
  };
  const now = deps.clock.monotonicMs();
  const run: Run = {
    token: record.token,
    epoch,
    revision: record.revision,
    deadlineMs: record.deadlineMs,
    options: record.glass ? { glass: record.glass } : {},
    members,
    bystanders: [],
    isDrained: false,
    stuck: new Map(),
    // Nobody knows how much of the deadline is left, but it began before now. Long ago: ask a few times, it will not get clearer.
    recoveryEndsAtMs: now + (isLongPast(record, deps) ? defaults.disarmMs : record.deadlineMs + defaults.graceMs),
    toldBefore: record.state,
    notes: new Set(),
    clock: deps.clock,
  };
  try {
    return await drive(await deps.changes.advance(entry, taken), run, deps, new AbortController().signal, onProgress);
  } catch (error) {
    if (error instanceof PlumblineError && error.code === 'Conflict') return undefined; // another process recovers it
    throw error;
  }
}

async function findEpoch(token: string, { driver, target }: Member): Promise<number> {
  const status = await driver.status(target, token, new AbortController().signal);
  return status.outcome === 'Status' ? status.epoch : 0;
}

/**
 * Nobody can be asked. Once every dead-man is done, a change on devices that left Git is closed, so that it is told of once and not for ever.
 * While Git knows them it stays open: an account that is missing here and now is no reason to forget a change.
 */
async function leave(entry: JournalEntry, deps: ApplyDeps): Promise<SetResult> {
  const { record } = entry;
  const reason = reasonOf(errors.OutcomeUnknown({ devices: record.devices.join(', ') }));
  if (isLongPast(record, deps) && !record.devices.some((device) => deps.knows(device))) {
    const at = deps.clock.now().toISOString();
    await deps.changes.advance(entry, { ...record, state: 'OutcomeUnknown', endedAt: at, closed: true });
    for (const device of record.devices)
      await deps.history.append({ device, at, event: 'OutcomeUnknown', message: reason.message, planId: record.planId });
  }
  return { devices: record.devices, end: 'OutcomeUnknown', token: record.token, reason, notes: [], reads: new Map() };
}

/** Undefined when a member cannot be asked. */
async function findMembers(record: ChangeRecord, deps: ApplyDeps): Promise<readonly Member[] | undefined> {
  const plan = await deps.plans.get(record.planId);
  const members = record.devices.map((device): Member | undefined => {
    const reach = deps.reach(device);
    return reach && { ...reach, device, plan: plan?.devices.find(({ effect }) => effect.device === device), armed: 'maybe' };
  });
  return members.every((member) => member !== undefined) ? members : undefined;
}
