import type { CorridorOptions } from '../../pipeline/index.ts';
import type { Clock } from '../../lib/index.ts';

/** For the corridor of an operator: its own guard knows every device and lets one through now and then, so the pool needs none. */
export const operatorPool: NonNullable<CorridorOptions['pool']> = { refusalsToStop: Number.POSITIVE_INFINITY };

/** How the login at a device went. `unknown`: nobody answered, so nothing is known about the account. */
export type LoginEnd = 'accepted' | 'refused' | 'unknown';

/** A login that may be tried now. */
export interface Trial {
  /** Tells once how it went. True when the guard closed or opened by it. */
  end(login: LoginEnd): boolean;
}

/**
 * Stops all logins of an account when device after device refuses it: a wrong password sent to a thousand routers locks the account on all
 * of them. One device is let through now and then, so that the guard opens by itself when the account works again.
 */
export interface LoginGuard {
  /**
   * Undefined: the device must not be asked now. While nobody was let in lately, or somebody was refused since, no more are tried at once than may
   * refuse in a row: the others wait for an answer. Rejects when the signal aborts.
   */
  admit(device: string, signal: AbortSignal): Promise<Trial | undefined>;
  /** True while logins are stopped. */
  closed(): boolean;
  /** Devices that refused in a row, up to the limit: what is said of it does not change with every trial. */
  count(): number;
}

/** One guard per account: that one is let in says nothing about the other. */
export interface LoginGuards {
  of(account: string): LoginGuard;
  /** True while the logins of any account are stopped. */
  closed(): boolean;
}

export interface LoginLimits {
  /** So many different devices in a row that refuse close the guard. */
  limit: () => number;
  /** Between two trials while it is closed. */
  retryMs: number;
  clock: Clock;
}

/** Whoever has not answered after this time is dead rather than about to refuse: a dark site must not keep the others waiting. */
const answersWithinMs = 3000;
/** That somebody was let in says little about a password that was changed since. */
const proofHoldsMs = 10_000;

export function createLoginGuards(limits: LoginLimits): LoginGuards {
  const known = new Map<string, LoginGuard>();
  return {
    of: (account) => {
      const guard = known.get(account) ?? createLoginGuard(limits);
      known.set(account, guard);
      return guard;
    },
    closed: () => known.values().some((guard) => guard.closed()),
  };
}

export function createLoginGuard({ limit, retryMs, clock }: LoginLimits): LoginGuard {
  const refusing = new Set<string>();
  const trials = new Set<{ began: number }>();
  let nextTrial = 0;
  let provenUntil = 0;
  let answered = Promise.withResolvers<void>();
  const closed = () => refusing.size >= limit();
  /** When the trials began that may still be refused. */
  const awaited = () => [...trials].map(({ began }) => began).filter((began) => clock.monotonicMs() - began < answersWithinMs);

  const isProven = () => clock.monotonicMs() < provenUntil;
  const mustWait = () => !closed() && !isProven() && awaited().length + refusing.size >= limit();

  /** Until somebody answers, or the oldest trial is taken for dead. */
  const waitForAnswer = async (signal: AbortSignal) => {
    const enough = new AbortController();
    const ms = Math.min(...awaited()) + answersWithinMs - clock.monotonicMs();
    const isDead = clock.sleep(ms, AbortSignal.any([signal, enough.signal]));
    await Promise.race([answered.promise, isDead]).finally(() => enough.abort());
  };
  const endOf = (device: string, trial: { began: number }) => (login: LoginEnd) => {
    const before = closed();
    trials.delete(trial);
    if (login === 'refused') {
      refusing.add(device);
      provenUntil = 0;
    } else if (login === 'accepted') {
      refusing.clear();
      provenUntil = clock.monotonicMs() + proofHoldsMs;
    }
    if (!before && closed()) nextTrial = clock.monotonicMs() + retryMs;
    answered.resolve();
    answered = Promise.withResolvers();
    return before !== closed();
  };
  return {
    closed,
    count: () => Math.min(refusing.size, limit()),
    admit: async (device, signal) => {
      while (mustWait()) await waitForAnswer(signal);
      if (closed()) {
        if (clock.monotonicMs() < nextTrial) return undefined;
        nextTrial = clock.monotonicMs() + retryMs;
      }
      const trial = { began: clock.monotonicMs() };
      trials.add(trial);
      return { end: endOf(device, trial) };
    },
  };
}
