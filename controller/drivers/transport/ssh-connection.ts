import { createHash } from 'node:crypto';
import ssh2, { type Client, type ClientChannel, type ConnectConfig, type ServerHostKeyAlgorithm } from 'ssh2';
import type { PlumblineError } from '../../lib/index.ts';
import type { Login, SshTarget } from '../contract.ts';
import { errors } from '../errors.ts';

/** One authenticated connection to one device as one account. */
export interface SshConnection {
  readonly client: Client;
  /** `SHA256:…` of the key that answered; it is one of the pinned ones. */
  readonly hostKey: string;
  isOpen(): boolean;
  close(): void;
  /** Ends it without waiting for a word of the other side. */
  drop(): void;
}

const hostKeyTypes: ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** What OpenSSH has retired; devices of that age need it, so a Device can opt in. */
const legacy: NonNullable<ConnectConfig['algorithms']> = {
  kex: {
    append: ['diffie-hellman-group-exchange-sha1', 'diffie-hellman-group14-sha1', 'diffie-hellman-group1-sha1'],
    prepend: [],
    remove: [],
  },
  cipher: { append: ['aes256-cbc', 'aes128-cbc', '3des-cbc'], prepend: [], remove: [] },
  serverHostKey: [...hostKeyTypes, 'ssh-rsa', 'ssh-dss'],
};

/** Connects and logs in. Throws Unreachable, AuthFailed, KeyUnusable or WrongDevice; nothing was sent then. */
export function connectSsh(target: SshTarget, login: Login, connectMs: number, signal: AbortSignal): Promise<SshConnection> {
  const client = new ssh2.Client();
  let offered = '';
  let open = false;
  return new Promise<SshConnection>((resolve, reject) => {
    const fail = (error: PlumblineError) => {
      client.destroy();
      reject(error);
    };
    const abort = () => fail(unreachable(target, 'the caller gave up'));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    client
      .on('ready', () => {
        open = true;
        signal.removeEventListener('abort', abort);
        resolve({
          client,
          hostKey: offered,
          isOpen: () => open,
          close: () => {
            open = false; // at once: nobody may pick it up while it says good-bye
            client.end();
          },
          drop: () => {
            open = false;
            client.destroy();
          },
        });
      })
      .on('error', (error) => {
        open = false;
        fail(explain(error, target, login, offered));
      })
      .on('close', () => {
        open = false;
        signal.removeEventListener('abort', abort);
        fail(unreachable(target, 'the connection was closed during login'));
      });
    try {
      client.connect({
        ...credentials(login),
        ...options(target, connectMs),
        hostVerifier: (key: Buffer) => (offered = fingerprint(key)) !== '' && target.hostKeys.includes(offered),
      });
      client.setNoDelay(true); // else each of the many small packets of a read waits for the acknowledgement of the one before
    } catch (error) {
      // ssh2 parses the key before it connects; its message names the format, never the content.
      fail(errors.KeyUnusable({ device: target.device, user: login.user, why: describeKeyFault(error) }));
    }
    return undefined;
  });
}

function describeKeyFault(error: unknown): string {
  const words = error instanceof Error ? error.message.replace(/^Cannot parse privateKey: /, '') : '';
  return words === '' ? 'unknown form' : words.charAt(0).toLowerCase() + words.slice(1);
}

function options(target: SshTarget, connectMs: number): ConnectConfig {
  return {
    host: target.address,
    port: target.port ?? 22,
    readyTimeout: connectMs,
    keepaliveInterval: 5_000, // a cut link is seen after 15 s, not after the kernel's quarter of an hour
    keepaliveCountMax: 3,
    algorithms: target.legacyAlgorithms === true ? legacy : { serverHostKey: hostKeyTypes },
  };
}

function credentials(login: Login): ConnectConfig {
  return {
    username: login.user,
    ...(login.privateKey ? { privateKey: login.privateKey.reveal() } : {}),
    ...(login.passphrase ? { passphrase: login.passphrase.reveal() } : {}),
    ...(login.password ? { password: login.password.reveal() } : {}),
  };
}

function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function explain(error: Error & { level?: string }, target: SshTarget, login: Login, offered: string): PlumblineError {
  if (offered !== '' && !target.hostKeys.includes(offered)) {
    return errors.WrongDevice({
      device: target.device,
      what: 'its host key',
      expected: target.hostKeys.join(' or ') || 'a pinned key (none is written in the Device)',
      found: offered,
    });
  }
  if (error.level === 'client-authentication') {
    return errors.AuthFailed(
      { device: target.device, user: login.user, why: 'the device accepts none of the offered credentials' },
      { cause: error },
    );
  }
  return unreachable(target, error.message, error);
}

function unreachable(target: SshTarget, why: string, cause?: unknown): PlumblineError {
  return errors.Unreachable({ device: target.device, address: `${target.address}:${target.port ?? 22}`, why }, { cause });
}

/** What a program on the device said. `rc` is absent when a signal ended it. */
export interface Answer {
  rc: number | undefined;
  stdout: string;
  stderr: string;
}

export interface ExecOptions {
  /** What is being done, for the error message. */
  during: string;
  deadlineMs: number;
  input?: string;
  /** Called once, when standard output first contains `marker`; what it gives is sent as the end of the input. */
  dialog?: { marker: string; answer: (stdout: string) => string };
  /** Standard output beyond this many bytes ends the command. Default 64 MiB. */
  stdoutCap?: number;
}

/**
 * Runs one command. Throws Unreachable when it was certainly not begun, ConnectionLost when its outcome was not seen,
 * UnsafeCommand and OutputTooLarge.
 */
export function execSsh(
  connection: SshConnection,
  target: SshTarget,
  command: string,
  options: ExecOptions,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    let channel: ClientChannel | undefined;
    let settled = false;
    const settle = (finish: () => void) => {
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      connection.client.removeListener('close', closed);
      finish();
    };
    const lose = (why: string) =>
      settle(() => {
        channel?.close();
        // Also before the device answered the request: it may have begun.
        reject(errors.ConnectionLost({ device: target.device, during: options.during, why }));
      });
    const timer = setTimeout(() => lose(`no answer within ${options.deadlineMs} ms`), options.deadlineMs);
    const abort = () => lose('the caller gave up');
    const closed = () => lose('the connection was closed');
    if (signal.aborted || !connection.isOpen())
      return settle(() => reject(unreachable(target, signal.aborted ? 'the caller gave up' : 'the connection was closed')));
    signal.addEventListener('abort', abort, { once: true });
    connection.client.once('close', closed);
    connection.client.exec(command, (error, stream) => {
      // Answered after we gave up: whoever waits for the input gets none, and nothing begins that is called lost already.
      if (settled) return stream?.close();
      if (error) return settle(() => reject(unreachable(target, error.message, error)));
      channel = stream;
      collect(stream, options, {
        done: (answer) => settle(() => resolve(answer)),
        cut: () => lose('the device ended the channel without a result'),
        tooLarge: (limitBytes) =>
          settle(() => {
            stream.close();
            reject(errors.OutputTooLarge({ device: target.device, limitBytes }));
          }),
      });
    });
    return undefined;
  });
}

interface Ends {
  done: (answer: Answer) => void;
  cut: () => void;
  tooLarge: (limitBytes: number) => void;
}

function collect(stream: ClientChannel, options: ExecOptions, ends: Ends): void {
  const cap = options.stdoutCap ?? 64 << 20;
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  let size = 0;
  let rc: number | undefined;
  let exited = false;
  let answered = options.dialog === undefined;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > cap) return ends.tooLarge(cap);
    out.push(chunk);
    if (answered || !options.dialog) return undefined;
    const stdout = Buffer.concat(out).toString('utf8');
    if (!stdout.includes(options.dialog.marker)) return undefined;
    answered = true;
    stream.end(options.dialog.answer(stdout));
    return undefined;
  });
  stream.stderr.on('data', (chunk: Buffer) => {
    if (err.length < 64) err.push(chunk);
  });
  stream.on('exit', (code: number | null) => {
    exited = true;
    rc = code ?? undefined;
  });
  stream.on('error', () => undefined); // EPIPE of a program that does not read its input; the close that follows says how it ended
  stream.on('close', () => {
    if (!exited) return ends.cut();
    return ends.done({ rc, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') });
  });
  if (options.dialog === undefined) stream.end(options.input ?? '');
}
