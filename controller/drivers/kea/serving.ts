import type { KeaService, KeaTarget } from '../contract.ts';
import { isMap, type JsonMap } from './answers.ts';
import { ask } from './ask.ts';
import type { KeaDeps } from './deps.ts';
import type { Status } from './identify.ts';
import { askStatus } from './read.ts';

const lookMs = 250;
/** Kept of the time in which Kea still tries to open its sockets: enough to put the old configuration back before it ends. */
const reserveMs = 1_500;
/** How long sockets that Kea goes on to open may stay closed before we call it a fault. */
const patienceMs = 10_000;

export interface Expected {
  config: JsonMap;
  /** As it was before: sockets that were closed then are no fault of the change. */
  before?: { status: Status } | undefined;
  /** Who asks. Default: the one that may change it. */
  account?: 'observe' | 'apply';
}

/**
 * Why a daemon that took a configuration does not serve with it; undefined when it does. Result 0 says little: with service-sockets-require-all Kea
 * ends some seconds later when a socket cannot be opened, and until then another configuration saves it.
 */
export async function seeServing(
  deps: KeaDeps,
  target: KeaTarget,
  service: KeaService,
  { config, before, account = 'apply' }: Expected,
  signal: AbortSignal,
): Promise<string | undefined> {
  const retrying = retryOf(config);
  const endsAtMs =
    deps.clock.monotonicMs() + (retrying.requireAll ? Math.max(0, retrying.forMs - reserveMs) : Math.min(retrying.forMs, patienceMs));
  const wasReady = before === undefined || before.status.sockets === 'ready';
  for (;;) {
    const status = await askStatus(deps, target, service, { account, fresh: true }, signal);
    if (before && status.pid !== before.status.pid) return 'it restarted when it got the configuration';
    if (status.sockets === 'ready' || status.sockets === 'unknown') break;
    const isOver = deps.clock.monotonicMs() >= endsAtMs;
    if ((status.sockets === 'failed' || isOver) && (wasReady || retrying.requireAll)) {
      return `its sockets to clients are ${status.sockets}: ${status.faults.join('; ') || 'it does not say why'}`;
    }
    if (isOver || !wasReady) break;
    await deps.clock.sleep(lookMs, signal).catch(() => undefined);
    if (signal.aborted) break;
  }
  return findDeadLeases(deps, target, service, account, signal);
}

function retryOf(config: JsonMap): { requireAll: boolean; forMs: number } {
  const interfaces = config['interfaces-config'];
  const of = (key: string) => (isMap(interfaces) ? interfaces[key] : undefined);
  const number = (key: string, other: number) => {
    const found = of(key);
    return typeof found === 'number' ? found : other;
  };
  return {
    requireAll: of('service-sockets-require-all') === true,
    forMs: number('service-sockets-max-retries', 0) * number('service-sockets-retry-wait-time', 5_000),
  };
}

/** Why nobody gets a lease though all else looks well; undefined when leases are there, or when no hook can tell. */
export async function findDeadLeases(
  deps: KeaDeps,
  target: KeaTarget,
  service: KeaService,
  account: 'observe' | 'apply',
  signal: AbortSignal,
): Promise<string | undefined> {
  const family = service.slice(-1);
  const questions = [
    { command: `lease${family}-get-page`, arguments: { from: 'start', limit: 1 } },
    { command: `stat-lease${family}-get`, arguments: {} },
  ];
  for (const { command, arguments: args } of questions) {
    const { result, text } = await ask(deps, target, service, command, { account, arguments: args, fresh: true }, signal);
    if (result === 0 || result === 3) return undefined;
    if (result !== 2) return `its leases cannot be reached: ${text}`;
  }
  return undefined;
}
