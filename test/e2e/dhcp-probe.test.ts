import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DhcpNetwork, plumbAt, upDhcpNetwork } from '../lab/dhcp-network.ts';
import { commit, edit, plumbPath } from '../lab/example-network.ts';
import { type Client, whyNot } from '../lab/kea/index.ts';
import { until } from '../lab/shell.ts';

const missing = whyNot();
if (missing !== undefined) process.stderr.write(`skipped, no real Kea: probes by exchange: ${missing}\n`);

/** Plumbline on a machine of the LAN: from there it is a relay to the server, and the agent is behind a door. */
describe.skipIf(missing !== undefined)('a server that is probed by an exchange', { timeout: 120_000 }, () => {
  let network: DhcpNetwork;
  let machine: Client;
  let door: Server;
  const plumb = (...argv: string[]) => {
    const { repository, store, secrets } = network;
    const environment = [`PLUMB_STORE=${store}`, `PLUMB_SECRETS=${secrets}`, 'NO_COLOR=1'];
    const script = 'cd "$1" && shift && exec "$@"';
    return machine.inside(['env', ...environment, 'sh', '-c', script, 'sh', repository, plumbPath, ...argv], 100_000);
  };

  beforeAll(async () => {
    network = await upDhcpNetwork(`kx${process.pid.toString(36)}`);
    const { lab } = network;
    machine = await lab.client('machine', '02:00:00:00:79:01');
    await machine.inside(['ip', 'addr', 'add', '192.0.2.9/24', 'dev', 'cli']);
    const port = Number(new URL(lab.server('dhcp1').url).port);
    const path = join(lab.facts.dir, 'door');
    door = createServer((inside) => {
      const agent = connect(port, '127.0.0.1');
      inside.pipe(agent).pipe(inside);
      inside.on('error', () => agent.destroy()).on('close', () => agent.destroy());
      agent.on('error', () => inside.destroy()).on('close', () => inside.destroy());
    }).listen(path);
    const inside = join(import.meta.dirname, '../lab/kea/door.ts');
    await machine.inside(['sh', '-c', 'setsid "$@" >/dev/null 2>&1 </dev/null &', 'sh', process.execPath, inside, String(port), path]);
    await plumbAt(network, ['drift']);
    edit(network, 'devices/dhcp1.yaml', '    ipv4:\n', '    ipv4:\n      probe: {from: 192.0.2.9, to: 192.0.2.1}\n');
    await commit(network, 'Probed as a relay would');
    await until('the agent is reached through the door', async () => (await plumb('drift')).rc === 0, 30_000);
  }, 90_000);
  afterAll(async () => {
    door?.close();
    await network?.lab.down();
  });

  it('keeps a change after which clients are served', async () => {
    edit(network, 'subnets/office.yaml', '192.0.2.119}]', '192.0.2.129}]');
    await commit(network, 'More addresses');
    const said = await plumb('apply', 'dhcp1', '--yes');
    expect([said.rc, said.stdout]).toEqual([0, expect.stringContaining('dhcp1: Confirmed')]);
    expect(await network.lab.command('dhcp1', 'dhcp4', 'lease4-get-all')).toMatchObject({ result: 3 });
  });

  it('gets its old configuration back after one that gives no address to anybody, however well the server looks', async () => {
    edit(network, 'subnets/office.yaml', 'pools: [{range: 192.0.2.100 - 192.0.2.129}]', 'pools: []');
    await commit(network, 'No addresses at all');
    const said = await plumb('apply', 'dhcp1', '--yes');
    expect(said.rc).not.toBe(0);
    expect(said.stdout).toContain('nobody was offered an address: 192.0.2.1 did not answer');
    expect(JSON.stringify((await network.lab.running('dhcp1', 'dhcp4'))['subnet4'])).toContain('192.0.2.100-192.0.2.129');
    expect(await network.lab.command('dhcp1', 'dhcp4', 'status-get')).toMatchObject({ result: 0 });
  });
});
