import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { tryRun } from '../lab/shell.ts';
import { type FakeNetBox, startFakeNetBox } from './fake.ts';

const plumb = join(import.meta.dirname, '../../bin/plumb');
const device = `apiVersion: plumbline.dev/v1alpha1
kind: Device
metadata: {name: edge1-fra, labels: {site: fra, role: edge, device-type: box}}
spec:
  platform: frr
  management: {address: 10.255.0.1, hostKeys: ['SHA256:0NCNJe2odk+Qg25vtrml/Em2rYRXPch9cqgiE0hg8Zk']}
  credentials: {observe: {name: routers}}
  interfaces: [{name: eth0, description: to core, addresses: [10.255.0.1/24]}]
`;

// Each starts a few processes.
vi.setConfig({ testTimeout: 240_000 });
const timeoutMs = 60_000;

let fake: FakeNetBox;
let folder: string;
beforeEach(async () => {
  fake = await startFakeNetBox();
  folder = mkdtempSync(join(tmpdir(), 'plumb-netbox-'));
  mkdirSync(join(folder, 'git'));
  writeFileSync(join(folder, 'git/edge1.yaml'), device);
  const maker = fake.insert('dcim/manufacturers', { name: 'Maker', slug: 'maker' });
  fake.insert('dcim/device-types', { manufacturer: maker, model: 'Box', slug: 'box' });
  fake.insert('dcim/sites', { name: 'Frankfurt', slug: 'fra' });
  fake.insert('dcim/device-roles', { name: 'Edge', slug: 'edge' });
  fake.insert('dcim/platforms', { name: 'FRR', slug: 'frr' });
});
afterEach(async () => {
  await fake.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(...words: string[]): Promise<{ rc: number; stdout: string; stderr: string }> {
  const env = { ...process.env, NO_COLOR: '1', PLUMB_NETBOX_URL: fake.url, PLUMB_NETBOX_TOKEN: fake.token };
  const ran = await tryRun([plumb, 'netbox', ...words, '-s', join(folder, 'git'), '--store', join(folder, 'store')], { env, timeoutMs });
  expect(`${ran.stdout}${ran.stderr}`).not.toContain(fake.token);
  return ran;
}

it('shows what NetBox lacks, writes it when agreed to, and has nothing to say then', async () => {
  const before = await run('diff', '--offline');
  expect(before).toMatchObject({ rc: 1 });
  expect(before.stdout).toContain('Missing  device edge1-fra, and on it 1 of interface, 1 of IP address  (edge1.yaml:3)');
  expect(before.stdout).toContain('plumb netbox record edge1-fra');

  const asked = await run('record', '--offline');
  expect(asked.rc).toBe(1);
  expect(asked.stdout).toContain('6 writes to NetBox: 5 to make, 1 to change, 0 to delete');
  expect(asked.stderr).toContain('Nothing was written');
  expect(fake.requests.filter((each) => !each.startsWith('GET'))).toEqual([]);

  const written = await run('record', '--offline', '--yes');
  expect(written).toMatchObject({ rc: 0, stderr: '' });
  expect(written.stdout).toContain('6 of 6 written');

  fake.requests.length = 0;
  expect((await run('diff', '--offline')).rc).toBe(0);
  expect((await run('record', '--offline', '--yes')).stdout).toContain('nothing to write');
  expect(fake.requests.filter((each) => !each.startsWith('GET'))).toEqual([]);
});

it('makes desired state of it, which NetBox then agrees with', async () => {
  await run('record', '--offline', '--yes');
  const env = { ...process.env, NO_COLOR: '1', PLUMB_NETBOX_URL: fake.url, PLUMB_NETBOX_TOKEN: fake.token };
  const into = join(folder, 'new');
  const first = await tryRun([plumb, 'import', 'netbox', '--site', 'fra', '-s', into], { env, timeoutMs });
  expect(first).toMatchObject({ rc: 0, stdout: expect.stringContaining('wrote 1 file below') });
  expect(readFileSync(join(into, 'devices/edge1-fra.yaml'), 'utf8')).toContain(
    '- {name: eth0, addresses: [10.255.0.1/24], description: to core}',
  );
  expect(
    await tryRun([plumb, 'netbox', 'diff', '--offline', '-s', into, '--store', join(folder, 'store')], { env, timeoutMs }),
  ).toMatchObject({
    rc: 0,
  });
  const second = await tryRun([plumb, 'import', 'netbox', '-s', into], { env, timeoutMs });
  expect(second).toMatchObject({ rc: 0, stdout: expect.stringContaining('edge1-fra: Git has it already') });
  expect(await tryRun([plumb, 'import', 'netbox', '--site', 'frankfurt', '-s', into], { env, timeoutMs })).toMatchObject({
    rc: 1,
    stderr: expect.stringContaining('SiteUnknown'),
  });
});

it('gives the verdicts to a script', async () => {
  const { stdout, rc } = await run('diff', '--offline', '-o', 'json');
  expect(rc).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    version: '4.7.3',
    differences: [{ record: 'Missing', owner: 'Device/edge1-fra', source: { file: 'edge1.yaml', line: 3 } }, {}, {}],
  });
});

it('is Unknown, not in order, when NetBox cannot be read', async () => {
  fake.fault = ({ path }, response) => {
    if (path !== 'dcim/devices') return false;
    response.writeHead(403, { 'content-type': 'application/json' }).end('{"detail":"You do not have permission to perform this action."}');
    return true;
  };
  const { rc, stdout, stderr } = await run('diff', '--offline');
  expect([rc, stdout]).toEqual([2, '']);
  expect(stderr).toContain('NetBoxForbidden');
});

it('says how a NetBox is named', async () => {
  const ran = await tryRun([plumb, 'netbox', 'diff', '-s', join(folder, 'git')], {
    env: { ...process.env, PLUMB_NETBOX_URL: undefined },
    timeoutMs,
  });
  expect(ran.rc).toBe(1);
  expect(ran.stderr).toContain('no NetBox is named');
});
