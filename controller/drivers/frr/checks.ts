import { PlumblineError } from '../../lib/index.ts';
import type { Check, CheckAnswer, SshTarget } from '../contract.ts';
import type { FrrDeps } from './deps.ts';

/** At one time on one router: sshd takes ten sessions of a connection, and people need some of the vtys. */
const atOnce = 4;
const showLimit = { deadlineMs: 20_000, stdoutCap: 64 << 10 };
/** Three tries of two seconds each on the router. */
const pingLimit = { deadlineMs: 15_000, stdoutCap: 4 << 10 };

/** What the observer runs; `plumb-observe` on the router checks it once more. Anything else is not sent. */
const plain = /^(show [A-Za-z0-9 ._:/-]{1,195}|ping [0-9A-Fa-f.:]{2,45}( [0-9A-Fa-f.:]{2,45})?)$/;

/** Asks each check once, with the account that only reads. */
export async function ask(
  deps: FrrDeps,
  target: SshTarget,
  checks: readonly Check[],
  signal: AbortSignal,
): Promise<readonly CheckAnswer[]> {
  const answers: CheckAnswer[] = [];
  for (let from = 0; from < checks.length; from += atOnce) {
    answers.push(...(await Promise.all(checks.slice(from, from + atOnce).map((check) => askOne(deps, target, check, signal)))));
  }
  return answers;
}

async function askOne(deps: FrrDeps, target: SshTarget, check: Check, signal: AbortSignal): Promise<CheckAnswer> {
  const command = check.what === 'show' ? check.command : ['ping', check.to, check.from ?? []].flat().join(' ');
  if (!plain.test(command)) return { holds: false, why: 'it is no plain command, and was not sent' };
  const limits = check.what === 'show' ? showLimit : pingLimit;
  try {
    const { rc, stdout, stderr } = await deps.pool.exec(target, target.observe, command, { during: 'a probe', ...limits }, signal);
    if (rc === 0 && check.what === 'ping') return /^ping answered$/m.test(stdout) ? { holds: true } : { holds: false, why: 'no answer' };
    if (rc === 0 && check.what === 'show')
      return check.matches(stdout) ? { holds: true } : { holds: false, why: 'the output does not match' };
    // Words of the wrapper, not of the command: those may hold what nobody may see.
    const refusal = /^(refused: .{1,80}|no ping here)$/m.exec(stderr)?.[0];
    return {
      holds: false,
      why: refusal === undefined ? `it ended with ${rc ?? 'a signal'}` : `the observer on the device says "${refusal}"`,
    };
  } catch (error) {
    if (!(error instanceof PlumblineError)) throw error;
    return {
      holds: false,
      why: error.code === 'OutputTooLarge' ? `its output is longer than ${showLimit.stdoutCap >> 10} KiB` : 'no answer in time',
    };
  }
}
