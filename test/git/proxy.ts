import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { closeServer, listen } from './https-host.ts';

export interface Proxy {
  /** `localhost:PORT`. */
  host: string;
  /** What was asked for, as `host:port`. */
  seen: string[];
  close(): Promise<void>;
}

/** A proxy that gives a way to any host, to those who log in as `login` (`user:password`). */
export async function startProxy(login: string): Promise<Proxy> {
  const seen: string[] = [];
  const open = new Set<Socket>();
  const server = createServer();
  server.on('connect', (request, client: Socket) => {
    open.add(client);
    client.on('error', () => undefined);
    if (request.headers['proxy-authorization'] !== `Basic ${Buffer.from(login).toString('base64')}`) {
      client.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="proxy"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
      );
      return;
    }
    seen.push(request.url ?? '');
    const [host, port] = (request.url ?? '').split(':');
    const upstream = connect(Number(port), host ?? '', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client);
      client.pipe(upstream);
    });
    open.add(upstream);
    upstream.on('error', () => client.destroy());
  });
  await listen(server);
  return {
    host: `localhost:${(server.address() as AddressInfo).port}`,
    seen,
    async close() {
      for (const socket of open) socket.destroy();
      await closeServer(server);
    },
  };
}
