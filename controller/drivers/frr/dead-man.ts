import type { PlumblineError, Secret } from '../../lib/index.ts';
import type { Armed, ArmRequest, Lost, Refused, RevealHeld, SshTarget } from '../contract.ts';
import { errors } from '../errors.ts';
import { callGuard, isReply, lost, parseReply, refused, type Reply } from '../guard/index.ts';
import { findUnsafeLine, printBatches } from './batches.ts';
import type { FrrDeps } from './deps.ts';
import { guardOf } from './guard.ts';
import { mask, type Masked, maskRunning, qualifyLines } from './mask.ts';

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
    guardOf(deps),
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
