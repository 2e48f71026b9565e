import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that the kernel gives to outgoing connections. Each process looks among some of them: two that look at once find different ones. */
const [lowest, slices, perSlice] = [20_000, 24, 500];

/**
 * Ports of loopback that nobody listens on. Not any that the kernel would give: while a server is down for a moment, an outgoing connection may
 * take such a port, also one that its own client tries to open to it, and then the server cannot come back.
 */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = lowest + (process.pid % slices) * perSlice + Math.floor(Math.random() * perSlice);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
