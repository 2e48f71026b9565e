import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DhcpNetwork, plumbAt, upDhcpNetwork } from '../lab/dhcp-network.ts';
import { commit, edit } from '../lab/example-network.ts';
import { type Staying, whyNot } from '../lab/kea/index.ts';
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

  it('a pool in which nobody holds a lease goes in one', async () => {
    edit(network, 'subnets/office.yaml', '192.0.2.110 - 192.0.2.119', '192.0.2.110 - 192.0.2.117');
    await commit(network, 'Still fewer');
    expect((await plumb('apply', 'dhcp1', '--yes')).code).toBe(0);
    expect(await running()).not.toContain('plumbline-closed');
  });
});
