import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Driver, Target } from '../../controller/drivers/index.ts';
import type { Lab } from '../lab/frr.ts';
import { until } from '../lab/shell.ts';
import {
  applyRequest,
  armRequest,
  bgp,
  createDriver,
  describeNeighbor,
  limit,
  receipt,
  secret,
  skipped,
  targetOf,
  upLab,
} from './setup.ts';

describe.skipIf(skipped !== undefined)('a change on a real router', () => {
  let lab: Lab;
  let driver: Driver;
  let target: Target;

  beforeAll(async () => {
    lab = await upLab('chg');
    driver = createDriver();
    target = targetOf(lab, 'r1');
  });

  afterAll(async () => {
    await driver?.close();
    await lab?.down();
  });

  const running = () => lab.vtysh('r1', 'show running-config no-header');

  test('is armed, applied, confirmed over a new connection, saved, and leaves its receipt', async () => {
    const request = armRequest();
    const armed = await driver.arm(target, request, limit());
    expect(armed).toMatchObject({ outcome: 'Armed' });
    expect(await driver.status(target, request.token, limit())).toMatchObject({
      state: 'armed',
      guardAlive: true,
      rebooted: false,
      epoch: 1,
    });
    expect(await driver.apply(target, applyRequest(request), limit())).toMatchObject({ outcome: 'Applied' });
    expect(await running()).toContain('description changed by the test');
    expect(lab.startupConfig('r1')).not.toContain('description');
    expect(await driver.confirm(target, { ...request, receipt: receipt() }, limit())).toEqual({ outcome: 'Confirmed', persisted: true });
    expect(lab.startupConfig('r1')).toContain('description changed by the test');
    expect(await driver.observe(target, {}, limit())).toMatchObject({
      state: 'Read',
      receipt: receipt(),
      epoch: 1,
      lastChange: { token: request.token, state: 'persisted' },
      startupDiffers: false,
    });
    expect(await driver.confirm(target, { ...request, receipt: receipt() }, limit())).toEqual({ outcome: 'Confirmed', persisted: true });
    expect(await driver.rollback(target, request, limit())).toMatchObject({
      outcome: 'TooLate',
      status: { state: 'confirmed', persisted: true },
    });
  });

  test('nobody confirms is restored at its deadline, and a confirm after it is too late', async () => {
    const before = await running();
    const request = armRequest({ deadlineMs: 2_000, rollback: [bgp('neighbor 10.0.1.2 description changed by the test')] });
    await driver.arm(target, request, limit());
    expect(await driver.apply(target, applyRequest(request, [bgp('no neighbor 10.0.1.2 description')]), limit())).toMatchObject({
      outcome: 'Applied',
    });
    expect(await running()).not.toBe(before);
    await until('the dead-man', async () => (await running()) === before);
    await until('its word', async () => ((await driver.status(target, request.token, limit())) as { state?: string }).state === 'restored');
    expect(await driver.confirm(target, { ...request, receipt: receipt() }, limit())).toMatchObject({
      outcome: 'TooLate',
      status: { state: 'restored' },
    });
  });

  test('that is rolled back leaves the router as the backup says', async () => {
    const before = await running();
    const rollback = [bgp('neighbor 10.0.1.2 password <old>'.replace('<old>', secret('first-Secret')))];
    const request = armRequest({ rollback });
    await driver.arm(target, request, limit());
    const commands = [bgp(`neighbor 10.0.1.2 password ${secret("se'cond $ecret")}`)];
    expect(await driver.apply(target, applyRequest(request, commands), limit())).toMatchObject({ outcome: 'Rejected', index: 0 });
    expect(await driver.rollback(target, request, limit())).toEqual({ outcome: 'RolledBack', rebooted: false });
    expect(await running()).toBe(before);
  });

  test('stops at the first refused line and names it', async () => {
    const request = armRequest({ rollback: describeNeighbor.rollback });
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
    expect(await running()).toContain('description one');
    expect(await driver.status(target, request.token, limit())).toMatchObject({ state: 'rejected', rejected: { index: 2 } });
    expect(await driver.rollback(target, request, limit())).toMatchObject({
      outcome: 'RollbackIncomplete',
      rest: ['-router bgp 64501 > neighbor 10.0.1.2 description changed by the test', '+ip prefix-list PL seq 5 permit 192.0.2.0/24'],
    });
  });
});
