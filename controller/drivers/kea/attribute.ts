import { PlumblineError } from '../../lib/index.ts';
import type { KeaTarget } from '../contract.ts';
import type { AttributeRequest, Attribution, Candidate } from '../questions.ts';
import type { KeaDeps } from './deps.ts';
import { askStatus } from './read.ts';

/**
 * Kea notes no names: whoever reaches its API or its control socket may change it. It tells when it last took a configuration, and what we left in it
 * tells of changes of ours; all else is said to be not known.
 */
export async function attribute(deps: KeaDeps, target: KeaTarget, { since }: AttributeRequest, signal: AbortSignal): Promise<Attribution> {
  const candidates: Candidate[] = [];
  const gaps: string[] = [];
  for (const service of target.services) {
    try {
      const status = await askStatus(deps, target, service, { account: 'observe' }, signal);
      // Of the last read: it was that one which found what differs.
      const mark = deps.cache.get(`${target.device} ${service}`)?.told.mark;
      const taken = new Date(deps.clock.now().getTime() - status.reloadSeconds * 1000);
      const own = mark?.last;
      if (own && mark && mark.at >= since.toISOString()) candidates.push({ who: own.holder, at: mark.at, how: 'plumbline' });
      const began = status.upSeconds - status.reloadSeconds <= 1 ? ', when it was started' : '';
      if (taken >= since) gaps.push(`${service} took its configuration at ${taken.toISOString()}${began}: Kea does not note from whom`);
    } catch (error) {
      if (!(error instanceof PlumblineError)) throw error;
      gaps.push(`${service}: ${error.message}`);
    }
  }
  return { candidates, gaps: gaps.length > 0 ? gaps : ['Kea does not note who changes its configuration'] };
}
