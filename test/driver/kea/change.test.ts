import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PlannedCommand } from '../../../controller/api/index.ts';
import type { ArmRequest, Driver, KeaTarget } from '../../../controller/drivers/index.ts';
import { type JsonMap, type KeaLab, type Service } from '../../lab/kea/index.ts';
import { until } from '../../lab/shell.ts';
import { receipt } from '../setup.ts';
import { type Direct, openDirect } from './direct.ts';
import { applyRequest, armRequest, config4, createDriver, in4, limit, newToken, skipped, targetOf, upServer } from './setup.ts';

const ways: readonly { name: string; open: (lab: KeaLab) => Promise<{ target: () => KeaTarget; close?: () => Promise<void> }> }[] = [
  { name: 'the control agent', open: async (lab) => ({ target: () => targetOf(lab) }) },
  {
    name: 'HTTP of the daemons themselves',
    open: async (lab) => {
      const direct = await Promise.all((['dhcp4', 'dhcp6'] as const).map((service) => openDirect(lab.server('s1'), service)));
      const [four, six] = direct as [Direct, Direct];
      return {
        target: () => targetOf(lab, 's1', { http: { direct: { dhcp4: four.url, dhcp6: six.url } }, serverTag: '' }),
        close: async () => {
          await Promise.all(direct.map((each) => each.close()));
        },
      };
    },
  },
];

/** A second pool: with 02:…:77 a client that is not known gets an address of the first. */
const addPool = {
  commands: [in4(['subnet 10'], 'pool 192.0.2.200 - 192.0.2.210'), in4(['subnet 10'], 'no pool 192.0.2.100 - 192.0.2.120')],
  rollback: [in4(['subnet 10'], 'pool 192.0.2.100 - 192.0.2.120'), in4(['subnet 10'], 'no pool 192.0.2.200 - 192.0.2.210')],
} satisfies { commands: PlannedCommand[]; rollback: PlannedCommand[] };

const lifetime = {
  commands: [in4(['subnet 10'], 'valid-lifetime 3600')],
  rollback: [in4(['subnet 10'], 'no valid-lifetime')],
} satisfies typeof addPool;

describe.skipIf(skipped !== undefined).each(ways)('a change of a Kea server through $name', ({ open }) => {
  let lab: KeaLab;
  let driver: Driver;
  let target: KeaTarget;
  let close: (() => Promise<void>) | undefined;
  let clients = 0;

  beforeAll(async () => {
    lab = await upServer('kc');
    const way = await open(lab);
    target = way.target();
    close = way.close;
  });
  beforeEach(async () => {
    driver = createDriver();
    await reset(lab, 'dhcp4', config4);
  });
  afterEach(async () => {
    await driver.close();
  });
  afterAll(async () => {
    await close?.();
    await lab?.down();
  });

  const running = () => lab.running('s1', 'dhcp4');
  const pools = async () => ((await running())['subnet4'] as { pools: { pool: string }[] }[])[0]?.pools.map(({ pool }) => pool);
  const arm = async (changes: Partial<ArmRequest> = {}, by = driver) => {
    const request = armRequest(changes);
    return { request, answer: await by.arm(target, request, limit()) };
  };
  const begin = async (change: typeof addPool, changes: Partial<ArmRequest> = {}) => {
    const { request, answer } = await arm({ rollback: change.rollback, ...changes });
    expect(answer).toMatchObject({ outcome: 'Armed' });
    return { request, applied: await driver.apply(target, applyRequest(request, change.commands), limit()) };
  };
  const statusOf = async (token: string, by = driver) => by.status(target, token, limit());
  /** The address that a client of its own gets. */
  const lease = async (tries = 2) =>
    (await (await lab.client(`c${clients}`, `02:00:00:00:77:${String(clients++).padStart(2, '0')}`)).lease4(tries))?.address;

  test('is armed, applied, confirmed over a new connection and saved; clients get their addresses from it', async () => {
    expect(await lease()).toMatch(/^192\.0\.2\.1[012]\d$/);
    const { request, applied } = await begin(addPool);
    expect(applied).toEqual({ outcome: 'Applied' });
    expect(await lease()).toMatch(/^192\.0\.2\.20\d$/);
    expect(await statusOf(request.token)).toMatchObject({ state: 'applied', guardAlive: false });
    expect(await driver.observe(target, {}, limit())).toMatchObject({
      lastChange: { token: request.token, state: 'applied' },
      startupDiffers: true,
    });
    expect(await driver.probe(target, limit())).toMatchObject({ outcome: 'Probed' });
    expect(lab.file('s1', 'dhcp4')).toMatchObject({ subnet4: [{ pools: [{ pool: '192.0.2.100 - 192.0.2.120' }] }] });
    expect(await driver.confirm(target, { ...request, receipt: receipt() }, limit())).toEqual({ outcome: 'Confirmed', persisted: true });
    expect(lab.file('s1', 'dhcp4')).toMatchObject({
      subnet4: [{ pools: [{ pool: '192.0.2.200-192.0.2.210' }] }],
      'user-context': { plumbline: { device: 's1', epoch: 1, receipt: receipt() } },
    });
    const lastChange = { token: request.token, state: 'persisted', holder: request.holder };
    expect(await createDriver().observe(target, {}, limit())).toMatchObject({
      receipt: receipt(),
      epoch: 1,
      lastChange,
      startupDiffers: false,
    });
    expect(await driver.rollback(target, request, limit())).toMatchObject({
      outcome: 'TooLate',
      status: { state: 'confirmed', persisted: true },
    });
    expect(await driver.confirm(target, { ...request, receipt: receipt() }, limit())).toEqual({ outcome: 'Confirmed', persisted: true });
    await lab.restart('s1', 'dhcp4');
    expect(await lease()).toMatch(/^192\.0\.2\.20\d$/);
  });

  test('that is taken back leaves the server as it was, to the letter, and its file untouched', async () => {
    const [before, file] = [await running(), lab.file('s1', 'dhcp4')];
    const { request } = await begin(addPool);
    expect(await pools()).toEqual(['192.0.2.200-192.0.2.210']);
    expect(await driver.rollback(target, request, limit())).toEqual({ outcome: 'RolledBack', rebooted: false });
    expect(await running()).toEqual(before);
    expect(lab.file('s1', 'dhcp4')).toEqual(file);
    expect(await statusOf(request.token)).toMatchObject({ state: 'restored' });
    expect(await driver.rollback(target, request, limit())).toEqual({ outcome: 'RolledBack', rebooted: false });
    expect(await driver.confirm(target, { ...request, receipt: receipt() }, limit())).toMatchObject({
      outcome: 'TooLate',
      status: { state: 'restored' },
    });
    expect(await lease()).toMatch(/^192\.0\.2\.1[012]\d$/);
  });

  test('that was only armed wrote nothing', async () => {
    const before = await running();
    const { request } = await arm();
    expect(await statusOf(request.token)).toMatchObject({ state: 'armed' });
    expect(await driver.rollback(target, request, limit())).toEqual({ outcome: 'RolledBack', rebooted: false });
    expect(await running()).toEqual(before);
  });

  test('is refused while another one is open, with an older epoch, with a used token, and when the config is not the planned one', async () => {
    const first = await arm({ epoch: 5 });
    expect((await arm({ epoch: 5 })).answer).toMatchObject({ outcome: 'Refused', error: { code: 'Locked' } });
    await driver.apply(target, applyRequest(first.request, lifetime.commands), limit());
    await driver.confirm(target, { ...first.request, receipt: receipt(5) }, limit());
    expect((await arm({ epoch: 4 })).answer).toMatchObject({ outcome: 'Refused', error: { code: 'StaleEpoch' } });
    expect(await driver.rollback(target, { token: newToken(), epoch: 4 }, limit())).toMatchObject({ error: { code: 'StaleEpoch' } });
    expect((await arm({ epoch: 5, token: first.request.token })).answer).toMatchObject({
      outcome: 'Refused',
      error: { code: 'WrongState' },
    });
    const moved = await arm({ epoch: 5, isAsPlanned: () => false });
    expect(moved.answer).toMatchObject({ outcome: 'Refused', error: { code: 'ConcurrentChange' } });
    expect(await statusOf(moved.request.token)).toMatchObject({ state: 'none', epoch: 5 });
    expect(await driver.apply(target, applyRequest(moved.request, []), limit())).toMatchObject({
      outcome: 'Refused',
      error: { code: 'WrongState' },
    });
  });

  test('does not begin on a server that was given another configuration by hand, unless it is told to', async () => {
    await oldEnough(lab, 'dhcp4');
    await lab.command('s1', 'dhcp4', 'config-set', { Dhcp4: { ...(await running()), 'valid-lifetime': 999 } });
    expect((await arm({ unsaved: 'refuse' })).answer).toMatchObject({ outcome: 'Refused', error: { code: 'Unsaved' } });
    expect((await arm({ unsaved: 'accept' })).answer).toMatchObject({ outcome: 'Armed' });
  });

  test('is not sent when somebody changed the server after it was armed', async () => {
    const { request } = await arm({ rollback: lifetime.rollback });
    const theirs = { ...(await running()), 'renew-timer': 1234 };
    await lab.command('s1', 'dhcp4', 'config-set', { Dhcp4: theirs });
    const answer = await driver.apply(target, applyRequest(request, lifetime.commands), limit());
    expect(answer).toMatchObject({ outcome: 'Refused', error: { code: 'ConcurrentChange' } });
    expect(await driver.rollback(target, request, limit())).toMatchObject({ outcome: 'RolledBack' });
    expect(await running()).toMatchObject({ 'renew-timer': 1234 });
  });

  test('that Kea does not take is rejected with its words and the line they are about, and nothing was changed', async () => {
    const before = await running();
    const commands = [in4(['subnet 10'], 'valid-lifetime 3600'), in4(['subnet 10'], 'pool 198.51.100.1 - 198.51.100.9')];
    const { request, applied } = await begin({ commands, rollback: lifetime.rollback });
    expect(applied).toMatchObject({
      outcome: 'Rejected',
      index: 1,
      line: commands[1]?.text,
      message: expect.stringContaining('does not match the prefix'),
    });
    expect(await running()).toEqual(before);
    expect(await driver.rollback(target, request, limit())).toEqual({ outcome: 'RolledBack', rebooted: false });
  });

  test('to a lease database that nobody reaches passes config-test, and is put back at once: clients go on', async () => {
    const before = await running();
    const database = '{"type":"mysql","name":"kea","host":"127.0.0.1","port":1,"user":"kea","password":"a-Secret-of-the-test"}';
    const { request, applied } = await begin({ commands: [in4([], `lease-database ${database}`)], rollback: [] });
    expect(applied).toMatchObject({ outcome: 'Rejected', message: expect.stringContaining('Unable to open database') });
    expect(await running()).toEqual(before);
    expect(await lease()).toMatch(/^192\.0\.2\./);
    expect(await driver.rollback(target, request, limit())).toEqual({ outcome: 'RolledBack', rebooted: false });
  });

  test('after which Kea would end for a socket that it cannot open is put back before it does', async () => {
    const pid = lab.pid('s1', 'dhcp4');
    const interfaces =
      '{"interfaces":["srv","lo"],"service-sockets-require-all":true,"service-sockets-max-retries":2,"service-sockets-retry-wait-time":1000}';
    const started = performance.now();
    const { request, applied } = await begin({ commands: [in4([], `interfaces-config ${interfaces}`)], rollback: [] });
    expect(applied).toMatchObject({ outcome: 'Rejected', message: expect.stringContaining('loopback') });
    expect(await driver.rollback(target, request, limit())).toEqual({ outcome: 'RolledBack', rebooted: false });
    await until('the time in which Kea would have ended', () => performance.now() - started > 4_500);
    expect(lab.pid('s1', 'dhcp4')).toBe(pid);
    expect(await lease()).toMatch(/^192\.0\.2\./);
  });

  test('with a socket to its clients closed that was open before is put back too', async () => {
    const { applied } = await begin({ commands: [in4([], 'interfaces-config {"interfaces":["lo"]}')], rollback: [] });
    expect(applied).toMatchObject({ outcome: 'Rejected', message: expect.stringContaining('loopback') });
    expect(await lease()).toMatch(/^192\.0\.2\./);
  });

  test.each([
    { what: 'without its control socket', commands: [in4([], 'no control-socket unix')], says: 'control-socket' },
    { what: 'with another control socket', commands: [in4(['control-socket unix'], 'socket-name /run/elsewhere')], says: 'control-socket' },
    { what: 'without its loggers, which no line says,', commands: [in4([], 'loggers []')], says: 'logger kea-dhcp4' },
  ])('$what is never sent', async ({ commands, says }) => {
    const before = await running();
    const { applied } = await begin({ commands, rollback: [] });
    expect(applied).toMatchObject({ outcome: 'Refused', error: { code: 'CutsOff', message: expect.stringContaining(says) } });
    expect(await running()).toEqual(before);
  });

  test('is not sent to a server whose option 43 would be emptied by its own words', async () => {
    await reset(lab, 'dhcp4', { ...config4, 'option-data': [{ code: 43, space: 'dhcp4', 'csv-format': false, data: '01AABBCC' }] });
    const { applied } = await begin(lifetime);
    expect(applied).toMatchObject({
      outcome: 'Refused',
      error: { code: 'CutsOff', message: expect.stringContaining('option 43 in the global options') },
    });
  });

  test('whose process died after it was sent is found, and taken back by the next one', async () => {
    const before = await running();
    const { request } = await begin(addPool);
    const next = createDriver();
    expect(await next.observe(target, {}, limit())).toMatchObject({
      lastChange: { token: request.token, state: 'applied', holder: request.holder },
    });
    expect((await arm({}, next)).answer).toMatchObject({
      outcome: 'Refused',
      error: { code: 'Unfinished', message: expect.stringContaining(request.holder) },
    });
    expect(await statusOf(request.token, next)).toMatchObject({ state: 'applied', guardAlive: false });
    expect(await next.rollback(target, request, limit())).toEqual({ outcome: 'RolledBack', rebooted: false });
    expect(await running()).toEqual(before);
    await next.close();
  });

  test('that was decided to stay is confirmed by the next process', async () => {
    const { request } = await begin(addPool);
    const next = createDriver();
    expect(await next.confirm(target, { ...request, receipt: receipt() }, limit())).toEqual({ outcome: 'Confirmed', persisted: true });
    expect(lab.file('s1', 'dhcp4')).toMatchObject({ subnet4: [{ pools: [{ pool: '192.0.2.200-192.0.2.210' }] }] });
    await next.close();
  });

  test('is gone when the daemon restarts before it is confirmed, and a confirm is too late', async () => {
    const { request } = await begin(addPool);
    await lab.restart('s1', 'dhcp4');
    expect(await pools()).toEqual(['192.0.2.100-192.0.2.120']);
    expect(await statusOf(request.token)).toMatchObject({ state: 'restored', rebooted: true });
    const late = await driver.confirm(target, { ...request, receipt: receipt() }, limit());
    expect(late).toMatchObject({ outcome: 'TooLate', status: { state: 'restored' } });
    expect(await driver.rollback(target, request, limit())).toEqual({ outcome: 'RolledBack', rebooted: true });
  });

  test('on a daemon that died cannot be taken back before it runs again', async () => {
    const { request } = await begin(addPool);
    await lab.kill('s1', 'dhcp4');
    expect(await driver.rollback(target, request, limit())).toMatchObject({
      error: { code: expect.stringMatching(/DaemonDown|ConnectionLost/) },
    });
    expect(await driver.probe(target, limit())).toMatchObject({ outcome: 'NotReached' });
    await lab.start('s1', 'dhcp4');
    expect(await driver.rollback(target, request, limit())).toEqual({ outcome: 'RolledBack', rebooted: true });
  });

  test('that somebody added to is taken back without what they added, and the rest is told', async () => {
    const { request } = await begin(addPool);
    await driver.observe(target, {}, limit());
    const now = (await running()) as JsonMap & { subnet4: [JsonMap] };
    const reservations = [
      ...((now.subnet4[0]['reservations'] as JsonMap[] | undefined) ?? []),
      { 'hw-address': '02:00:00:00:99:01', 'ip-address': '192.0.2.60' },
    ];
    await lab.command('s1', 'dhcp4', 'config-set', { Dhcp4: { ...now, subnet4: [{ ...now.subnet4[0], reservations }] } });
    const answer = await driver.rollback(target, request, limit());
    expect(answer).toMatchObject({ outcome: 'RollbackIncomplete' });
    expect((answer as { rest?: string[] }).rest?.join('\n')).toMatch(/^\+.*192\.0\.2\.60[^\n]*$/);
    expect(await pools()).toEqual(['192.0.2.100-192.0.2.120']);
  });

  test('and a read are of another server when what we left there names another device', async () => {
    const { request } = await begin(lifetime);
    await driver.confirm(target, { ...request, receipt: receipt() }, limit());
    expect(await driver.observe({ ...target, device: 'dhcp2-fra' }, {}, limit())).toMatchObject({
      state: 'Unknown',
      reason: 'WrongDevice',
    });
  });
});

describe.skipIf(skipped !== undefined)('a writer between the fence and the write', () => {
  test('is seen as soon as the daemon took something else in the meantime', async () => {
    const lab = await upServer('kw');
    const direct = await openDirect(lab.server('s1'), 'dhcp4');
    const driver = createDriver();
    try {
      const target = targetOf(lab, 's1', { services: ['dhcp4'], http: { direct: { dhcp4: direct.url } }, serverTag: '' });
      await oldEnough(lab, 'dhcp4');
      const request = armRequest({ rollback: lifetime.rollback });
      expect(await driver.arm(target, request, limit())).toMatchObject({ outcome: 'Armed' });
      const theirs = { ...(await lab.running('s1', 'dhcp4')), 'renew-timer': 1234 };
      direct.onAnswered = async (command) => {
        if (command !== 'config-get') return;
        direct.onAnswered = () => Promise.resolve();
        await lab.command('s1', 'dhcp4', 'config-set', { Dhcp4: theirs });
      };
      const answer = await driver.apply(target, applyRequest(request, lifetime.commands), limit());
      expect(answer).toMatchObject({ outcome: 'Refused', error: { code: 'ConcurrentChange' } });
      expect(await lab.running('s1', 'dhcp4')).toMatchObject({ 'renew-timer': 1234, 'valid-lifetime': 7200 });
    } finally {
      await driver.close();
      await direct.close();
      await lab.down();
    }
  });
});

/** A daemon as new: its file, and no memory of changes. */
async function reset(lab: KeaLab, service: Service, config: JsonMap): Promise<void> {
  await lab.kill('s1', service);
  lab.writeConfig('s1', service, config);
  await lab.start('s1', service);
}

/** Seconds are whole: a change in the very second of the start looks like the start. */
async function oldEnough(lab: KeaLab, service: Service): Promise<void> {
  await until(
    'a daemon that is some seconds old',
    async () => Number((await lab.command('s1', service, 'status-get')).arguments?.['uptime']) > 2,
  );
}
