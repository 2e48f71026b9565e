import { randomUUID } from 'node:crypto';
import type { Registry } from 'prom-client';
import { type Clock, type Log, silentLog, systemClock } from '../lib/index.ts';
import { isApiError } from './api-error.ts';
import type { KubeClient } from './client.ts';
import { errors } from './errors.ts';
import { type LeaseRecord, leasesIn, microTime, recordOf } from './lease-record.ts';
import { metrics } from './metrics.ts';
import type { KubeObject } from './object.ts';

export interface LeaseOptions {
  /** One of its own: renewing must not wait behind other calls. */
  client: KubeClient;
  namespace: string;
  name: string;
  /** Which process, for people: the pod's name. A part that nobody else has is added. */
  holder: string;
  /** Others wait so long after the last renewal they saw. Default 15 s. */
  durationMs?: number;
  /** Without a renewal for so long the lease counts as lost. Default 10 s; less than `durationMs`, the difference is the safety. */
  renewDeadlineMs?: number;
  /** Between two tries. Default 2 s. */
  retryMs?: number;
  clock?: Clock;
  log?: Log;
  registry?: Registry;
  random?: () => number;
}

/** Leader election: one of many processes leads. */
export interface Lease {
  /** As it stands in the lease. */
  readonly identity: string;
  /** Resolves once this process leads; rejects with the signal's reason. */
  acquire(signal: AbortSignal): Promise<Leadership>;
}

/** The time in which this process leads. It ends once, for good. */
export interface Leadership {
  /** Aborts with `LeaseLost`: another leads, or may. */
  readonly lost: AbortSignal;
  /**
   * Throws `LeaseLost` unless the lease is surely ours now; `lost` is aborted first. Looks at the clock, not at a timer: a process that was
   * stopped learns it here, before its timers run. Called before each write (`beforeWrite` of the client).
   */
  check(): void;
  /** How often the lease changed hands: rises with each leader. */
  readonly transitions: number;
  /** Ends it and lets others lead at once. Never rejects. */
  release(): Promise<void>;
}

export function createLease(options: LeaseOptions): Lease {
  const { client, namespace, name, durationMs = 15_000, renewDeadlineMs = 10_000, retryMs = 2_000 } = options;
  const { clock = systemClock, random = Math.random } = options;
  const log = (options.log ?? silentLog).child({ lease: `${namespace}/${name}` });
  const counters = metrics.on(options.registry);
  const resource = leasesIn(namespace);
  const identity = `${options.holder}_${randomUUID()}`;
  counters.leader_election_master_status.set({ name }, 0);

  const recordNow = (before: LeaseRecord | undefined): LeaseRecord => {
    const now = microTime(clock.now());
    const isOurs = before?.holderIdentity === identity;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(durationMs / 1000),
      acquireTime: isOurs ? before.acquireTime : now,
      renewTime: now,
      leaseTransitions: before ? before.leaseTransitions + (isOurs ? 0 : 1) : 0,
    };
  };

  const write = async (found: KubeObject | undefined, record: LeaseRecord, call: { signal?: AbortSignal; deadlineMs: number }) =>
    found
      ? await client.update(resource, { ...found, spec: { ...(found.spec as object), ...record } }, call)
      : await client.create(resource, { metadata: { name, namespace }, spec: record }, call);

  const read = async (call: { signal?: AbortSignal; deadlineMs: number }): Promise<KubeObject | undefined> => {
    try {
      return await client.get(resource, name, call);
    } catch (error) {
      if (isApiError(error, 'notFound')) return undefined;
      throw error;
    }
  };

  /** Renews until the lease is lost or released. `renewedAt` is when the last good renewal was sent: what came back late counts from there. */
  const hold = (first: KubeObject, firstSentAt: number): Leadership => {
    const lost = new AbortController();
    let renewedAt = firstSentAt;
    let current: KubeObject | undefined = first;
    counters.leader_election_master_status.set({ name }, 1);

    const lose = (why: string) => {
      if (lost.signal.aborted) return;
      counters.leader_election_master_status.set({ name }, 0);
      log.warn({ identity, why }, 'Lease ended');
      lost.abort(errors.LeaseLost({ name: `${namespace}/${name}`, why }));
    };
    const check = () => {
      const sinceMs = clock.monotonicMs() - renewedAt;
      if (sinceMs >= renewDeadlineMs) lose(`not renewed for ${Math.round(sinceMs / 1000)} s`);
      lost.signal.throwIfAborted();
    };

    /** Whether the lease is renewed. */
    const renew = async (): Promise<boolean> => {
      const sentAt = clock.monotonicMs();
      const call = { signal: lost.signal, deadlineMs: Math.min(renewDeadlineMs / 2, renewedAt + renewDeadlineMs - sentAt) };
      try {
        current = await write(current, recordNow(current ? recordOf(current) : undefined), call);
        renewedAt = sentAt;
        return true;
      } catch (error) {
        if (lost.signal.aborted) return false;
        counters.leader_election_slowpath_total.inc({ name });
        log.warn({ err: error }, 'Could not renew the lease');
        if (!isApiError(error, 'conflict', 'alreadyExists', 'notFound', 'timeout', 'unreachable')) return false;
        // Somebody else wrote it, or our own write got through unseen: look who holds it.
        const found = await read(call);
        const holder = found ? recordOf(found).holderIdentity : identity;
        if (holder !== identity) lose(`${holder || 'nobody'} holds it`);
        current = found;
        return false;
      }
    };
    const keepRenewing = async () => {
      for (let isRenewed = true; ; ) {
        await clock.sleep(isRenewed ? retryMs : retryMs / 2, lost.signal);
        check();
        isRenewed = await renew().catch(() => false); // the deadline decides
        check();
      }
    };
    const watchDeadline = async () => {
      for (;;) {
        await clock.sleep(renewedAt + renewDeadlineMs - clock.monotonicMs(), lost.signal);
        check();
      }
    };
    const ended = Promise.allSettled([keepRenewing(), watchDeadline()]);

    return {
      lost: lost.signal,
      check,
      transitions: recordOf(first).leaseTransitions,
      release: async () => {
        if (!lost.signal.aborted) {
          lose('released');
          await ended;
          // A write of ours may have moved it since: what stands there now is what is released, if it is ours.
          try {
            const found = await read({ deadlineMs: 5_000 });
            if (found && recordOf(found).holderIdentity === identity) {
              await write(found, { ...recordNow(recordOf(found)), holderIdentity: '', leaseDurationSeconds: 1 }, { deadlineMs: 5_000 });
            }
          } catch (error) {
            log.warn({ err: error }, 'Could not release the lease: others take it when it expires');
          }
        }
        await ended;
      },
    };
  };

  return {
    identity,
    acquire: async (signal) => {
      // Expiry by our own clock, from when we saw the record change: the holder's clock may be anywhere.
      let seen: { record: string; at: number } | undefined;

      const attempt = async (): Promise<Leadership | { waitMs: number }> => {
        const call = { signal, deadlineMs: renewDeadlineMs / 2 };
        const found = await read(call);
        const record = found && recordOf(found);
        const sentAt = clock.monotonicMs();
        if (record && record.holderIdentity !== '' && record.holderIdentity !== identity) {
          const text = JSON.stringify(record);
          if (seen?.record !== text) seen = { record: text, at: sentAt };
          const expiresAt = seen.at + (record.leaseDurationSeconds > 0 ? record.leaseDurationSeconds * 1000 : durationMs);
          if (sentAt < expiresAt) return { waitMs: expiresAt - sentAt };
        }
        const taken = await write(found, recordNow(record), call);
        const lateMs = clock.monotonicMs() - sentAt;
        if (lateMs >= renewDeadlineMs) return { waitMs: 0 }; // stopped in between: what we got may be another's by now
        return hold(taken, sentAt);
      };

      for (;;) {
        let waitMs = retryMs;
        try {
          const answer = await attempt();
          if ('lost' in answer) {
            log.info({ identity, transitions: answer.transitions }, 'Lease taken');
            return answer;
          }
          waitMs = Math.min(waitMs, answer.waitMs);
        } catch (error) {
          signal.throwIfAborted();
          if (!isApiError(error, 'conflict', 'alreadyExists')) log.warn({ err: error }, 'Could not look at the lease');
        }
        // A fifth of jitter: contenders must not all come at the moment it expires.
        await clock.sleep(waitMs + (random() * retryMs) / 5, signal).catch(() => signal.throwIfAborted());
      }
    },
  };
}
