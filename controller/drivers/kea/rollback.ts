import type { KeaService, KeaTarget, Lost, Refused, RollbackIncomplete, RollbackRequest, RolledBack, TooLate } from '../contract.ts';
import { errors } from '../errors.ts';
import { checkEpoch, peekAll } from './arm.ts';
import type { KeaDeps } from './deps.ts';
import type { MarkedChange } from './mark.ts';
import { refused, step } from './outcomes.ts';
import type { Seen } from './read.ts';
import { type Restored, restore, restoreByMark } from './restore.ts';
import { statusIn } from './status.ts';

/** Restores now. Knows the way back from this process's memory, else from what the change left in the running configuration. */
export async function rollback(
  deps: KeaDeps,
  target: KeaTarget,
  request: RollbackRequest,
  signal: AbortSignal,
): Promise<RolledBack | RollbackIncomplete | TooLate | Refused | Lost> {
  return step(async () => {
    const now = await peekAll(deps, target, signal);
    const stale = checkEpoch(target.device, [...now.values()], request.epoch);
    if (stale) return refused(stale);
    const change = deps.open.of(target.device, request.token);
    const marked = markedOf(now, request.token);
    if (change) return conclude(deps, target, change, await restore(deps, target, change, signal));
    if (marked.size > 0) {
      const holder = [...marked.values()][0]?.mark.change.holder ?? '';
      return conclude(deps, target, { ...request, holder }, await restoreByMark(deps, target, marked, signal));
    }
    const ended = deps.open.ended(target.device, request.token);
    if (ended?.state === 'restored') return { outcome: 'RolledBack', rebooted: ended.rebooted === true };
    const status = statusIn(deps, target, now, request.token);
    if (status.state !== 'none') return { outcome: 'TooLate', status };
    return refused(errors.WrongState({ device: target.device, token: request.token, state: 'unknown to the device' }));
  });
}

/** Daemons in which this change is in effect. */
export function markedOf<Each extends Seen>(
  now: ReadonlyMap<KeaService, Each>,
  token: string,
): ReadonlyMap<KeaService, Each & { mark: { change: MarkedChange } }> {
  return new Map(
    [...now].flatMap(([service, held]) => {
      const { change } = held.mark;
      return change?.token === token ? [[service, { ...held, mark: { ...held.mark, change } }] as const] : [];
    }),
  );
}

function conclude(
  deps: KeaDeps,
  target: KeaTarget,
  change: { token: string; epoch: number; holder: string },
  { rest, hasRestarted }: Restored,
): RolledBack | RollbackIncomplete {
  if (rest.length === 0) {
    deps.open.end({ ...change, device: target.device }, { state: 'restored', persisted: false });
    return { outcome: 'RolledBack', rebooted: hasRestarted };
  }
  deps.open.end({ ...change, device: target.device }, { state: 'restore-failed', persisted: false, rest: rest.length });
  return { outcome: 'RollbackIncomplete', rest, error: errors.RollbackIncomplete({ device: target.device, lines: rest.length }) };
}
