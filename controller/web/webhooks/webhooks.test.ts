import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Secret, systemClock } from '../../lib/index.ts';
import { serveWeb, type Web } from '../server.ts';
import type { WebhookHint } from './hint.ts';
import { webhookPath } from './path.ts';
import { createWebhooks, type WebhookReceiver, type WebhookResult } from './webhooks.ts';

const token = 'f1e2d3c4b5a6978811223344';
const body = JSON.stringify({ ref: 'refs/heads/main', repository: { clone_url: 'https://git.example.net/network.git' } });

let web: Web;
let hints: { fleet: string; hint: WebhookHint }[];
let results: WebhookResult[];
let receivers: WebhookReceiver[];

beforeEach(async () => {
  hints = [];
  results = [];
  receivers = [
    { fleet: 'backbone', secret: new Secret(token) },
    { fleet: 'campus', secret: new Secret(`${token}-other\n`) },
    { fleet: 'weak', secret: new Secret('short') },
  ];
  const hooks = createWebhooks({
    receivers: () => receivers,
    onHint: (fleet, hint) => hints.push({ fleet, hint }),
    count: (result) => results.push(result),
    clock: systemClock,
  });
  web = await serveWeb({
    port: 0,
    registry: new Registry(),
    ready: () => true,
    healthy: () => true,
    mount: (app) => app.route('/', hooks),
  });
});

afterEach(() => web.close());

const path = webhookPath('backbone', new Secret(token));
const sign = (text: string, key = token, algorithm = 'sha256'): string => createHmac(algorithm, key).update(text).digest('hex');

async function post(headers: Record<string, string>, { at = path, text = body } = {}): Promise<number> {
  const response = await fetch(`${web.url}${at}`, { method: 'POST', headers, body: text });
  await response.text();
  return response.status;
}

describe('a webhook', () => {
  test.each<{ name: string; headers: Record<string, string> }>([
    { name: 'GitHub', headers: { 'x-hub-signature-256': `sha256=${sign(body)}`, 'x-github-event': 'push' } },
    { name: 'GitLab', headers: { 'x-gitlab-token': token } },
    { name: 'Gitea and Forgejo', headers: { 'x-gitea-signature': sign(body) } },
    { name: 'anybody with sha256', headers: { 'x-signature': `sha256=${sign(body)}` } },
    { name: 'anybody with sha512', headers: { 'x-signature': `sha512=${sign(body, token, 'sha512')}` } },
  ])('of $name hints what moved', async ({ headers }) => {
    expect(await post(headers)).toBe(202);
    expect(hints).toEqual([{ fleet: 'backbone', hint: { repository: 'https://git.example.net/network.git', ref: 'refs/heads/main' } }]);
    expect(results).toEqual(['accepted']);
  });

  test.each<{ name: string; headers: Record<string, string> }>([
    { name: 'no signature', headers: {} },
    { name: 'the signature of another body', headers: { 'x-hub-signature-256': `sha256=${sign(`${body} `)}` } },
    { name: 'the signature by another secret', headers: { 'x-hub-signature-256': `sha256=${sign(body, 'guess')}` } },
    {
      name: 'SHA-1',
      headers: { 'x-hub-signature': `sha1=${sign(body, token, 'sha1')}`, 'x-signature': `sha1=${sign(body, token, 'sha1')}` },
    },
    { name: 'a part of the signature', headers: { 'x-gitea-signature': sign(body).slice(0, 32) } },
    { name: 'an empty token', headers: { 'x-gitlab-token': '' } },
    { name: 'the token of another Fleet', headers: { 'x-gitlab-token': `${token}-other` } },
  ])('with $name is refused, without why', async ({ headers }) => {
    const response = await fetch(`${web.url}${path}`, { method: 'POST', headers, body });
    expect([response.status, await response.text()]).toEqual([401, 'refused\n']);
    expect(hints).toEqual([]);
    expect(results).toEqual(['refused']);
  });

  test('of NetBox is signed with SHA-512, has a path of its own, and names its request', async () => {
    receivers = [...receivers, { fleet: 'backbone', sender: 'netbox', secret: new Secret(token) }];
    const at = webhookPath('backbone', new Secret(token), 'netbox');
    const text = '{"event":"updated","object_type":"dcim.device","request":{"id":"6a1c","user":"mona"}}';
    expect(await post({ 'x-hook-signature': sign(text, token, 'sha512') }, { at, text })).toBe(202);
    expect(hints).toEqual([{ fleet: 'backbone', hint: { requestId: '6a1c' } }]);
    expect(await post({ 'x-hook-signature': sign(`${text} `, token, 'sha512') }, { at, text })).toBe(401);
    expect(await post({ 'x-gitlab-token': token }, { at, text })).toBe(401);
    expect(await post({ 'x-hook-signature': sign(text, token, 'sha512') }, { text })).toBe(401);
    expect(hints).toHaveLength(1);
  });

  test('is not found at any other path, by another method, or for a Fleet with a weak token', async () => {
    const headers = { 'x-gitlab-token': token };
    expect(await post(headers, { at: '/hooks/backbone' })).toBe(404);
    expect(await post(headers, { at: `${path}0` })).toBe(404);
    expect((await fetch(`${web.url}${path}`)).status).toBe(404);
    expect(() => webhookPath('weak', new Secret('short'))).toThrow(expect.objectContaining({ code: 'WebhookSecretWeak' }));
    expect(new Set(results)).toEqual(new Set(['unknownPath']));
  });

  test('counts for a token that ends in a line break, and for one that was just changed', async () => {
    const campus = new Secret(`${token}-other`);
    expect(await post({ 'x-gitlab-token': `${token}-other` }, { at: webhookPath('campus', campus) })).toBe(202);
    receivers = [{ fleet: 'campus', secret: new Secret(`${token}-newer`) }];
    expect(await post({ 'x-gitlab-token': `${token}-other` }, { at: webhookPath('campus', campus) })).toBe(404);
  });

  test.each<{ name: string; text: string; type: string; hint: WebhookHint }>([
    {
      name: 'a form',
      text: `payload=${encodeURIComponent(body)}`,
      type: 'application/x-www-form-urlencoded',
      hint: { repository: 'https://git.example.net/network.git', ref: 'refs/heads/main' },
    },
    {
      name: 'GitLab',
      text: '{"project":{"git_http_url":"https://git.example.net/n.git"},"ref":"refs/tags/v1"}',
      type: 'application/json',
      hint: { repository: 'https://git.example.net/n.git', ref: 'refs/tags/v1' },
    },
    { name: 'what is no JSON', text: 'moved', type: 'text/plain', hint: {} },
    { name: 'other types', text: '{"ref":7,"repository":["x"]}', type: 'application/json', hint: {} },
    { name: 'text that does not belong into a log', text: '{"ref":"a\\u001b[2J"}', type: 'application/json', hint: {} },
  ])('hints from $name', async ({ text, type, hint }) => {
    expect(await post({ 'x-gitlab-token': token, 'content-type': type }, { text })).toBe(202);
    expect(hints).toEqual([{ fleet: 'backbone', hint }]);
  });

  test('of more than a megabyte is refused, with and without saying so before', async () => {
    const text = 'x'.repeat(1024 * 1024 + 1);
    expect(await post({ 'x-gitlab-token': token }, { text })).toBe(413);
    expect(await postInChunks(text)).toMatch(/^HTTP\/1.1 413/);
    expect(await post({ 'x-gitlab-token': token }, { text: text.slice(1) })).toBe(202);
    expect(results).toEqual(['tooLarge', 'tooLarge', 'accepted']);
  });

  test('comes at most so often', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 32; i++) statuses.push(await post(i % 2 === 0 ? {} : { 'x-gitlab-token': token }));
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(1);
    expect(statuses.slice(0, 30)).not.toContain(429);
  });
});

/** A body whose length nobody says before. */
function postInChunks(text: string): Promise<string> {
  const { hostname, port } = new URL(web.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nX-Gitlab-Token: ${token}\r\n\r\n`);
      socket.write(`${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`);
    });
    socket.once('data', (part: Buffer) => {
      resolve(part.toString('latin1'));
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
