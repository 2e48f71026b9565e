import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type DhcpNetwork, plumbAt, upDhcpNetwork } from '../lab/dhcp-network.ts';
import { commit, edit, type Said } from '../lab/example-network.ts';
import { type JsonMap, whyNot } from '../lab/kea/index.ts';
import { startLoad } from '../lab/kea/traffic.ts';

const missing = whyNot();
if (missing !== undefined) process.stderr.write(`skipped, no real Kea: DHCP from Git to a client: ${missing}\n`);

const pools4 = 'pools: [{range: 192.0.2.10 - 192.0.2.149}]';
const pools6 = "pools: [{range: '2001:db8:1::100 - 2001:db8:1::1ff'}]";
const subnets = `apiVersion: plumbline.dev/v1alpha1
kind: DHCPSubnet
metadata: {name: office}
spec:
  family: IPv4
  id: 10
  prefix: 192.0.2.0/24
  servedBy: [dhcp1]
  interface: srv
  options: [{name: routers, data: 192.0.2.254}]
  ${pools4}
---
apiVersion: plumbline.dev/v1alpha1
kind: DHCPSubnet
metadata: {name: office-v6}
spec:
  family: IPv6
  id: 20
  prefix: 2001:db8:1::/64
  servedBy: [dhcp1]
  interface: srv
  ${pools6}
`;
const warehouse = `---
apiVersion: plumbline.dev/v1alpha1
kind: DHCPSubnet
metadata: {name: warehouse}
spec: {family: IPv4, id: 11, prefix: 198.51.100.0/24, servedBy: [dhcp1], relays: [198.51.100.1], pools: [{range: 198.51.100.10 - 198.51.100.20}]}
`;
const file = 'subnets/office.yaml';
const printer = '02:00:00:00:10:01';

/** One server for all; each test begins with the server as Git says and leaves it so. */
describe.skipIf(missing !== undefined)('a DHCP server from Git to a client', { timeout: 120_000 }, () => {
  let network: DhcpNetwork;

  const plumb = (...argv: string[]): Promise<Said> => plumbAt(network, argv);
  const verdict = async (): Promise<string> => {
    const { stdout } = await plumb('drift', '-o', 'json');
    const { devices } = JSON.parse(stdout) as { devices: { verdict: string; reason?: string }[] };
    return devices.map((each) => each.reason ?? each.verdict).join();
  };
  const running = () => network.lab.running('dhcp1', 'dhcp4');
  /** What somebody does past Git: the running configuration with a change in it. */
  const byHand = async (change: (config: JsonMap) => JsonMap) => {
    const { hash: _hash, ...config } = await running();
    const answer = await network.lab.command('dhcp1', 'dhcp4', 'config-set', { Dhcp4: change(config) });
    expect(answer).toMatchObject({ result: 0 });
  };
  const inOffice = (change: (subnet: JsonMap) => JsonMap) => (config: JsonMap) => ({
    ...config,
    subnet4: (config['subnet4'] as JsonMap[]).map((subnet) => (subnet['id'] === 10 ? change(subnet) : subnet)),
  });

  beforeAll(async () => {
    network = await upDhcpNetwork(`kj${process.pid.toString(36)}`, { files: { [file]: subnets + warehouse } });
    // Seen equal to Git once, it is known.
    await plumb('drift');
  }, 60_000);
  afterAll(async () => network?.lab.down());

  it('an untouched server is in sync, renders as Kea takes it, and what Git changes is Pending, with its place', async () => {
    expect((await plumb('check')).code).toBe(0);
    const rendered = JSON.parse((await plumb('render', 'dhcp1')).stdout) as JsonMap;
    expect(Object.keys(rendered)).toEqual(['Dhcp4', 'Dhcp6']);
    expect((await plumb('plan')).stdout).toContain('Nothing to change');

    edit(network, file, 'data: 192.0.2.254', 'data: 192.0.2.253');
    const pending = await plumb('drift', 'dhcp1');
    expect([pending.code, pending.stdout]).toEqual([1, expect.stringContaining('Pending')]);
    expect(pending.stdout).toContain('subnets/office.yaml:');
    edit(network, file, 'data: 192.0.2.253', 'data: 192.0.2.254');
  });

  it('a pull request adds a pool and a reservation while clients come and go: nobody is refused or waits for 4 s', async () => {
    const { lab } = network;
    const client = await lab.client('printer', printer);
    expect((await client.lease4())?.address).toMatch(/^192\.0\.2\.(1\d|2\d|[3-9]\d|1[0-4]\d)$/);
    expect((await client.lease6())?.address).toMatch(/^2001:db8:1::1[0-9a-f]{2}$/);

    const load = await startLoad(lab, ['dhcp1']);
    onTestFinished(async () => void (await load.stop()));
    // A new pool, the old one closed: whoever comes now has an address of the new one.
    edit(network, file, pools4, 'pools: [{range: 192.0.2.10 - 192.0.2.149}, {range: 192.0.2.160 - 192.0.2.199}]');
    edit(network, file, pools6, "pools: [{range: '2001:db8:1::100 - 2001:db8:1::1ff'}, {range: '2001:db8:1::200 - 2001:db8:1::2ff'}]");
    await commit(network, 'More addresses for the office');
    const wider = await plumb('apply', 'dhcp1', '--yes');
    expect([wider.code, wider.stdout]).toEqual([0, expect.stringContaining('dhcp1: Confirmed')]);

    edit(
      network,
      file,
      '192.0.2.199}]',
      `192.0.2.199}]\n  reservations: [{hwAddress: '${printer}', addresses: [192.0.2.5], hostname: printer}]`,
    );
    edit(
      network,
      file,
      "2001:db8:1::2ff'}]",
      `2001:db8:1::2ff'}]\n  reservations: [{hwAddress: '${printer}', addresses: ['2001:db8:1::5']}]`,
    );
    await commit(network, 'The printer has addresses of its own');
    const plan = await plumb('plan', 'dhcp1');
    expect(plan.stdout).toContain(`reservation hw-address ${printer} ip-address 192.0.2.5 hostname printer`);
    const reserved = await plumb('apply', 'dhcp1', '--yes');
    expect([reserved.code, reserved.stdout]).toEqual([0, expect.stringContaining('dhcp1: Confirmed')]);
    const traffic = await load.stop();
    process.stderr.write(`clients during two changes: ${JSON.stringify(traffic)}\n`);
    expect(traffic).toMatchObject({ refused: 0, unserved: 0 });
    // On a busy machine a client is slow to begin with; what counts is what the changes cost it.
    for (const family of ['ipv4', 'ipv6'] as const) expect(traffic.slowestMs[family] - traffic.usualMs[family]).toBeLessThan(4_000);
    expect(traffic.served.ipv4).toBeGreaterThan(20);
    expect(traffic.load.ipv4.begun).toBeGreaterThan(500);

    expect((await client.lease4())?.address).toBe('192.0.2.5');
    expect((await client.lease6())?.address).toBe('2001:db8:1::5');
    expect(await verdict()).toBe('InSync');
    expect(lab.file('dhcp1', 'dhcp4')['subnet4']).toMatchObject([{ pools: [{}, {}], reservations: [{ 'ip-address': '192.0.2.5' }] }, {}]);
  });

  it.each<{ name: string; change: (config: JsonMap) => JsonMap; says: string }>([
    {
      name: 'a reservation added by hand',
      change: inOffice((subnet) => ({
        ...subnet,
        reservations: [...(subnet['reservations'] as JsonMap[]), { 'hw-address': '02:00:00:00:10:99', 'ip-address': '192.0.2.6' }],
      })),
      says: 'reservation hw-address 02:00:00:00:10:99 ip-address 192.0.2.6',
    },
    {
      name: 'an option changed',
      change: inOffice((subnet) => ({ ...subnet, 'option-data': [{ name: 'routers', data: '192.0.2.252' }] })),
      says: '192.0.2.252',
    },
    {
      name: 'a subnet removed',
      change: (config) => ({ ...config, subnet4: (config['subnet4'] as JsonMap[]).filter(({ id }) => id !== 11) }),
      says: 'subnet 11',
    },
  ])('$name is drift, explained and put back', async ({ change, says }) => {
    await byHand(change);
    expect(await verdict()).toBe('Drifted');
    const why = await plumb('why', 'dhcp1');
    expect([why.code, why.stdout]).toEqual([1, expect.stringContaining(says)]);
    const back = await plumb('apply', 'dhcp1', '--yes', '--accept-unsaved');
    expect([back.code, back.stdout]).toEqual([0, expect.stringContaining('dhcp1: Confirmed')]);
    expect(await verdict()).toBe('InSync');
  });

  it('a server restarted on an old file is drift', async () => {
    const { lab } = network;
    const { subnet4, ...rest } = lab.file('dhcp1', 'dhcp4');
    const old = (subnet4 as JsonMap[]).map((subnet) => (subnet['id'] === 10 ? { ...subnet, reservations: [] } : subnet));
    lab.writeConfig('dhcp1', 'dhcp4', { ...rest, subnet4: old });
    await lab.restart('dhcp1', 'dhcp4');
    expect(await verdict()).toBe('Drifted');
    expect((await plumb('why', 'dhcp1')).stdout).toContain(`reservation hw-address ${printer}`);
    expect((await plumb('apply', 'dhcp1', '--yes')).code).toBe(0);
    expect(await verdict()).toBe('InSync');
  });

  it('memory and file that disagree stop a change until a person says so', async () => {
    await byHand((config) => ({ ...config, 'decline-probation-period': 7200 }));
    edit(network, file, 'data: 192.0.2.254', 'data: 192.0.2.251');
    const refused = await plumb('apply', 'dhcp1', '--yes');
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('error Unsaved')]);
    expect((await plumb('apply', 'dhcp1', '--yes', '--accept-unsaved')).code).toBe(0);
    expect(network.lab.file('dhcp1', 'dhcp4')).toMatchObject({ 'decline-probation-period': 7200 });
    expect(await verdict()).toBe('InSync');
  });

  it('a plan says whose leases it touches; without a server it says that nobody knows', async () => {
    const leased = (await (await network.lab.client('other', '02:00:00:00:10:44')).lease4())?.address ?? '';
    expect(leased).toMatch(/^192\.0\.2\./);
    const write = (text: string) => writeFileSync(join(network.repository, file), text);
    write(subnets.replace('192.0.2.10 - 192.0.2.149', '192.0.2.148 - 192.0.2.149') + warehouse);
    const gone =
      /dhcp1: 192\.0\.2\.10 - 192\.0\.2\.147 of subnet 10 are not given out any more(?:, and stay until no lease is left there)?: (\d+ leases?|leases not known), (.*)/;
    const online = gone.exec((await plumb('plan', 'dhcp1')).stdout);
    expect(Number.parseInt(online?.[1] ?? '', 10)).toBeGreaterThan(0);
    expect(online?.[2]).toMatch(/192\.0\.2\.\d+ by 02:00:00:00:/);
    const offline = gone.exec((await plumb('plan', '--base', 'main')).stdout);
    expect(offline?.slice(1)).toEqual(['leases not known', 'no server was asked']);

    const reservation = `reservations: [{hwAddress: '02:00:00:00:10:45', addresses: [${leased}]}]`;
    write(subnets.replace(pools4, `${pools4}\n  ${reservation}`) + warehouse);
    const reserved = (await plumb('plan', 'dhcp1')).stdout;
    expect(reserved).toContain(
      `${leased} is reserved for hw-address 02:00:00:00:10:45: 1 lease, somebody else holds it: ${leased} by 02:00:00:00:10:44`,
    );
  });
});
