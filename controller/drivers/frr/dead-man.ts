import type { PlumblineError, Secret } from '../../lib/index.ts';
import type {
  Armed,
  ArmRequest,
  ChangeStatus,
  Confirmed,
  ConfirmRequest,
  Lost,
  Refused,
  RevealHeld,
  RollbackIncomplete,
  RollbackRequest,
  RolledBack,
  SshTarget,
  TooLate,
} from '../contract.ts';
import { errors } from '../errors.ts';
import { findUnsafeLine, printBatches } from './batches.ts';
import type { FrrDeps } from './deps.ts';
import { callGuard, isReply, lost, parseReply, refused, type Reply } from './guard-call.ts';
import { mask, type Masked, maskRunning, qualifyLines } from './mask.ts';
import { explainRejection } from './rejections.ts';

/**
 * Lock, epoch and backup on the router; then, under the lock, the fence; then the rollback with its secrets, and the dead-man starts.
 * The router hands its backup to us to be judged; values the device holds now fill the rollback, and lines that the change sends again.
 */
export async function arm(deps: FrrDeps, target: SshTarget, request: ArmRequest, signal: AbortSignal): Promise<Armed | Refused | Lost> {
  const unsafe = findUnsafeLine(request.rollback) ?? [request.holder].find((line) => /\p{Cc}/u.test(line));
  if (unsafe !== undefined) return refused(errors.UnsafeCommand({ device: target.device, command: JSON.stringify(unsafe.slice(0, 80)) }));
  const seconds = Math.max(1, Math.ceil(request.deadlineMs / 1000));
  let refusal: PlumblineError | undefined;
  let backup: Masked | undefined;
  const answer = (stdout: string): string => {
    const offer = parseReply(stdout);
    backup = maskRunning((offer.block('backup') ?? []).join('\n'), deps.tokenOf);
    const rollback = backup
      ? prepareRollback(deps, target, request, offer, backup)
      : errors.PartialRead({ device: target.device, why: 'the backup has no end' });
    if (typeof rollback !== 'string') {
      refusal = rollback;
      return 'stop\n';
    }
    return `go ${Buffer.byteLength(rollback)}\n${rollback}`;
  };
  const words = ['arm', request.token, String(request.epoch), String(seconds), request.holder];
  const reply = await callGuard(
    deps,
    target,
    words,
    { during: 'arming', deadlineMs: 60_000, dialog: { marker: '\n@your turn\n', answer } },
    signal,
  );
  if (refusal) return refused(refusal);
  if (!isReply(reply)) return reply;
  if (!reply.has('armed') || !backup)
    return lost(errors.ConnectionLost({ device: target.device, during: 'arming', why: 'the guard did not say so' }));
  return { outcome: 'Armed', revealHeld: revealIn(backup) };
}

function revealIn({ config, values }: Masked): RevealHeld {
  const held = new Set(config.split('\n').map((line) => line.trim()));
  return (line, token) => (held.has(line) ? values.get(token) : undefined);
}

/** The text of the rollback with its values, or why the change must not begin. */
function prepareRollback(deps: FrrDeps, target: SshTarget, request: ArmRequest, offer: Reply, backup: Masked): string | PlumblineError {
  if (!request.isAsPlanned(backup.config)) return errors.ConcurrentChange({ device: target.device, when: 'while the plan waited' });
  if (request.unsaved === 'refuse' && !offer.has('saved')) {
    const startup = offer.block('startup');
    const lines = startup ? describeUnsaved(backup, mask(startup, deps.tokenOf)) : 'the startup config cannot be read';
    if (lines !== undefined) return errors.Unsaved({ device: target.device, lines });
  }
  const reveal = (token: string): Secret | undefined => backup.values.get(token) ?? request.reveal(token);
  const printed = printBatches(request.rollback, reveal);
  return 'missing' in printed
    ? errors.SecretMissing({ device: target.device, token: printed.missing, where: 'the rollback' })
    : printed.text;
}

/** The first lines that running and startup config do not share; undefined when they hold the same. */
function describeUnsaved(running: Masked, startup: Masked): string | undefined {
  const [live, saved] = [qualifyLines(running.config), qualifyLines(startup.config)];
  const [inLive, inSaved] = [new Set(live), new Set(saved)];
  const lines = [
    ...live.filter((line) => !inSaved.has(line)).map((line) => `+${line}`),
    ...saved.filter((line) => !inLive.has(line)).map((line) => `-${line}`),
  ];
  if (lines.length === 0) return undefined;
  return `${lines.slice(0, 3).join('; ')}${lines.length > 3 ? `; and ${lines.length - 3} more` : ''}`;
}

/** After a reboot the guard waits this long before it calls what it finds the end of a change. */
function settleSeconds(target: SshTarget): string {
  return String(Math.ceil(target.settleSeconds ?? 30));
}

/** What the router knows about a change. */
export async function status(deps: FrrDeps, target: SshTarget, token: string, signal: AbortSignal): Promise<ChangeStatus | Refused | Lost> {
  const reply = await callGuard(
    deps,
    target,
    ['status', token, settleSeconds(target)],
    { during: 'asking for the status', deadlineMs: 30_000, fresh: true },
    signal,
  );
  return isReply(reply) ? readStatus(reply, token) : reply;
}

function readStatus(reply: Reply, token: string): ChangeStatus {
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
      : { rejected: { index: Number(rejected), message: explainRejection((reply.block('words') ?? []).join('\n')) } }),
    ...(rest === undefined ? {} : { rest: Number(rest) || 0 }),
  };
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
  deps: FrrDeps,
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
    const why = explainRejection((reply.block('words') ?? []).join('\n'));
    return { outcome: 'Confirmed', persisted: false, error: errors.NotPersisted({ device: target.device, why }) };
  }
  return tooLate(deps, target, request.token, signal);
}

async function tooLate(deps: FrrDeps, target: SshTarget, token: string, signal: AbortSignal): Promise<TooLate | Refused | Lost> {
  const now = await status(deps, target, token, signal);
  return now.outcome === 'Status' ? { outcome: 'TooLate', status: now } : now;
}

/** Restores now and waits for the router's word on how much is left. */
export async function rollback(
  deps: FrrDeps,
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
  const rest = maskRest((reply.block('rest') ?? []).filter(Boolean), deps.tokenOf);
  return { outcome: 'RollbackIncomplete', rest, error: errors.RollbackIncomplete({ device: target.device, lines: rest.length }) };
}

/** Lines of the rest are `-section > line`: they are masked as the configuration they come from. */
function maskRest(rest: readonly string[], tokenOf: (value: string) => string): string[] {
  return rest.map((line) => {
    const parts = line.slice(1).split(' > ');
    const { config } = mask(
      parts.map((part, depth) => ' '.repeat(depth) + part),
      tokenOf,
    );
    return `${line.slice(0, 1)}${config
      .trimEnd()
      .split('\n')
      .map((part) => part.trim())
      .join(' > ')}`;
  });
}
