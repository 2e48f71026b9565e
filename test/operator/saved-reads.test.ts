import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SavedReads } from '../../controller/api/index.ts';
import { createReads, serveWeb } from '../../controller/web/index.ts';
import { type Said, plumbAt } from '../e2e/desk.ts';
import { fleetPassword } from '../simulator/desired-state.ts';
import { type OperatorDesk, openOperatorDesk } from './desk.ts';

let desk: OperatorDesk;
let reads: string;

/** As CI runs it: no secrets, no keys, and a store that is not there before and after. */
const plan = (given: readonly string[], environment: Record<string, string> = {}): Promise<Said> =>
  plumbAt({ repository: desk.repository.folder, store: join(desk.folder, 'no-store') }, ['plan', ...given], { environment });

beforeAll(async () => {
  desk = await openOperatorDesk({ patience: 60, keepsReads: true });
  await desk.allJudged();
  reads = join(desk.folder, 'reads.json');
  const saved = await desk.plumb('drift', '--save', reads, '--store', join(desk.folder, 'reader'), '--secrets', desk.secretsFolder);
  if (saved.code !== 0) throw new Error(saved.stderr);
}, 120_000);
afterAll(() => desk.stop());

test('what was saved holds no secret, no version of one, and nothing that tells one machine from another', () => {
  const text = readFileSync(reads, 'utf8');
  for (const hidden of [fleetPassword, '<secret:hmac-', 'SHA256:', 'machineId', 'bootId']) expect(text).not.toContain(hidden);
  expect(text).toContain('password <secret:unset-ibgp/password>');
});

test('a plan from it is what a plan from the devices is, without asking one', { timeout: 120_000 }, async () => {
  expect(await plan(['--live-from', reads])).toMatchObject({ code: 0, stdout: 'Nothing to change.\n' });
  desk.repository.commit({ 'policies.yaml': desk.edited('policies.yaml', '"prefix": "198.18.0.0/15"', '"prefix": "198.18.0.0/22"') });
  const { code, stdout } = await plan(['--live-from', reads, '-o', 'markdown', '--limit', 'github']);
  expect(code).toBe(1);
  expect(stdout).toContain('**Plumbline:** 2 devices');
  expect(stdout).toContain('No session resets.');
  expect(stdout).toContain('**withdrawn** | 198.18.4.0/24');
  expect(stdout).toMatch(/- devices read \d{4}-/);
  expect(stdout).toMatch(/- what happened on the devices since \d{4}-.*: they were not asked/);
});

test('a secret that differed when it was saved differs in the plan, and nothing else of it is told', { timeout: 120_000 }, async () => {
  const changed = readFileSync(reads, 'utf8').replaceAll('<secret:unset-ibgp/password>', `<secret:hmac-${'0'.repeat(32)}>`);
  const other = join(desk.folder, 'other.json');
  writeFileSync(other, changed);
  const { stdout } = await plan(['r00000', '--live-from', other]);
  expect(stdout).toContain('password <secret:unset-ibgp/password>');
});

test('a plan from reads says how old the oldest is, however late they were given away', { timeout: 120_000 }, async () => {
  const old = '2026-01-02T03:04:05.000Z';
  const { devices, ...rest } = SavedReads.parse(JSON.parse(readFileSync(reads, 'utf8')));
  const [first, ...others] = devices;
  const aged = join(desk.folder, 'aged.json');
  writeFileSync(aged, JSON.stringify({ ...rest, devices: [{ ...first, read: { ...first?.read, at: old } }, ...others] }));
  const { stdout, stderr } = await plan(['--live-from', aged, '-o', 'markdown', '--limit', 'github']);
  expect(stderr).toContain(`From what the devices held at ${old}`);
  expect(stdout).toContain(`what happened on the devices since ${old}`);
});

test('it is read from a server, with a token that only the environment holds', { timeout: 120_000 }, async () => {
  const server = createServer((request, response) => {
    if (request.headers.authorization !== 'Bearer open-sesame') return void response.writeHead(401).end();
    response.end(readFileSync(reads));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/reads.json`;
    expect((await plan(['--live-from', address], { PLUMB_LIVE_TOKEN: 'open-sesame' })).stderr).toContain('No device was asked.');
    const refused = await plan(['--live-from', address]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('the server answers 401')]);
  } finally {
    server.close();
  }
});

test('the operator gives what it read last: the same, without secrets, and the plan from it', { timeout: 120_000 }, async () => {
  const token = 'a-token-of-twenty-four-letters';
  let askedBefore = false;
  const reading = createReads({ token, text: () => (askedBefore ? desk.operator.lastReads() : void (askedBefore = true)) });
  const web = await serveWeb({
    port: 0,
    registry: new Registry(),
    ready: () => true,
    healthy: () => true,
    mount: (app) => app.route('/', reading),
  });
  try {
    await desk.allJudged();
    const said = await plan(['--live-from', `${web.url}/reads`], { PLUMB_LIVE_TOKEN: token });
    expect(said.stderr).toContain('No device was asked.');
    const text = await (await fetch(`${web.url}/reads`, { headers: { authorization: `Bearer ${token}` } })).text();
    for (const hidden of [fleetPassword, '<secret:hmac-', 'SHA256:', 'machineId', 'bootId']) expect(text).not.toContain(hidden);
    const [given, saved] = [text, readFileSync(reads, 'utf8')].map((each) => SavedReads.parse(JSON.parse(each)));
    const held = (some: typeof given) =>
      some?.devices.map(({ device, read }) => [device, read.state === 'Read' ? read.config : read.reason]);
    expect(held(given)).toEqual(held(saved));
    expect((await plan(['--live-from', `${web.url}/reads`])).stderr).toContain('the server answers 401');
  } finally {
    await web.close();
  }
});

test.each([
  { argv: ['--live-from', 'policies.yaml'], says: 'policies.yaml holds no saved reads: it is no JSON' },
  { argv: ['--live-from', 'http://reads.example.net/x'], says: 'only https is read from another machine' },
  { argv: ['--live-from', 'x', '--base', 'main'], says: '--live-from means nothing together with --base' },
  { argv: ['--live-from', 'x', '--out', 'y'], says: '--out means nothing together with --live-from' },
])('$argv ends with 1 and a line that helps', async ({ argv, says }) => {
  const { code, stderr } = await plan(argv);
  expect([code, stderr]).toEqual([1, expect.stringContaining(says)]);
});
