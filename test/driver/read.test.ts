import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Driver, Target } from '../../controller/drivers/index.ts';
import { Secret } from '../../controller/lib/index.ts';
import type { Lab } from '../lab/frr.ts';
import { run, tryRun, until } from '../lab/shell.ts';
import { createDriver, limit, skipped, targetOf, tokenOf, upLab } from './setup.ts';

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

  test('is whole: identity, daemons, sessions with counts, config with tokens in place of secrets', async () => {
    const read = await fresh();
    expect(read).toMatchObject({
      state: 'Read',
      version: '8.4.4',
      identity: { hostname: 'r1', machineId: lab.router('r1').machineId, hostKey: lab.router('r1').hostKey },
      neighbors: [
        { address: '10.0.1.2', vrf: 'default', family: 'ipv4-unicast', remoteAs: 64502, state: 'Established', accepted: 1, advertised: 2 },
      ],
      startupDiffers: false,
    });
    const { config, daemons } = read as Extract<typeof read, { state: 'Read' }>;
    expect(daemons.map((daemon) => daemon.name)).toEqual(['bgpd', 'staticd', 'zebra']);
    expect(config).toContain(` neighbor 10.0.1.2 password ${tokenOf('first-Secret')}\n`);
    expect(config).not.toMatch(/^end$|^frr version/m);
    expect(JSON.stringify(read)).not.toContain('first-Secret');
  });

  test('gives the same fingerprint twice, and says when a person has not saved', async () => {
    const [first, second] = [await fresh(), await fresh()];
    expect(second).toMatchObject({ fingerprint: (first as { fingerprint?: string }).fingerprint });
    await lab.byHand('r1', 'configure terminal', 'router bgp 64501', 'neighbor 10.0.1.2 description by hand');
    expect(await fresh()).toMatchObject({ state: 'Read', startupDiffers: true });
    await lab.byHand('r1', 'configure terminal', 'router bgp 64501', 'no neighbor 10.0.1.2 description');
    expect(await fresh()).toMatchObject({
      state: 'Read',
      startupDiffers: false,
      fingerprint: (first as { fingerprint?: string }).fingerprint,
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

  test('of a router whose daemons are young is repeated and then believed', async () => {
    const started = performance.now();
    expect(await fresh({ settleSeconds: 3_600 })).toMatchObject({ state: 'Read' });
    expect(performance.now() - started).toBeGreaterThan(2_000);
  });

  test('after something owned vanished is repeated and then believed, when the daemons are old enough', async () => {
    await fresh();
    const started = performance.now();
    expect(await driver.observe(target, { lacksOwned: () => true }, limit())).toMatchObject({ state: 'Read' });
    expect(performance.now() - started).toBeGreaterThan(2_000);
  });

  test('is Unknown while bgpd is dead, and while it came back without its configuration', async () => {
    await lab.killDaemon('r1', 'bgpd');
    expect(await fresh()).toMatchObject({ state: 'Unknown', reason: 'DaemonDown', message: 'r1: bgpd does not run' });
    await lab.respawnEmpty('r1', 'bgpd');
    expect(await lab.vtysh('r1', 'show running-config no-header')).not.toContain('router bgp');
    expect(await fresh({ settleSeconds: 30 })).toMatchObject({ state: 'Unknown', reason: 'DeviceSettling' });
    await lab.loadStartup('r1');
    expect(await fresh()).toMatchObject({ state: 'Read' });
  });

  test('of another machine behind the address is Unknown, told by host key or by machine id', async () => {
    const hostKeys = [lab.router('r1').hostKey ?? '', lab.router('r2').hostKey ?? ''];
    lab.swap('r1', 'r2');
    try {
      expect(await fresh()).toMatchObject({ state: 'Unknown', reason: 'WrongDevice', message: expect.stringContaining(hostKeys[1] ?? '') });
      expect(await fresh({ hostKeys })).toMatchObject({
        state: 'Unknown',
        reason: 'WrongDevice',
        message: expect.stringContaining(lab.router('r2').machineId),
      });
    } finally {
      lab.swap('r1', 'r2');
    }
    expect(await fresh({ hostKeys })).toMatchObject({ state: 'Read' });
  });

  test('without a pinned key is refused and names the key that was offered', async () => {
    expect(await fresh({ hostKeys: [] })).toMatchObject({
      reason: 'WrongDevice',
      message: expect.stringContaining(lab.router('r1').hostKey ?? ''),
    });
  });

  test('with a credential that the router does not know is AuthFailed', async () => {
    await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', `${lab.facts.dir}/stranger`]);
    const privateKey = new Secret(await run(['cat', `${lab.facts.dir}/stranger`]));
    expect(await fresh({ observe: { user: 'plumb-observe', privateKey } })).toMatchObject({ state: 'Unknown', reason: 'AuthFailed' });
    expect(await fresh({ observe: { user: 'plumb-observe', privateKey: new Secret('not a key') } })).toMatchObject({
      reason: 'AuthFailed',
    });
  });

  test('through an account that has no wrapper is PartialRead: half an answer is none', async () => {
    const { apply } = targetOf(lab, 'r1');
    expect(await fresh(apply && { observe: apply })).toMatchObject({
      state: 'Unknown',
      reason: 'PartialRead',
      message: expect.stringContaining('no facts'),
    });
  });

  test('of a router that does not answer is Unreachable, and is not tried again at once', async () => {
    await lab.killSshd('r1');
    expect(await fresh()).toMatchObject({ state: 'Unknown', reason: 'Unreachable' });
    await lab.startSshd('r1');
    expect(await driver.observe(target, {}, limit())).toMatchObject({ reason: 'Unreachable' });
    expect(await driver.probe(target, limit())).toMatchObject({ outcome: 'Probed', neighbors: [{ address: '10.0.1.2' }] });
    expect(await fresh()).toMatchObject({ state: 'Read' });
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
