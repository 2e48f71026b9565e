import type { KeaService, KeaTarget, SshTarget } from '../contract.ts';
import { errors } from '../errors.ts';
import { type KeaAnswer, readAnswer, sayWord } from './answers.ts';
import type { AskOptions } from './ask.ts';
import type { KeaDeps } from './deps.ts';

/**
 * One command that changes nothing, through the observer's wrapper on the server. What changes something goes through the guard: there is no other
 * way in over SSH.
 */
export async function askOverSsh(
  deps: KeaDeps,
  target: KeaTarget,
  service: KeaService,
  command: string,
  options: AskOptions,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<KeaAnswer> {
  const words = ['ask', service, command, ...wordsOf(options)];
  const { rc, stdout, stderr } = await runObserver(deps, target, words, { deadlineMs, fresh: options.fresh === true }, signal);
  if (rc === 69) throw errors.DaemonDown({ device: target.device, daemon: service });
  const answer = readAnswer(stdout);
  if (!answer) {
    const why = stderr.trim().slice(0, 200) || `\`${command}\` of ${service} gave no whole answer`;
    throw errors.PartialRead({ device: target.device, why });
  }
  return answer;
}

/** Runs the observer's wrapper; its words hold no blanks. */
export async function runObserver(
  deps: KeaDeps,
  target: KeaTarget,
  words: readonly string[],
  { deadlineMs, fresh }: { deadlineMs: number; fresh: boolean },
  signal: AbortSignal,
) {
  const ssh = sshOf(target);
  const limits = { during: `\`${words.join(' ')}\``, deadlineMs, fresh, stdoutCap: 512 << 20 };
  return deps.ssh.exec(ssh, ssh.observe, words.join(' '), limits, signal);
}

export function sshOf(target: KeaTarget): SshTarget {
  if (!target.ssh) throw errors.Unreachable({ device: target.device, address: 'the server', why: 'neither HTTP nor SSH leads to it' });
  return target.ssh;
}

/** Arguments of the few commands that have any, in the order of the wrapper. */
function wordsOf({ arguments: args }: AskOptions): readonly string[] {
  if (!args) return [];
  const words = [args['ip-address'] ?? args['from'], args['limit'] ?? sayWord(args['type']).replace('IA_', '')];
  return words.map((word) => sayWord(word)).filter((word) => word !== '');
}
