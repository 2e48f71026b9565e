import { PlumblineError } from '../../lib/index.ts';
import { type Kind, resources } from '../../netbox/index.ts';
import { errors } from '../errors.ts';
import type { NetBoxStanding } from './standing.ts';

/** Why NetBox says nothing new, with what stands meanwhile, or what of it nobody may see; undefined while it says all. */
export function sayNetBox({ problem, facts }: Pick<NetBoxStanding, 'problem' | 'facts'>): PlumblineError | undefined {
  if (!problem) return facts?.unseen && errors.NetBoxPartly({ url: facts.url, lists: listsOf(facts.unseen) });
  const { code, message, next, retry, severity } = problem;
  const stands = facts ? `What it said at ${facts.at} stands` : 'Nothing of it is known yet';
  return new PlumblineError(code, { severity, retry, message: `${message}. ${stands}, and nothing is written into it`, next });
}

/** Those that the token may not view, without what only takes one of them. */
function listsOf(unseen: Readonly<Record<string, string>>): string {
  return [...new Set(Object.values(unseen))].map((kind) => resources[kind as Kind].path).join(', ');
}
