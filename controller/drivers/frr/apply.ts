import { type Secret, secretToken } from '../../lib/index.ts';
import type { Applied, ApplyRequest, Lost, Refused, Rejected, SshTarget } from '../contract.ts';
import { errors } from '../errors.ts';
import { callGuard, isReply, lost, refused } from '../guard/index.ts';
import { findUnsafeLine, printBatches } from './batches.ts';
import type { FrrDeps } from './deps.ts';
import { guardOf } from './guard.ts';
import { explainRejection } from './rejections.ts';

/**
 * Sends the commands of an armed change. The router takes them whole before it runs the first one, so a full disk or a cut link leaves
 * either nothing or all of it running there; what came of it is kept on the router and found again by `status`.
 */
export async function apply(
  deps: FrrDeps,
  target: SshTarget,
  request: ApplyRequest,
  signal: AbortSignal,
): Promise<Applied | Rejected | Refused | Lost> {
  const unsafe = findUnsafeLine(request.commands);
  if (unsafe !== undefined) return refused(errors.UnsafeCommand({ device: target.device, command: JSON.stringify(unsafe.slice(0, 80)) }));
  const sent: Secret[] = [];
  const printed = printBatches(request.commands, (token, line) => {
    const value = request.reveal(token) ?? request.revealHeld?.(line, token);
    if (value) sent.push(value);
    return value;
  });
  if ('missing' in printed) return refused(errors.SecretMissing({ device: target.device, token: printed.missing, where: 'the commands' }));
  const words = ['apply', request.token, String(request.epoch), String(Buffer.byteLength(printed.text)), request.stage ?? 'all'];
  const reply = await callGuard(guardOf(deps), target, words, { during: 'applying', deadlineMs: 600_000, input: printed.text }, signal);
  if (!isReply(reply)) return reply;
  if (reply.has('applied')) return { outcome: 'Applied' };
  const index = Number(reply.get('rejected') || Number.NaN);
  if (Number.isNaN(index))
    return lost(
      errors.ConnectionLost({
        device: target.device,
        during: 'applying',
        why: `the change was ended on the device: ${reply.get('interrupted') ?? 'no word'}`,
      }),
    );
  const line = request.commands[index]?.text ?? '';
  // The guard cuts off what the router repeats of a line with a secret. One that words its refusal in another way repeats it nevertheless.
  const said = explainRejection((reply.block('words') ?? []).join('\n'));
  const message = sent.reduce((text, value) => text.replaceAll(value.reveal(), '<secret>'), said);
  return {
    outcome: 'Rejected',
    index,
    line,
    message,
    error: errors.Rejected({ device: target.device, line: line.replace(secretToken, '<secret>'), message }),
  };
}
