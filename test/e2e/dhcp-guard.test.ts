import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DhcpNetwork, plumbAt, upDhcpNetwork } from '../lab/dhcp-network.ts';
import { commit, edit, plumbPath } from '../lab/example-network.ts';
import { whyNot } from '../lab/kea/index.ts';
import { until } from '../lab/shell.ts';

const missing = whyNot();
if (missing !== undefined) process.stderr.write(`skipped, no real Kea: a guarded DHCP server from Git: ${missing}\n`);

/** HTTP to read, the guard over SSH to change: the whole command line against a real server. */
describe.skipIf(missing !== undefined)('a DHCP server with a guard, from Git', { timeout: 180_000 }, () => {
  let network: DhcpNetwork;
  const plumb = (...argv: string[]) => plumbAt(network, argv);
  const running = async () => JSON.stringify(await network.lab.running('dhcp1', 'dhcp4'));
  const file = () => JSON.stringify(network.lab.file('dhcp1', 'dhcp4'));

  beforeAll(async () => {
    network = await upDhcpNetwork(`kq${process.pid.toString(36)}`, { ssh: true });
    await plumb('drift');
  }, 90_000);
  afterAll(async () => network?.lab.down());

  /** Kills `plumb apply` as soon as it says this: nobody is left to confirm. */
  const killAt = async (words: string, ...argv: string[]): Promise<string> => {
    const { repository: cwd, store, secrets } = network;
    const environment = { ...process.env, PLUMB_STORE: store, PLUMB_SECRETS: secrets, NO_COLOR: '1' };
    const child = spawn(plumbPath, ['apply', 'dhcp1', '--yes', ...argv], {
      cwd,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const ended = once(child, 'close');
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        // The group: a wrapper may stand before the process that works.
        if (said.includes(words) && child.pid !== undefined && child.exitCode === null && child.signalCode === null)
          process.kill(-child.pid, 'SIGKILL');
      });
    }
    await ended;
    return said;
  };

  it('is changed with a dead-man armed, and what was confirmed is saved', async () => {
    edit(network, 'subnets/office.yaml', '192.0.2.100 - 192.0.2.119', '192.0.2.100 - 192.0.2.129');
    await commit(network, 'More addresses');
    const { code, stdout, stderr } = await plumb('apply', 'dhcp1', '--yes');
    expect([code, stdout]).toEqual([0, expect.stringContaining('dhcp1: Confirmed')]);
    expect(stdout + stderr).toContain('arming the dead-man');
    expect(file()).toContain('192.0.2.100-192.0.2.129');
    expect((await plumb('plan', 'dhcp1')).stdout).toContain('Nothing to change');
  });

  it('goes back to the letter when whoever changes it is killed before it was confirmed, and takes the change afterwards', async () => {
    const [before, saved] = [await running(), file()];
    edit(network, 'subnets/office.yaml', '192.0.2.100 - 192.0.2.129', '192.0.2.100 - 192.0.2.139');
    await commit(network, 'Still more');
    const said = await killAt('then probing', '--deadline', '40');
    expect(said).toContain('arming the dead-man');
    expect(said).not.toContain('Confirmed');
    await until('the dead-man has put the old configuration back', async () => (await running()) === before, 90_000);
    expect(file()).toBe(saved);
    const again = await plumb('apply', 'dhcp1', '--yes');
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('dhcp1: Confirmed')]);
    expect(file()).toContain('192.0.2.100-192.0.2.139');
  });
});
