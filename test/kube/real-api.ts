import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { type KubeClient, type KubeClientOptions, loadKubeConfig, openKubeClient, type Resource } from '../../controller/kube/index.ts';
import type { KubeLab, LabUser } from '../lab/kube/index.ts';

export const configMaps = (namespace: string): Resource => ({
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespace,
});

/** The client under test, with a kubeconfig from its file. */
export async function openRealClient(lab: KubeLab, user: LabUser = 'admin', options: Partial<KubeClientOptions> = {}): Promise<KubeClient> {
  return openKubeClient(await loadKubeConfig({ file: lab.kubeconfig(user) }), { manager: 'plumbline-test', ...options });
}

/** The way to an API server, which a test can close. */
export interface Road {
  /** A client that goes this way. */
  client(): Promise<KubeClient>;
  /** Breaks what is open and lets nothing through. */
  close(): void;
  open(): void;
  stop(): Promise<void>;
}

export async function buildRoad(lab: KubeLab): Promise<Road> {
  const port = Number(new URL(lab.url).port);
  const sockets = new Set<Socket>();
  let isOpen = true;
  const server = createServer((near) => {
    if (!isOpen) return void near.destroy();
    const far = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    client: async () => {
      const config = await loadKubeConfig({ file: lab.kubeconfig() });
      const [cluster] = config.clusters;
      const here = new KubeConfig();
      here.loadFromOptions({
        clusters: [{ ...cluster, server: url }],
        users: config.users,
        contexts: config.contexts,
        currentContext: config.currentContext,
      });
      return openKubeClient(here, { manager: 'plumbline-test' });
    },
    close: () => {
      isOpen = false;
      for (const socket of sockets) socket.destroy();
    },
    open: () => {
      isOpen = true;
    },
    stop: async () => {
      isOpen = false;
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

/** A proxy that makes tunnels to wherever it is asked to. */
export async function startTunnel(): Promise<{ url: string; made: () => number; stop: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  let made = 0;
  const server = createHttpServer().on('connect', (request: IncomingMessage, near: Socket) => {
    const { hostname, port } = new URL(`https://${request.url}`);
    const far = connect(Number(port), hostname, () => {
      made++;
      near.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      near.pipe(far).pipe(near);
    });
    for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    made: () => made,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

/** Waits for a condition that comes about outside of this process. */
export async function eventually(what: string, check: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${limitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
