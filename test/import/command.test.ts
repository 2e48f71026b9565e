import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { plumbAt } from '../e2e/desk.ts';
import { openDirect } from '../driver/kea/direct.ts';
import { skipped, upServer } from '../driver/kea/setup.ts';
import { up, whyNot } from '../lab/frr.ts';
import { writeSecret } from '../lab/example-network.ts';
import type { KeaLab } from '../lab/kea/index.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'plumb-import-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (...argv: string[]) => plumbAt({ repository: folder, store: join(folder, 'store') }, argv);
const filesIn = (path: string): string[] => readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();

const text = `hostname Edge-1
password zebra
router bgp 64500
 neighbor 192.0.2.2 remote-as 64501
 neighbor 192.0.2.2 password opensesame
`;

describe('plumb import device', { timeout: 60_000 }, () => {
  beforeEach(() => writeFileSync(join(folder, 'edge.conf'), text));

  it('writes what plumb check takes, and secrets as --secrets reads them', async () => {
    const said = await run('import', 'device', 'edge.conf', '-s', 'git', '--secrets-out', 'secrets');
    expect(said).toMatchObject({ code: 0, stderr: '' });
    expect(said.stdout).toContain('edge-1 (edge.conf): 5 lines: 3 modelled, 2 raw, 0 unowned');
    expect(said.stdout).toContain('bgp-edge-1-as64501/password: bgp-password for edge-1, written to secrets');
    expect((await run('check', 'git')).code).toBe(0);
    const value = join(folder, 'secrets/bgp-edge-1-as64501/password');
    expect([readFileSync(value, 'utf8'), statSync(value).mode & 0o777]).toEqual(['opensesame\n', 0o600]);
    expect(readFileSync(join(folder, 'secrets/bgp-edge-1-as64501/.use'), 'utf8')).toBe('bgp-password for edge-1\n');
    for (const file of filesIn(join(folder, 'git')).filter((each) => /\.\w+$/.test(each)))
      expect(readFileSync(join(folder, 'git', file), 'utf8')).not.toMatch(/opensesame|zebra/);
    expect((await run('import', 'device', 'edge.conf', '-s', 'git')).stdout).toBe('edge-1: Git has it just so; nothing to do\n');
  });

  it('writes nothing with --dry-run, and nothing over what is there', async () => {
    expect((await run('import', 'device', 'edge.conf', '-s', 'git', '--dry-run')).stdout).toContain('would write');
    expect(filesIn(folder)).not.toContain('git');
    await run('import', 'device', 'edge.conf', '-s', 'git', '--name', 'other');
    writeFileSync(join(folder, 'git/devices/third.yaml'), '# mine\n');
    const before = filesIn(folder);
    const said = await run('import', 'device', 'edge.conf', '-s', 'git', '--name', 'third');
    expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining('devices/third.yaml is there already') });
    expect(filesIn(folder)).toEqual(before);
  });

  it('makes a device that nobody contacts yet, of which a capture claims nothing', async () => {
    await run('import', 'device', 'edge.conf', '-s', 'git');
    const said = await run('capture', 'edge-1', '-s', 'git');
    expect(said).toMatchObject({ code: 2, stdout: expect.stringContaining('as far as devices could be read: 1 device could not') });
    expect(said.stderr).toContain('edge-1 is Planned: it is not contacted');
  });

  it('answers a script, without values', async () => {
    const { stdout } = await run('import', 'device', 'edge.conf', '-s', 'git', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      devices: [{ device: 'edge-1', modelled: 3, raw: 2 }],
      objects: { Device: 1, BGPSession: 1 },
    });
    expect(stdout).not.toMatch(/opensesame|zebra/);
  });

  it.each([
    { name: 'nothing', argv: [], says: 'nothing is named that could be imported' },
    { name: 'a file and a router', argv: ['edge.conf', '--live', '192.0.2.1'], says: '--live means nothing together with a file' },
    { name: 'two files of one router', argv: ['edge.conf', './edge.conf'], says: 'are both called edge-1' },
    { name: 'a name that is a path', argv: ['edge.conf', '--name', '../x'], says: 'is no name of a Device' },
    { name: 'a URL of a router', argv: ['--live', 'https://192.0.2.1'], says: 'no address that leads to a device of platform frr' },
    {
      name: 'a URL with a path',
      argv: ['--platform', 'kea-dhcp4', '--live', 'http://192.0.2.1/api'],
      says: 'no address that leads to a device of platform kea-dhcp4',
    },
    {
      name: 'a URL with an account, of which it shows nothing',
      argv: ['--platform', 'kea-dhcp4', '--live', 'https://me:open/se@same@192.0.2.1:8000'],
      says: '--live https://…@192.0.2.1:8000: no address',
    },
    {
      name: 'a URL with a name',
      argv: ['--platform', 'kea-dhcp4', '--live', 'https://me@192.0.2.1'],
      says: '--live https://…@192.0.2.1: no address',
    },
    {
      name: 'one name for two servers',
      argv: ['--live', 'a', 'b', '--name', 'x'],
      says: '--name means nothing together with several addresses',
    },
    {
      name: 'a platform that it does not know',
      argv: ['edge.conf', '--platform', 'iosx'],
      says: '--platform iosx: configurations of this',
    },
    { name: 'a platform that it cannot import', argv: ['edge.conf', '--platform', 'ios'], says: 'Write frr for a router; kea-dhcp4' },
    { name: 'an empty file', argv: ['empty.conf'], says: 'empty.conf holds no configuration' },
    { name: 'a file of comments', argv: ['comments.conf'], says: 'comments.conf holds no configuration' },
    { name: 'a file that is not there', argv: ['nowhere.conf'], says: 'there is no such file' },
  ])('refuses $name', async ({ argv, says }) => {
    writeFileSync(join(folder, 'empty.conf'), '');
    writeFileSync(join(folder, 'comments.conf'), '!\n! nothing yet\n\n');
    expect(await run('import', 'device', ...argv)).toMatchObject({ code: 1, stderr: expect.stringContaining(says) });
  });
});

describe.skipIf(whyNot() !== undefined)('plumb import device --live, from a real router', { timeout: 120_000 }, () => {
  it('reads it once its key is said, and then nothing differs', async () => {
    const lab = await up({
      prefix: `imp${process.pid.toString(36)}`,
      routers: [{ name: 'r1', config: text.replace('Edge-1', 'r1') }],
      links: [],
    });
    try {
      const { address = '', port, hostKey = '' } = lab.router('r1');
      const { user, key } = lab.facts.users.observe;
      const secrets = join(folder, 'secrets');
      writeSecret({ secrets }, 'routers-observe', 'username', user, 'ssh-observe for *');
      writeSecret({ secrets }, 'routers-observe', 'privateKey', readFileSync(key, 'utf8'), 'ssh-observe for *');
      const importing = ['import', 'device', '--live', address, '--port', String(port), '--secrets', secrets, '-s', 'git'];
      expect(await run(...importing)).toMatchObject({ code: 2, stderr: expect.stringContaining(hostKey) });
      const said = await run(...importing, '--host-key', hostKey);
      expect(said.code).toBe(0);
      expect(said.stdout).toContain('its value was not in the text');
      expect((await run('render', 'r1', '-s', 'git')).stdout).toContain(
        'neighbor 192.0.2.2 password <secret:unset-bgp-r1-as64501/password>',
      );
    } finally {
      await lab.down();
    }
  });
});

describe.skipIf(skipped !== undefined)('plumb import device --live, from a real DHCP server', { timeout: 120_000 }, () => {
  let lab: KeaLab;
  beforeAll(async () => void (lab = await upServer('imk')));
  afterAll(() => lab?.down());
  const giveSecret = (password: string): void => {
    const { ca, cert, key } = lab.facts.tls;
    const pem = { 'ca.crt': readFileSync(ca, 'utf8'), 'tls.crt': readFileSync(cert, 'utf8'), 'tls.key': readFileSync(key, 'utf8') };
    for (const [name, value] of Object.entries({ username: lab.server('s1').user, password, ...pem }))
      writeSecret({ secrets: join(folder, 'secrets') }, 'kea-observe', name, value, 'api-observe for *');
  };
  const importing = (platform: string, url: string, ...more: string[]) =>
    run('import', 'device', '--platform', platform, '--live', url, '--name', 's1', '--secrets', 'secrets', '-s', 'git', ...more);
  const expectInSync = async () => {
    expect((await run('check', 'git')).code).toBe(0);
    const drift = await run('drift', 's1', '-s', 'git', '--secrets', 'secrets', '-o', 'json');
    expect(JSON.parse(drift.stdout)).toMatchObject({ devices: [{ device: 's1', verdict: 'InSync', differences: [] }] });
  };

  it.each(['kea-dhcp4', 'kea-dhcp6', 'kea'])('reads %s through its control agent, and then nothing differs', async (platform) => {
    const { url, password } = lab.server('s1');
    expect(await importing(platform, url)).toMatchObject({ code: 1, stderr: expect.stringContaining('no account for api-observe') });
    giveSecret('wrong');
    expect(await importing(platform, url)).toMatchObject({ code: 2, stdout: '' });
    expect(filesIn(folder)).not.toContain('git');
    giveSecret(password);
    expect(await importing(platform, url)).toMatchObject({ code: 0, stderr: '' });
    await expectInSync();
  });

  it.each(['dhcp4', 'dhcp6'] as const)(
    'reads %s over HTTP of its own with --direct, here by a stand-in before Kea 2.2',
    async (service) => {
      const { dir } = lab.facts;
      const server = lab.server('s1');
      const tls = { cert: readFileSync(join(dir, 'server.crt'), 'utf8'), key: readFileSync(join(dir, 'server.key'), 'utf8') };
      const direct = await openDirect(server, service, tls);
      try {
        giveSecret(server.password);
        expect(await importing(`kea-${service}`, direct.url, '--direct')).toMatchObject({ code: 0, stderr: '' });
        expect(readFileSync(join(folder, 'git/devices/s1.yaml'), 'utf8')).toMatch(service === 'dhcp4' ? /ipv4Port/ : /ipv6Port/);
        await expectInSync();
        expect(direct.heard).toContain('config-get');
      } finally {
        await direct.close();
      }
    },
  );
});
