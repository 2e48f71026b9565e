import { type PlumblineError } from '../../lib/index.ts';
import { errors } from '../errors.ts';
import type { ClearedPlan } from '../gate.ts';
import type { ApplyDeps, ApplyOptions, OnProgress, SetResult } from './ports.ts';
import { defaults } from './limits.ts';
import { runSet, skip } from './run-set.ts';

/**
 * Applies a plan set by set, and stops at the first one that does not end `Confirmed`. Every end is a value; what throws is a store
 * that does not work. Aborting the signal before the decision rolls the running set back. Call `recover` first.
 */
export async function applyPlan(
  deps: ApplyDeps,
  plan: ClearedPlan,
  signal: AbortSignal,
  onProgress: OnProgress,
  options: ApplyOptions = {},
): Promise<readonly SetResult[]> {
  const tooShort = checkDeadline(options, plan);
  if (tooShort) return plan.sets.map((devices) => skip(devices, tooShort));
  await deps.plans.put(plan); // before the first record that names it: a recovery must find it
  const results: SetResult[] = [];
  for (const devices of plan.sets) {
    const failed = results.some(({ end }) => end !== 'Confirmed');
    const busy = failed ? undefined : await findBusy(devices, deps);
    if (failed || signal.aborted) results.push(skip(devices, undefined));
    else if (busy) results.push(skip(devices, busy));
    else results.push(await runSet(plan, devices, deps, options, signal, onProgress));
  }
  return results;
}

/** A member that another change still holds. */
async function findBusy(devices: readonly string[], { changes }: ApplyDeps): Promise<PlumblineError | undefined> {
  for (const { record } of await changes.listOpen()) {
    const device = devices.find((each) => record.devices.includes(each));
    if (device !== undefined) return errors.ChangeInProgress({ device, token: record.token, owner: record.owner });
  }
  return undefined;
}

/** The least time in which traffic can leave and come back, and a change can settle, be probed once and be confirmed. */
function checkDeadline({ deadlineMs, settleMs = defaults.settleMs }: ApplyOptions, { devices }: ClearedPlan): PlumblineError | undefined {
  const waits = devices.map(({ effect }) => (effect.drain ? effect.drain.waitSeconds * 1000 + 2 * settleMs : 0));
  const atLeastMs = settleMs + defaults.confirmMarginMs + 10_000 + Math.max(0, ...waits);
  return deadlineMs !== undefined && deadlineMs < atLeastMs ? errors.DeadlineTooShort({ deadlineMs, atLeastMs }) : undefined;
}
