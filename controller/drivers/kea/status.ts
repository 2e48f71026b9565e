import type { ChangeStatus, KeaService, KeaTarget, Lost, Refused } from '../contract.ts';
import { peekAll } from './arm.ts';
import type { KeaDeps } from './deps.ts';
import type { MarkedChange } from './mark.ts';
import type { OpenChange } from './open-changes.ts';
import type { Seen } from './read.ts';
import { step } from './outcomes.ts';

/**
 * What is known of a change: by this process, else by what stands in the running configuration. Nothing on the server works on it, so nothing will
 * happen by itself; but a daemon that restarts loads its file, and the change is gone.
 */
export function status(deps: KeaDeps, target: KeaTarget, token: string, signal: AbortSignal): Promise<ChangeStatus | Refused | Lost> {
  return step(async () => statusIn(deps, target, await peekAll(deps, target, signal), token));
}

export function statusIn(deps: KeaDeps, { device }: KeaTarget, now: ReadonlyMap<KeaService, Seen>, token: string): ChangeStatus {
  const marks = [...now.values()].map(({ mark }) => mark);
  const epoch = Math.max(0, ...marks.map((mark) => mark.epoch));
  const answer = (state: ChangeStatus['state'], more: Partial<ChangeStatus> = {}): ChangeStatus => ({
    outcome: 'Status',
    state,
    guardAlive: false,
    rebooted: false,
    persisted: false,
    epoch,
    ...more,
  });
  const open = deps.open.of(device, token);
  const marked = marks.find(({ change }) => change?.token === token)?.change;
  const gone = findGone(now, token, open, marked);
  if (open) {
    const holder = `${token} ${open.holder}`;
    if (open.state === 'arming') return answer('none');
    // In effect when it was sent, and gone: the daemon restarted with its file, or somebody gave it another configuration.
    const isGone = gone.length > 0 && gone.length === open.sent.size;
    const state = isGone ? (isAsBefore(now, open) ? 'restored' : 'restore-failed') : gone.length > 0 ? 'applying' : open.state;
    return answer(state, { holder, rebooted: isGone && hasRestarted(now, open), ...(open.rejected && { rejected: open.rejected }) });
  }
  if (marked) return answer(gone.length > 0 ? 'applying' : 'applied', { holder: `${token} ${marked.holder}` });
  const ended = deps.open.ended(device, token);
  if (ended) {
    const { state, persisted, holder, rest, rebooted = false } = ended;
    return answer(state, { persisted, rebooted, holder: `${token} ${holder}`, ...(rest !== undefined && { rest }) });
  }
  const last = marks.find((mark) => mark.last?.token === token)?.last;
  // Its file may or may not have it: confirming once more saves it again, and says so.
  return last ? answer('confirmed', { holder: `${token} ${last.holder}` }) : answer('none');
}

/** What a person made of it instead is not what was there. */
function isAsBefore(now: ReadonlyMap<KeaService, Seen>, { sent, before }: OpenChange): boolean {
  return [...sent.keys()].every((service) => now.get(service)?.digest === before.get(service)?.digest);
}

function hasRestarted(now: ReadonlyMap<KeaService, Seen>, { sent, before }: OpenChange): boolean {
  return [...sent.keys()].some((service) => now.get(service)?.status.pid !== before.get(service)?.status.pid);
}

/**
 * Daemons in which a change was in effect and is not any more. One that a confirm put its receipt into is as it was sent: what is left of that confirm
 * may be asked for again.
 */
export function findGone(
  now: ReadonlyMap<KeaService, Pick<Seen, 'mark'>>,
  token: string,
  open: OpenChange | undefined,
  marked: MarkedChange | undefined,
): readonly string[] {
  const there = new Set<string>(
    [...now].flatMap(([service, { mark }]) => ([mark.change?.token, mark.last?.token].includes(token) ? [service] : [])),
  );
  const touched = open ? (open.state === 'applied' ? [...open.sent.keys()] : []) : (marked?.services ?? []);
  return touched.filter((service) => !there.has(service));
}
