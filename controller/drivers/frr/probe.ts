import { PlumblineError } from '../../lib/index.ts';
import type { Check, ProbeResult, SshTarget } from '../contract.ts';
import { ask } from './checks.ts';
import type { FrrDeps } from './deps.ts';
import { readFacts, readSessions } from './read.ts';

/** Proof of life: a new login, the right machine, and what its sessions say. The caller compares with before, and knows how long to wait. */
export async function probe(deps: FrrDeps, target: SshTarget, signal: AbortSignal, checks: readonly Check[] = []): Promise<ProbeResult> {
  const started = deps.clock.monotonicMs();
  try {
    const { facts } = await readFacts(deps, target, signal, true);
    const tookMs = Math.round(deps.clock.monotonicMs() - started);
    const neighbors = await readSessions(deps, target, facts, signal);
    const answers = await ask(deps, target, checks, signal);
    return { outcome: 'Probed', at: deps.clock.now().toISOString(), tookMs, bootId: facts.bootId, neighbors, checks: answers };
  } catch (error) {
    if (!(error instanceof PlumblineError)) throw error;
    return { outcome: 'NotReached', error };
  }
}
