import type { Server as HttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Registry } from 'prom-client';
import { errors } from './errors.ts';

/** What the operator shows and takes over HTTP. */
export interface WebOptions {
  /** Default: loopback. */
  host?: string;
  /** 0: any free port. */
  port: number;
  registry: Registry;
  /** False while the first revision or the caches are missing: no traffic, no alarm. */
  ready: () => boolean;
  /** False when the process should be ended and started anew. */
  healthy: () => boolean;
  /** Routes of their own, for example webhooks. */
  mount?: (app: Hono) => void;
}

export interface Web {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  close(): Promise<void>;
}

/** Serves `/metrics`, `/healthz` and `/readyz`. Throws `ListenRefused` when the port is taken. */
export async function serveWeb(options: WebOptions): Promise<Web> {
  const { registry, ready, healthy, host = '127.0.0.1' } = options;
  const app = new Hono();
  app.get('/healthz', (context) => (healthy() ? context.text('ok\n') : context.text('stuck\n', 503)));
  app.get('/readyz', (context) => (ready() ? context.text('ok\n') : context.text('not ready\n', 503)));
  app.get('/metrics', (context) => context.body(ReadableStream.from(textOf(registry)), 200, { 'content-type': registry.contentType }));
  options.mount?.(app);
  app.notFound((context) => context.text('not found\n', 404));

  const server = await new Promise<Server>((resolve, reject) => {
    const starting = serve({ fetch: app.fetch, hostname: host, port: options.port }, () => resolve(starting));
    starting.once('error', (cause: NodeJS.ErrnoException) =>
      reject(errors.ListenRefused({ host, port: options.port, why: reasons[cause.code ?? ''] ?? cause.message }, { cause })),
    );
  });
  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) (server as HttpServer).closeAllConnections();
      }),
  };
}

/** Metric by metric: the whole of ten thousand devices is tens of megabytes. */
async function* textOf(registry: Registry): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const { name } of registry.getMetricsAsArray()) yield encoder.encode(`${await registry.getSingleMetricAsString(name)}\n\n`);
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process does already',
  EACCES: 'this user may not take it',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the name leads to no address',
};
