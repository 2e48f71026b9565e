import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ask, type KeaAnswer } from '../../lab/kea/socket.ts';
import type { JsonMap, ServerFacts, Service } from '../../lab/kea/index.ts';

/**
 * What Kea 2.7.2 and newer does itself, in front of a daemon that cannot: HTTP of its own, replies in an array, faults of the request in a bare map,
 * and the digest of its configuration, which it does not take back. Everything else is the real daemon's answer.
 */
export interface Direct {
  url: string;
  /** Commands that came, in their order. */
  heard: string[];
  /** Called when a command was answered, before the answer leaves. */
  onAnswered: (command: string) => Promise<void>;
  close(): Promise<void>;
}

/** `tls`: certificate and key in PEM, of a server that is asked over TLS. */
export async function openDirect(server: ServerFacts, service: Service, tls?: { cert: string; key: string }): Promise<Direct> {
  const heard: string[] = [];
  const expected = `Basic ${Buffer.from(`${server.user}:${server.password}`).toString('base64')}`;
  const listener: RequestListener = (request, response) => {
    void (async () => {
      const [status, body] = await answer(request);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    })();
  };
  const http = tls ? createTlsServer(tls, listener) : createServer(listener);
  const answer = async (request: IncomingMessage): Promise<[number, unknown]> => {
    if (request.headers.authorization !== expected) return [401, { result: 401, text: 'Unauthorized' }];
    if (request.method !== 'POST' || request.headers['content-type'] !== 'application/json')
      return [400, { result: 400, text: 'Bad Request' }];
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
    const asked = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { command: string; arguments?: JsonMap };
    heard.push(asked.command);
    try {
      const body = [await addHash(server.sockets[service], asked)];
      await direct.onAnswered(asked.command);
      return [200, body];
    } catch {
      request.socket.destroy(); // a daemon that is gone takes its HTTP with it
      return [500, {}];
    }
  };
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const direct: Direct = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(http.address() as AddressInfo).port}`,
    heard,
    onAnswered: () => Promise.resolve(),
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return direct;
}

async function addHash(socket: string, asked: { command: string; arguments?: JsonMap }): Promise<KeaAnswer> {
  if (asked.command === 'config-hash-get') {
    const { arguments: config } = await ask(socket, { command: 'config-get' });
    return { result: 0, arguments: { hash: hashOf(config) } };
  }
  if (['config-set', 'config-test'].includes(asked.command) && asked.arguments?.['hash'] !== undefined) {
    return { result: 1, text: "Unsupported 'hash' parameter." };
  }
  const answer = await ask(socket, asked);
  return asked.command === 'config-get' ? { ...answer, arguments: { ...answer.arguments, hash: hashOf(answer.arguments) } } : answer;
}

function hashOf(config: unknown): string {
  return createHash('sha256').update(JSON.stringify(config)).digest('hex');
}
