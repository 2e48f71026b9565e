import { PlumblineError } from '../../lib/index.ts';
import type { Check, CheckAnswer, KeaService, KeaTarget, ProbeResult } from '../contract.ts';
import { errors } from '../errors.ts';
import type { KeaDeps } from './deps.ts';
import { findUnanswered } from './exchange.ts';
import type { Status } from './identify.ts';
import { askStatus } from './read.ts';
import { findDeadLeases } from './serving.ts';

/** States of a pair in which this end does what it is there for. */
const wellInPair: ReadonlySet<string> = new Set([
  'hot-standby',
  'load-balancing',
  'partner-down',
  'passive-backup',
  'backup',
  'in-maintenance',
  'partner-in-maintenance',
  'communication-recovery',
]);

/** Proof of life over new connections: every daemon answers, listens to its clients, reaches its leases, and gives an address where one can be asked for. */
export async function probe(deps: KeaDeps, target: KeaTarget, signal: AbortSignal, checks: readonly Check[] = []): Promise<ProbeResult> {
  const started = deps.clock.monotonicMs();
  try {
    const statuses: [KeaService, Status][] = [];
    for (const service of target.services) {
      const status = await askStatus(deps, target, service, { account: 'observe', fresh: true }, signal);
      const before = deps.open.ofDevice(target.device)?.before.get(service)?.status;
      const why = judge(status, before) ?? (await findDeadLeases(deps, target, service, 'observe', signal));
      if (why !== undefined) throw errors.NotServing({ device: target.device, service, why });
      statuses.push([service, status]);
    }
    for (const exchange of target.exchange ?? []) {
      const why = await findUnanswered(exchange, deps.clock, signal);
      if (why !== undefined) throw errors.NotServing({ device: target.device, service: exchange.service, why });
    }
    const tookMs = Math.round(deps.clock.monotonicMs() - started);
    const bootId = statuses.map(([service, { pid }]) => `${service}:${pid}`).join(' ');
    return { outcome: 'Probed', at: deps.clock.now().toISOString(), tookMs, bootId, neighbors: [], checks: checks.map(decline) };
  } catch (error) {
    if (!(error instanceof PlumblineError)) throw error;
    return { outcome: 'NotReached', error };
  }
}

/** Why a daemon that answers is not well. Sockets that were closed before a change are no fault of it. */
function judge({ pid, sockets, faults, pairs }: Status, before: Status | undefined): string | undefined {
  if (before && before.pid !== pid) return 'it restarted since the change was armed';
  const isWorse = before === undefined || before.sockets === 'ready';
  if (isWorse && (sockets === 'failed' || sockets === 'retrying'))
    return `its sockets to clients are ${sockets}: ${faults.join('; ') || 'it does not say why'}`;
  const unwell = pairs.find(({ local }) => !wellInPair.has(local));
  return unwell && `in its pair it is ${unwell.local || 'in no state'}, its partner ${unwell.remote || 'not known'}`;
}

/** There is no command line behind Kea's API. */
function decline(check: Check): CheckAnswer {
  return { holds: false, why: `a DHCP server behind an API answers no ${check.what}` };
}
