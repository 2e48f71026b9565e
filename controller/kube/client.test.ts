import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { devices, type FakeApi, startFakeApi, statusOf } from '../../test/kube/fake-api.ts';
import { createFakeClock, type FakeClock, until } from '../../test/kube/fake-clock.ts';
import { KubeApiError } from './api-error.ts';
import { type KubeClient, type KubeClientOptions, openKubeClient } from './client.ts';
import type { WatchEvent } from './watch-stream.ts';

let api: FakeApi;
let clock: FakeClock;
let client: KubeClient;
let folder: string;
const opened: KubeClient[] = [];

function open(user: Parameters<FakeApi['kubeConfig']>[0] = { token: 'one' }, options: Partial<KubeClientOptions> = {}): KubeClient {
  const made = openKubeClient(api.kubeConfig(user), { manager: 'test', clock, random: () => 0, ...options });
  opened.push(made);
  return made;
}

beforeEach(async () => {
  api = await startFakeApi();
  clock = createFakeClock();
  client = open();
  folder = mkdtempSync(join(tmpdir(), 'plumbline-kube-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const made of opened.splice(0)) await made.close();
  await api.stop();
  rmSync(folder, { recursive: true });
});

const device = (name: string, spec: unknown = {}) => ({ metadata: { name }, spec });
const reasonOf = async (promise: Promise<unknown>) =>
  await promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof KubeApiError ? error.reason : error),
  );

describe('verbs', () => {
  it('makes, reads, replaces and deletes an object', async () => {
    const made = await client.create(devices, device('edge1', { role: 'edge' }));
    expect(made).toMatchObject({ apiVersion: 'plumbline.dev/v1alpha1', kind: 'Device', metadata: { name: 'edge1', namespace: 'net' } });
    const changed = await client.update(devices, { ...made, spec: { role: 'core' } });
    expect(await client.get(devices, 'edge1')).toEqual(changed);
    await client.delete(devices, 'edge1', { resourceVersion: changed.metadata.resourceVersion });
    expect(await reasonOf(client.get(devices, 'edge1'))).toBe('notFound');
  });

  it('writes the status alone', async () => {
    const made = await client.create(devices, device('edge1', { role: 'edge' }));
    await client.updateStatus(devices, { ...made, spec: { role: 'lost' }, status: { verdict: 'InSync' } });
    expect(await client.get(devices, 'edge1')).toMatchObject({ spec: { role: 'edge' }, status: { verdict: 'InSync' } });
    expect(api.requests.at(-2)?.path).toBe('/apis/plumbline.dev/v1alpha1/namespaces/net/devices/edge1/status');
  });

  it('sends an apply and a merge patch under their own content types', async () => {
    await client.apply(devices, device('edge1', { role: 'edge' }));
    await client.applyStatus(devices, { metadata: { name: 'edge1' }, status: {} });
    await client.mergePatch(devices, 'edge1', { metadata: { annotations: { a: 'b' } } });
    expect(api.requests.map(({ headers, query }) => [headers['content-type'], query['force'], query['fieldManager']])).toEqual([
      ['application/apply-patch+yaml', 'true', 'test'],
      ['application/apply-patch+yaml', 'true', 'test'],
      ['application/merge-patch+json', undefined, 'test'],
    ]);
  });

  it('asks the server to refuse fields that it would drop', async () => {
    await client.create(devices, device('edge1'));
    expect(api.requests[0]?.query['fieldValidation']).toBe('Strict');
  });

  it('reads a list page by page and fills in what lists leave out', async () => {
    for (const name of ['a', 'b', 'c']) api.put({ metadata: { name, namespace: 'net' } });
    const first = await client.list(devices, { limit: 2 });
    const second = await client.list(devices, { limit: 2, continue: first.continue });
    expect([...first.items, ...second.items].map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['Device', 'a'],
      ['Device', 'b'],
      ['Device', 'c'],
    ]);
    expect(second.continue).toBeUndefined();
  });

  it('keeps its connections', async () => {
    for (let i = 0; i < 50; i++) await client.list(devices);
    expect(api.connections()).toBeLessThan(3);
  });

  it('takes names and namespaces as words, never as paths', async () => {
    await reasonOf(client.get({ ...devices, namespace: 'a/../b' }, '../fleets?x=1'));
    expect(api.requests[0]?.path).toBe('/apis/plumbline.dev/v1alpha1/namespaces/a%2F..%2Fb/devices/..%2Ffleets%3Fx%3D1');
  });

  it('counts requests by answer', async () => {
    const registry = new Registry();
    await reasonOf(open({ token: 'one' }, { registry }).get(devices, 'nobody'));
    expect(await registry.metrics()).toMatch(/rest_client_requests_total\{code="404",method="GET",host="127\.0\.0\.1:\d+"\} 1/);
  });
});

describe('errors', () => {
  it.each<{ status: number; body: unknown; reason: string; message?: string }>([
    {
      status: 409,
      body: statusOf(409, 'AlreadyExists', 'devices "a" already exists'),
      reason: 'alreadyExists',
      message: 'devices "a" already exists',
    },
    { status: 409, body: statusOf(409, 'Conflict'), reason: 'conflict' },
    { status: 404, body: statusOf(404, 'NotFound'), reason: 'notFound' },
    { status: 410, body: statusOf(410, 'Expired'), reason: 'expired' },
    { status: 410, body: statusOf(410, 'Gone'), reason: 'expired' },
    { status: 422, body: statusOf(422, 'Invalid', 'spec.x: Required value'), reason: 'invalid', message: 'spec.x: Required value' },
    { status: 403, body: statusOf(403, 'Forbidden'), reason: 'forbidden' },
    { status: 400, body: statusOf(400, 'BadRequest'), reason: 'badRequest' },
    { status: 500, body: statusOf(500, 'InternalError'), reason: 'serverError' },
    { status: 502, body: '<html>bad gateway</html>', reason: 'serverError', message: '<html>bad gateway</html>' },
    { status: 503, body: '', reason: 'unavailable', message: 'HTTP 503' },
    { status: 504, body: statusOf(504, 'Timeout'), reason: 'timeout' },
    { status: 418, body: {}, reason: 'badRequest' },
  ])('is $reason for $status $body.reason', async ({ status, body, reason, message }) => {
    api.intercept(() => ({ status, body }));
    const error = await client.update(devices, device('a')).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'KubeApiError', reason, status, ...(message !== undefined && { message }) });
  });

  it.each([
    ['no JSON', 'welcome to the proxy'],
    ['a list without items', { kind: 'DeviceList', metadata: { resourceVersion: '1' } }],
    ['a list without a version', { kind: 'DeviceList', items: [] }],
    ['an array', []],
  ])('never takes %s for an empty list', async (_name, body) => {
    api.intercept(() => ({ status: 200, body }));
    expect(await reasonOf(client.list(devices))).toBe('brokenAnswer');
  });

  it('says when nobody listens', async () => {
    await api.stop();
    expect(await reasonOf(client.create(devices, device('a')))).toBe('unreachable');
    api = await startFakeApi();
  });

  it('sends a read again over a new connection when a kept one was closed, a write never', async () => {
    let cuts = 0;
    api.intercept(() => (cuts++ === 0 ? 'cut' : undefined));
    await client.list(devices);
    cuts = 0;
    expect(await reasonOf(client.create(devices, device('a')))).toBe('unreachable');
    expect(api.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('gives up at its deadline, and says that', async () => {
    api.intercept(() => 'hang');
    const asked = reasonOf(client.create(devices, device('a'), { deadlineMs: 5_000 }));
    await until(() => api.requests.length === 1);
    await clock.advance(5_000);
    expect(await asked).toBe('timeout');
  });

  it('rejects with the reason of the caller who aborts', async () => {
    api.intercept(() => 'hang');
    const abort = new AbortController();
    const reason = new Error('lease lost');
    const asked = reasonOf(client.create(devices, device('a'), { signal: abort.signal }));
    await until(() => api.requests.length === 1);
    abort.abort(reason);
    expect(await asked).toBe(reason);
    expect(await reasonOf(client.list(devices, { signal: abort.signal }))).toBe(reason);
    expect(api.requests).toHaveLength(1);
  });
});

describe('429 and Retry-After', () => {
  it.each([
    ['the header', { status: 429, body: statusOf(429, 'TooManyRequests'), headers: { 'retry-after': '3' } }, 3_000],
    [
      'the details of right after a CRD',
      { status: 429, body: statusOf(429, 'TooManyRequests', 'storage is (re)initializing', { retryAfterSeconds: 1 }) },
      1_000,
    ],
    ['a 503 that says when', { status: 503, body: statusOf(503, 'ServiceUnavailable'), headers: { 'retry-after': '2' } }, 2_000],
  ])('waits as long as %s says, then sends again', async (_name, fault, waitMs) => {
    const heal = api.intercept(() => fault);
    const made = client.create(devices, device('a'));
    await until(() => clock.sleepers().includes(waitMs));
    heal();
    await clock.advance(waitMs - 1);
    expect(api.requests).toHaveLength(1);
    await clock.advance(1);
    expect(await made).toMatchObject({ metadata: { name: 'a' } });
  });

  it('tells the caller when the wait is longer than the deadline', async () => {
    api.intercept(() => ({ status: 429, body: statusOf(429, 'TooManyRequests'), headers: { 'retry-after': '120' } }));
    await expect(client.list(devices)).rejects.toMatchObject({ reason: 'tooManyRequests', retryAfterMs: 120_000 });
  });

  it('never sends more than the rate it was given, after a burst', async () => {
    const slow = open({ token: 'one' }, { qps: 2 });
    const all = Promise.all(Array.from({ length: 6 }, async () => await slow.list(devices)));
    await until(() => api.requests.length === 4);
    await clock.advance(499);
    expect(api.requests).toHaveLength(4);
    await clock.advance(501);
    await all;
  });
});

describe('credentials', () => {
  const authorization = () => api.requests.map(({ headers }) => headers.authorization);

  it('reads a rotated token once it is refused, and sends the request again', async () => {
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, 'old\n');
    const pod = open({ tokenFile });
    await pod.list(devices);
    writeFileSync(tokenFile, 'new\n');
    api.intercept(({ headers }) =>
      headers.authorization === 'Bearer new' ? undefined : { status: 401, body: statusOf(401, 'Unauthorized') },
    );
    await pod.list(devices);
    expect(authorization()).toEqual(['Bearer old', 'Bearer old', 'Bearer new']);
  });

  it('says unauthorized when the new token is refused too', async () => {
    api.intercept(() => ({ status: 401, body: statusOf(401, 'Unauthorized') }));
    expect(await reasonOf(client.list(devices))).toBe('unauthorized');
    expect(api.requests).toHaveLength(2);
  });

  it('asks for the kubeconfig again where it can be read again', async () => {
    api.intercept(({ headers }) => (headers.authorization === 'Bearer new' ? undefined : { status: 401 }));
    const person = open({ token: 'old' }, { reload: async () => api.kubeConfig({ token: 'new' }) });
    await person.list(devices);
    expect(authorization()).toEqual(['Bearer old', 'Bearer new']);
  });

  /** A credential plugin that counts its runs. */
  function plugin(script: string): { command: string; apiVersion: string; provideClusterInfo: boolean } {
    const command = join(folder, 'plugin');
    writeFileSync(command, `#!/bin/sh\necho run >> ${folder}/runs\n${script}\n`);
    chmodSync(command, 0o755);
    return { command, apiVersion: 'client.authentication.k8s.io/v1', provideClusterInfo: true };
  }
  const runs = () => readFileSync(join(folder, 'runs'), 'utf8').split('\n').length - 1;

  it('asks a plugin once for many calls, and tells it the cluster', async () => {
    const exec = plugin(`echo "$KUBERNETES_EXEC_INFO" > ${folder}/info
echo '{"kind":"ExecCredential","status":{"token":"from-plugin"}}'`);
    const person = open({ exec });
    await Promise.all(Array.from({ length: 20 }, async () => await person.list(devices)));
    expect(runs()).toBe(1);
    expect(new Set(authorization())).toEqual(new Set(['Bearer from-plugin']));
    expect(JSON.parse(readFileSync(join(folder, 'info'), 'utf8'))).toMatchObject({
      spec: { interactive: false, cluster: { server: api.url, 'insecure-skip-tls-verify': true } },
    });
  });

  it('gives it the environment, and nothing of ours: the secrets of devices stand there', async () => {
    vi.stubEnv('PLUMB_SECRET_BGP_CORE_PASSWORD', 'hunter2');
    vi.stubEnv('CLOUD_PROFILE', 'network');
    const exec = plugin(`env > ${folder}/env; echo '{"status":{"token":"from-plugin"}}'`);
    await open({ exec }).list(devices);
    const given = readFileSync(join(folder, 'env'), 'utf8');
    expect(given).toContain('CLOUD_PROFILE=network');
    expect(given).not.toMatch(/PLUMB_|hunter2/);
  });

  it('asks it again when the token is refused, and when it expires', async () => {
    const exec = plugin(`echo '{"status":{"token":"t'$(wc -l < ${folder}/runs)'","expirationTimestamp":"2026-11-01T00:10:00Z"}}'`);
    const person = open({ exec });
    await person.list(devices);
    const heal = api.intercept(({ headers }) => (headers.authorization === 'Bearer t1' ? { status: 401 } : undefined));
    await person.list(devices);
    heal();
    await clock.advance(600_000);
    await person.list(devices);
    expect(authorization()).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t2', 'Bearer t3']);
  });

  it('asks it seldom where the clock is ahead of all that it gives', async () => {
    const exec = plugin(`echo '{"status":{"token":"t","expirationTimestamp":"2026-10-31T23:00:00Z"}}'`);
    const person = open({ exec });
    for (let i = 0; i < 10; i++) await person.list(devices);
    expect(runs()).toBe(1);
    await clock.advance(5_000);
    await person.list(devices);
    expect(runs()).toBe(2);
  });

  it.each([
    ['ends with an error', 'echo "please log in" >&2; exit 1', /please log in/],
    ['answers nonsense', 'echo token: hunter2', /not JSON/],
    ['answers without a token', `echo '{"status":{}}'`, /neither a token nor/],
  ])('says noCredentials when it %s, and never what it printed', async (_name, script, says) => {
    const error = await open({ exec: plugin(script) })
      .list(devices)
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ reason: 'noCredentials', message: expect.stringMatching(says) });
    expect(String(error)).not.toContain('hunter2');
    expect(api.requests).toHaveLength(0);
  });

  it('kills a plugin that hangs, and asks again at the next call', async () => {
    const exec = plugin(`if [ $(wc -l < ${folder}/runs) = 1 ]; then exec sleep 600; fi; echo '{"status":{"token":"late"}}'`);
    const person = open({ exec }, { deadlineMs: 60_000 });
    const asked = reasonOf(person.list(devices));
    await until(() => runs() === 1);
    await clock.advance(30_000);
    expect(await asked).toBe('noCredentials');
    await person.list(devices);
    expect(authorization()).toEqual(['Bearer late']);
  });
});

describe('watch', () => {
  const lineOf = (event: unknown) => `${JSON.stringify(event)}\n`;
  const start = (version = '100', signal?: AbortSignal) => {
    const events: WatchEvent[] = [];
    const ended = (async () => {
      for await (const event of client.watch(devices, { resourceVersion: version, signal })) events.push(event);
    })();
    return {
      events,
      ended: ended.then(
        () => 'ended',
        (error: unknown) => error,
      ),
    };
  };

  it('tells changes from where it was asked to begin, and asks for bookmarks', async () => {
    api.put({ metadata: { name: 'a', namespace: 'net' } });
    const { events, ended } = start();
    await until(() => api.watches() === 1);
    api.put({ metadata: { name: 'a', namespace: 'net' }, spec: { x: 1 } });
    api.remove('net/a');
    api.bookmark();
    api.endWatches();
    expect(await ended).toBe('ended');
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);
    expect(api.requests[0]?.query).toMatchObject({ watch: 'true', allowWatchBookmarks: 'true', resourceVersion: '100' });
  });

  it.each([
    ['expired', lineOf({ type: 'ERROR', object: statusOf(410, 'Expired') })],
    ['serverError', lineOf({ type: 'ERROR', object: statusOf(500, 'InternalError') })],
    ['tooManyRequests', lineOf({ type: 'ERROR', object: statusOf(429, 'TooManyRequests') })],
    ['serverError', lineOf({ type: 'ERROR', object: null })],
    ['brokenAnswer', '{"type":"ADDED","obj\n'],
    ['brokenAnswer', lineOf({ type: 'RENAMED', object: { metadata: {} } })],
    ['brokenAnswer', lineOf({ type: 'ADDED' })],
  ])('throws %s for an error within the stream: %s', async (reason, line) => {
    const { ended } = start();
    await until(() => api.watches() === 1);
    api.tell(line);
    expect(await ended).toMatchObject({ reason });
  });

  it('throws when the connection breaks', async () => {
    const { ended } = start();
    await until(() => api.watches() === 1);
    api.endWatches('broken');
    expect(await ended).toMatchObject({ reason: 'unreachable' });
  });

  it('throws when the stream ends within a line', async () => {
    const { ended } = start();
    await until(() => api.watches() === 1);
    api.tell('{"type":"ADDED","object":{"metadata":{"name":"a"}}}');
    api.endWatches();
    expect(await ended).toMatchObject({ reason: 'unreachable' });
  });

  it('puts letters together that come in two pieces', async () => {
    const { events } = start();
    await until(() => api.watches() === 1);
    const bytes = Buffer.from(lineOf({ type: 'ADDED', object: { metadata: { name: 'zürich' } } }));
    const cut = bytes.indexOf(0xc3) + 1;
    api.tell(bytes.subarray(0, cut) as unknown as string);
    await clock.advance(0);
    api.tell(bytes.subarray(cut) as unknown as string);
    await until(() => events.length === 1);
    expect(events[0]?.object.metadata.name).toBe('zürich');
  });

  it('puts an object of megabytes together that comes in many pieces, with what follows it', async () => {
    const { events } = start();
    await until(() => api.watches() === 1);
    const text = 'x'.repeat(3_000_000);
    const objects = [{ metadata: { name: 'huge' }, spec: { text } }, { metadata: { name: 'next' } }];
    api.tell(objects.map((object) => lineOf({ type: 'ADDED', object })).join(''));
    await until(() => events.length === 2);
    expect(events.map(({ object }) => object.metadata.name)).toEqual(['huge', 'next']);
    expect(JSON.stringify(events[0]?.object.spec).length).toBe(JSON.stringify({ text }).length);
  });

  it('outlives the deadline of calls and ends with the signal of its caller', async () => {
    const abort = new AbortController();
    const { events, ended } = start('100', abort.signal);
    await until(() => api.watches() === 1);
    await clock.advance(3_600_000);
    api.put({ metadata: { name: 'a', namespace: 'net' } });
    await until(() => events.length === 1);
    const reason = new Error('stopped');
    abort.abort(reason);
    expect(await ended).toBe(reason);
    await until(() => api.watches() === 0);
  });

  it('waits while the storage of a new CRD begins', async () => {
    const heal = api.intercept(() => ({
      status: 429,
      body: statusOf(429, 'TooManyRequests', 'storage is (re)initializing', { retryAfterSeconds: 1 }),
    }));
    start();
    await until(() => clock.sleepers().includes(1_000));
    heal();
    await clock.advance(1_000);
    await until(() => api.watches() === 1);
  });
});
