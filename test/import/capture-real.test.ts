import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plumbAt } from '../e2e/desk.ts';
import { type Lab, up, whyNot } from '../lab/frr.ts';
import { writeSecret } from '../lab/example-network.ts';
import { until } from '../lab/shell.ts';

const config = `hostname r1
ip route 10.9.0.0/16 blackhole
ip prefix-list OURS seq 5 permit 10.9.0.0/16
router bgp 64500
 no bgp default ipv4-unicast
 neighbor CUST peer-group
 neighbor CUST remote-as 64510
 neighbor 192.0.2.20 peer-group CUST
 bgp listen range 198.51.100.0/24 peer-group CUST
 neighbor 192.0.2.2 remote-as 64501
 neighbor 192.0.2.2 description transit
 address-family ipv4 unicast
  network 10.9.0.0/16
  neighbor 192.0.2.2 activate
  neighbor 192.0.2.2 route-map TRANSIT-IN in
  neighbor CUST activate
  neighbor CUST route-map TRANSIT-IN in
 exit-address-family
route-map TRANSIT-IN permit 10
 match ip address prefix-list OURS
 set local-preference 90
`;

describe.skipIf(whyNot() !== undefined)('plumb capture, from a real router', { timeout: 180_000 }, () => {
  let lab: Lab;
  let folder: string;
  const run = (...argv: string[]) =>
    plumbAt({ repository: folder, store: join(folder, 'store') }, [...argv, '--secrets', join(folder, 'secrets')]);
  const plumb = (verb: string, ...argv: string[]) => run(verb, ...argv, '-s', 'git');
  const verdict = async (): Promise<string> =>
    (JSON.parse((await plumb('drift', '-o', 'json')).stdout) as { devices: { verdict: string }[] }).devices[0]?.verdict ?? '';
  const filesIn = (): Record<string, string> =>
    Object.fromEntries(
      readdirSync(join(folder, 'git'), { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.\w+$/.test(path))
        .map((path) => [path, readFileSync(join(folder, 'git', path), 'utf8')]),
    );

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'plumb-capture-'));
    lab = await up({ prefix: `cap${process.pid.toString(36)}`, routers: [{ name: 'r1', config }], links: [] });
    const { address = '', port, hostKey = '' } = lab.router('r1');
    const { user, key } = lab.facts.users.observe;
    const secrets = join(folder, 'secrets');
    writeSecret({ secrets }, 'routers-observe', 'username', user, 'ssh-observe for *');
    writeSecret({ secrets }, 'routers-observe', 'privateKey', readFileSync(key, 'utf8'), 'ssh-observe for *');
    const said = await run('import', 'device', '--live', address, '--port', String(port), '-s', 'git', '--host-key', hostKey);
    if (said.code !== 0) throw new Error(said.stderr);
    const session = join(folder, 'git/sessions/r1-as64501.yaml');
    writeFileSync(
      session,
      `# Transit. Ask before touching.\n${readFileSync(session, 'utf8').replace('description: transit', 'description: transit # line 7')}`,
    );
    await until('a verdict', async () => (await verdict()) === 'InSync', 60_000);
  }, 120_000);
  afterAll(async () => {
    await lab?.down();
    rmSync(folder, { recursive: true, force: true });
  });

  it('writes what a person changed into the file that says it, and then nothing differs and nothing is left to write', async () => {
    const before = filesIn();
    await lab.byHand(
      'r1',
      'configure terminal',
      'router bgp 64500',
      'neighbor 192.0.2.2 description transit line 8',
      'neighbor 192.0.2.2 timers 5 15',
      'neighbor 192.0.2.2 advertisement-interval 7',
      'exit',
      'route-map TRANSIT-IN permit 10',
      'set local-preference 80',
      'end',
    );
    await until('drift', async () => (await verdict()) === 'Drifted', 60_000);
    const shown = await plumb('capture', 'r1', '--dry-run');
    expect(shown).toMatchObject({ stderr: '', stdout: expect.stringContaining('would write') });
    expect(filesIn()).toEqual(before);

    const said = await plumb('capture', 'r1');
    expect(said).toMatchObject({ code: 0, stderr: '' });
    const after = filesIn();
    expect(after['sessions/r1-as64501.yaml']).toContain('# Transit. Ask before touching.\n');
    expect(after['sessions/r1-as64501.yaml']).toContain('description: transit line 8 # line 7\n');
    expect(after['sessions/r1-as64501.yaml']).toContain('advertisement-interval 7');
    expect(await verdict()).toBe('InSync');
    expect((await plumb('plan')).stdout).not.toContain('neighbor 192.0.2.2');
    const again = await plumb('capture');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to capture') });
    expect(filesIn()).toEqual(after);
  });

  it('takes what is new and of nobody only when asked, into a section where no kind says it', async () => {
    await lab.byHand(
      'r1',
      'configure terminal',
      'ip prefix-list NEW seq 5 permit 10.0.0.0/8',
      'router bgp 64500',
      'bgp bestpath compare-routerid',
      'end',
    );
    expect((await plumb('capture', 'r1')).stdout).toContain('nothing to capture');
    const said = await plumb('capture', 'r1', '--news');
    expect(said).toMatchObject({ code: 0, stderr: '' });
    expect(filesIn()['sections/r1/captured.conf']).toContain('bgp bestpath compare-routerid');
    expect(await verdict()).toBe('InSync');
    expect((await plumbAt({ repository: folder, store: join(folder, 'store') }, ['check', 'git'])).code).toBe(0);
    expect((await plumb('capture', 'r1', '--news')).stdout).toContain('nothing to capture');
  });

  it('takes ten kinds of change at once, each where a kind says it, and keeps what people wrote beside them', async () => {
    const captured = join(folder, 'git/sections/r1/captured.conf');
    writeFileSync(captured, readFileSync(captured, 'utf8').replace(' bgp bestpath', ' ! asked for by the NOC\n bgp bestpath'));
    const group = join(folder, 'git/peer-groups/cust.yaml');
    writeFileSync(group, readFileSync(group, 'utf8').replace('asn: 64510', 'asn: 64510 # all of them'));
    await lab.byHand(
      'r1',
      'configure terminal',
      'ip prefix-list OURS seq 10 permit 10.10.0.0/16 le 24',
      'ip route 10.10.0.0/16 blackhole 200',
      'router bgp 64500',
      'bgp bestpath med missing-as-worst',
      'bgp cluster-id 192.0.2.1',
      'bgp listen range 203.0.113.0/24 peer-group CUST',
      'neighbor CUST remote-as 64511',
      'neighbor CUST timers 10 30',
      'neighbor 192.0.2.20 description first',
      'neighbor 192.0.2.30 peer-group CUST',
      'address-family ipv4 unicast',
      'network 10.10.0.0/16',
      'neighbor CUST next-hop-self',
      'no neighbor 192.0.2.2 route-map TRANSIT-IN in',
      'end',
    );
    await until('drift', async () => (await verdict()) === 'Drifted', 60_000);
    const said = await plumb('capture', 'r1', '--news');
    expect(said).toMatchObject({ code: 0, stderr: '' });
    const files = filesIn();
    expect(files['peer-groups/cust.yaml']).toContain('asn: 64511 # all of them');
    expect(files['peer-groups/cust.yaml']).toContain('holdSeconds: 30');
    expect(files['peer-groups/cust.yaml']).toContain('nextHopSelf: true');
    expect(files['devices/r1.yaml']).toMatch(/prefix: 203\.0\.113\.0\/24\n\s+peerGroup: cust/);
    expect(files['devices/r1.yaml']).toContain('clusterId: 192.0.2.1');
    expect(Object.values(files).join('')).toContain('address: 192.0.2.30');
    expect(files['sections/r1/captured.conf']).toContain(
      'router bgp 64500\n ! asked for by the NOC\n bgp bestpath compare-routerid\n bgp bestpath med missing-as-worst\nexit\n',
    );
    expect(await verdict()).toBe('InSync');
    expect((await plumb('plan')).stdout).not.toMatch(/^\s*[+-]? ?(no )?(neighbor|bgp|network|ip) /m);
    expect((await plumb('capture', 'r1', '--news')).stdout).toContain('nothing to capture');
  });

  it.each([
    { name: 'a revision', argv: ['--rev', 'main'], says: '--rev means nothing together with capture' },
    { name: 'NetBox without its address', argv: ['--from', 'netbox'], says: 'NetBox' },
  ])('refuses $name', async ({ argv, says }) => {
    expect(await plumb('capture', ...argv)).toMatchObject({ code: 1, stderr: expect.stringContaining(says) });
  });
});
