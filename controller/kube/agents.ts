import type { Socket } from 'node:net';
import { Agent, buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { Credentials } from './credentials.ts';

/** The API server closes idle connections after 90 s; ours go first, so that no request meets a closing one. */
const keepIdleMs = 55_000;
/** Load balancers drop what is silent for 60 s. */
const tcpKeepAliveMs = 30_000;

/** One agent, until CA, client certificate or proxy change: then another, and the old one ends when its last answer does. */
export function createAgents(
  connections: number,
  beforeWrite?: () => void,
): { of(known: Credentials): Dispatcher; close(): Promise<void> } {
  let current: { dispatcher: Dispatcher; digest: string } | undefined;
  return {
    of: (known) => {
      if (current?.digest !== known.tlsDigest) {
        void current?.dispatcher.close().catch(() => undefined);
        current = { dispatcher: createAgent(known, connections, beforeWrite), digest: known.tlsDigest };
      }
      return current.dispatcher;
    },
    close: async () => await current?.dispatcher.destroy(),
  };
}

function createAgent(known: Credentials, connections: number, beforeWrite?: () => void): Dispatcher {
  // HTTP/1.1: a request is then one write, which can be checked and timed (see guardSocket), and a slow watch holds up nobody.
  const kept = { connections, keepAliveTimeout: keepIdleMs, keepAliveMaxTimeout: keepIdleMs, allowH2: false };
  const tls = { ...known.tls, allowH2: false, keepAlive: true, keepAliveInitialDelay: tcpKeepAliveMs };
  const guarded = (connect: buildConnector.connector): buildConnector.connector =>
    beforeWrite
      ? (facts, callback) =>
          connect(facts, (error, socket) => (error ? callback(error, null) : callback(null, guardSocket(socket, beforeWrite))))
      : connect;
  if (known.proxy === undefined) return new Agent({ ...kept, connect: guarded(buildConnector(tls)) });
  return new ProxyAgent({
    ...kept,
    uri: known.proxy,
    requestTls: tls,
    // What it connects to is the server behind the proxy: the agent has made the tunnel by then.
    factory: (origin, options) => {
      const { connect, ...rest } = options as Pool.Options & { connect: buildConnector.connector };
      return new Pool(origin, { ...kept, ...rest, connect: guarded(connect) });
    },
  });
}

/**
 * Asks again at the very moment the first bytes of a writing request go out: it may have waited for a connection, or the process may have
 * been stopped since it was asked for. A head is the only text that undici writes; bodies are bytes. What remains are the microseconds
 * until the kernel has them: nobody can ask and send in one.
 */
function guardSocket<S extends Socket>(socket: S, beforeWrite: () => void): S {
  const [one, many] = [socket._write.bind(socket), socket._writev?.bind(socket)];
  const check = (chunk: unknown) => {
    if (typeof chunk === 'string' && !chunk.startsWith('GET ')) beforeWrite();
  };
  socket._write = (chunk, encoding, callback) => {
    check(chunk);
    one(chunk, encoding, callback);
  };
  if (many) {
    socket._writev = (chunks, callback) => {
      for (const { chunk } of chunks) check(chunk);
      many(chunks, callback);
    };
  }
  return socket;
}
