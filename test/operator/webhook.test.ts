import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FleetSpec, FleetStatus } from '../../controller/api/index.ts';
import { openStore, type Store } from '../../controller/store/index.ts';
import { bareEnvironment } from '../lab/shell.ts';
import { openOperatorDesk, type OperatorDesk } from './desk.ts';

/** `plumb up` as a person starts it, that asks Git once an hour unless somebody hints. */
let desk: OperatorDesk;
let operator: ChildProcess;
let url: string;
let store: Store;

const token = 'a-token-of-the-git-host-0123456789';
const root = join(import.meta.dirname, '../..');

beforeAll(async () => {
  desk = await openOperatorDesk();
  await desk.allJudged();
  await desk.pause();
  desk.giveSecret('hook', 'webhook for local', { token });
  const folder = join(desk.folder, 'store-of-up');
  const argv = ['up', desk.repository.folder, '--git-interval', '3600', '--port', '0', '--webhook-secret', 'hook'];
  operator = spawn(join(root, 'bin/plumb'), [...argv, '--store', folder, '--secrets', desk.secretsFolder], {
    env: { ...bareEnvironment(), HOME: desk.folder, NO_COLOR: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface({ input: operator.stderr! })) {
    const [, found] = /metrics and health at (\S+);/.exec(line) ?? [];
    if (found === undefined) continue;
    url = found.replace(/\/$/, '');
    break;
  }
  operator.stderr!.resume();
  store = await openStore(folder);
});
afterAll(async () => {
  const ended = once(operator, 'close');
  operator.kill('SIGINT');
  await ended;
  store?.close();
  await desk.stop();
});

const fleet = () => store.objects.get<FleetSpec, FleetStatus>('Fleet', 'local');
const inForce = async () => (await fleet())?.status?.revision;
const sign = (body: string, secret = token) => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
const send = async (path: string, headers: Record<string, string>, body = '{"ref":"refs/heads/main"}') =>
  (await fetch(`${url}${path}`, { method: 'POST', headers, body })).status;
const counted = async (result: string) =>
  Number(
    new RegExp(`^plumbline_webhooks_total\\{result="${result}"\\} (\\d+)$`, 'm').exec(await (await fetch(`${url}/metrics`)).text())?.[1] ??
      0,
  );

test('a webhook is believed by its signature alone, and is a hint: what is fetched decides', async () => {
  await desk.until('the first revision', inForce);
  const path = (await fleet())?.status?.webhookPath ?? '';
  const body = '{"ref":"refs/heads/main"}';
  const first = await inForce();
  const revision = `main@sha1:${desk.repository.commit({ 'notes.md': 'one\n' })}`;

  expect(await send(path, {})).toBe(401);
  expect(await send(path, { 'x-hub-signature-256': sign(body, 'another token of 16 letters') })).toBe(401);
  expect(await send(path, { 'x-hub-signature-256': sign('{"ref":"refs/heads/other"}') })).toBe(401);
  expect(await send(path, { 'x-gitlab-token': `${token}x` })).toBe(401);
  expect(await send('/hooks/lab', { 'x-hub-signature-256': sign(body) })).toBe(404);
  expect(await inForce()).toBe(first);

  expect(await send(path, { 'x-hub-signature-256': sign(body) })).toBeLessThan(300);
  await desk.until('the commit to be in force', async () => (await inForce()) === revision);
  expect(await counted('unknownPath')).toBe(1);
});

test('the path is said where people look for it, the token nowhere', async () => {
  const { stdout } = await desk.plumb('get', 'fleets', '-o', 'json', '--store', join(desk.folder, 'store-of-up'));
  expect(stdout).toContain('"webhookPath": "/hooks/');
  expect(stdout).not.toContain(token);
  expect(await (await fetch(`${url}/metrics`)).text()).not.toContain(token);
});
