import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Driver, Target } from '../../controller/drivers/index.ts';
import type { Lab } from '../lab/frr.ts';
import { tryRun, until } from '../lab/shell.ts';
import { createDriver, limit, skipped, targetOf, upLab } from './setup.ts';

/** What only a real router can show; the rest of the contract is in `contract.test.ts`. */
describe.skipIf(skipped !== undefined)('a read of a real router', () => {
  let lab: Lab;
  let driver: Driver;
  let target: Target;

  beforeAll(async () => {
    lab = await upLab('read');
    await lab.established('r1', 1);
    await until('routes both ways', async () => (await lab.vtysh('r1', 'show bgp summary json')).includes('"pfxSnt":2'));
  });

  // A driver of its own for each test: back-off and pooled connections of one are not the business of the next.
  const fresh = (changes: Partial<Target> = {}) => {
    driver = createDriver();
    target = targetOf(lab, 'r1', changes);
    return driver.observe(target, {}, limit());
  };

  afterEach(async () => {
    await driver?.close();
  });

  afterAll(async () => {
    await lab?.down();
  });

  test('counts what each neighbor sent and got', async () => {
    expect(await fresh()).toMatchObject({
      neighbors: [
        { address: '10.0.1.2', vrf: 'default', family: 'ipv4-unicast', remoteAs: 64502, state: 'Established', accepted: 1, advertised: 2 },
      ],
    });
  });

  test('can read what a person saved', async () => {
    await lab.byHand('r1', 'write');
    expect(await fresh()).toMatchObject({ state: 'Read', startupDiffers: false });
  });

  test('takes a startup config whose last line has no end for whole', async () => {
    await lab.inside('r1', ['sh', '-c', 'text=$(sed "/^!$/d" /etc/frr/frr.conf); printf %s "$text" > /etc/frr/frr.conf']);
    expect(lab.startupConfig('r1')).not.toMatch(/\n$/);
    expect(await fresh()).toMatchObject({ state: 'Read', startupDiffers: false });
  });

  describe('of which vtysh leaves a part out, with exit code 0 and not a word', () => {
    const inside = (command: string) => lab.inside('r1', ['sh', '-c', command]);
    beforeAll(async () => {
      await lab.byHand('r1', 'configure terminal', 'ip route 198.51.100.0/24 blackhole', 'end', 'write');
    });

    test('is Unknown while a daemon runs whose socket is gone', async () => {
      await inside('mv /run/frr/staticd.vty /run/frr/elsewhere');
      expect(await lab.vtysh('r1', 'show running-config no-header')).not.toContain('ip route');
      expect(await fresh()).toMatchObject({ reason: 'PartialRead', message: expect.stringContaining('staticd') });
      await inside('mv /run/frr/elsewhere /run/frr/staticd.vty');
      expect(await fresh()).toMatchObject({ state: 'Read', config: expect.stringContaining('ip route 198.51.100.0/24 blackhole') });
    });

    test('is Unknown when a daemon was stopped in good order, which takes its pid file with it', async () => {
      await lab.killDaemon('r1', 'staticd');
      await inside('rm /run/frr/staticd.pid /run/frr/staticd.vty');
      expect(await fresh({ settleSeconds: 0 })).toMatchObject({ reason: 'DaemonDown', message: expect.stringContaining('staticd') });
      await lab.respawnEmpty('r1', 'staticd');
      await lab.loadStartup('r1');
      expect(await fresh()).toMatchObject({ state: 'Read', startupDiffers: false });
    });
  });

  test('without a pinned key is refused and names the key that was offered', async () => {
    expect(await fresh({ hostKeys: [] })).toMatchObject({
      reason: 'WrongDevice',
      message: expect.stringContaining(lab.router('r1').hostKey ?? ''),
    });
  });

  test('that the caller gives up is Unknown', async () => {
    driver = createDriver();
    expect(await driver.observe(targetOf(lab, 'r1'), {}, AbortSignal.abort())).toMatchObject({ state: 'Unknown', reason: 'Unreachable' });
  });

  test.each([
    'configure terminal',
    'show version\nconfigure terminal\nhostname changed',
    'show version; vtysh -c "configure terminal"',
    'show running-config | id',
    "vtysh -c 'show version'",
    'write',
    'history 60; id',
    'history 1234567',
    'history -1',
    'sh',
    '',
  ])('leaves the observer no way to run %j', async (command) => {
    const { users, dir } = lab.facts;
    const { port = 0 } = lab.router('r1');
    const options = ['-o', 'StrictHostKeyChecking=no', '-o', `UserKnownHostsFile=${dir}/known`, '-o', 'LogLevel=ERROR'];
    const { rc, stdout } = await tryRun([
      'ssh',
      '-i',
      users.observe.key,
      '-p',
      String(port),
      ...options,
      `${users.observe.user}@127.0.0.1`,
      ...(command ? [command] : []),
    ]);
    expect([rc, stdout]).toEqual([77, '']);
    expect(await lab.vtysh('r1', 'show running-config no-header')).toContain('hostname r1');
  });
});
