import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { Agent, buildConnector } from 'undici';
import { PlumblineError } from '../../lib/index.ts';
import type { Login } from '../contract.ts';
import { errors } from '../errors.ts';

/** Where requests go, and who must answer there. */
export interface HttpEnd {
  device: string;
  /** Without a path. */
  url: string;
  ca?: string;
  serverName?: string;
  certificates?: readonly string[];
}

export interface HttpAnswer {
  status: number;
  body: string;
}

export interface HttpOptions {
  /** What is being done, for the error message. */
  during: string;
  deadlineMs: number;
  /** Over a connection of its own: a proof that one can be made, and no kept one that the other side may just be closing. */
  fresh?: boolean;
  /** A body beyond this many bytes is refused. Default 512 MiB. */
  cap?: number;
}

/** JSON over kept connections, two for each end and account. */
export interface HttpPool {
  /** Throws Unreachable, WrongDevice, AuthFailed or KeyUnusable when nothing was sent; ConnectionLost when the outcome was not seen; OutputTooLarge. */
  post(end: HttpEnd, login: Login, body: string, options: HttpOptions, signal: AbortSignal): Promise<HttpAnswer>;
  close(): Promise<void>;
}

const connectMs = 10_000;
/** The control agent closes idle connections after 30 s; ours go first. */
const keepIdleMs = 15_000;
/** Most servers send a ticket at once; those that do not cost each new connection this long. */
const ticketMs = 250;
const defaultCap = 512 << 20;

export function createHttpPool(): HttpPool {
  const kept = new Map<string, Agent>();
  let isClosed = false;
  return {
    post: async (end, login, body, options, signal) => {
      if (isClosed) throw unreachable(end, 'the driver was closed');
      if (signal.aborted) throw unreachable(end, 'the caller gave up');
      const connection = { wasMade: false };
      if (options.fresh === true) {
        const agent = createAgent(end, login, connection);
        try {
          return await send(agent, end, login, body, options, signal, connection);
        } finally {
          void agent.destroy();
        }
      }
      const key = keyOf(end, login);
      const agent = kept.get(key) ?? createAgent(end, login, {});
      kept.set(key, agent);
      return send(agent, end, login, body, options, signal, {});
    },
    close: async () => {
      isClosed = true;
      await Promise.all([...kept.values()].map((agent) => agent.destroy()));
    },
  };
}

/** A kept connection belongs to one account and one idea of who answers. Secrets are hashed: keys of a map are easily printed. */
function keyOf(end: HttpEnd, login: Login): string {
  const parts = [end.url, end.ca, end.serverName, ...(end.certificates ?? []), login.certificate, login.privateKey?.reveal()];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}

function createAgent(end: HttpEnd, login: Login, connection: { wasMade?: boolean }): Agent {
  const pins = end.certificates ?? [];
  const connect = buildConnector({
    timeout: connectMs,
    // Kea's control agent asks for client certificates, and answers a resumed session with an internal error.
    maxCachedSessions: 0,
    ...(end.ca !== undefined && { ca: end.ca }),
    ...(end.serverName !== undefined && { servername: end.serverName }),
    ...(login.certificate !== undefined && { cert: login.certificate }),
    ...(login.certificate !== undefined && login.privateKey && { key: login.privateKey.reveal() }),
    ...(login.passphrase && { passphrase: login.passphrase.reveal() }),
    // Pinned: the certificate itself is known, whoever signed it and however it is named.
    ...(pins.length > 0 && { rejectUnauthorized: false }),
  });
  return new Agent({
    connections: 2,
    pipelining: 1,
    keepAliveTimeout: keepIdleMs,
    keepAliveMaxTimeout: keepIdleMs,
    connect: (facts, callback) => {
      try {
        connect(facts, (error, socket) => {
          void (async () => {
            if (!socket) return callback(explainConnect(error ?? new Error('no connection'), end, login), null);
            const refusal = await hearRefusal(socket);
            const fault = refusal ? explainConnect(refusal, end, login) : checkPin(socket, end, pins);
            if (fault) {
              socket.destroy();
              return callback(fault, null);
            }
            connection.wasMade = true;
            return callback(null, socket);
          })();
        });
      } catch (error) {
        // Certificate and key are parsed before a connection is made; the message names the form, never the content.
        callback(errors.KeyUnusable({ device: end.device, user: login.user || 'the client certificate', why: wordsOf(error) }), null);
      }
    },
  });
}

/**
 * With TLS 1.3 a client is through with the handshake before the server has seen its certificate. What the server says next is either a session
 * ticket or a refusal, which would be lost once a request is under way.
 */
function hearRefusal(socket: Socket): Promise<Error | undefined> {
  if (!(socket instanceof TLSSocket) || socket.getProtocol() !== 'TLSv1.3') return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const settle = (error?: Error) => {
      clearTimeout(timer);
      socket.off('session', accepted).off('error', settle).off('close', closed);
      resolve(error);
    };
    const accepted = () => settle();
    const closed = () => settle(new Error('the server closed the connection after the handshake'));
    const timer = setTimeout(settle, ticketMs);
    socket.on('session', accepted).on('error', settle).on('close', closed);
  });
}

function checkPin(socket: Socket, end: HttpEnd, pins: readonly string[]): PlumblineError | undefined {
  if (pins.length === 0 || !(socket instanceof TLSSocket)) return undefined;
  const found = fingerprintOf(socket.getPeerCertificate(true).raw);
  return pins.includes(found) ? undefined : wrongDevice(end, pins.join(' or '), found);
}

function fingerprintOf(der: Buffer): string {
  return `SHA256:${createHash('sha256').update(der).digest('base64').replace(/=+$/, '')}`;
}

async function send(
  agent: Agent,
  end: HttpEnd,
  login: Login,
  body: string,
  { during, deadlineMs, cap = defaultCap }: HttpOptions,
  signal: AbortSignal,
  connection: { wasMade?: boolean },
): Promise<HttpAnswer> {
  const limit = AbortSignal.timeout(deadlineMs);
  try {
    const { origin } = new URL(end.url);
    const answer = await agent.request({
      origin,
      path: '/',
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization(login) },
      body,
      signal: AbortSignal.any([signal, limit]),
      headersTimeout: deadlineMs,
      bodyTimeout: deadlineMs,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > cap) throw errors.OutputTooLarge({ device: end.device, limitBytes: cap });
      chunks.push(chunk);
    }
    return { status: answer.statusCode, body: Buffer.concat(chunks).toString('utf8') };
  } catch (error) {
    if (error instanceof PlumblineError) throw error;
    const why = signal.aborted ? 'the caller gave up' : limit.aborted ? `no answer within ${deadlineMs} ms` : wordsOf(error);
    if (refusesCertificate(error)) throw certificateRefused(end, login, error);
    if (connection.wasMade === false) throw unreachable(end, why, error);
    throw errors.ConnectionLost({ device: end.device, during, why }, { cause: error });
  }
}

function authorization({ user, password }: Login): Record<string, string> {
  if (user === '') return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${password?.reveal() ?? ''}`).toString('base64')}` };
}

/** What stopped a connection before a request was sent. */
function explainConnect(error: Error, end: HttpEnd, login: Login): PlumblineError {
  const code = codeOf(error);
  if (refusesCertificate(error)) return certificateRefused(end, login, error);
  if (/CERT|ALTNAME|SIGNATURE|ISSUER/.test(code)) {
    const expected =
      end.ca === undefined ? 'one signed by an authority of this system' : 'one signed by the authority that the Device names';
    return wrongDevice(end, `${expected}, for ${end.serverName ?? new URL(end.url).hostname}`, error.message, error);
  }
  return unreachable(end, error.message, error);
}

/** TLS alerts 41 to 49 and 116 speak of the certificate of whoever gets them; 40 says that no handshake came about, mostly for lack of one. */
function refusesCertificate(error: unknown): boolean {
  return /alert (certificate|bad certificate|unsupported certificate|unknown ca|handshake failure)|alert number (4[0-9]|116)\b|ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE)/i.test(
    `${codeOf(error)} ${wordsOf(error)}`,
  );
}

function certificateRefused({ device }: HttpEnd, { user }: Login, cause: unknown): PlumblineError {
  return errors.AuthFailed(
    { device, user: user || 'nobody', why: 'the server does not accept the client certificate, or was shown none' },
    { cause },
  );
}

function wrongDevice({ device }: HttpEnd, expected: string, found: string, cause?: unknown): PlumblineError {
  return errors.WrongDevice({ device, what: 'its certificate', expected, found }, { cause });
}

function unreachable({ device, url }: HttpEnd, why: string, cause?: unknown): PlumblineError {
  return errors.Unreachable({ device, address: new URL(url).host, why }, { cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || (error.cause instanceof Error ? error.cause.message : error.name);
}
