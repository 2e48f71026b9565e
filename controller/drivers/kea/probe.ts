import { PlumblineError } from '../../lib/index.ts';
import type { Check, CheckAnswer, KeaService, KeaTarget, ProbeResult } from '../contract.ts';
import { errors } from '../errors.ts';
import { runObserver } from './ask-ssh.ts';
import type { KeaDeps } from './deps.ts';
import { findUnanswered } from './exchange.ts';
import { readFacts } from './facts.ts';
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
    const facts = target.ssh && (await readFacts(deps, target, true, signal));
    const statuses: [KeaService, Status][] = [];
    for (const service of target.services) {
      const status = await askStatus(deps, target, service, { account: 'observe', fresh: true }, signal);
      const before = deps.open.ofDevice(target.device)?.before.get(service)?.status;
      const why = judge(status, before) ?? (await findDeadLeases(deps, target, service, 'observe', signal));
      if (why !== undefined) throw errors.NotServing({ device: target.device, service, why });
      statuses.push([service, status]);
    }
    for (const exchange of target.exchange ?? []) {
      // Who stands by answers nobody, and is well.
      if (statuses.some(([service, { pairs }]) => service === exchange.service && pairs.some(({ serves }) => !serves))) continue;
      const why = await findUnanswered(exchange, deps.clock, signal);
      if (why !== undefined) throw errors.NotServing({ device: target.device, service: exchange.service, why });
    }
    const tookMs = Math.round(deps.clock.monotonicMs() - started);
    const bootId = facts?.bootId ?? statuses.map(([service, { pid }]) => `${service}:${pid}`).join(' ');
    return {
      outcome: 'Probed',
      at: deps.clock.now().toISOString(),
      tookMs,
      bootId,
      neighbors: [],
      checks: await Promise.all(checks.map((check) => answer(deps, target, check, signal))),
    };
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

/** There is no command line behind Kea's API; with SSH the observer's wrapper can ping. */
async function answer(deps: KeaDeps, target: KeaTarget, check: Check, signal: AbortSignal): Promise<CheckAnswer> {
  if (check.what === 'show') return { holds: false, why: 'a DHCP server has no show commands' };
  if (!target.ssh) return { holds: false, why: 'a DHCP server behind an API sends no pings' };
  const words = ['ping', check.to, ...(check.from === undefined ? [] : [check.from])];
  if (!words.slice(1).every((word) => /^[0-9A-Fa-f.:]{2,45}$/.test(word)))
    return { holds: false, why: 'it is no plain address, and was not sent' };
  const { rc, stdout } = await runObserver(deps, target, words, { deadlineMs: 15_000, fresh: false }, signal);
  if (rc === 0 && /^ping answered$/m.test(stdout)) return { holds: true };
  return { holds: false, why: rc === 0 ? 'no answer' : `the observer on the device ended with ${rc ?? 'a signal'}` };
}
