import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyPlan, recover, sentDigestOf } from '../../controller/change/index.ts';
import type { Driver, SshTarget } from '../../controller/drivers/index.ts';
import { systemClock } from '../../controller/lib/index.ts';
import { openStore, type Store } from '../../controller/store/index.ts';
import { createDriver, killGuards, secret, skipped, targetOf, upLab } from '../driver/setup.ts';
import type { Lab } from '../lab/frr.ts';
import { depsFor, describeAs, type Orders, passwordAs, planWish, session } from './real-run.ts';

const never = new AbortController().signal;
const quick = { settleMs: 1_000, deadlineMs: 30_000 };

describe.skipIf(skipped !== undefined)('an apply on real routers', () => {
  let lab: Lab;
  let driver: Driver;
  let folder: string;
  let store: Store;
  let both: ReadonlyMap<string, SshTarget>;
  let r1: ReadonlyMap<string, SshTarget>;

  beforeAll(async () => {
    lab = await upLab('chg');
    driver = createDriver();
    folder = mkdtempSync(join(tmpdir(), 'plumb-change-'));
    store = await openStore(folder);
    both = new Map(['r1', 'r2'].map((name) => [name, targetOf(lab, name)]));
    r1 = new Map([...both].filter(([name]) => name === 'r1'));
    await lab.established('r1', 1);
  });
  afterAll(async () => {
    await driver?.close();
    store?.close();
    await lab?.down();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const descriptionOf = async () => / description (.*)/.exec(await lab.vtysh('r1', 'show running-config no-header'))?.[1]?.trim();
  const deps = () => depsFor(store, driver, both);

  test('is confirmed, saved, and in sync afterwards', async () => {
    const plan = await planWish(driver, r1, describeAs('first'));
    await store.baselines.put({ device: 'r1', platform: 'frr', revision: '', items: {}, unmanaged: [], adopted: true });
    const [result] = await applyPlan(deps(), plan, never, () => {}, quick);
    expect(result).toMatchObject({ end: 'Confirmed', notes: [] });
    expect(await descriptionOf()).toBe('first');
    expect(lab.startupConfig('r1')).toContain('description first');
    expect((await planWish(driver, r1, describeAs('first'))).devices).toEqual([]);
    expect(result?.reads.get('r1')?.receipt).toBeUndefined(); // read before the confirm; the next read has it
  });

  test('refuses when a person changed the router since the plan', async () => {
    const plan = await planWish(driver, r1, describeAs('second'));
    await lab.byHand('r1', 'configure terminal', 'ip prefix-list MINE seq 5 permit 198.51.100.0/24');
    const [result] = await applyPlan(deps(), plan, never, () => {}, quick);
    expect(result).toMatchObject({ end: 'NothingWritten', reason: { code: 'ConcurrentChange' } });
    await lab.byHand('r1', 'configure terminal', 'no ip prefix-list MINE');
    expect(await descriptionOf()).toBe('first');
  });

  test('is rolled back and quarantined when the session does not come back', async () => {
    // A password on one end alone: exactly what a coupled set is for.
    const plan = await planWish(driver, r1, passwordAs(secret('one-sided')));
    const [result] = await applyPlan(deps(), plan, never, () => {}, { settleMs: 5_000, deadlineMs: 30_000 });
    expect(result).toMatchObject({ end: 'RolledBack', reason: { code: 'ProbeFailed' } });
    expect(await store.quarantines.get(sentDigestOf(plan.devices[0]!.effect))).toMatchObject({ device: 'r1' });
    await lab.established('r1', 1);
  });

  test('changes a password on both ends as one unit', async () => {
    const token = secret('second-Secret');
    const plan = await planWish(driver, both, passwordAs(token), [session]);
    expect(plan.sets).toEqual([['r1', 'r2']]);
    const [result] = await applyPlan(deps(), plan, never, () => {}, { settleMs: 1_000, deadlineMs: 60_000 });
    expect(result).toMatchObject({ end: 'Confirmed', devices: ['r1', 'r2'] });
    await lab.established('r1', 1);
    expect(lab.startupConfig('r2')).toContain('second-Secret');
  });

  const runAndDie = async (orders: Omit<Orders, 'prefix' | 'folder'>) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'real-child.ts')], {
      env: { ...process.env, PLUMB_TEST_ORDERS: JSON.stringify({ prefix: lab.facts.prefix, folder, ...orders } satisfies Orders) },
      stdio: 'inherit',
    });
    await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
  };

  // At once: before the first byte of the state. Later: in the middle of it.
  test.each([
    { killedIn: 'Fencing', afterMs: 0, end: 'NothingWritten' },
    { killedIn: 'Arming', afterMs: 0, end: 'NothingWritten' },
    { killedIn: 'Arming', afterMs: 60, end: 'NothingWritten' },
    { killedIn: 'Applying', afterMs: 0, end: 'RolledBack' },
    { killedIn: 'Applying', afterMs: 60, end: 'RolledBack' },
    { killedIn: 'ReadingBack', afterMs: 60, end: 'RolledBack' },
    { killedIn: 'Probing', afterMs: 500, end: 'RolledBack' },
    { killedIn: 'Confirming', afterMs: 0, end: 'Confirmed' },
    { killedIn: 'Confirming', afterMs: 60, end: 'Confirmed' },
    { killedIn: 'RollingBack', afterMs: 0, end: 'RolledBack', stopIn: 'Probing' },
    { killedIn: 'RollingBack', afterMs: 60, end: 'RolledBack', stopIn: 'Probing' },
  ])('killed $afterMs ms into $killedIn is found by the next process and ends $end', async ({ killedIn, afterMs, end, stopIn }) => {
    const before = await descriptionOf();
    const words = `killed ${afterMs} ms into ${killedIn}`;
    await runAndDie({ words, killedIn, afterMs, ...(stopIn && { stopIn }) });

    const results = await recover(deps(), () => {});
    expect(results).toMatchObject([{ end, devices: ['r1'] }]);
    expect(await descriptionOf()).toBe(end === 'Confirmed' ? words : before);
    const known = (await store.baselines.get('r1'))?.items['router bgp > neighbor 10.0.1.2 description'];
    expect(known).toBe(`neighbor 10.0.1.2 description ${end === 'Confirmed' ? words : before}`);
    expect(await recover(deps(), () => {})).toEqual([]);
  });

  test.each([
    { killedIn: 'Applying', end: 'RolledBack' },
    { killedIn: 'Confirming', end: 'Confirmed' },
  ])('of both ends, killed in $killedIn, ends $end on both, by a process that does not know the password', async ({ killedIn, end }) => {
    const password = `killed-in-${killedIn}`;
    await runAndDie({ words: password, killedIn, afterMs: 60, coupled: ['r1', 'r2'] });
    expect(await recover(deps(), () => {})).toMatchObject([{ end, devices: ['r1', 'r2'] }]);
    const holds = await Promise.all(
      ['r1', 'r2'].map(async (name) => (await lab.vtysh(name, 'show running-config no-header')).includes(password)),
    );
    expect(holds).toEqual(end === 'Confirmed' ? [true, true] : [false, false]);
    await lab.established('r1', 1);
  });

  test('that was decided and not confirmed in time is confirmed by the router itself, though its dead-man died', async () => {
    await runAndDie({ words: 'the dead-man died', killedIn: 'Confirming', afterMs: 0 });
    await killGuards(lab, 'r1');
    // Its time is over at the first look: what is left is to compare, and that must not leave the router half-way.
    let monotonicMs = 0;
    const clock = { ...systemClock, monotonicMs: () => (monotonicMs += 600_000) };
    expect(await recover({ ...deps(), clock }, () => {})).toMatchObject([{ end: 'Confirmed' }]);
    expect(lab.startupConfig('r1')).toContain('description the dead-man died');
    const token = (await store.history.list('r1')).findLast(({ event }) => event === 'Confirmed')?.message.split(':')[0] ?? '';
    expect(await driver.status(r1.get('r1')!, token, never)).toMatchObject({ state: 'confirmed', persisted: true });
  });

  test('is no obstacle for a second controller with a store of its own', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'plumb-elsewhere-'));
    const second = await openStore(elsewhere);
    const [result] = await applyPlan(
      depsFor(second, driver, both),
      await planWish(driver, r1, describeAs('second controller')),
      never,
      () => {},
      quick,
    );
    expect(result).toMatchObject({ end: 'Confirmed' });
    second.close();
    rmSync(elsewhere, { recursive: true });
  });

  test('leaves nothing in the way of the next change, after all of that', async () => {
    const [result] = await applyPlan(deps(), await planWish(driver, r1, describeAs('last')), never, () => {}, quick);
    expect(result).toMatchObject({ end: 'Confirmed', notes: [] });
    expect(lab.startupConfig('r1')).toContain('description last');
  });
});
