import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Secret } from '../../lib/index.ts';
import type { Login } from '../contract.ts';
import { createHttpPool, type HttpEnd, type HttpOptions, type HttpPool } from './index.ts';

const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const nobody: Login = { user: '' };
const signal = () => AbortSignal.timeout(10_000);

function createPool(): HttpPool {
  const pool = createHttpPool();
  closers.push(() => pool.close());
  return pool;
}

/** A server that answers like this; counts its connections. */
async function startServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ end: HttpEnd; opened: () => number; stop: () => Promise<void> }> {
  let opened = 0;
  const server = createServer(answer).on('connection', (_socket: Socket) => opened++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  closers.push(stop);
  return { end: { device: 'dhcp1-fra', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, opened: () => opened, stop };
}

const post = (pool: HttpPool, end: HttpEnd, options: Partial<HttpOptions> = {}, login = nobody, by = signal()) =>
  pool.post(end, login, '{}', { during: 'a test', deadlineMs: 5_000, ...options }, by);

describe('HTTP to a device', () => {
  test('sends JSON with name and password, and gives back status and body', async () => {
    const heard: (string | undefined)[] = [];
    const { end } = await startServer((request, response) => {
      heard.push(request.method, request.headers['content-type'], request.headers.authorization);
      response.writeHead(403).end('no');
    });
    expect(await post(createPool(), end, {}, { user: 'plumbline', password: new Secret('pa:ss') })).toEqual({ status: 403, body: 'no' });
    expect(heard).toEqual(['POST', 'application/json', `Basic ${Buffer.from('plumbline:pa:ss').toString('base64')}`]);
  });

  test('without a name sends no password', async () => {
    const { end } = await startServer((request, response) => response.end(request.headers.authorization ?? 'none'));
    expect(await post(createPool(), end)).toMatchObject({ body: 'none' });
  });

  test('keeps connections, and makes a new one when that is asked for', async () => {
    const { end, opened } = await startServer((_request, response) => response.end('ok'));
    const pool = createPool();
    for (let i = 0; i < 5; i++) await post(pool, end);
    const kept = opened();
    expect(kept).toBeLessThanOrEqual(2);
    await post(pool, end, { fresh: true });
    expect(opened()).toBe(kept + 1);
  });

  test('that finds nobody is Unreachable: nothing was sent', async () => {
    const { end, stop } = await startServer(() => undefined);
    await stop();
    for (const fresh of [true, false]) await expect(post(createPool(), end, { fresh })).rejects.toMatchObject({ code: 'Unreachable' });
  });

  test.each<{ why: string; answer: (request: IncomingMessage, response: ServerResponse) => void; says: RegExp }>([
    { why: 'goes away instead of answering', answer: (request) => request.socket.destroy(), says: /closed|socket|reset/ },
    { why: 'does not answer in time', answer: () => undefined, says: /no answer within 200 ms/ },
    {
      why: 'stops in the middle of its answer',
      answer: (_request, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('half');
        setImmediate(() => response.destroy());
      },
      says: /./,
    },
  ])('to a device that $why is lost: nobody knows what it did', async ({ answer, says }) => {
    const { end } = await startServer(answer);
    await expect(post(createPool(), end, { fresh: true, deadlineMs: 200 })).rejects.toMatchObject({
      code: 'ConnectionLost',
      message: expect.stringMatching(says),
    });
  });

  test('ends when the caller gives up', async () => {
    const controller = new AbortController();
    const { end } = await startServer(() => controller.abort());
    await expect(post(createPool(), end, { fresh: true }, nobody, controller.signal)).rejects.toMatchObject({
      message: expect.stringContaining('gave up'),
    });
  });

  test('does not take more than it was told to', async () => {
    const { end } = await startServer((_request, response) => response.end('x'.repeat(5_000)));
    await expect(post(createPool(), end, { cap: 1_000 })).rejects.toMatchObject({ code: 'OutputTooLarge' });
  });

  test('is refused after it was closed', async () => {
    const { end } = await startServer((_request, response) => response.end('ok'));
    const pool = createHttpPool();
    await post(pool, end);
    await pool.close();
    await expect(post(pool, end)).rejects.toMatchObject({ code: 'Unreachable' });
  });
});
