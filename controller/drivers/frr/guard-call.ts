import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlumblineError, sha256 } from '../../lib/index.ts';
import type { Lost, Login, Refused, SshTarget } from '../contract.ts';
import { errors } from '../errors.ts';
import type { PoolExecOptions } from '../transport/index.ts';
import type { FrrDeps } from './deps.ts';
import { parseHold } from './identify.ts';

const script = readFileSync(join(import.meta.dirname, 'target/guard.sh'), 'utf8');
const digest = sha256(script);
// Under its digest: a router may still run the guard of an older release.
const installed = `"\${PLUMB_STATE:-/var/lib/plumbline}/guard-${digest.slice(0, 16)}.sh"`;

/** What the guard answered: its `@word rest` lines, and its blocks. */
export interface Reply {
  get(word: string): string | undefined;
  has(word: string): boolean;
  block(name: string): string[] | undefined;
}

export function parseReply(stdout: string): Reply {
  const words = new Map<string, string>();
  const blocks = new Map<string, string[]>();
  let block: { name: string; lines: string[] } | undefined;
  for (const line of stdout.split('\n')) {
    if (block) {
      if (line === `@end ${block.name}`) {
        blocks.set(block.name, block.lines);
        block = undefined;
      } else block.lines.push(line);
    } else if (line.startsWith('@begin ')) block = { name: line.slice('@begin '.length), lines: [] };
    else if (line.startsWith('@')) {
      const [word = ''] = line.slice(1).split(' ', 1);
      words.set(word, line.slice(word.length + 2));
    }
  }
  return { get: (word) => words.get(word), has: (word) => words.has(word), block: (name) => blocks.get(name) };
}

/** One run of the guard on a router; installs it there on first use. `words` are arguments without secrets. */
export async function callGuard(
  deps: FrrDeps,
  target: SshTarget,
  words: readonly string[],
  options: PoolExecOptions,
  signal: AbortSignal,
): Promise<Reply | Refused | Lost> {
  const login = target.apply;
  if (!login) return refused(errors.NotWritable({ device: target.device }));
  try {
    const command = `[ -r ${installed} ] || { echo @missing; exit 76; }; exec sh ${installed} ${words.map(quote).join(' ')}`;
    let answer = await deps.pool.exec(target, login, command, options, signal);
    if (/^@missing$/m.test(answer.stdout)) {
      await install(deps, target, login, signal);
      answer = await deps.pool.exec(target, login, command, options, signal);
    }
    const reply = parseReply(answer.stdout);
    const refusal = reply.get('refused');
    if (refusal !== undefined) return refused(explainRefusal(target, words, refusal));
    if (answer.rc !== 0)
      return lost(
        errors.TargetTool({ device: target.device, why: answer.stderr.trim().slice(0, 200) || `exit ${answer.rc ?? 'by signal'}` }),
      );
    return reply;
  } catch (error) {
    if (!(error instanceof PlumblineError)) throw error;
    return error.code === 'ConnectionLost' || error.code === 'OutputTooLarge' ? lost(error) : refused(error);
  }
}

async function install(deps: FrrDeps, target: SshTarget, login: Login, signal: AbortSignal): Promise<void> {
  const command =
    `f=${installed}; umask 077; if cat > "$f.$$" && [ "$(sha256sum < "$f.$$" | cut -c 1-64)" = ${digest} ] && mv "$f.$$" "$f"; ` +
    `then echo @installed; else rm -f "$f.$$"; exit 74; fi`;
  const answer = await deps.pool.exec(
    target,
    login,
    command,
    { during: 'the installation of the guard', deadlineMs: 20_000, input: script },
    signal,
  );
  if (!/^@installed$/m.test(answer.stdout)) throw errors.TargetDisk({ device: target.device, what: 'the guard into its state folder' });
}

/** For the shell of the apply account. */
function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

export function refused(error: PlumblineError): Refused {
  return { outcome: 'Refused', error };
}

export function lost(error: PlumblineError): Lost {
  return { outcome: 'Lost', error };
}

export function isReply(outcome: Reply | Refused | Lost): outcome is Reply {
  return !('outcome' in outcome);
}

/** The guard's one-word reasons in ours. `words` are the arguments it was called with. */
function explainRefusal({ device }: SshTarget, [, token = '', epoch = '0']: readonly string[], refusal: string): PlumblineError {
  const [reason = '', ...rest] = refusal.split(' ');
  const detail = rest.join(' ');
  switch (reason) {
    case 'Locked':
      return errors.Locked({ device, holder: detail || 'unknown' });
    case 'Held':
      return errors.Held({ device, ...parseHold(detail) });
    case 'Unfinished':
      return errors.Unfinished({ device, holder: detail });
    case 'StaleEpoch':
      return errors.StaleEpoch({ device, epoch: Number(epoch), seen: detail });
    case 'ConcurrentChange':
      return errors.ConcurrentChange({ device, when: 'between arming and applying' });
    case 'TargetDisk':
      return errors.TargetDisk({ device, what: detail });
    case 'GuardDied':
      return errors.WrongState({ device, token, state: 'without a living dead-man' });
    case 'NotArmed':
      return errors.WrongState({ device, token, state: detail });
    case 'Settling':
      return errors.DeviceSettling({ device, why: 'it restarted in mid-change, and its daemons may not hold their configuration yet' });
    case 'NoSuchChange':
      return errors.WrongState({ device, token, state: 'unknown to the device' });
    case 'TokenUsed':
      return errors.WrongState({ device, token, state: 'older than this attempt: its token was used before' });
    default:
      return errors.TargetTool({ device, why: refusal });
  }
}
