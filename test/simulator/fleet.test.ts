import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Driver, driverFor, type Target } from '../../controller/drivers/index.ts';
import { Secret, systemClock } from '../../controller/lib/index.ts';
import type { Fault } from './faults.ts';
import { reach } from './fleet.ts';
import { type FleetProcess, startFleetProcess } from './process.ts';

describe('a simulated fleet in a process of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plumb-fleet-'));
  let fleet: FleetProcess;
  let driver: Driver;

  beforeAll(async () => {
    fleet = await startFleetProcess(folder, { devices: 300 });
    driver = createDriver();
  });
  afterAll(async () => {
    await driver?.close();
    await fleet?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const createDriver = () => driverFor('frr', { clock: systemClock, tokenOf: () => '<secret:hmac-00000000000000000000000000000000>' });
  const targetOf = (name: string): Target => {
    const { hostKey, ...rest } = reach(fleet.facts, name);
    const privateKey = new Secret(readFileSync(join(fleet.secrets, 'routers-observe/privateKey'), 'utf8'));
    return { device: name, ...rest, hostKeys: [hostKey], observe: { user: 'plumb-observe', privateKey } };
  };
  const read = (name: string, by = driver) => by.observe(targetOf(name), {}, AbortSignal.timeout(20_000));
  const readWith = async (name: string, fault: Fault) => {
    await fleet.setFault(name, fault);
    const own = createDriver();
    try {
      return await own.observe(targetOf(name), {}, AbortSignal.timeout(1_000));
    } finally {
      await own.close();
      await fleet.setFault(name);
    }
  };

  test('answers for every router of its desired state, each with its own name, and with one login for each', async () => {
    const names = Array.from({ length: 300 }, (_, i) => `r${String(i).padStart(5, '0')}`);
    const seen = await Promise.all(names.map((name) => read(name)));
    expect(seen.map((each) => (each.state === 'Read' ? each.identity.hostname : each.message))).toEqual(names);
    expect(seen.every((each) => each.state === 'Read' && each.neighbors.length === 8 && !each.startupDiffers)).toBe(true);
    expect(await fleet.counts()).toMatchObject({ logins: 300, reads: 300, commands: 1_800 });
  });

  test('shows what a person typed, on that router only', async () => {
    const before = await Promise.all(['r00010', 'r00011'].map((name) => read(name)));
    await fleet.edit('r00010', ['router bgp 64500', ' address-family ipv4 unicast', '  network 203.0.113.0/24', 'no ip prefix-list ours']);
    const after = await Promise.all(['r00010', 'r00011'].map((name) => read(name)));
    expect(after[0]).toMatchObject({ startupDiffers: true, config: expect.stringContaining('  network 203.0.113.0/24\n') });
    expect(after[0]).toMatchObject({ config: expect.not.stringContaining('prefix-list ours seq') });
    expect(after[1]).toMatchObject({ fingerprint: (before[1] as { fingerprint?: string }).fingerprint });
    await fleet.save('r00010');
    expect(await read('r00010')).toMatchObject({ startupDiffers: false });
  });

  test('tells who typed', async () => {
    const since = new Date();
    await fleet.edit('r00014', ['router bgp 64500', ' neighbor 10.200.0.13 timers 5 15'], 'mona');
    const said = await driver.attribute?.(targetOf('r00014'), { since }, AbortSignal.timeout(5_000));
    expect(said?.candidates).toMatchObject([
      { who: 'mona', how: 'command log', what: 'router bgp 64500; neighbor 10.200.0.13 timers 5 15' },
    ]);
    const other = await driver.attribute?.(targetOf('r00015'), { since }, AbortSignal.timeout(5_000));
    expect(other).toEqual({ candidates: [], gaps: [] });
  });

  test('tells of a session that is down', async () => {
    await fleet.setSession('r00012', '172.16.0.48', 'Active');
    expect(await read('r00012')).toMatchObject({ neighbors: expect.arrayContaining([expect.objectContaining({ state: 'Active' })]) });
    await fleet.setSession('r00012', '172.16.0.48');
    expect(await read('r00012')).toMatchObject({ neighbors: expect.not.arrayContaining([expect.objectContaining({ state: 'Active' })]) });
  });

  test.each<[Fault, { state: string; reason?: string }]>([
    [{ kind: 'down' }, { state: 'Unknown', reason: 'Unreachable' }],
    [{ kind: 'silent' }, { state: 'Unknown', reason: 'Unreachable' }],
    [{ kind: 'refuses-login' }, { state: 'Unknown', reason: 'AuthFailed' }],
    [{ kind: 'other-host-key' }, { state: 'Unknown', reason: 'WrongDevice' }],
    [{ kind: 'other-machine' }, { state: 'Unknown', reason: 'WrongDevice' }],
    [{ kind: 'half-read' }, { state: 'Unknown', reason: 'PartialRead' }],
    [{ kind: 'cut' }, { state: 'Unknown', reason: 'Unreachable' }],
    [
      { kind: 'slow', ms: 10_000 },
      { state: 'Unknown', reason: 'Unreachable' },
    ],
    [{ kind: 'slow', ms: 20 }, { state: 'Read' }],
    [{ kind: 'flapping', upMs: 60_000, downMs: 1 }, { state: 'Read' }],
    [
      { kind: 'flapping', upMs: 0, downMs: 60_000 },
      { state: 'Unknown', reason: 'Unreachable' },
    ],
  ])('with %j is read as %j, and is well again after it', async (fault, expected) => {
    expect(await readWith('r00020', fault)).toMatchObject(expected);
    const healed = createDriver();
    expect(await read('r00020', healed)).toMatchObject({ state: 'Read' });
    await healed.close();
  });

  test('answers a wrong question with what was wrong', async () => {
    await expect(fleet.save('r99999')).rejects.toThrow('no simulated router r99999');
    await expect(fleet.edit('r00013', ['no ip prefix-list nobody-has-it'])).rejects.toThrow('r00013: changed nothing');
  });

  test('answers on the same port with the same keys when it is started again', async () => {
    const { facts } = fleet;
    await fleet.close();
    fleet = await startFleetProcess(folder, { devices: 3 });
    expect(fleet.facts).toEqual({ ...facts, devices: 3 });
    const anew = createDriver();
    expect(await read('r00002', anew)).toMatchObject({ state: 'Read' });
    await anew.close();
  });
});
