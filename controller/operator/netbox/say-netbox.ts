import { PlumblineError } from '../../lib/index.ts';
import type { NetBoxStanding } from './standing.ts';

/** Why NetBox says nothing new, with what stands meanwhile; undefined while it does. */
export function sayNetBox({ problem, facts }: Pick<NetBoxStanding, 'problem' | 'facts'>): PlumblineError | undefined {
  if (!problem) return undefined;
  const { code, message, next, retry, severity } = problem;
  const stands = facts ? `What it said at ${facts.at} stands` : 'Nothing of it is known yet';
  return new PlumblineError(code, { severity, retry, message: `${message}. ${stands}, and nothing is written into it`, next });
}
