import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DhcpNetwork, plumbAt, upDhcpNetwork } from '../lab/dhcp-network.ts';
import { commit, edit, git } from '../lab/example-network.ts';
import { type JsonMap, type Staying, whyNot } from '../lab/kea/index.ts';
import { until } from '../lab/shell.ts';

const missing = whyNot();
if (missing !== undefined) process.stderr.write(`skipped, no real Kea: pools that shrink: ${missing}\n`);

/** A pool of a real server shrinks under a real client that holds a lease there. Each test goes on where the last one ended. */
describe.skipIf(missing !== undefined)('a pool shrinks in two steps', { timeout: 120_000 }, () => {
  let network: DhcpNetwork;
  let staying: Staying;
  const plumb = (...argv: string[]) => plumbAt(network, argv);
  const running = async () => JSON.stringify((await network.lab.running('dhcp1', 'dhcp4'))['subnet4']);
  const leaseOf = async (address: string) => (await network.lab.command('dhcp1', 'dhcp4', 'lease4-get', { 'ip-address': address })).result;

  const leasesOf = async (subnet: number) =>
    ((await network.lab.command('dhcp1', 'dhcp4', 'lease4-get-all', { subnets: [subnet] })).arguments?.['leases'] ?? []) as {
      'ip-address': string;
    }[];

  beforeAll(async () => {
    network = await upDhcpNetwork(`kc${process.pid.toString(36)}`);
    await plumb('drift');
    staying = await (await network.lab.client('stays', '02:00:00:00:10:01')).stay4();
  }, 60_000);
  afterAll(async () => network?.lab.down());

  it('the first step closes what goes: who holds a lease there keeps it, and nobody else gets one', async () => {
    expect(staying.told()).toEqual(['deconfig', 'bound 192.0.2.100']);
    edit(network, 'subnets/office.yaml', '192.0.2.100 - 192.0.2.119', '192.0.2.110 - 192.0.2.119');
    await commit(network, 'Fewer addresses for the office');
    const plan = (await plumb('plan', 'dhcp1')).stdout;
    expect(plan).toContain('pool 192.0.2.100 - 192.0.2.109');
    expect(plan).toMatch(
      /192\.0\.2\.100 - 192\.0\.2\.109 of subnet 10 are not given out any more, and stay until no lease is left there: 1 lease/,
    );
    const applied = await plumb('apply', 'dhcp1', '--yes');
    expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining('dhcp1: Confirmed')]);

    expect(await leaseOf('192.0.2.100')).toBe(0);
    expect((await (await network.lab.client('new', '02:00:00:00:10:02')).lease4())?.address).toMatch(/^192\.0\.2\.11\d$/);
  });

  it('in between the server is what Git says, and plumb why tells what waits for whom', async () => {
    const why = await plumb('why', 'dhcp1');
    expect([why.code, why.stdout]).toEqual([
      0,
      expect.stringMatching(
        /Closing {2}192\.0\.2\.100 - 192\.0\.2\.109 of subnet 10 is closed and goes when no lease is left.*192\.0\.2\.100 is still leased/,
      ),
    ]);
    const office = await plumb('why', 'office');
    expect([office.code, office.stdout]).toEqual([0, expect.stringMatching(/^dhcp1 {2}InSync.*Closing/s)]);
    const six = await plumb('why', 'office-v6');
    expect([six.code, six.stdout]).toEqual([0, expect.not.stringContaining('Closing')]);
    expect((await plumb('plan', 'dhcp1')).stdout).toContain('Nothing to change');
  });

  it('who asks for more time is given another address at once', async () => {
    const before = staying.told().length;
    staying.renew();
    await until('the client has another address', () =>
      staying
        .told()
        .slice(before)
        .some((line) => line.startsWith('bound ')),
    );
    expect(staying.told().at(-1)).toMatch(/^bound 192\.0\.2\.11\d$/);
  });

  it('the second step comes when no lease is left, and takes all of it away', async () => {
    expect(await leaseOf('192.0.2.100')).toBe(3);
    const plan = (await plumb('plan', 'dhcp1')).stdout;
    expect(plan).toContain('no pool 192.0.2.100');
    const applied = await plumb('apply', 'dhcp1', '--yes');
    expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining('dhcp1: Confirmed')]);
    expect(await running()).not.toMatch(/plumbline-closed|192\.0\.2\.100/);
    const why = await plumb('why', 'dhcp1');
    expect([why.code, why.stdout]).toEqual([0, expect.not.stringContaining('Closing')]);
    expect((await network.lab.running('dhcp1', 'dhcp4'))['client-classes'] ?? []).toEqual([]);
  });

  it('a lease that is given while its pool goes is seen: the pool stays', async () => {
    edit(network, 'subnets/office.yaml', '192.0.2.110 - 192.0.2.119', '192.0.2.110 - 192.0.2.117');
    await commit(network, 'Still fewer');
    const lease = { 'ip-address': '192.0.2.118', 'hw-address': '02:00:00:00:10:18', 'subnet-id': 10 };
    let given: Promise<unknown> | undefined;
    const applied = await plumbAt(network, ['apply', 'dhcp1', '--yes'], (line) => {
      if (line.includes('reading the device once more')) given ??= network.lab.command('dhcp1', 'dhcp4', 'lease4-add', lease);
    });
    expect(await given).toMatchObject({ result: 0 });
    expect([applied.code, `${applied.stdout}${applied.stderr}`]).toEqual([
      1,
      expect.stringMatching(/192\.0\.2\.118 by 02:00:00:00:10:18.*LeaseGiven/),
    ]);
    expect(await running()).toContain('192.0.2.110-192.0.2.119');
    expect((await plumb('plan', 'dhcp1')).stdout).toContain('client-classes ["plumbline-closed"]');
    await network.lab.command('dhcp1', 'dhcp4', 'lease4-del', { 'ip-address': lease['ip-address'] });
  });

  it('a pool in which nobody holds a lease goes in one', async () => {
    expect((await plumb('apply', 'dhcp1', '--yes')).code).toBe(0);
    expect(await running()).not.toContain('plumbline-closed');
  });

  it('a subnet that Git no longer has stays, closed, while somebody holds a lease in it', async () => {
    const leased = staying.told().at(-1)?.split(' ')[1] ?? '';
    const [office = '', rest = ''] = readFileSync(join(network.repository, 'subnets/office.yaml'), 'utf8').split('---\n');
    expect(office).toContain('name: office');
    await git(network, 'checkout', '-q', '-b', 'no-office');
    writeFileSync(join(network.repository, 'subnets/office.yaml'), rest);
    await commit(network, 'No office');
    const step = [
      expect.stringMatching(/client-classes \["plumbline-closed"\]/),
      expect.stringMatching(
        /192\.0\.2\.110 - 192\.0\.2\.117 of subnet 10 are not given out any more, and stay until no lease is left there/,
      ),
      expect.not.stringMatching(/no subnet 10/),
    ];
    const reads = join(network.lab.facts.dir, 'reads.json');
    await plumb('drift', '--save', reads);
    for (const argv of [['--base', 'main'], ['--live-from', reads], ['dhcp1']]) {
      const { stdout } = await plumb('plan', ...argv);
      for (const each of step) expect(stdout).toEqual(each);
    }
    const applied = await plumb('apply', 'dhcp1', '--yes');
    expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining('dhcp1: Confirmed')]);
    expect(await leaseOf(leased)).toBe(0);
    expect((await (await network.lab.client('late', '02:00:00:00:10:03')).lease4())?.address).toBeUndefined();
    const why = await plumb('why', 'dhcp1');
    expect([why.code, why.stdout]).toEqual([0, expect.stringContaining(`of subnet 10 is closed and goes when no lease is left`)]);

    const before = staying.told().length;
    staying.renew();
    await until('the client is told that its address is over', () => staying.told().slice(before).includes('deconfig'));
  });

  it('a store that knows nothing knows it by what it bears, and never takes it for somebody else’s', async () => {
    const store = join(network.lab.facts.dir, 'store-2');
    const why = await plumb('why', 'dhcp1', '--store', store);
    expect([why.code, why.stdout]).toEqual([0, expect.stringContaining('subnet 10 is closed')]);
    expect((await plumb('plan', 'dhcp1', '--store', store)).stdout).toContain('Nothing to change');
  });

  it('and goes when none is left', async () => {
    for (const { 'ip-address': address } of await leasesOf(10))
      await network.lab.command('dhcp1', 'dhcp4', 'lease4-del', { 'ip-address': address });
    const applied = await plumb('apply', 'dhcp1', '--yes');
    expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining('dhcp1: Confirmed')]);
    expect(await running()).toBe('[]');
    expect((await plumb('why', 'dhcp1')).stdout).not.toContain('Closing');
  });

  it('a server whose ids are not ours has leases of others: that is told, and never written over', async () => {
    await git(network, 'checkout', '-q', 'main');
    const { lab } = network;
    const setSubnet = async (subnet: JsonMap) => {
      const config = await lab.running('dhcp1', 'dhcp4');
      expect((await lab.command('dhcp1', 'dhcp4', 'config-set', { Dhcp4: { ...config, subnet4: [subnet] } })).result).toBe(0);
    };
    const lease = { 'ip-address': '198.51.100.10', 'hw-address': '02:00:00:00:10:19', 'subnet-id': 10 };
    await setSubnet({ id: 10, subnet: '198.51.100.0/24', pools: [{ pool: '198.51.100.10 - 198.51.100.19' }] });
    expect((await lab.command('dhcp1', 'dhcp4', 'lease4-add', lease)).result).toBe(0);
    expect((await plumb('plan', 'dhcp1')).stdout).toMatch(
      /subnet 10 becomes 192\.0\.2\.0\/24, with the leases of 198\.51\.100\.0\/24: \d+ leases?, .*198\.51\.100\.10 by 02:00:00:00:10:19/,
    );

    await setSubnet({ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.110 - 192.0.2.117' }] });
    const before = await running();
    const refused = await plumb('apply', 'dhcp1', '--yes', '--accept-unsaved');
    expect([refused.code, `${refused.stdout}${refused.stderr}`]).toEqual([
      1,
      expect.stringMatching(/192\.0\.2\.0\/24' already exists.*Rejected/),
    ]);
    expect(await running()).toBe(before);
  });
});
