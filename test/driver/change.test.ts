import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Driver, Target } from '../../controller/drivers/index.ts';
import type { Lab } from '../lab/frr.ts';
import { applyRequest, armRequest, bgp, createDriver, limit, secret, skipped, targetOf, upLab } from './setup.ts';

/** What only a real router can show; the rest of the contract is in `contract.test.ts`. */
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

  test('with a secret that FRR refuses is rolled back to what the backup says, and the secret is not told', async () => {
    const before = await running();
    const rollback = [bgp('neighbor 10.0.1.2 password <old>'.replace('<old>', secret('first-Secret')))];
    const request = armRequest({ rollback });
    await driver.arm(target, request, limit());
    const commands = [bgp(`neighbor 10.0.1.2 password ${secret("se'cond $ecret")}`)];
    const applied = await driver.apply(target, applyRequest(request, commands), limit());
    expect(applied).toMatchObject({ outcome: 'Rejected', index: 0 });
    expect(JSON.stringify(applied)).not.toContain('cond $ecret');
    expect(await driver.rollback(target, request, limit())).toEqual({ outcome: 'RolledBack', rebooted: false });
    expect(await running()).toBe(before);
  });
});
