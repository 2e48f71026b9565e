import { randomBytes } from 'node:crypto';
import { type Clock, PlumblineError, Secret } from '../../lib/index.ts';
import type { Login, SshTarget } from '../contract.ts';
import { errors } from '../errors.ts';
import { createSlots } from './slots.ts';
import { type Answer, connectSsh, type ExecOptions, execSsh, type SshConnection } from './ssh-connection.ts';

/** Commands over pooled connections: one per device and account, reused until it breaks or lies idle. */
export interface SshPool {
  /** Throws PlumblineError: see `connectSsh` and `execSsh`. `fresh` proves that a new login works, and ignores back-off. */
  exec(target: SshTarget, login: Login, command: string, options: PoolExecOptions, signal: AbortSignal): Promise<Answered>;
  /**
   * Does work that consists of several commands on one connection. Without it a full pool gives the connection away between two of them.
   * Throws what `work` throws, and what `connectSsh` throws before it began.
   */
  keep<Result>(target: SshTarget, login: Login, work: () => Promise<Result>, signal: AbortSignal): Promise<Result>;
  close(): Promise<void>;
}

export interface PoolExecOptions extends ExecOptions {
  fresh?: boolean;
}

export interface Answered extends Answer {
  hostKey: string;
}

export interface PoolOptions {
  clock: Clock;
  /** Open connections at one time; the next caller waits. Default 64. */
  maxOpen?: number;
  /** Time to connect and log in. Default 10 000. */
  connectMs?: number;
  /** How long one waits for a place among the open connections: nobody waits for ever. Default 120 000. */
  placeMs?: number;
  /** An unused connection is closed after this. Default 60 000. */
  idleMs?: number;
  /** Longest pause between attempts to reach a device that does not answer; the first is 1 s. Default 60 000. */
  maxBackoffMs?: number;
  /** This many devices that refuse a login in a row stop all logins for `loginPauseMs` (5 min). Default 5. */
  refusalsToStop?: number;
  loginPauseMs?: number;
}

interface Entry {
  connection: SshConnection;
  users: number;
  /** Closed as soon as nobody uses it: a newer login took its place. */
  retired: boolean;
  idle?: NodeJS.Timeout;
}

interface Failure {
  error: PlumblineError;
  again: number;
  pauseMs: number;
}

export function createSshPool(options: PoolOptions): SshPool {
  const {
    clock,
    maxOpen = 64,
    connectMs = 10_000,
    placeMs = 120_000,
    idleMs = 60_000,
    maxBackoffMs = 60_000,
    refusalsToStop = 5,
    loginPauseMs = 300_000,
  } = options;
  const open = new Set<Entry>();
  /** On their way out: each will give its slot to one who waits. */
  let closing = 0;
  const shared = new Map<string, Promise<Entry>>();
  const failures = new Map<string, Failure>();
  const slots = createSlots(maxOpen);
  const refusing = new Set<string>();
  const ofThisPool = new Secret(randomBytes(32).toString('hex'));
  let loginsStoppedUntil = 0;
  let closed = false;

  /** A connection that counts its maker as its user: whoever makes room must not take it for idle before it was used. */
  async function connect(target: SshTarget, login: Login, signal: AbortSignal): Promise<Entry> {
    if (slots.isFull()) closeFor([...open].find((entry) => entry.users === 0 && entry.connection.isOpen()));
    if (!(await slots.take(AbortSignal.any([signal, AbortSignal.timeout(placeMs)])))) {
      throw errors.Unreachable({ device: target.device, address: target.address, why: 'no free connection in time' });
    }
    try {
      const connection = await connectSsh(target, login, connectMs, signal);
      refusing.clear();
      const entry: Entry = { connection, users: 1, retired: false };
      open.add(entry);
      connection.client.once('close', () => {
        open.delete(entry);
        clearTimeout(entry.idle);
        slots.give();
      });
      connection.client.on('error', () => undefined); // after login: the close that follows tells the callers
      return entry;
    } catch (error) {
      slots.give();
      throw error;
    }
  }

  /** A connection that counts one more user. */
  async function acquire(target: SshTarget, login: Login, fresh: boolean, signal: AbortSignal): Promise<Entry> {
    if (closed) throw errors.Unreachable({ device: target.device, address: target.address, why: 'the driver is closed' });
    const key = keyOf(target, login, ofThisPool);
    const entry = fresh ? replace(key, await connect(target, login, signal)) : await share(key, target, login, signal);
    if (!entry.connection.isOpen()) return acquire(target, login, fresh, signal);
    clearTimeout(entry.idle);
    return entry;
  }

  /** The connection everybody uses, with one more user. Whoever comes while it is being made waits for the same one. */
  async function share(key: string, target: SshTarget, login: Login, signal: AbortSignal): Promise<Entry> {
    const known = shared.get(key);
    if (known) {
      const entry = await known.catch(() => undefined);
      if (entry?.connection.isOpen()) {
        entry.users++;
        return entry;
      }
      if (shared.get(key) === known) shared.delete(key);
      return share(key, target, login, signal);
    }
    checkBackoff(key, target, login);
    const attempt = connect(target, login, signal);
    shared.set(key, attempt);
    try {
      const entry = await attempt;
      forgetWhenClosed(key, attempt, entry);
      failures.delete(key);
      return entry;
    } catch (error) {
      if (shared.get(key) === attempt) shared.delete(key);
      if (error instanceof PlumblineError && !signal.aborted) remember(key, target, error);
      throw error;
    }
  }

  /** A closed connection keeps its buffers as long as somebody knows it: with thousands of devices that is most of the memory. */
  function forgetWhenClosed(key: string, made: Promise<Entry>, { connection }: Entry): void {
    const forget = () => {
      if (shared.get(key) === made) shared.delete(key);
    };
    if (connection.isOpen()) connection.client.once('close', forget);
    else forget();
  }

  /**
   * A new login that works serves everybody from now on; the old connection ends with its last user. One that is only being made is not
   * waited for: it may wait for a free place itself, and this one holds one.
   */
  function replace(key: string, entry: Entry): Entry {
    const retire = (old: Entry) => {
      old.retired = true;
      if (old.users === 0) old.connection.close();
    };
    shared.get(key)?.then(retire, () => undefined);
    const made = Promise.resolve(entry);
    shared.set(key, made);
    forgetWhenClosed(key, made, entry);
    failures.delete(key);
    return entry;
  }

  /** A device that did not answer is left alone for a while, twice as long each time. */
  function remember(key: string, target: SshTarget, error: PlumblineError): void {
    const pauseMs = Math.min(maxBackoffMs, (failures.get(key)?.pauseMs ?? 500) * 2);
    failures.set(key, { error, pauseMs, again: clock.monotonicMs() + pauseMs });
    if (error.code !== 'AuthFailed') return;
    refusing.add(target.device);
    if (refusing.size >= refusalsToStop) loginsStoppedUntil = clock.monotonicMs() + loginPauseMs;
  }

  function checkBackoff(key: string, target: SshTarget, login: Login): void {
    const now = clock.monotonicMs();
    if (now < loginsStoppedUntil) {
      throw errors.AuthFailed({
        device: target.device,
        user: login.user,
        why: `not tried: ${refusing.size} devices in a row refused a login`,
      });
    }
    const failure = failures.get(key);
    if (failure && now < failure.again) throw failure.error;
  }

  /** Makes room for one who waits. */
  function closeFor(entry: Entry | undefined): void {
    if (!entry?.connection.isOpen()) return;
    closing++;
    entry.connection.client.once('close', () => closing--);
    entry.connection.drop();
  }

  function release(entry: Entry): void {
    entry.users--;
    if (entry.users > 0) return;
    if (entry.retired || closed) {
      entry.connection.close();
      return;
    }
    // Only when nobody else makes room already: a read in the middle would have to log in anew for its next command.
    if (slots.awaited() > closing) {
      closeFor(entry);
      return;
    }
    entry.idle = setTimeout(() => entry.connection.close(), idleMs);
    entry.idle.unref();
  }

  return {
    exec: async (target, login, command, execOptions, signal) => {
      if (/\p{Cc}/u.test(command)) throw errors.UnsafeCommand({ device: target.device, command: JSON.stringify(command.slice(0, 80)) });
      const entry = await acquire(target, login, execOptions.fresh ?? false, signal);
      try {
        return { ...(await execSsh(entry.connection, target, command, execOptions, signal)), hostKey: entry.connection.hostKey };
      } finally {
        release(entry);
      }
    },
    keep: async (target, login, work, signal) => {
      const entry = await acquire(target, login, false, signal);
      try {
        return await work();
      } finally {
        release(entry);
      }
    },
    close: async () => {
      closed = true;
      const ended = [...open].map(
        (entry) =>
          new Promise<void>((resolve) => {
            entry.connection.client.once('close', () => resolve());
            entry.connection.close();
          }),
      );
      await Promise.all(ended);
    },
  };
}

/**
 * Also the pins and the credentials: a connection that was accepted under other pins is not reused, and none that another key has opened,
 * which may have other rights under the same name, or may have been taken back.
 */
function keyOf(target: SshTarget, login: Login, ofThisPool: Secret): string {
  const credentials = [login.privateKey, login.passphrase, login.password].map((secret) => secret?.version(ofThisPool) ?? null);
  return JSON.stringify([target.address, target.port ?? 22, login.user, credentials, target.hostKeys, target.legacyAlgorithms ?? false]);
}
