import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Driver } from '../../../controller/drivers/index.ts';
import { hookPath, type JsonMap, type KeaLab, up } from '../../lab/kea/index.ts';
import { until } from '../../lab/shell.ts';
import { config4, createDriver, limit, skipped, targetOf } from './setup.ts';

/** One end of a hot-standby pair that notices within seconds what the other does. */
function pairOf(name: string): JsonMap {
  const peers = [
    { name: 'one', url: 'http://192.0.2.1:8005/', role: 'primary', 'auto-failover': true },
    { name: 'two', url: 'http://192.0.2.2:8005/', role: 'standby', 'auto-failover': true },
  ];
  const timers = { 'heartbeat-delay': 500, 'max-response-delay': 2_000, 'max-ack-delay': 500, 'max-unacked-clients': 0 };
  const threads = { 'enable-multi-threading': true, 'http-dedicated-listener': true, 'http-listener-threads': 2, 'http-client-threads': 2 };
  const pair = { 'this-server-name': name, mode: 'hot-standby', ...timers, 'multi-threading': threads, peers };
  const hooks = [{ library: hookPath('lease_cmds') }, { library: hookPath('ha'), parameters: { 'high-availability': [pair] } }];
  return { ...config4, 'hooks-libraries': hooks, 'multi-threading': { 'enable-multi-threading': true } };
}

describe.skipIf(skipped !== undefined)('a pair of servers', () => {
  let lab: KeaLab;
  let driver: Driver;

  beforeAll(async () => {
    const server = (name: string, number: number) => ({ name, addresses: [`192.0.2.${number}/24`], dhcp4: pairOf(name) });
    lab = await up({ prefix: `kp${process.pid.toString(36)}`, servers: [server('one', 1), server('two', 2)] });
    driver = createDriver();
  });
  afterAll(async () => {
    await driver?.close();
    await lab?.down();
  });
  const probe = (name: string) => driver.probe(targetOf(lab, name), limit());

  test('is well once both know of each other, and says what it waits for until then', async () => {
    const first = await probe('one');
    if (first.outcome === 'NotReached')
      expect(first.error).toMatchObject({ code: 'NotServing', message: expect.stringContaining('in its pair it is') });
    for (const name of ['one', 'two']) await until(`${name} to be well`, async () => (await probe(name)).outcome === 'Probed', 30_000);
    expect(await (await lab.client('p', '02:00:00:00:10:01')).lease4()).toMatchObject({ address: '192.0.2.50' });
  });

  test('goes on with one when the other died, and is told of both', async () => {
    await lab.kill('one', 'dhcp4');
    expect(await probe('one')).toMatchObject({ outcome: 'NotReached', error: { code: 'DaemonDown' } });
    const states = async () => JSON.stringify((await lab.command('two', 'dhcp4', 'status-get')).arguments?.['high-availability']);
    await until('the standby to serve', async () => (await states()).includes('partner-down'), 30_000);
    expect(await probe('two')).toMatchObject({ outcome: 'Probed' });
    expect(await (await lab.client('p', '02:00:00:00:10:01')).lease4()).toMatchObject({ address: '192.0.2.50' });
  });
});
