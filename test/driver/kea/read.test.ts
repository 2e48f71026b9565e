import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Driver, KeaTarget } from '../../../controller/drivers/index.ts';
import { Secret } from '../../../controller/lib/index.ts';
import type { KeaLab } from '../../lab/kea/index.ts';
import { tokenOf } from '../setup.ts';
import { openDirect } from './direct.ts';
import { config4, createDriver, limit, skipped, targetOf, upServer } from './setup.ts';

describe.skipIf(skipped !== undefined)('a read of a Kea server', () => {
  let lab: KeaLab;
  let driver: Driver;

  beforeAll(async () => {
    lab = await upServer('kr');
  });
  const read = (changes: Partial<KeaTarget> = {}, options = {}) => {
    driver = createDriver();
    return driver.observe(targetOf(lab, 's1', changes), options, limit());
  };
  afterEach(async () => {
    await driver?.close();
  });
  afterAll(async () => {
    await lab?.down();
  });

  test('is whole: both daemons with process and age, canonical config, no sessions', async () => {
    const observed = await read();
    expect(observed).toMatchObject({
      state: 'Read',
      device: 's1',
      version: '2.2.0',
      neighbors: [],
      daemons: [
        { name: 'dhcp4', pid: lab.pid('s1', 'dhcp4') },
        { name: 'dhcp6', pid: lab.pid('s1', 'dhcp6') },
      ],
      startupDiffers: false,
      epoch: 0,
    });
    expect(observed).not.toHaveProperty('lastChange');
    const { config } = observed as Extract<typeof observed, { state: 'Read' }>;
    expect(config).toContain('\n subnet 10\n  prefix 192.0.2.0/24\n');
    expect(config).toContain('\n  reservation hw-address 02:00:00:00:10:01 ip-address 192.0.2.50\n');
    expect(config).toMatch(/^Dhcp4\n[^]*\nDhcp6\n/);
  });

  test('gives the same fingerprint twice, another one after somebody changed an option, and tells that this is not saved', async () => {
    const first = await read();
    expect(await read()).toMatchObject({ fingerprint: (first as { fingerprint?: string }).fingerprint });
    const running = await lab.running('s1', 'dhcp4');
    // Seconds are whole: a change in the very second of the start looks like the start.
    await expect
      .poll(async () => (await lab.command('s1', 'dhcp4', 'status-get')).arguments?.['uptime'], { timeout: 5_000 })
      .toBeGreaterThan(2);
    await lab.command('s1', 'dhcp4', 'config-set', { Dhcp4: { ...running, 'valid-lifetime': 1234 } });
    const changed = await read();
    expect(changed).toMatchObject({ state: 'Read', startupDiffers: true, config: expect.stringContaining('valid-lifetime 1234') });
    expect(changed).not.toMatchObject({ fingerprint: (first as { fingerprint?: string }).fingerprint });
  });

  test('of a server that restarted on its old file is what it serves: the change of memory is gone', async () => {
    await lab.restart('s1', 'dhcp4');
    const observed = await read({ settleSeconds: 30 });
    expect(observed).toMatchObject({ state: 'Read', startupDiffers: false });
    expect((observed as { config?: string }).config).not.toContain('1234');
  });

  test.each([
    { why: 'whose daemons are young', changes: { settleSeconds: 1_000_000 }, options: {} },
    { why: 'that lost something owned', changes: {}, options: { lacksOwned: () => true } },
  ])('of a server $why is repeated and then believed', async ({ changes, options }) => {
    const started = performance.now();
    expect(await read(changes, options)).toMatchObject({ state: 'Read' });
    expect(performance.now() - started).toBeGreaterThan(2_000);
  });

  test('with one of two daemons silent is Unknown: DaemonDown, and it says which', async () => {
    await lab.kill('s1', 'dhcp6');
    expect(await read()).toMatchObject({ state: 'Unknown', reason: 'DaemonDown', message: 's1: dhcp6 does not run' });
    await lab.start('s1', 'dhcp6');
    expect(await read()).toMatchObject({ state: 'Read' });
  });

  test('without the agent is Unreachable, and so is a daemon that the agent does not know', async () => {
    await lab.kill('s1', 'agent');
    expect(await read()).toMatchObject({ state: 'Unknown', reason: 'Unreachable', message: expect.stringMatching(/ECONNREFUSED|refused/) });
    await lab.start('s1', 'agent');
    expect(await read()).toMatchObject({ state: 'Read' });
    const other = await upServer('kr6', { dhcp6: undefined as never });
    try {
      const target = { ...targetOf(other), services: ['dhcp4', 'dhcp6'] as const };
      const answer = await createDriver().observe(target, {}, limit());
      expect(answer).toMatchObject({ state: 'Unknown', reason: 'Unreachable', message: expect.stringContaining('knows no socket') });
    } finally {
      await other.down();
    }
  });

  test('with another password is AuthFailed, and so it is without the client certificate that the agent wants', async () => {
    const { observe } = targetOf(lab);
    expect(await read({ observe: { ...observe, password: new Secret('not it') } })).toMatchObject({
      state: 'Unknown',
      reason: 'AuthFailed',
    });
    const { certificate: _none, privateKey: _key, ...bare } = observe;
    expect(await read({ observe: bare })).toMatchObject({
      state: 'Unknown',
      reason: 'AuthFailed',
      message: expect.stringContaining('client certificate'),
    });
    expect(await read({ observe: { ...observe, privateKey: new Secret('no key') } })).toMatchObject({
      state: 'Unknown',
      reason: 'Unverified',
    });
  });

  test('of a server with a certificate of somebody else is WrongDevice; one that is pinned needs no authority', async () => {
    const { http } = targetOf(lab);
    const { ca: _ca, ...bare } = http ?? {};
    expect(await read({ http: bare })).toMatchObject({
      state: 'Unknown',
      reason: 'WrongDevice',
      message: expect.stringContaining('certificate'),
    });
    expect(await read({ http: { ...http, serverName: 'dhcp2.example.net' } })).toMatchObject({ state: 'Unknown', reason: 'WrongDevice' });
    const pin = lab.server('s1').certificate;
    expect(await read({ http: { ...bare, certificates: [pin] } })).toMatchObject({ state: 'Read' });
    const other = `SHA256:${'A'.repeat(43)}`;
    expect(await read({ http: { ...bare, certificates: [other] } })).toMatchObject({
      reason: 'WrongDevice',
      message: expect.stringContaining(pin),
    });
  });

  test('without TLS, SSH or a server-tag asks nobody: nothing would tell one server from another', async () => {
    const [server] = [lab.server('s1')];
    const direct = await openDirect(server, 'dhcp4');
    const http = { direct: { dhcp4: direct.url } };
    expect(await read({ http, services: ['dhcp4'] })).toMatchObject({ state: 'Unknown', reason: 'Unverified' });
    expect(direct.heard).toEqual([]);
    expect(await read({ http, services: ['dhcp4'], serverTag: 'another' })).toMatchObject({ state: 'Unknown', reason: 'WrongDevice' });
    await direct.close();
  });

  test('masks the password of a database, and names the database of hosts for which nothing is ever in sync', async () => {
    const running = await lab.running('s1', 'dhcp4');
    const database = {
      type: 'mysql',
      name: 'kea',
      user: 'kea',
      password: 'first-Secret',
      host: '127.0.0.1',
      'on-fail': 'serve-retry-continue',
      'max-reconnect-tries': 1,
    };
    lab.writeConfig('s1', 'dhcp4', {
      ...config4,
      'dhcp-ddns': { 'enable-updates': false },
      'user-context': { radius: { secret: 'first-Secret' } },
    });
    await lab.restart('s1', 'dhcp4');
    const observed = await read();
    expect(observed).toMatchObject({ state: 'Read', config: expect.stringContaining(tokenOf('first-Secret')) });
    expect(JSON.stringify(observed)).not.toContain('first-Secret');
    // No database runs here, so that Kea does not take this: the answer comes from a stand-in.
    const stand = await standIn({ ...running, 'hosts-databases': [database] });
    const answer = await read({ services: ['dhcp4'], http: { direct: { dhcp4: stand.url } }, serverTag: '' });
    expect(answer).toMatchObject({ state: 'Unknown', reason: 'PartialRead', message: expect.stringContaining('a database of hosts') });
    expect(JSON.stringify(answer)).not.toContain('first-Secret');
    await stand.close();
    lab.writeConfig('s1', 'dhcp4', config4);
    await lab.restart('s1', 'dhcp4');
  });

  test('of a daemon that gives a digest of its configuration does not fetch the same one twice, and is whole all the same', async () => {
    const direct = await openDirect(lab.server('s1'), 'dhcp4');
    const target = targetOf(lab, 's1', { services: ['dhcp4'], http: { direct: { dhcp4: direct.url } }, serverTag: '' });
    driver = createDriver();
    const first = await driver.observe(target, {}, limit());
    const second = await driver.observe(target, {}, limit());
    expect(second).toMatchObject({
      state: 'Read',
      config: (first as { config?: string }).config,
      fingerprint: (first as { fingerprint?: string }).fingerprint,
    });
    expect(direct.heard.filter((command) => command === 'config-get')).toHaveLength(1);
    const running = await lab.running('s1', 'dhcp4');
    await lab.command('s1', 'dhcp4', 'config-set', { Dhcp4: { ...running, 'valid-lifetime': 4321 } });
    expect(await driver.observe(target, {}, limit())).toMatchObject({ config: expect.stringContaining('valid-lifetime 4321') });
    await lab.command('s1', 'dhcp4', 'config-set', { Dhcp4: running });
    await direct.close();
  });

  test.each([
    { says: 'a page of a web server', status: 200, body: '<html>welcome</html>' },
    { says: 'half an answer', status: 200, body: '[ { "result": 0, "argum' },
    { says: 'an error of a proxy', status: 502, body: 'bad gateway' },
  ])('that gets $says is PartialRead: half a read is none', async ({ status, body }) => {
    const http = createServer((_request, response) => response.writeHead(status).end(body));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    expect(await read({ services: ['dhcp4'], http: { direct: { dhcp4: url } }, serverTag: '' })).toMatchObject({
      state: 'Unknown',
      reason: 'PartialRead',
    });
    http.closeAllConnections();
    http.close();
  });

  test('tells leases by subnet, range and address, how full a subnet is, and what it cannot know', async () => {
    const client = await lab.client('a', '02:00:00:00:20:01');
    const lease = await client.lease4();
    expect(lease?.address).toMatch(/^192\.0\.2\.1[012]\d$/);
    await client.lease6();
    driver = createDriver();
    const target = targetOf(lab);
    const ask = (...questions: Parameters<NonNullable<Driver['leases']>>[1]) => driver.leases?.(target, questions, limit());
    const four = { service: 'dhcp4', of: 'address' } as const;
    const six = { service: 'dhcp6', of: 'address' } as const;
    expect(
      await ask(
        { ...four, subnet: 10 },
        { ...four, first: '192.0.2.100', last: '192.0.2.120' },
        { ...four, first: '192.0.2.0', last: '192.0.2.99' },
        { ...four, address: lease?.address ?? '' },
        { ...four, address: '192.0.2.99' },
        { ...six, subnet: 20 },
        { ...six, first: '2001:db8:1::100', last: '2001:db8:1::1ff' },
      ),
    ).toMatchObject([
      { known: true, live: 1, leases: [{ address: lease?.address, subnet: 10, hwAddress: '02:00:00:00:20:01' }] },
      { known: true, live: 1 },
      { known: true, live: 0, leases: [] },
      { known: true, live: 1 },
      { known: true, live: 0 },
      { known: true, live: 1, leases: [{ subnet: 20, duid: expect.any(String) }] },
      { known: true, live: 1 },
    ]);
    expect(await driver.utilisation?.(target, limit())).toMatchObject({
      outcome: 'Counted',
      subnets: [
        { service: 'dhcp4', subnet: 10, total: 21, assigned: 1 },
        { service: 'dhcp6', subnet: 20, total: 256, assigned: 1 },
      ],
    });
    lab.writeConfig('s1', 'dhcp4', { ...config4, 'hooks-libraries': [] });
    await lab.restart('s1', 'dhcp4');
    expect(await ask({ ...four, subnet: 10 })).toEqual([{ known: false, why: expect.stringContaining('lease_cmds') }]);
    expect(await driver.utilisation?.(target, limit())).toMatchObject({ outcome: 'NotKnown', why: expect.stringContaining('stat_cmds') });
    lab.writeConfig('s1', 'dhcp4', config4);
    await lab.restart('s1', 'dhcp4');
  });

  test('of one that somebody changed tells when, and that Kea does not note who', async () => {
    const began = new Date();
    const config = await lab.running('s1', 'dhcp4');
    expect(await lab.command('s1', 'dhcp4', 'config-set', { Dhcp4: config })).toMatchObject({ result: 0 });
    await read();
    // Kea counts whole seconds.
    const since = new Date(began.getTime() - 2_000);
    const told = await driver.attribute?.(targetOf(lab), { since }, limit());
    expect(told?.candidates).toEqual([]);
    expect(told?.gaps).toContainEqual(expect.stringMatching(/^dhcp4 took its configuration at \d{4}-.*: Kea does not note from whom$/));
    const later = await driver.attribute?.(targetOf(lab), { since: new Date(Date.now() + 60_000) }, limit());
    expect(later).toEqual({ candidates: [], gaps: ['Kea does not note who changes its configuration'] });
  });
});

/** A daemon that gives this configuration to whoever asks. */
async function standIn(config: object): Promise<{ url: string; close(): Promise<void> }> {
  const http = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
      const { command } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { command: string };
      const answers: Record<string, object> = {
        'status-get': { result: 0, arguments: { pid: 7, uptime: 100, reload: 100, sockets: { status: 'ready' } } },
        'version-get': { result: 0, text: '2.2.0' },
        'config-get': { result: 0, arguments: { Dhcp4: config } },
      };
      response.end(JSON.stringify([answers[command] ?? { result: 2, text: 'not supported' }]));
    })();
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
