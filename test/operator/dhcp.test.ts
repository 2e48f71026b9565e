import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DHCPSubnetStatus, findCondition } from '../../controller/api/index.ts';
import { openStore } from '../../controller/store/index.ts';
import { type DhcpNetwork, plumbAt, upDhcpNetwork } from '../lab/dhcp-network.ts';
import { plumbPath } from '../lab/example-network.ts';
import { type JsonMap, whyNot } from '../lab/kea/index.ts';
import { until } from '../lab/shell.ts';

const missing = whyNot();
if (missing !== undefined) process.stderr.write(`skipped, no real Kea: plumb up over a DHCP server: ${missing}\n`);

const tiny = `apiVersion: plumbline.dev/v1alpha1
kind: DHCPSubnet
metadata: {name: office}
spec:
  {family: IPv4, id: 10, prefix: 192.0.2.0/24, servedBy: [dhcp1], interface: srv, pools: [{range: 192.0.2.100 - 192.0.2.101}],
   reservations: [{hwAddress: 02:00:00:00:10:77, addresses: [192.0.2.7]}]}
`;

interface Published {
  metadata: { name: string };
  spec: { reservations: readonly unknown[] };
  status?: DHCPSubnetStatus;
}

describe.skipIf(missing !== undefined)('plumb up over a real DHCP server', { timeout: 120_000 }, () => {
  let network: DhcpNetwork;
  let operator: ChildProcess | undefined;
  let said = '';

  beforeAll(async () => {
    network = await upDhcpNetwork(`ku${process.pid.toString(36)}`, { files: { 'subnets/office.yaml': tiny } });
    operator = spawn(plumbPath, ['up', network.repository, '--interval', '3', '--git-interval', '5', '--port', '0'], {
      env: { ...process.env, PLUMB_STORE: network.store, PLUMB_SECRETS: network.secrets, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [operator.stdout, operator.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
  }, 120_000);
  afterAll(async () => {
    operator?.kill('SIGKILL');
    await network?.lab.down();
  });

  const office = async (): Promise<Published | undefined> => {
    const { stdout } = await plumbAt(network, ['get', 'dhcpsubnets', '-o', 'json']);
    return (JSON.parse(stdout || '[]') as Published[]).find(({ metadata }) => metadata.name === 'office');
  };
  const reads = (what: string, is: (status: DHCPSubnetStatus) => boolean): Promise<Published> =>
    until(
      `the office to be ${what}`,
      async () => {
        const found = await office();
        return found?.status && is(found.status) ? found : undefined;
      },
      60_000,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${said.slice(-3000)}`);
    });
  const reasonOf = (status: DHCPSubnetStatus) => findCondition(status.conditions, 'Ready')?.reason;

  test('a subnet is published with its server, and without its reservations', async () => {
    const found = await reads('in sync', (status) => reasonOf(status) === 'InSync');
    expect(found.spec.reservations).toEqual([]);
    expect(found.status).toMatchObject({ servers: [{ device: 'dhcp1', verdict: 'InSync' }], addressesUsed: 0, reservations: 1 });
    expect((await plumbAt(network, ['get', 'dhcpsubnets'])).stdout).toMatch(/^NAME .*PREFIX.*\noffice /);
  });

  test('it fills in steps, up to where nothing is left; a server that stands is not written of', async () => {
    const [one, two] = [await network.lab.client('one', '02:00:00:00:10:01'), await network.lab.client('two', '02:00:00:00:10:02')];
    expect(await one.lease4()).toBeDefined();
    await reads('half full', ({ addressesUsed }) => addressesUsed === 50);
    expect(await two.lease4()).toBeDefined();
    const full = await reads('full', ({ addressesUsed }) => addressesUsed === 100);
    expect(findCondition(full.status?.conditions, 'Exhausted')?.message).toContain('add a pool');
    const status = await plumbAt(network, ['status']);
    expect([status.code, status.stdout]).toEqual([
      1,
      expect.stringMatching(/^office +192\.0\.2\.0\/24 +100 % .*every one of its addresses is leased/im),
    ]);
    const why = await plumbAt(network, ['why', 'office']);
    expect([why.code, why.stdout]).toEqual([0, expect.stringMatching(/dhcp1 \(InSync\)\n {2}leased {5}100 % or more/)]);

    const store = await openStore(network.store);
    try {
      const versions = async () =>
        (await Promise.all(['Device', 'DHCPSubnet', 'DriftReport'].map((kind) => store.objects.list(kind))))
          .flat()
          .map(({ kind, name, resourceVersion }) => `${kind} ${name} ${resourceVersion}`);
      const before = await versions();
      const end = performance.now() + 10_000;
      await until('ten seconds of looks', async () => (performance.now() > end ? true : undefined), 20_000);
      expect(await versions()).toEqual(before);
    } finally {
      store.close();
    }
  });

  test('a reservation added by hand is told of its subnet', async () => {
    const config = await network.lab.running('dhcp1', 'dhcp4');
    const [subnet] = config['subnet4'] as JsonMap[];
    const more = { 'hw-address': '02:00:00:00:10:99', 'ip-address': '192.0.2.9' };
    const changed = { ...subnet, reservations: [...((subnet?.['reservations'] as JsonMap[]) ?? []), more] };
    expect(await network.lab.command('dhcp1', 'dhcp4', 'config-set', { Dhcp4: { ...config, subnet4: [changed] } })).toMatchObject({
      result: 0,
    });
    const found = await reads('drifted', (status) => reasonOf(status) === 'Drifted');
    expect(found.status).toMatchObject({ servers: [{ device: 'dhcp1', verdict: 'Drifted' }] });
    const why = await plumbAt(network, ['why', 'office']);
    expect([why.code, why.stdout]).toEqual([1, expect.stringContaining('dhcp1 (Drifted)')]);
  });
});
