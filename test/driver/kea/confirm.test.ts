import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Driver, KeaTarget } from '../../../controller/drivers/index.ts';
import type { KeaLab } from '../../lab/kea/index.ts';
import { until } from '../../lab/shell.ts';
import { receipt } from '../setup.ts';
import { type Direct, openDirect } from './direct.ts';
import { applyRequest, armRequest, config4, createDriver, in4, limit, skipped, targetOf, upServer } from './setup.ts';

const commands = [in4(['subnet 10'], 'valid-lifetime 3600')];
const rollback = [in4(['subnet 10'], 'no valid-lifetime')];

describe.skipIf(skipped !== undefined)('a confirm of a Kea server without a guard', () => {
  let lab: KeaLab;
  let direct: Direct;
  let driver: Driver;
  let target: KeaTarget;

  beforeAll(async () => {
    lab = await upServer('kf');
    direct = await openDirect(lab.server('s1'), 'dhcp4');
    target = targetOf(lab, 's1', { services: ['dhcp4'], http: { direct: { dhcp4: direct.url } }, serverTag: '' });
  });
  beforeEach(async () => {
    driver = createDriver();
    await lab.kill('s1', 'dhcp4');
    lab.writeConfig('s1', 'dhcp4', config4);
    await lab.start('s1', 'dhcp4');
  });
  afterEach(async () => {
    direct.onAnswered = () => Promise.resolve();
    await driver.close();
  });
  afterAll(async () => {
    await direct?.close();
    await lab?.down();
  });

  const begin = async () => {
    // Seconds are whole: a change in the very second of the start looks like the start.
    const uptime = async () => Number((await lab.command('s1', 'dhcp4', 'status-get')).arguments?.['uptime']);
    await until('a daemon that is some seconds old', async () => (await uptime()) > 2);
    const request = armRequest({ rollback });
    expect(await driver.arm(target, request, limit())).toMatchObject({ outcome: 'Armed' });
    expect(await driver.apply(target, applyRequest(request, commands), limit())).toEqual({ outcome: 'Applied' });
    return request;
  };

  test.each(['config-set', 'config-write'])('whose answer to %s was not seen did not go back: asked again it is saved', async (lost) => {
    const request = await begin();
    direct.onAnswered = (command) => (command === lost ? Promise.reject(new Error('the line is cut')) : Promise.resolve());
    expect(await driver.confirm(target, { ...request, receipt: receipt() }, limit())).toMatchObject({ outcome: 'Lost' });
    direct.onAnswered = () => Promise.resolve();
    expect(await driver.status(target, request.token, limit())).toMatchObject({ state: 'applied', rebooted: false });
    expect(await driver.confirm(target, { ...request, receipt: receipt() }, limit())).toEqual({ outcome: 'Confirmed', persisted: true });
    expect(lab.file('s1', 'dhcp4')).toMatchObject({ subnet4: [{ 'valid-lifetime': 3600 }] });
    expect(await driver.observe(target, {}, limit())).toMatchObject({ startupDiffers: false });
  });

  test('that could not be saved says so to everybody who looks, until it is', async () => {
    const request = await begin();
    const file = lab.server('s1').files.dhcp4;
    renameSync(file, `${file}.aside`);
    mkdirSync(file);
    try {
      expect(await driver.confirm(target, { ...request, receipt: receipt() }, limit())).toMatchObject({
        outcome: 'Confirmed',
        persisted: false,
        error: { code: 'NotPersisted' },
      });
    } finally {
      rmSync(file, { recursive: true });
      renameSync(`${file}.aside`, file);
    }
    const next = createDriver();
    const lastChange = { token: request.token, state: 'persist-failed' };
    expect(await next.observe(target, {}, limit())).toMatchObject({ startupDiffers: true, lastChange, receipt: receipt() });
    expect(await next.confirm(target, { ...request, receipt: receipt() }, limit())).toEqual({ outcome: 'Confirmed', persisted: true });
    expect(await next.observe(target, {}, limit())).toMatchObject({ startupDiffers: false, lastChange: { state: 'persisted' } });
    await next.close();
  });

  test.each(['the same', 'the next'])(
    'of two daemons of which one restarted with its file is too late, and the other one goes back, by %s process',
    async (by) => {
      const both = targetOf(lab);
      const request = armRequest({ rollback: [...rollback, { path: ['Dhcp6', 'subnet 20'], text: 'no valid-lifetime' }] });
      const before = await lab.running('s1', 'dhcp4');
      expect(await driver.arm(both, request, limit())).toMatchObject({ outcome: 'Armed' });
      const all = [...commands, { path: ['Dhcp6', 'subnet 20'], text: 'valid-lifetime 3600' }];
      expect(await driver.apply(both, applyRequest(request, all), limit())).toEqual({ outcome: 'Applied' });
      await lab.restart('s1', 'dhcp6');
      if (by === 'the next') {
        await driver.close();
        driver = createDriver();
      }
      // Nobody there goes on with it: whoever asks takes the rest back.
      expect(await driver.confirm(both, { ...request, receipt: receipt() }, limit())).toMatchObject({
        outcome: 'TooLate',
        status: { state: 'applying', guardAlive: false, rebooted: false },
      });
      expect(await driver.rollback(both, request, limit())).toMatchObject({ outcome: 'RolledBack' });
      expect(await lab.running('s1', 'dhcp4')).toEqual(before);
    },
  );

  test('that came too late leaves the server free for the next change', async () => {
    const request = await begin();
    await lab.restart('s1', 'dhcp4');
    expect(await driver.confirm(target, { ...request, receipt: receipt() }, limit())).toMatchObject({
      outcome: 'TooLate',
      status: { state: 'restored', rebooted: true },
    });
    expect(await driver.status(target, request.token, limit())).toMatchObject({ state: 'restored' });
    await begin();
  });
});
