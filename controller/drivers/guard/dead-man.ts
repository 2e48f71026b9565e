import type {
  ChangeStatus,
  Confirmed,
  ConfirmRequest,
  Lost,
  Refused,
  RollbackIncomplete,
  RollbackRequest,
  RolledBack,
  SshTarget,
  TooLate,
} from '../contract.ts';
import { errors } from '../errors.ts';
import { callGuard, type GuardDeps, isReply, type Reply } from './guard-call.ts';

/** What the answers of a guard mean depends on the platform in two places. */
export interface GuardWords extends GuardDeps {
  /** The device's own words, as they may be told. */
  explain(words: string): string;
  /** Lines that differ from the backup, masked. */
  maskRest(rest: readonly string[]): readonly string[];
}

/** After a reboot the guard waits this long before it calls what it finds the end of a change. */
function settleSeconds(target: SshTarget): string {
  return String(Math.ceil(target.settleSeconds ?? 30));
}

/** What the router knows about a change. */
export async function status(
  deps: GuardWords,
  target: SshTarget,
  token: string,
  signal: AbortSignal,
): Promise<ChangeStatus | Refused | Lost> {
  const reply = await callGuard(
    deps,
    target,
    ['status', token, settleSeconds(target)],
    { during: 'asking for the status', deadlineMs: 30_000, fresh: true },
    signal,
  );
  return isReply(reply) ? readStatus(deps, reply, token) : reply;
}

function readStatus(deps: GuardWords, reply: Reply, token: string): ChangeStatus {
  const said = reply.get('state') ?? 'none';
  const remaining = reply.get('remaining');
  const rejected = reply.get('rejected');
  const rest = reply.get('rest');
  const holder = reply.get('holder');
  const state = stateOf(said);
  return {
    outcome: 'Status',
    state,
    guardAlive: reply.has('guard-alive'),
    rebooted: reply.has('rebooted'),
    persisted: said === 'persisted',
    epoch: Number(reply.get('epoch') ?? 0),
    ...(remaining === undefined || !waits(state) ? {} : { remainingMs: Math.max(0, Number(remaining) * 10) }),
    ...(holder === undefined ? {} : { holder: `${token} ${holder}` }),
    ...(rejected === undefined
      ? {}
      : { rejected: { ...indexOf(rejected), message: deps.explain((reply.block('words') ?? []).join('\n')) } }),
    ...(rest === undefined ? {} : { rest: Number(rest) || 0 }),
  };
}

/** Not every platform says which command it was: one that takes all at once names the daemon. */
function indexOf(said: string): { index?: number } {
  return /^\d+$/.test(said) ? { index: Number(said) } : {};
}

function waits(state: ChangeStatus['state']): boolean {
  return state === 'armed' || state === 'applying' || state === 'applied' || state === 'rejected';
}

function stateOf(said: string): ChangeStatus['state'] {
  switch (said) {
    case 'armed':
    case 'applying':
    case 'applied':
    case 'rejected':
    case 'confirmed':
    case 'restoring':
    case 'restored':
    case 'restore-failed':
      return said;
    case 'persisted':
    case 'persist-failed':
      return 'confirmed';
    default:
      return 'none';
  }
}

/** Over a new connection, which is itself a proof. Only the state that the dead-man wrote counts. A second confirm says the same again. */
export async function confirm(
  deps: GuardWords,
  target: SshTarget,
  request: ConfirmRequest,
  signal: AbortSignal,
): Promise<Confirmed | TooLate | Refused | Lost> {
  const { revision, itemsDigest, effectDigest, epoch, glass } = request.receipt;
  // The epoch comes last: the guard finds it there when its own file is lost.
  const receipt = JSON.stringify({ revision, itemsDigest, effectDigest, ...(glass && { glass }), epoch });
  const words = ['confirm', request.token, String(request.epoch), String(Buffer.byteLength(receipt)), settleSeconds(target)];
  const reply = await callGuard(deps, target, words, { during: 'confirming', deadlineMs: 90_000, fresh: true, input: receipt }, signal);
  if (!isReply(reply)) return reply;
  const state = reply.get('state');
  if (state === 'persisted') return { outcome: 'Confirmed', persisted: true };
  if (state === 'persist-failed' || state === 'confirmed') {
    const why = deps.explain((reply.block('words') ?? []).join('\n'));
    return { outcome: 'Confirmed', persisted: false, error: errors.NotPersisted({ device: target.device, why }) };
  }
  return tooLate(deps, target, request.token, signal);
}

async function tooLate(deps: GuardWords, target: SshTarget, token: string, signal: AbortSignal): Promise<TooLate | Refused | Lost> {
  const now = await status(deps, target, token, signal);
  return now.outcome === 'Status' ? { outcome: 'TooLate', status: now } : now;
}

/** Restores now and waits for the router's word on how much is left. */
export async function rollback(
  deps: GuardWords,
  target: SshTarget,
  request: RollbackRequest,
  signal: AbortSignal,
): Promise<RolledBack | RollbackIncomplete | TooLate | Refused | Lost> {
  const words = ['rollback', request.token, String(request.epoch), settleSeconds(target)];
  const reply = await callGuard(deps, target, words, { during: 'rolling back', deadlineMs: 240_000, fresh: true }, signal);
  if (!isReply(reply)) return reply;
  const state = reply.get('state');
  if (state === 'restored') return { outcome: 'RolledBack', rebooted: reply.has('rebooted') };
  if (state !== 'restore-failed') return tooLate(deps, target, request.token, signal);
  const rest = deps.maskRest((reply.block('rest') ?? []).filter(Boolean));
  return { outcome: 'RollbackIncomplete', rest, error: errors.RollbackIncomplete({ device: target.device, lines: rest.length }) };
}
