import type { BrokenGlass, ChangeRecord, ChangeState, EndState, Read } from '../../api/index.ts';
import { errors } from '../errors.ts';
import { inputsDigestOf } from '../gate.ts';
import { sentDigestOf } from '../plan/effect.ts';
import { drains } from './drain.ts';
import { isGuarded } from './limits.ts';
import type { ApplyDeps, SetResult } from './ports.ts';
import { reasonOf, type Run } from './run.ts';

/** A change that failed by its own fault is not tried again; one that succeeds now was not at fault. */
export async function quarantine({ state, reason, token }: ChangeRecord, run: Run, deps: ApplyDeps): Promise<void> {
  const failed = (state === 'RolledBack' || state === 'RollbackIncomplete') && !blameless.has(reason?.code ?? '');
  const at = deps.clock.now().toISOString();
  for (const { device, plan } of run.members) {
    if (plan && state === 'Confirmed') await deps.quarantines.release(sentDigestOf(plan.effect));
    if (!plan || !failed) continue;
    const stuck = run.stuck.get(device);
    const why = (stuck && { ...reasonOf(stuck), device }) ?? reason ?? { code: state, message: `change ${token} ended in ${state}` };
    await deps.quarantines.put({ effectDigest: sentDigestOf(plan.effect), device, inputsDigest: inputsDigestOf(plan), reason: why, at });
  }
}

/** A line of history for every member. */
export async function noteEnd({ state, reason, token, planId, revision }: ChangeRecord, run: Run, deps: ApplyDeps): Promise<void> {
  const at = deps.clock.now().toISOString();
  const message = `${token}: ${reason?.message ?? progressOf(state)}`;
  const { actor } = run.options;
  for (const { device, plan } of run.members) {
    const effectDigest = plan?.effectDigest;
    await deps.history.append({
      device,
      at,
      event: state,
      message: state === 'PartiallyApplied' ? `${message}; ${halvesOf(run).join(', ')}` : message,
      revision,
      planId,
      ...(effectDigest && { effectDigest }),
      ...(actor && { actor }),
    });
    const stuck = run.stuck.get(device);
    if (stuck) await deps.history.append({ device, at, event: stuck.code, message: `${token}: ${stuck.message}`, revision, planId });
  }
}

/** Told as it begins: whatever comes of it, somebody went past the operator. */
export async function noteGlass({ token, planId, revision, devices }: ChangeRecord, glass: BrokenGlass, deps: ApplyDeps): Promise<void> {
  for (const device of devices) {
    const { code, message } = errors.BreakGlass({ device, ...glass, revision });
    await deps.history.append({ device, at: glass.at, event: code, message: `${token}: ${message}`, actor: glass.by, revision, planId });
  }
}

/** Reasons that say nothing about the change itself: somebody stopped it, or the device would not take any. */
const blameless: ReadonlySet<string> = new Set([
  'Stopped',
  'LeftUnfinished',
  'Withdrawn',
  'ConcurrentChange',
  'DrainTimedOut',
  'TakenOver',
  'Held',
  'Locked',
  'StaleEpoch',
  'WrongState',
  'WrongDevice',
  'AuthFailed',
  'Unreachable',
  'DeviceSettling',
  'TargetDisk',
]);

export function resultOf(end: EndState, { devices, token, reason }: ChangeRecord, run: Run): SetResult {
  const told = reason ?? defaultReason(end, end === 'PartiallyApplied' ? halvesOf(run) : devices);
  if (end === 'PartiallyApplied') run.notes.add(halvesOf(run).join(', '));
  if (end === 'OutcomeUnknown' && drains(run)) run.notes.add(`${devices.join(', ')}: may still be drained; look for it on the device`);
  const reads = new Map(run.members.flatMap(({ device, after }): [string, Read][] => (after ? [[device, after]] : [])));
  return {
    devices,
    end,
    token,
    ...(told && { reason: told }),
    notes: [...run.notes, ...[...run.stuck.values()].map(({ message }) => message)],
    reads: end === 'Confirmed' ? reads : new Map(),
  };
}

/** Which members are new and which are old. */
function halvesOf({ members }: Run): readonly string[] {
  return members.map(({ device, ended }) => `${device} (${ended === 'new' || ended === 'old' ? ended : 'neither'})`);
}

function defaultReason(end: EndState, devices: readonly string[]): SetResult['reason'] {
  if (end !== 'PartiallyApplied' && end !== 'OutcomeUnknown') return undefined;
  return reasonOf(errors[end]({ devices: devices.join(', ') }));
}

export function progressOf(state: ChangeState, run?: Run): string {
  // Where nothing on the device undoes the change by itself, nothing is armed there.
  if (run && !isGuarded(run)) {
    if (state === 'Arming') return 'keeping the way back here: nothing on the device takes the change back by itself';
    if (state === 'Disarming') return 'nothing was sent';
  }
  const words: Record<ChangeState, string> = {
    Fencing: 'reading the device once more',
    Arming: 'arming the dead-man',
    Disarming: 'taking the dead-man back, nothing was sent',
    Draining: 'leading traffic away',
    Emptying: 'waiting until traffic has left',
    Undraining: 'leading traffic back',
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
    PartiallyApplied: 'some members are new, others old',
    OutcomeUnknown: 'the outcome was not seen',
  };
  return words[state];
}
