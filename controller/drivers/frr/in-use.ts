import { PlumblineError } from '../../lib/index.ts';
import type { SshTarget } from '../contract.ts';
import type { InUse, SessionName } from '../questions.ts';
import { errors } from '../errors.ts';
import type { FrrDeps } from './deps.ts';
import { show } from './read.ts';

/** FRR counts its best paths by neighbor itself, so a full table is one small answer. */
export async function countInUse(deps: FrrDeps, target: SshTarget, sessions: readonly SessionName[], signal: AbortSignal): Promise<InUse> {
  try {
    const counts: number[] = [];
    for (const { address, vrf, family } of sessions) {
      const command = `show bgp vrf ${vrf} ${family.replace('-', ' ')} neighbors ${address} prefix-counts json`;
      const count = parseBestSelected(await show(deps, target, command, signal));
      if (count === undefined) throw errors.PartialRead({ device: target.device, why: `\`${command}\` does not count` });
      counts.push(count);
    }
    return { outcome: 'Counted', counts };
  } catch (error) {
    if (!(error instanceof PlumblineError)) throw error;
    return { outcome: 'NotReached', error };
  }
}

/** Undefined when the answer does not tell. */
function parseBestSelected(stdout: string): number | undefined {
  try {
    const { ribTableWalkCounters: counters } = JSON.parse(stdout) as { ribTableWalkCounters?: Record<string, unknown> };
    const count = counters?.['PfxCt Best Selected'];
    return typeof count === 'number' ? count : undefined;
  } catch {
    return undefined;
  }
}
