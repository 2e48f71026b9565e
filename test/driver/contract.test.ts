import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { PlannedCommand } from '../../controller/api/index.ts';
import type { Driver, ObserveOptions, SshTarget } from '../../controller/drivers/index.ts';
import { Secret } from '../../controller/lib/index.ts';
import { until } from '../lab/shell.ts';
import { type Peer, peers } from './peers.ts';
import { applyRequest, armRequest, bgp, createDriver, describeNeighbor, limit, newToken, receipt, secret, tokenOf } from './setup.ts';

/** What the driver promises, held against real FRR and against the simulator: whoever tests with the one may believe the other. */
describe.each(peers)('a read of $name', ({ up }) => {
  let peer: Peer;
  let driver: Driver;

  beforeAll(async () => {
    peer = await up('con');
  });
  // A driver of its own for each test: back-off and pooled connections of one are not the business of the next.
  const read = (changes: Partial<SshTarget> = {}, options: ObserveOptions = {}) => {
    driver = createDriver();
    return driver.observe(peer.target(changes), options, limit());
  };
  afterEach(async () => {
    await driver?.close();
  });
  afterAll(async () => {
    await peer?.down();
  });

  test('is whole: identity, daemons, sessions, config with tokens in place of secrets', async () => {
    const { machineId, hostKeys } = peer.target();
    const observed = await read();
    expect(observed).toMatchObject({
      state: 'Read',
      version: '8.4.4',
      identity: { hostname: 'r1', machineId, hostKey: hostKeys[0] },
      neighbors: [{ address: '10.0.1.2', vrf: 'default', family: 'ipv4-unicast', remoteAs: 64502, state: 'Established' }],
      startupDiffers: false,
      epoch: 0,
    });
    const { config, daemons, identity } = observed as Extract<typeof observed, { state: 'Read' }>;
    expect(daemons.map((daemon) => daemon.name)).toEqual(['bgpd', 'staticd', 'zebra']);
    expect(identity.bootId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(config).toContain(` neighbor 10.0.1.2 password ${tokenOf('first-Secret')}\n`);
    expect(config).not.toMatch(/^end$|^frr version/m);
    expect(JSON.stringify(observed)).not.toContain('first-Secret');
  });

  test('gives the same fingerprint twice, and says when a person has not saved', async () => {
    const [first, second] = [await read(), await read()];
    expect(second).toMatchObject({ fingerprint: (first as { fingerprint?: string }).fingerprint });
    await peer.byHand('neighbor 10.0.1.2 description by hand');
    expect(await read()).toMatchObject({ startupDiffers: true, config: expect.stringContaining('description by hand') });
    await peer.save();
    expect(await read()).toMatchObject({ startupDiffers: false });
    await peer.byHand('no neighbor 10.0.1.2 description');
    await peer.save();
    expect(await read()).toMatchObject({ state: 'Read', startupDiffers: false });
  });

  test.each<{ why: string; changes: Partial<SshTarget>; options: ObserveOptions }>([
    { why: 'whose daemons are young', changes: { settleSeconds: 1_000_000 }, options: {} },
    { why: 'that lost something owned', changes: {}, options: { lacksOwned: () => true } },
  ])('of a router $why is repeated and then believed', async ({ changes, options }) => {
    const started = performance.now();
    const observed = await read(changes, options);
    // Young and without something that was owned would be believed by nobody.
    expect(observed).toMatchObject({ state: 'Read' });
    expect(performance.now() - started).toBeGreaterThan(2_000);
  });

  test('is Unknown while bgpd is dead, and while it came back without its configuration', async () => {
    await peer.killDaemon('bgpd');
    expect(await read()).toMatchObject({ state: 'Unknown', reason: 'DaemonDown', message: 'r1: bgpd does not run' });
    await peer.respawnEmpty('bgpd');
    expect(await peer.running()).not.toContain('router bgp');
    expect(await read({ settleSeconds: 30 })).toMatchObject({ state: 'Unknown', reason: 'DeviceSettling' });
    await peer.loadStartup();
    expect(await read()).toMatchObject({ state: 'Read', config: expect.stringContaining('router bgp 64501') });
  });

  test('of another machine behind the address is Unknown, told by host key or by machine id', async () => {
    await peer.swap();
    try {
      expect(await read()).toMatchObject({ reason: 'WrongDevice', message: expect.stringContaining(peer.hostKeys[1]) });
      expect(await read({ hostKeys: peer.hostKeys })).toMatchObject({
        reason: 'WrongDevice',
        message: expect.stringContaining(peer.otherMachineId),
      });
    } finally {
      await peer.swap();
    }
    expect(await read({ hostKeys: peer.hostKeys })).toMatchObject({ state: 'Read' });
  });

  test('with a credential that the router does not know is AuthFailed', async () => {
    const login = (privateKey: Secret) => ({ observe: { user: 'plumb-observe', privateKey } });
    expect(await read(login(peer.strangersKey))).toMatchObject({ state: 'Unknown', reason: 'AuthFailed' });
    expect(await read(login(new Secret('not a key')))).toMatchObject({
      state: 'Unknown',
      reason: 'Unverified',
      message: expect.stringContaining('cannot be used'),
    });
  });

  test('through an account that has no wrapper is PartialRead: half an answer is none', async () => {
    const { apply } = peer.target();
    expect(await read(apply && { observe: apply })).toMatchObject({ reason: 'PartialRead', message: expect.stringContaining('no facts') });
  });

  test('of a router that does not answer is Unreachable, and is not tried again at once', async () => {
    await peer.stopAnswering();
    expect(await read()).toMatchObject({ state: 'Unknown', reason: 'Unreachable' });
    await peer.answerAgain();
    expect(await driver.observe(peer.target(), {}, limit())).toMatchObject({ reason: 'Unreachable' });
    expect(await driver.probe(peer.target(), limit())).toMatchObject({ outcome: 'Probed', neighbors: [{ address: '10.0.1.2' }] });
  });
});

describe.each(peers)('a change on $name', ({ up }) => {
  let peer: Peer;
  let driver: Driver;
  let target: SshTarget;

  beforeAll(async () => {
    peer = await up('coc');
    driver = createDriver();
    target = peer.target();
  });
  afterAll(async () => {
    await driver?.close();
    await peer?.down();
  });
  const statusOf = async (token: string) => {
    const status = await driver.status(target, token, limit());
    return status.outcome === 'Status' ? status : undefined;
  };

  test('is armed, applied, confirmed over a new connection, saved, and leaves its receipt', async () => {
    const request = armRequest();
    expect(await driver.arm(target, request, limit())).toMatchObject({ outcome: 'Armed' });
    expect(await statusOf(request.token)).toMatchObject({ state: 'armed', guardAlive: true, rebooted: false, epoch: 1 });
    expect(await driver.apply(target, applyRequest(request), limit())).toMatchObject({ outcome: 'Applied' });
    expect(await peer.running()).toContain('description changed by the test');
    expect(await peer.startup()).not.toContain('description');
    expect(await driver.confirm(target, { ...request, receipt: receipt() }, limit())).toEqual({ outcome: 'Confirmed', persisted: true });
    expect(await peer.startup()).toContain('description changed by the test');
    const lastChange = { token: request.token, state: 'persisted', holder: request.holder };
    expect(await driver.observe(target, {}, limit())).toMatchObject({ receipt: receipt(), epoch: 1, lastChange, startupDiffers: false });
    expect(await driver.rollback(target, request, limit())).toMatchObject({ outcome: 'TooLate', status: { state: 'confirmed' } });
  });

  test('nobody confirms is restored at its deadline, and a confirm after it is too late', async () => {
    const request = armRequest({ deadlineMs: 4_000, rollback: [bgp('neighbor 10.0.1.2 description changed by the test')] });
    await driver.arm(target, request, limit());
    const away = applyRequest(request, [bgp('no neighbor 10.0.1.2 description')]);
    expect(await driver.apply(target, away, limit())).toMatchObject({ outcome: 'Applied' });
    expect(await peer.running()).not.toContain('description');
    await until('the word of the dead-man', async () => (await statusOf(request.token))?.state === 'restored');
    expect(await peer.running()).toContain('description changed by the test');
    const late = await driver.confirm(target, { ...request, receipt: receipt() }, limit());
    expect(late).toMatchObject({ outcome: 'TooLate', status: { state: 'restored' } });
  });

  test('puts a secret in at the last moment, and takes it back with the one that the router held', async () => {
    const rollback = [bgp(`neighbor 10.0.1.2 password ${tokenOf('first-Secret')}`)];
    const request = armRequest({ rollback });
    await driver.arm(target, request, limit());
    const commands = [bgp(`neighbor 10.0.1.2 password ${secret('second-Secret')}`)];
    expect(await driver.apply(target, applyRequest(request, commands), limit())).toMatchObject({ outcome: 'Applied' });
    expect(await peer.running()).toContain('password second-Secret');
    expect(await driver.rollback(target, request, limit())).toEqual({ outcome: 'RolledBack', rebooted: false });
    expect(await peer.running()).toContain('password first-Secret');
  });

  describe('in parts', () => {
    const knob = (no = '') => [bgp(`${no}bgp graceful-shutdown`)];
    const words = [bgp('neighbor 10.0.1.2 description in parts')];
    const way = [bgp('neighbor 10.0.1.2 description changed by the test'), ...knob('no ')];

    test('goes from one to the next, under one dead-man, and is confirmed whole', async () => {
      const request = armRequest({ rollback: way });
      const send = (stage: 'begin' | 'next' | 'finish', commands: readonly PlannedCommand[]) =>
        driver.apply(target, { ...applyRequest(request, commands), stage }, limit());
      await driver.arm(target, request, limit());
      expect(await send('next', words)).toMatchObject({ outcome: 'Refused', error: { code: 'WrongState' } });
      expect(await send('begin', knob())).toMatchObject({ outcome: 'Applied' });
      expect(await peer.running()).toContain('bgp graceful-shutdown');
      expect(await driver.apply(target, applyRequest(request, words), limit())).toMatchObject({ outcome: 'Refused' });
      expect(await send('next', words)).toMatchObject({ outcome: 'Applied' });
      expect(await statusOf(request.token)).toMatchObject({ state: 'applied', guardAlive: true });
      expect(await send('finish', knob('no '))).toMatchObject({ outcome: 'Applied' });
      expect(await driver.confirm(target, { ...request, receipt: receipt() }, limit())).toEqual({ outcome: 'Confirmed', persisted: true });
      expect(await peer.startup()).toContain('description in parts');
      expect(await peer.startup()).not.toContain('graceful-shutdown');
    });

    test('does not go on when somebody changed the router meanwhile, and goes back as a whole', async () => {
      const request = armRequest({ rollback: [bgp('neighbor 10.0.1.2 description in parts'), ...knob('no ')] });
      await driver.arm(target, request, limit());
      await driver.apply(target, { ...applyRequest(request, knob()), stage: 'begin' }, limit());
      await peer.byHand('neighbor 10.0.1.2 description by hand');
      const next = { ...applyRequest(request, words), stage: 'next' as const };
      expect(await driver.apply(target, next, limit())).toMatchObject({ outcome: 'Refused', error: { code: 'ConcurrentChange' } });
      expect(await driver.rollback(target, request, limit())).toMatchObject({ outcome: 'RolledBack' });
      expect(await peer.running()).not.toContain('graceful-shutdown');
    });

    test('nobody goes on with is led back at its deadline', async () => {
      const request = armRequest({ deadlineMs: 2_000, rollback: knob('no ') });
      await driver.arm(target, request, limit());
      await driver.apply(target, { ...applyRequest(request, knob()), stage: 'begin' }, limit());
      await until('the word of the dead-man', async () => (await statusOf(request.token))?.state === 'restored');
      expect(await peer.running()).not.toContain('graceful-shutdown');
    });

    test('is counted: how many prefixes go out over a session', async () => {
      const session = { address: '10.0.1.2', vrf: 'default', family: 'ipv4-unicast' };
      const counted = await driver.countInUse?.(target, [session], limit());
      expect(counted).toEqual({ outcome: 'Counted', counts: [expect.any(Number)] });
    });
  });

  test('is refused while another one is open, with an older epoch, and when the config is not the planned one', async () => {
    const first = armRequest({ epoch: 5 });
    await driver.arm(target, first, limit());
    expect(await driver.arm(target, armRequest({ epoch: 5 }), limit())).toMatchObject({ outcome: 'Refused', error: { code: 'Locked' } });
    const stale = await driver.rollback(target, { ...first, epoch: 4 }, limit());
    expect(stale).toMatchObject({ outcome: 'Refused', error: { code: 'StaleEpoch' } });
    expect(await driver.rollback(target, first, limit())).toMatchObject({ outcome: 'RolledBack' });
    const moved = armRequest({ epoch: 5, isAsPlanned: () => false });
    expect(await driver.arm(target, moved, limit())).toMatchObject({ outcome: 'Refused', error: { code: 'ConcurrentChange' } });
    expect(await statusOf(moved.token)).toMatchObject({ state: 'none', guardAlive: false });
    expect(await statusOf(newToken())).toMatchObject({ state: 'none', epoch: 5 });
  });

  test('does not begin on a router that somebody holds, and does not go on there; the way back stays open', async () => {
    const refusal = { outcome: 'Refused', error: { code: 'Held', message: 'r1: is on hold by a file on the device: mona: fibre work' } };
    const armed = armRequest({ epoch: 5 });
    await driver.arm(target, armed, limit());
    await peer.hold('mona: fibre work');
    const read = await driver.observe(target, {}, limit());
    expect(read).toMatchObject({ state: 'Read', hold: { by: 'mona', reason: 'fibre work', at: expect.stringMatching(/^20\d\d-/) } });
    expect(await driver.apply(target, applyRequest(armed), limit())).toMatchObject(refusal);
    expect(await peer.running()).not.toContain('timers 2 6');
    expect(await driver.rollback(target, armed, limit())).toMatchObject({ outcome: 'RolledBack' });
    expect(await driver.arm(target, armRequest({ epoch: 5 }), limit())).toMatchObject(refusal);
    await peer.hold();
    const freed = armRequest({ epoch: 5 });
    expect(await driver.arm(target, freed, limit())).toMatchObject({ outcome: 'Armed' });
    await driver.rollback(target, freed, limit());
    expect(await driver.observe(target, {}, limit())).not.toHaveProperty('hold');
  });

  test('does not begin on a router with unsaved lines unless it is told to', async () => {
    await peer.byHand('neighbor 10.0.1.2 timers 2 6');
    expect(await driver.arm(target, armRequest({ epoch: 5 }), limit())).toMatchObject({ outcome: 'Refused', error: { code: 'Unsaved' } });
    const request = armRequest({ epoch: 5, unsaved: 'accept' });
    expect(await driver.arm(target, request, limit())).toMatchObject({ outcome: 'Armed' });
    await driver.rollback(target, request, limit());
    await peer.byHand('neighbor 10.0.1.2 timers 1 3');
  });

  test('that was not confirmed is gone after a reboot', async () => {
    const request = armRequest({ epoch: 6, unsaved: 'accept', rollback: [] });
    await driver.arm(target, request, limit());
    await driver.apply(target, applyRequest(request, [bgp('neighbor 10.0.1.2 description before the reboot')]), limit());
    await peer.reboot();
    await until('what the router says', async () => {
      await driver.close();
      driver = createDriver();
      return (await statusOf(request.token)) !== undefined;
    });
    expect(await driver.rollback(target, request, limit())).toMatchObject({ rebooted: true });
    expect(await peer.running()).not.toContain('before the reboot');
  });

  describe('whose dead-man was killed', () => {
    const words = 'description left by a dead guard';
    const leave = async (isApplied: boolean) => {
      const request = armRequest({ epoch: 6, rollback: [bgp('no neighbor 10.0.1.2 description')] });
      expect(await driver.arm(target, request, limit())).toMatchObject({ outcome: 'Armed' });
      if (isApplied) await driver.apply(target, applyRequest(request, [bgp(`neighbor 10.0.1.2 ${words}`)]), limit());
      await peer.killGuard();
      return request;
    };
    beforeAll(async () => {
      await peer.byHand('no neighbor 10.0.1.2 description');
      await peer.save();
    });
    afterAll(async () => {
      await peer.byHand('neighbor 10.0.1.2 description changed by the test');
      await peer.save();
    });

    test('before anything was sent leaves nothing to be restored, and nobody in the way', async () => {
      const request = await leave(false);
      expect(await statusOf(request.token)).toMatchObject({ state: 'restored', guardAlive: false });
      expect(await driver.apply(target, applyRequest(request), limit())).toMatchObject({
        outcome: 'Refused',
        error: { code: 'WrongState' },
      });
      expect(await driver.arm(target, request, limit())).toMatchObject({ outcome: 'Refused', error: { code: 'WrongState' } });
      const next = armRequest({ epoch: 6 });
      expect(await driver.arm(target, next, limit())).toMatchObject({ outcome: 'Armed' });
      expect(await driver.rollback(target, next, limit())).toMatchObject({ outcome: 'RolledBack' });
    });

    test('is unfinished until somebody asks for its end: nobody else may begin, and it rolls back', async () => {
      const request = await leave(true);
      expect(await statusOf(request.token)).toMatchObject({ state: 'applied', guardAlive: false });
      expect(await driver.arm(target, armRequest({ epoch: 6, unsaved: 'accept' }), limit())).toMatchObject({
        outcome: 'Refused',
        error: { code: 'Unfinished', message: expect.stringContaining(request.token) },
      });
      expect(await driver.rollback(target, request, limit())).toEqual({ outcome: 'RolledBack', rebooted: false });
      expect(await peer.running()).not.toContain(words);
    });

    test('is confirmed and saved by whoever asks for what was decided', async () => {
      const request = await leave(true);
      expect(await driver.confirm(target, { ...request, receipt: receipt(6) }, limit())).toEqual({ outcome: 'Confirmed', persisted: true });
      expect(await peer.startup()).toContain(words);
    });
  });

  test('that was not confirmed holds nobody up when the router came up with neither the old nor the new configuration', async () => {
    await peer.byHand('neighbor 10.0.1.2 description neither');
    const request = armRequest({ epoch: 6, unsaved: 'accept' });
    await driver.arm(target, request, limit());
    await driver.apply(target, applyRequest(request), limit());
    await peer.reboot();
    await until('what the router says', async () => {
      await driver.close();
      driver = createDriver();
      const young = await driver.status({ ...target, settleSeconds: 1_000_000 }, request.token, limit());
      return young.outcome === 'Refused' && young.error.code === 'DeviceSettling';
    });
    expect(await statusOf(request.token)).toMatchObject({ state: 'restore-failed', rebooted: true, rest: 2 });
    const next = armRequest({ epoch: 6 });
    expect(await driver.arm(target, next, limit())).toMatchObject({ outcome: 'Armed' });
    expect(await driver.rollback(target, next, limit())).toMatchObject({ outcome: 'RolledBack' });
  });

  test('stops at the first refused line and names it; what its rollback leaves is told', async () => {
    const request = armRequest({ epoch: 6, rollback: describeNeighbor.rollback });
    await driver.arm(target, request, limit());
    const commands = [
      { path: [], text: 'ip prefix-list PL seq 5 permit 192.0.2.0/24' },
      bgp('neighbor 10.0.1.2 description one'),
      bgp('neighbor 10.0.1.99 description two'),
      bgp('neighbor 10.0.1.2 description three'),
    ];
    expect(await driver.apply(target, applyRequest(request, commands), limit())).toMatchObject({
      outcome: 'Rejected',
      index: 2,
      line: 'neighbor 10.0.1.99 description two',
      message: 'Specify remote-as or peer-group commands first',
    });
    expect(await statusOf(request.token)).toMatchObject({ state: 'rejected', rejected: { index: 2 } });
    expect(await driver.rollback(target, request, limit())).toMatchObject({
      outcome: 'RollbackIncomplete',
      rest: ['-router bgp 64501 > neighbor 10.0.1.2 description changed by the test', '+ip prefix-list PL seq 5 permit 192.0.2.0/24'],
    });
  });

  test('of a leader that froze before it armed is refused when it wakes: whoever followed it asked for its end', async () => {
    const frozen = armRequest({ epoch: 50 });
    expect(await driver.rollback(target, { token: frozen.token, epoch: 51 }, limit())).toMatchObject({
      outcome: 'Refused',
      error: { code: 'WrongState' },
    });
    expect(await driver.arm(target, frozen, limit())).toMatchObject({ outcome: 'Refused', error: { code: 'StaleEpoch' } });
  });
});
