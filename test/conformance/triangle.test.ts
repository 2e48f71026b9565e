import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyPlan, leaderEpoch, recover } from '../../controller/change/index.ts';
import type { Driver, SshTarget } from '../../controller/drivers/index.ts';
import { openStore, type Store } from '../../controller/store/index.ts';
import { createDriver, secret, skipped, targetOf } from '../driver/setup.ts';
import { type Lab, up } from '../lab/frr.ts';
import { until } from '../lab/shell.ts';
import { depsFor, type Orders, passwordAs, planWish, threeRouters, triangle } from '../change/real-run.ts';

const never = new AbortController().signal;
const names = ['r1', 'r2', 'r3'];

describe.skipIf(skipped !== undefined)('three routers that change together', () => {
  let lab: Lab;
  let driver: Driver;
  let folder: string;
  let store: Store;
  let targets: ReadonlyMap<string, SshTarget>;

  beforeAll(async () => {
    lab = await up(threeRouters('tri'));
    driver = createDriver();
    folder = mkdtempSync(join(tmpdir(), 'plumb-triangle-'));
    store = await openStore(folder);
    targets = new Map(names.map((name) => [name, targetOf(lab, name)]));
    for (const name of names) await lab.established(name, 2);
  });
  afterAll(async () => {
    await driver?.close();
    store?.close();
    await lab?.down();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const deps = () => depsFor(store, driver, targets, triangle);
  const running = (name: string) => lab.vtysh(name, 'show running-config no-header');
  const passwords = async () => (await Promise.all(names.map(running))).map((text) => [...new Set(text.match(/password .*/g))].join());
  const start = (orders: Omit<Orders, 'prefix' | 'folder'>) =>
    spawn(process.execPath, [join(import.meta.dirname, '../change/real-child.ts')], {
      env: { ...process.env, PLUMB_TEST_ORDERS: JSON.stringify({ prefix: lab.facts.prefix, folder, ...orders } satisfies Orders) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });

  test('take one password at once, and all sessions come back', async () => {
    const plan = await planWish(driver, targets, passwordAs(secret('second-Secret')), triangle);
    expect(plan.sets).toEqual([names]);
    const [result] = await applyPlan(deps(), plan, never, () => {}, { settleMs: 1_000, deadlineMs: 60_000 });
    expect(result).toMatchObject({ end: 'Confirmed', devices: names });
    expect(await passwords()).toEqual(names.map(() => 'password second-Secret'));
    for (const name of names) await lab.established(name, 2);
    expect(names.map((name) => lab.startupConfig(name).includes('second-Secret'))).toEqual([true, true, true]);
  });

  test.each([
    { killedIn: 'Arming', afterMs: 60, end: 'NothingWritten' },
    { killedIn: 'Applying', afterMs: 60, end: 'RolledBack' },
    { killedIn: 'ReadingBack', afterMs: 60, end: 'RolledBack' },
    { killedIn: 'Probing', afterMs: 500, end: 'RolledBack' },
    { killedIn: 'Confirming', afterMs: 60, end: 'Confirmed' },
    { killedIn: 'RollingBack', afterMs: 60, end: 'RolledBack', stopIn: 'Probing' },
  ])('are all old or all new when the process is killed in $killedIn', async ({ killedIn, afterMs, end, stopIn }) => {
    const before = await passwords();
    const words = `killed-in-${killedIn}`;
    const child = start({ words, killedIn, afterMs, ...(stopIn && { stopIn }), coupled: names });
    await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
    expect(await recover(deps(), () => {})).toMatchObject([{ end, devices: names }]);
    expect(await passwords()).toEqual(end === 'Confirmed' ? names.map(() => `password ${words}`) : before);
    for (const name of names) await lab.established(name, 2);
  });

  test('refuse a leader that froze in mid-apply and wakes when another one leads', async () => {
    const before = await passwords();
    const child = start({ words: 'frozen', frozenIn: 'Applying', coupled: names });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until('the frozen leader', () => / T /.test(readFileSync(`/proc/${child.pid}/stat`, 'utf8').replace(/.*\)/, '')), 60_000);
    const ours = await store.epoch.lead();
    const leader = { ...deps(), epoch: leaderEpoch(store.epoch, ours), isAlive: () => false, atWork: new Set<string>() };
    expect(await recover(leader, () => {})).toMatchObject([{ end: 'RolledBack', devices: names }]);
    child.kill('SIGCONT');
    await once(child, 'exit');
    expect(JSON.parse(said)).toEqual({ told: names.map(() => 'StaleEpoch'), results: [{ end: 'OutcomeUnknown', code: 'TakenOver' }] });
    expect(await passwords()).toEqual(before);
    expect(await recover(leader, () => {})).toEqual([]);
  });

  describe('with a drain before it', () => {
    const pair = () => new Map([...targets].filter(([name]) => name !== 'r3'));
    // r1 is the only way to its own prefix, and its neighbors go on using that.
    const drain = { scope: 'Session', waitSeconds: 20, leftPrefixes: 1 } as const;
    const isDrained = async () => Promise.all(['r1', 'r2'].map(async (name) => (await running(name)).includes('graceful-shutdown')));
    const wish = (words: string) => (device: string, config: string) =>
      config.replace(device === 'r1' ? /(10\.0\.1\.2 password ).*/ : /(10\.0\.1\.1 password ).*/, `$1${secret(words)}`);

    test('lead traffic away, change, and lead it back: their neighbors saw it, and nothing of it is left', async () => {
      const plan = await planWish(driver, pair(), wish('drained-first'), triangle, drain);
      expect(plan.devices.map(({ effect }) => effect.drain?.commands.length)).toEqual([1, 1]);
      const seen: Record<string, unknown> = {};
      const states: string[] = [];
      const look = async (state: string) => {
        const route = await lab.vtysh('r3', 'show bgp ipv4 unicast 192.0.2.1/32 json');
        seen[state] = [await isDrained(), /gshut|graceful-?shutdown/i.test(route)];
      };
      const looks: Promise<void>[] = [];
      const [result] = await applyPlan(
        deps(),
        plan,
        never,
        ({ state }) => {
          states.push(state);
          if (state === 'Applying') looks.push(look(state));
        },
        { settleMs: 1_500, deadlineMs: 90_000 },
      );
      await Promise.all(looks);
      expect(result).toMatchObject({ end: 'Confirmed', notes: [] });
      expect([...new Set(states)]).toEqual([
        'Fencing',
        'Arming',
        'Draining',
        'Emptying',
        'Applying',
        'ReadingBack',
        'Probing',
        'Undraining',
        'Confirming',
        'Confirmed',
      ]);
      expect(seen['Applying']).toEqual([[true, true], true]);
      expect(await isDrained()).toEqual([false, false]);
      expect(lab.startupConfig('r1')).not.toContain('graceful-shutdown');
      expect(lab.startupConfig('r1')).toContain('drained-first');
    });

    test('send nothing of the change when traffic has nowhere to go, and carry it again', async () => {
      const before = await passwords();
      const plan = await planWish(driver, pair(), wish('never-sent'), triangle, { ...drain, waitSeconds: 6, leftPrefixes: 0 });
      const [result] = await applyPlan(deps(), plan, never, () => {}, { settleMs: 1_000, deadlineMs: 60_000 });
      expect(result).toMatchObject({ end: 'RolledBack', reason: { code: 'DrainTimedOut' } });
      expect([await isDrained(), await passwords()]).toEqual([[false, false], before]);
    });

    test.each(['Emptying', 'Applying', 'Undraining'])('killed in %s are led back by whoever finds them', async (killedIn) => {
      const before = await passwords();
      const child = start({ words: `drain-${killedIn}`, killedIn, afterMs: 100, coupled: names, drain: { ...drain, leftPrefixes: 9 } });
      await once(child, 'exit');
      expect(child.signalCode).toBe('SIGKILL');
      expect(await recover(deps(), () => {})).toMatchObject([{ end: 'RolledBack' }]);
      expect([await isDrained(), await passwords()]).toEqual([[false, false], before]);
    });
  });
});
