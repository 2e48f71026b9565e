import { PlumblineError } from '../../lib/index.ts';
import type { SshTarget } from '../contract.ts';
import type { Attribution, AttributeRequest, Candidate } from '../questions.ts';
import { nameCandidates } from './attribution-candidates.ts';
import { type History, parseHistory } from './attribution-history.ts';
import { vocabularyOf } from './attribution-words.ts';
import type { FrrDeps } from './deps.ts';

/** How far back is looked at most: eleven days, which is what six digits hold. */
const mostSeconds = 999_999;

/** Who may have changed the router. What the router does not tell is a gap in the answer, never a failure. */
export async function attribute(
  deps: FrrDeps,
  target: SshTarget,
  { since, config }: AttributeRequest,
  signal: AbortSignal,
): Promise<Attribution> {
  const now = deps.clock.now().getTime() / 1000;
  const seconds = Math.min(mostSeconds, Math.max(1, Math.ceil(now - since.getTime() / 1000) + 1));
  try {
    const { rc, stdout } = await deps.pool.exec(
      target,
      target.observe,
      `history ${seconds}`,
      { during: 'the read of its history', deadlineMs: 20_000, stdoutCap: 4 << 20 },
      signal,
    );
    if (rc === 77) return { candidates: [], gaps: ['the observer on the device is of an older release and knows no history'] };
    const history = parseHistory(stdout);
    if (!history) return { candidates: [], gaps: [`its history is not whole (exit ${rc ?? 'by signal'})`] };
    // The clocks of router and controller are two.
    const ahead = history.now - now;
    const candidates = nameCandidates({
      history,
      since: Math.floor(since.getTime() / 1000 + ahead),
      accounts: { observe: target.observe.user, ...(target.apply ? { apply: target.apply.user } : {}) },
      vocabulary: vocabularyOf(config ?? ''),
    });
    return { candidates: candidates.map((each) => inOurTime(each, ahead)), gaps: listGaps(history, config) };
  } catch (error) {
    if (!(error instanceof PlumblineError)) throw error;
    return { candidates: [], gaps: [error.message] };
  }
}

/** On a router whose clock is wrong somebody did it last year, or tomorrow. Seconds may be what the answer took. */
function inOurTime(candidate: Candidate, aheadSeconds: number): Candidate {
  if (Math.abs(aheadSeconds) < 60) return candidate;
  return { ...candidate, at: new Date(Date.parse(candidate.at) - Math.round(aheadSeconds) * 1000).toISOString() };
}

function listGaps({ knowsLog, knowsLogins, unreadable }: History, config: string | undefined): string[] {
  const logsCommands = config === undefined || /^log commands$/m.test(config);
  return [
    ...(knowsLog ? [] : ['FRR keeps no log that the observer can read: `log file` or `log syslog`']),
    ...(logsCommands ? [] : ['FRR does not note commands: `log commands`']),
    ...(knowsLogins ? [] : ['logins cannot be read: neither sshd’s log nor the journal']),
    ...unreadable.map((path) => `${path} is not readable for the observer`),
  ];
}
