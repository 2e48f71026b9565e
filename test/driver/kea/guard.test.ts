import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PlannedCommand } from '../../../controller/api/index.ts';
import type { ArmRequest, Driver, KeaTarget } from '../../../controller/drivers/index.ts';
import type { KeaLab } from '../../lab/kea/index.ts';
import { stateFolder } from '../../lab/people.ts';
import { tryRun, until } from '../../lab/shell.ts';
import { receipt } from '../setup.ts';
import { applyRequest, armRequest, config4, createDriver, in4, limit, overSsh, skipped, upServer } from './setup.ts';

const addPool = {
  commands: [in4(['subnet 10'], 'pool 192.0.2.200 - 192.0.2.210'), in4(['subnet 10'], 'no pool 192.0.2.100 - 192.0.2.120')],
  rollback: [in4(['subnet 10'], 'pool 192.0.2.100 - 192.0.2.120'), in4(['subnet 10'], 'no pool 192.0.2.200 - 192.0.2.210')],
} satisfies { commands: PlannedCommand[]; rollback: PlannedCommand[] };

describe.skipIf(skipped !== undefined).each([
  { name: 'SSH alone', alone: true },
  { name: 'HTTP, with SSH beside it', alone: false },
])('a guarded change of a Kea server over $name', ({ alone }) => {
  let lab: KeaLab;
  let driver: Driver;
  let target: KeaTarget;
  let clients = 0;

  beforeAll(async () => {
    lab = await upServer('kg', { ssh: true });
    target = overSsh(lab, alone);
  });
  beforeEach(async () => {
    driver = createDriver();
    await lab.kill('s1', 'dhcp4');
    lab.writeConfig('s1', 'dhcp4', config4);
    await lab.start('s1', 'dhcp4');
    await lab.inside('s1', ['sh', '-c', `rm -rf ${stateFolder}/kea ${stateFolder}/hold`]);
  });
  afterEach(async () => {
    await driver.close();
  });
  afterAll(async () => {
    await lab?.down();
  });

  const running = () => lab.running('s1', 'dhcp4');
  const pools = async () => ((await running())['subnet4'] as { pools: { pool: string }[] }[])[0]?.pools.map(({ pool }) => pool);
  const arm = async (changes: Partial<ArmRequest> = {}, by = driver) => {
    const request = armRequest({ unsaved: 'refuse', ...changes });
    return { request, answer: await by.arm(target, request, limit()) };
  };
  const begin = async (change: typeof addPool, changes: Partial<ArmRequest> = {}) => {
    const { request, answer } = await arm({ rollback: change.rollback, ...changes });
    expect(answer).toMatchObject({ outcome: 'Armed' });
    return { request, applied: await driver.apply(target, applyRequest(request, change.commands), limit()) };
  };
  const lease = async (tries = 2) =>
    (await (await lab.client(`g${clients}`, `02:00:00:00:78:${String(clients++).padStart(2, '0')}`)).lease4(tries))?.address;

  test('has a dead-man, and says so', () => {
    expect(driver.capabilitiesOf?.(target)).toMatchObject({ confirm: 'deadman', fence: 'target' });
    expect(driver.capabilities).toMatchObject({ confirm: 'none', fence: 'none' });
  });

  test('is armed, applied, confirmed over a new login and saved, and leaves its receipt', async () => {
    const { request, applied } = await begin(addPool);
    expect(applied).toEqual({ outcome: 'Applied' });
    expect(await lease()).toMatch(/^192\.0\.2\.20\d$/);
    expect(await driver.status(target, request.token, limit())).toMatchObject({
      state: 'applied',
      guardAlive: true,
      remainingMs: expect.any(Number),
    });
    expect(await driver.observe(target, {}, limit())).toMatchObject({
      lastChange: { token: request.token, state: 'applied' },
      startupDiffers: true,
    });
    expect(await driver.probe(target, limit())).toMatchObject({ outcome: 'Probed' });
    expect(await driver.confirm(target, { ...request, receipt: receipt() }, limit())).toEqual({ outcome: 'Confirmed', persisted: true });
    expect(lab.file('s1', 'dhcp4')).toMatchObject({ subnet4: [{ pools: [{ pool: '192.0.2.200-192.0.2.210' }] }] });
    const observed = await createDriver().observe(target, {}, limit());
    expect(observed).toMatchObject({
      state: 'Read',
      epoch: 1,
      receipt: receipt(),
      startupDiffers: false,
      lastChange: { token: request.token, state: 'persisted', holder: request.holder },
      identity: { hostname: 's1', machineId: lab.server('s1').machineId, hostKey: lab.server('s1').ssh?.hostKey },
    });
    expect(await driver.rollback(target, request, limit())).toMatchObject({ outcome: 'TooLate', status: { state: 'confirmed' } });
    // A router on the same machine keeps what it knows in `default`.
    const { stdout } = await lab.inside('s1', ['sh', '-c', `cd ${stateFolder} && ls -d */receipt.json`]);
    expect(stdout.trim()).toBe('kea/receipt.json');
  });

  test('that nobody confirms is taken back at its deadline, though nobody is there any more', async () => {
    const before = await running();
    const { request } = await begin(addPool, { deadlineMs: 4_000 });
    await driver.close();
    expect(await pools()).toEqual(['192.0.2.200-192.0.2.210']);
    await until(
      'the word of the dead-man',
      async () =>
        (await createDriver().status(target, request.token, limit())).outcome === 'Status' &&
        (await pools())?.[0]?.startsWith('192.0.2.100'),
    );
    expect(await running()).toEqual(before);
    const next = createDriver();
    expect(await next.confirm(target, { ...request, receipt: receipt() }, limit())).toMatchObject({ outcome: 'TooLate' });
    expect(await lease()).toMatch(/^192\.0\.2\.1[012]\d$/);
    await next.close();
  });

  test('is taken back by another process, to the letter, and no other change begins before', async () => {
    const before = await running();
    const { request } = await begin(addPool);
    const next = createDriver();
    expect((await arm({}, next)).answer).toMatchObject({ outcome: 'Refused', error: { code: 'Locked' } });
    expect(await next.rollback(target, request, limit())).toEqual({ outcome: 'RolledBack', rebooted: false });
    expect(await running()).toEqual(before);
    expect((await arm({ epoch: 0 }, next)).answer).toMatchObject({ outcome: 'Refused', error: { code: 'StaleEpoch' } });
    await next.close();
  });

  // The rest is the guard's alone, whichever way is read.
  if (!alone) return;

  test('is not sent when somebody changed the server after it was armed: the fence is on the server, under its lock', async () => {
    const { request } = await arm({ rollback: addPool.rollback });
    await lab.command('s1', 'dhcp4', 'config-set', { Dhcp4: { ...(await running()), 'renew-timer': 1234 } });
    const answer = await driver.apply(target, applyRequest(request, addPool.commands), limit());
    expect(answer).toMatchObject({ outcome: 'Refused', error: { code: 'ConcurrentChange' } });
    expect(await driver.rollback(target, request, limit())).toMatchObject({ outcome: 'RolledBack' });
    expect(await running()).toMatchObject({ 'renew-timer': 1234 });
  });

  test.each([
    {
      why: 'that Kea does not take',
      commands: [in4(['subnet 10'], 'pool 198.51.100.1 - 198.51.100.9')],
      says: 'does not match the prefix',
    },
    {
      why: 'to a lease database that nobody reaches',
      commands: [in4([], 'lease-database {"type":"mysql","name":"kea","host":"127.0.0.1","port":1,"user":"kea","password":"x"}')],
      says: 'Unable to open database',
    },
    {
      why: 'after which Kea would end',
      commands: [
        in4(
          [],
          'interfaces-config {"interfaces":["srv","lo"],"service-sockets-require-all":true,"service-sockets-max-retries":2,"service-sockets-retry-wait-time":1000}',
        ),
      ],
      says: 'loopback',
    },
  ])('$why is rejected with its words; the server serves as before', async ({ commands, says }) => {
    const [before, pid] = [await running(), lab.pid('s1', 'dhcp4')];
    const { request, applied } = await begin({ commands, rollback: [] });
    expect(applied).toMatchObject({ outcome: 'Rejected', index: 0, line: commands[0]?.text, message: expect.stringContaining(says) });
    expect(await driver.rollback(target, request, limit())).toEqual({ outcome: 'RolledBack', rebooted: false });
    expect(await running()).toEqual(before);
    expect(await lease()).toMatch(/^192\.0\.2\.1[012]\d$/);
    expect(lab.pid('s1', 'dhcp4')).toBe(pid);
  });

  test('is not confirmed on a daemon that restarted with its file', async () => {
    const { request } = await begin(addPool);
    await lab.restart('s1', 'dhcp4');
    expect(await driver.confirm(target, { ...request, receipt: receipt() }, limit())).toMatchObject({ outcome: 'TooLate' });
    await until('the old configuration', async () => (await driver.status(target, request.token, limit())).outcome === 'Status');
    expect(await driver.rollback(target, request, limit())).toMatchObject({ outcome: 'RolledBack' });
    expect(lab.file('s1', 'dhcp4')).toMatchObject({ subnet4: [{ pools: [{ pool: '192.0.2.100 - 192.0.2.120' }] }] });
  });

  test('begins after one that another process brought to its end', async () => {
    const { request } = await begin(addPool);
    const other = createDriver();
    expect(await other.confirm(target, { ...request, receipt: receipt() }, limit())).toMatchObject({ outcome: 'Confirmed' });
    await other.close();
    const { applied } = await begin({ commands: addPool.rollback, rollback: addPool.commands });
    expect(applied).toEqual({ outcome: 'Applied' });
    expect(await pools()).toEqual(['192.0.2.100-192.0.2.120']);
  });

  test('does not begin on a server that somebody holds, or whose file says something else', async () => {
    await lab.inside('s1', ['sh', '-c', `echo 'mona: fibre work' > ${stateFolder}/hold`]);
    expect((await arm()).answer).toMatchObject({
      outcome: 'Refused',
      error: { code: 'Held', message: expect.stringContaining('mona: fibre work') },
    });
    expect(await driver.observe(target, {}, limit())).toMatchObject({ hold: { by: 'mona', reason: 'fibre work' } });
    await lab.inside('s1', ['rm', `${stateFolder}/hold`]);
    const path = lab.server('s1').files.dhcp4;
    writeFileSync(path, JSON.stringify({ Dhcp4: { ...lab.file('s1', 'dhcp4'), 'valid-lifetime': 999 } }));
    expect(await driver.observe(target, {}, limit())).toMatchObject({ state: 'Read', startupDiffers: true });
    expect((await arm()).answer).toMatchObject({ outcome: 'Refused', error: { code: 'Unsaved' } });
    const written = { ...lab.file('s1', 'dhcp4'), 'valid-lifetime': 7200 };
    writeFileSync(path, `// as people write\n${JSON.stringify({ Dhcp4: written }, null, 1)}\n`);
    expect(await driver.observe(target, {}, limit())).toMatchObject({ state: 'Read', startupDiffers: false });
  });

  test('is planned with leases that the observer may ask for', async () => {
    const client = await lab.client('l', '02:00:00:00:78:99');
    const [four, six] = [await client.lease4(), await client.lease6()];
    const ask = driver.leases?.(
      target,
      [
        { service: 'dhcp4', of: 'address', address: four?.address ?? '' },
        { service: 'dhcp6', of: 'address', address: six?.address ?? '' },
        { service: 'dhcp4', of: 'address', first: '192.0.2.100', last: '192.0.2.120' },
        { service: 'dhcp6', of: 'prefix', subnet: 20 },
      ],
      limit(),
    );
    expect(await ask).toMatchObject([
      { known: true, live: 1, leases: [{ hwAddress: '02:00:00:00:78:99' }] },
      { known: true, live: 1, leases: [{ subnet: 20 }] },
      { known: true },
      { known: true, live: 0 },
    ]);
    expect(await driver.utilisation?.(target, limit())).toMatchObject({ outcome: 'Counted' });
  });

  test('is nothing that the observer could do', async () => {
    const { users } = lab.facts;
    const { ssh, sockets } = lab.server('s1');
    const say = (...words: string[]) =>
      tryRun([
        'ssh',
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        'UserKnownHostsFile=/dev/null',
        '-i',
        users?.observe.key ?? '',
        '-p',
        String(ssh?.port),
        'plumb-observe@127.0.0.1',
        ...words,
      ]);
    for (const words of [
      'ask dhcp4 config-set',
      'ask dhcp4 shutdown',
      'ask dhcp4 config-get"}{',
      `sh -c id`,
      'ask dhcp4 lease4-get-page start 1;id',
      `cat ${sockets.dhcp4}`,
    ]) {
      expect(await say(words), words).toMatchObject({ rc: 77, stdout: '' });
    }
    expect(await say('ask dhcp4 version-get')).toMatchObject({ rc: 0, stdout: expect.stringContaining('2.2.0') });
  });

  test('is of another machine when host key or machine id say so', async () => {
    const { ssh } = target;
    if (!ssh) throw new Error('no ssh');
    const read = (changes: Partial<typeof ssh>) => createDriver().observe({ ...target, ssh: { ...ssh, ...changes } }, {}, limit());
    expect(await read({ machineId: '0'.repeat(32) })).toMatchObject({ state: 'Unknown', reason: 'WrongDevice' });
    expect(await read({ hostKeys: [`SHA256:${'A'.repeat(43)}`] })).toMatchObject({ state: 'Unknown', reason: 'WrongDevice' });
  });
});
