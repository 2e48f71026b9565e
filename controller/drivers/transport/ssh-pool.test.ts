import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { queryObjects } from 'node:v8';
import ssh2 from 'ssh2';
import { afterEach, describe, expect, test } from 'vitest';
import { type Clock, Secret, systemClock } from '../../lib/index.ts';
import type { Login, SshTarget } from '../contract.ts';
import { createSshPool, type PoolOptions, type SshPool } from './index.ts';

const hostKey = createKey();
const userKey = createKey();
const login: Login = { user: 'observer', privateKey: new Secret(userKey.private) };
const signal = () => AbortSignal.timeout(10_000);

/** A real SSH server that answers a few words, and counts. */
interface FakeDevice {
  target: SshTarget;
  logins: () => number;
  open: () => number;
  /** Lets the device answer a command `late`; then its channel is here. */
  answerLate: () => ssh2.ServerChannel;
  close: () => void;
}

const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function startDevice(name = 'edge1-fra', algorithms?: ssh2.ServerConfig['algorithms']): Promise<FakeDevice> {
  let logins = 0;
  let open = 0;
  const late: (() => ssh2.ServerChannel)[] = [];
  const clients = new Set<ssh2.Connection>();
  const server = new ssh2.Server({ hostKeys: [hostKey.private], ...(algorithms ? { algorithms } : {}) }, (client) => {
    clients.add(client);
    open++;
    client.on('error', () => undefined).on('close', () => open--);
    client.on('authentication', (context) => {
      const known = context.method === 'publickey' && context.key.data.equals(parsePublic());
      if (known) context.accept();
      else context.reject(['publickey']);
    });
    client.on('ready', () => {
      logins++;
      client.on('session', (accept) =>
        accept().on('exec', (acceptExec, _reject, { command }) => {
          if (command === 'late') late.push(acceptExec);
          else answer(acceptExec(), command, client);
        }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    for (const client of clients) client.end();
    server.close();
  };
  closers.push(close);
  const target: SshTarget = {
    device: name,
    address: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    hostKeys: [fingerprint()],
    observe: login,
  };
  const answerLate = () => {
    const accept = late.shift();
    if (!accept) throw new Error('nobody asked');
    return accept();
  };
  return { target, logins: () => logins, open: () => open, answerLate, close };
}

function parsePublic(): Buffer {
  const key = ssh2.utils.parseKey(userKey.public);
  return key instanceof Error ? Buffer.alloc(0) : key.getPublicSSH();
}

function fingerprint(): string {
  const key = ssh2.utils.parseKey(hostKey.public);
  const bytes = key instanceof Error ? Buffer.alloc(0) : key.getPublicSSH();
  return `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')}`;
}

function answer(channel: ssh2.ServerChannel, command: string, client: ssh2.Connection): void {
  if (command === 'hang') return;
  if (command === 'die') return void channel.end('half of an answer');
  if (command === 'vanish') return void client.end();
  if (command === 'flood') {
    for (let i = 0; i < 40; i++) channel.write('x'.repeat(1_000));
    return;
  }
  if (command === 'echo') {
    channel.on('data', (chunk: Buffer) => channel.write(chunk)).on('end', () => finish(channel, 0));
    return;
  }
  channel.write(`you said ${command}\n`);
  channel.stderr.write('a notice\n');
  finish(channel, command === 'fail' ? 3 : 0);
}

function finish(channel: ssh2.ServerChannel, rc: number): void {
  channel.exit(rc);
  channel.end();
}

function createPool(options: Partial<PoolOptions> = {}): SshPool {
  const pool = createSshPool({ clock: systemClock, ...options });
  closers.push(() => pool.close());
  return pool;
}

const run = (
  pool: SshPool,
  target: SshTarget,
  command = 'hello',
  options: { fresh?: boolean; deadlineMs?: number; stdoutCap?: number; input?: string } = {},
) => pool.exec(target, target.observe, command, { during: 'a test', deadlineMs: 5_000, ...options }, signal());

describe('the SSH pool', () => {
  test('gives what a command printed, standard error apart, and its exit code', async () => {
    const { target } = await startDevice();
    const pool = createPool();
    expect(await run(pool, target)).toEqual({ rc: 0, stdout: 'you said hello\n', stderr: 'a notice\n', hostKey: fingerprint() });
    expect(await run(pool, target, 'fail')).toMatchObject({ rc: 3 });
    expect(await run(pool, target, 'echo', { input: 'through standard input' })).toMatchObject({ stdout: 'through standard input' });
  });

  test('reuses one login for commands one after another and side by side', async () => {
    const device = await startDevice();
    const pool = createPool();
    await Promise.all([run(pool, device.target), run(pool, device.target), run(pool, device.target)]);
    await run(pool, device.target);
    expect(device.logins()).toBe(1);
  });

  test('logs in anew when asked to, and uses the new login from then on', async () => {
    const device = await startDevice();
    const pool = createPool();
    await run(pool, device.target);
    await run(pool, device.target, 'hello', { fresh: true });
    await run(pool, device.target);
    expect(device.logins()).toBe(2);
    await expect.poll(device.open).toBe(1);
  });

  test('does not reuse a login that was made under other pinned keys', async () => {
    const { target } = await startDevice();
    const pool = createPool();
    await run(pool, target);
    const moved = { ...target, hostKeys: ['SHA256:somebodyelse'] };
    await expect(run(pool, moved)).rejects.toMatchObject({ code: 'WrongDevice', message: expect.stringContaining(fingerprint()) });
  });

  test('does not reuse a login that was made with another key', async () => {
    const { target } = await startDevice();
    const pool = createPool();
    await run(pool, target);
    const stranger = { user: 'observer', privateKey: new Secret(createKey().private) };
    await expect(run(pool, { ...target, observe: stranger })).rejects.toMatchObject({ code: 'AuthFailed' });
    expect(await run(pool, target)).toMatchObject({ rc: 0 });
  });

  test('accepts any of several pinned keys', async () => {
    const { target } = await startDevice();
    expect(await run(createPool(), { ...target, hostKeys: ['SHA256:old', fingerprint()] })).toMatchObject({ rc: 0 });
  });

  test.each(['two\nlines', 'carriage\rreturn', 'nul\0', 'escape\u001b[2J', 'tab\t', 'c1\u0085'])(
    'refuses the command %j before it connects',
    async (command) => {
      const device = await startDevice();
      await expect(run(createPool(), device.target, command)).rejects.toMatchObject({ code: 'UnsafeCommand' });
      expect(device.logins()).toBe(0);
    },
  );

  test('tells a refused login from a device that does not answer', async () => {
    const { target } = await startDevice();
    const stranger = { user: 'observer', privateKey: new Secret(ssh2.utils.generateKeyPairSync('ed25519').private) };
    await expect(run(createPool(), { ...target, observe: stranger })).rejects.toMatchObject({ code: 'AuthFailed', retry: 'backoff' });
    await expect(run(createPool(), { ...target, port: await closedPort() })).rejects.toMatchObject({
      code: 'Unreachable',
      retry: 'backoff',
    });
  });

  test('stops all logins after many devices in a row refused one', async () => {
    const stranger = { user: 'observer', privateKey: new Secret(ssh2.utils.generateKeyPairSync('ed25519').private) };
    const pool = createPool({ refusalsToStop: 2 });
    for (const name of ['a', 'b']) {
      const { target } = await startDevice(name);
      await expect(run(pool, { ...target, observe: stranger })).rejects.toMatchObject({ code: 'AuthFailed' });
    }
    const good = await startDevice('c');
    await expect(run(pool, good.target)).rejects.toMatchObject({
      code: 'AuthFailed',
      message: expect.stringContaining('2 devices in a row'),
    });
    expect(good.logins()).toBe(0);
  });

  test('leaves a device that did not answer alone for a while, longer each time', async () => {
    let nowMs = 0;
    const clock: Clock = { ...systemClock, monotonicMs: () => nowMs };
    const pool = createPool({ clock });
    const device = await startDevice();
    const dark = { ...device.target, port: await closedPort() };
    const attempt = async () => run(pool, dark).catch((error: Error) => error);
    const first = await attempt();
    expect(await attempt()).toBe(first);
    nowMs = 1_001;
    const second = await attempt();
    expect(second).not.toBe(first);
    nowMs = 2_500;
    expect(await attempt()).toBe(second);
    nowMs = 3_100;
    expect(await attempt()).not.toBe(second);
  });

  test('says that the outcome is lost when the connection or the time ran out after the command was sent', async () => {
    const { target } = await startDevice();
    await expect(run(createPool(), target, 'vanish')).rejects.toMatchObject({ code: 'ConnectionLost', retry: 'afterRead' });
    await expect(run(createPool(), target, 'hang', { deadlineMs: 200 })).rejects.toMatchObject({
      code: 'ConnectionLost',
      message: expect.stringContaining('200 ms'),
    });
    const pool = createPool();
    await run(pool, target);
    await expect(pool.exec(target, login, 'hang', { during: 'a test', deadlineMs: 5_000 }, AbortSignal.timeout(100))).rejects.toMatchObject(
      { code: 'ConnectionLost' },
    );
  });

  test('believes no answer that came without an exit code', async () => {
    const { target } = await startDevice();
    await expect(run(createPool(), target, 'die')).rejects.toMatchObject({
      code: 'ConnectionLost',
      message: expect.stringContaining('without a result'),
    });
  });

  test('sends nothing to a command that the device begins after it was given up', async () => {
    const device = await startDevice();
    const given = run(createPool(), device.target, 'late', { deadlineMs: 100, input: 'configuration' });
    await expect(given).rejects.toMatchObject({ code: 'ConnectionLost' });
    const channel = device.answerLate();
    let received = '';
    channel.on('data', (chunk: Buffer) => (received += chunk.toString()));
    await once(channel, 'close');
    expect(received).toBe('');
  });

  test('logs in again after a connection broke', async () => {
    const device = await startDevice();
    const pool = createPool();
    await run(pool, device.target, 'vanish').catch(() => undefined);
    expect(await run(pool, device.target)).toMatchObject({ rc: 0 });
    expect(device.logins()).toBe(2);
  });

  test('ends a command that prints without end', async () => {
    const { target } = await startDevice();
    await expect(run(createPool(), target, 'flood', { stdoutCap: 10_000 })).rejects.toMatchObject({ code: 'OutputTooLarge' });
  });

  test('never holds more connections than it may; idle ones make room, busy ones are waited for', async () => {
    const [a, b] = [await startDevice('a'), await startDevice('b')];
    const pool = createPool({ maxOpen: 1 });
    await run(pool, a.target);
    await run(pool, b.target);
    await expect.poll(a.open).toBe(0);
    const busy = run(pool, b.target, 'hang', { deadlineMs: 300 }).catch((error: Error) => error);
    expect(await run(pool, a.target)).toMatchObject({ rc: 0 });
    expect(await busy).toMatchObject({ code: 'ConnectionLost' });
  });

  test('gives the only place to a new login, though another one of the same device waits for it too', async () => {
    const [a, b] = [await startDevice('a'), await startDevice('b')];
    const pool = createPool({ maxOpen: 1 });
    const busy = run(pool, b.target, 'hang', { deadlineMs: 300 }).catch((error: Error) => error);
    const answers = [run(pool, a.target, 'hello', { fresh: true }), run(pool, a.target)];
    expect((await Promise.all(answers)).map(({ rc }) => rc)).toEqual([0, 0]);
    expect(await busy).toMatchObject({ code: 'ConnectionLost' });
  });

  test('gives up on a place that does not come free in time', async () => {
    const [a, b] = [await startDevice('a'), await startDevice('b')];
    const pool = createPool({ maxOpen: 1, placeMs: 100 });
    const busy = run(pool, b.target, 'hang', { deadlineMs: 1000 }).catch((error: Error) => error);
    await expect(run(pool, a.target)).rejects.toMatchObject({
      code: 'Unreachable',
      message: expect.stringContaining('no free connection in time') as string,
    });
    await busy;
  });

  test('makes room once for one who waits: a device between two of its commands keeps its connection', async () => {
    const devices = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => startDevice(name)));
    const pool = createPool({ maxOpen: 3 });
    const read = async ({ target }: FakeDevice) => {
      for (let command = 0; command < 5; command++) await run(pool, target);
    };
    for (const pair of [devices.slice(0, 2), devices.slice(2, 4), devices.slice(4)]) await Promise.all(pair.map(read));
    expect(devices.map((device) => device.logins())).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test('keeps the connection of work with several commands, however many wait', async () => {
    const devices = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => startDevice(name)));
    const pool = createPool({ maxOpen: 2 });
    const work = async ({ target }: FakeDevice) => {
      for (let command = 0; command < 5; command++) await run(pool, target);
    };
    await Promise.all(devices.map((device) => pool.keep(device.target, login, () => work(device), signal())));
    expect(devices.map((device) => device.logins())).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test('forgets a connection that made room: its buffers are most of the memory of a large fleet', async () => {
    const devices = await Promise.all(Array.from({ length: 12 }, (_, k) => startDevice(`d${k}`)));
    const pool = createPool({ maxOpen: 2 });
    const before = countClients();
    for (const { target } of devices) await run(pool, target);
    // The garbage collection that counts may come a turn early.
    await expect.poll(() => countClients() - before).toBeLessThanOrEqual(3);
  });

  test('closes a connection that lies idle', async () => {
    const device = await startDevice();
    await run(createPool({ idleMs: 50 }), device.target);
    await expect.poll(device.open).toBe(0);
  });

  test('speaks key exchange that was retired only when a device opts in', async () => {
    const old = await startDevice('old', { kex: ['diffie-hellman-group14-sha1'], cipher: ['aes128-cbc'] });
    await expect(run(createPool(), old.target)).rejects.toMatchObject({
      code: 'Unreachable',
      message: expect.stringMatching(/handshake|key exchange/i),
    });
    expect(await run(createPool(), { ...old.target, legacyAlgorithms: true })).toMatchObject({ rc: 0 });
  });

  test('refuses to work after it was closed', async () => {
    const { target } = await startDevice();
    const pool = createPool();
    await run(pool, target);
    await pool.close();
    await expect(run(pool, target)).rejects.toMatchObject({ code: 'Unreachable' });
  });
});

async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** ssh2 1.17 makes a key now and then that it cannot read itself. */
function createKey(): ReturnType<typeof ssh2.utils.generateKeyPairSync> {
  const pair = ssh2.utils.generateKeyPairSync('ed25519');
  return ssh2.utils.parseKey(pair.private) instanceof Error ? createKey() : pair;
}

/** Client objects that somebody still knows, after a garbage collection. */
function countClients(): number {
  return queryObjects(ssh2.Client, { format: 'count' });
}
