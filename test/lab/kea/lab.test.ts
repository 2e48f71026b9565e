import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KeaLab, up, whyNot } from './index.ts';

const skipped = whyNot();
if (skipped !== undefined) process.stderr.write(`skipped, no real Kea: ${skipped}\n`);

describe.skipIf(skipped !== undefined)('a lab of Kea servers', () => {
  let lab: KeaLab;

  beforeAll(async () => {
    const server = (name: string, number: number) => ({
      name,
      addresses: [`192.0.2.${number}/24`, `2001:db8:1::${number}/64`],
      dhcp4: {
        subnet4: [
          {
            id: 10,
            subnet: '192.0.2.0/24',
            pools: [{ pool: '192.0.2.100 - 192.0.2.120' }],
            reservations: [{ 'hw-address': '02:00:00:00:10:01', 'ip-address': '192.0.2.50' }],
          },
        ],
      },
      dhcp6: { subnet6: [{ id: 20, subnet: '2001:db8:1::/64', interface: 'srv', pools: [{ pool: '2001:db8:1::100-2001:db8:1::1ff' }] }] },
    });
    lab = await up({ prefix: `kl${process.pid.toString(36)}`, servers: [server('one', 1), server('two', 2)] });
  });
  afterAll(async () => {
    await lab?.down();
  });

  test('gives a client its reserved address, and one of the pool over IPv6', async () => {
    const client = await lab.client('a', '02:00:00:00:10:01');
    expect(await client.lease4()).toMatchObject({ address: '192.0.2.50', seconds: 7200 });
    expect(await client.lease6()).toMatchObject({ address: expect.stringMatching(/^2001:db8:1::1/) });
  });

  test('goes on with the file of a daemon when it is restarted, and gives nothing while no daemon runs', async () => {
    const client = await lab.client('b', '02:00:00:00:10:02');
    await lab.kill('one', 'dhcp4');
    await lab.kill('two', 'dhcp4');
    expect(await client.lease4(1)).toBeUndefined();
    const before = lab.file('two', 'dhcp4');
    lab.writeConfig('two', 'dhcp4', { ...before, 'valid-lifetime': 4000 });
    await lab.start('two', 'dhcp4');
    expect(await lab.running('two', 'dhcp4')).toMatchObject({ 'valid-lifetime': 4000 });
    expect(await client.lease4()).toMatchObject({ seconds: 4000 });
    await lab.start('one', 'dhcp4');
  });
});
