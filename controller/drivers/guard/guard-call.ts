import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlumblineError, sha256 } from '../../lib/index.ts';
import type { Lost, Login, Refused, SshTarget } from '../contract.ts';
import { errors } from '../errors.ts';
import type { PoolExecOptions, SshPool } from '../transport/index.ts';
import { parseHold } from './hold.ts';

const common = readFileSync(join(import.meta.dirname, 'guard.sh'), 'utf8');

/** The guard as one platform has it: its own part, then what all have. */
export interface GuardScript {
  text: string;
  digest: string;
}

/** `part` is the text of the platform's functions; see the head of `guard.sh`. */
export function writeGuard(part: string): GuardScript {
  const text = `${part.trimEnd()}\n\n${common}`;
  return { text, digest: sha256(text) };
}

/** What a call needs of the one who makes it. */
export interface GuardDeps {
  pool: SshPool;
  script: GuardScript;
  /** Environment of the guard: plain words, no secrets. */
  env?: Readonly<Record<string, string>>;
}

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
  deps: GuardDeps,
  target: SshTarget,
  words: readonly string[],
  options: PoolExecOptions,
  signal: AbortSignal,
): Promise<Reply | Refused | Lost> {
  const login = target.apply;
  if (!login) return refused(errors.NotWritable({ device: target.device }));
  try {
    const installed = pathOf(deps.script);
    const env = Object.entries(deps.env ?? {}).map(([name, value]) => `${name}=${quote(value)} `);
    const command = `[ -r ${installed} ] || { echo @missing; exit 76; }; ${env.join('')}exec sh ${installed} ${words.map(quote).join(' ')}`;
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

/** Under its digest: a device may still run the guard of an older release. */
function pathOf({ digest }: GuardScript): string {
  return `"\${PLUMB_STATE:-/var/lib/plumbline}/guard-${digest.slice(0, 16)}.sh"`;
}

async function install(deps: GuardDeps, target: SshTarget, login: Login, signal: AbortSignal): Promise<void> {
  const { text, digest } = deps.script;
  const command =
    `f=${pathOf(deps.script)}; umask 077; if cat > "$f.$$" && [ "$(sha256sum < "$f.$$" | cut -c 1-64)" = ${digest} ] && mv "$f.$$" "$f"; ` +
    `then echo @installed; else rm -f "$f.$$"; exit 74; fi`;
  const answer = await deps.pool.exec(
    target,
    login,
    command,
    { during: 'the installation of the guard', deadlineMs: 20_000, input: text },
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
