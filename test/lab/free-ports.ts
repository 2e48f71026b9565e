import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that the kernel gives to outgoing connections. */
const [lowest, count] = [20_000, 12_000];
/** By this process: whoever asked may not listen yet. */
const given = new Set<number>();

/**
 * Ports of loopback that nobody listens on, none of them twice. Not any that the kernel would give: while a server is down for a moment, an
 * outgoing connection may take such a port, also one that its own client tries to open to it, and then the server cannot come back.
 */
export async function freePorts(wanted: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < wanted) {
    const port = lowest + Math.floor(Math.random() * count);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    found.push(port);
  }
  return found;
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
