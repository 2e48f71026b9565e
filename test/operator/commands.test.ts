import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openOperatorDesk, type OperatorDesk } from './desk.ts';

/** r00000 in sync, r00001 changed by a person, r00002 away. */
let desk: OperatorDesk;

beforeAll(async () => {
  desk = await openOperatorDesk({ devices: 3 });
  await desk.allJudged();
  await desk.routers.edit('r00001', ['router bgp 64500', ' address-family ipv4 unicast', '  no network 198.18.0.0/24'], 'mona');
  await desk.routers.setFault('r00002', { kind: 'down' });
  for (const name of ['r00001', 'r00002']) await desk.look(name);
});
afterAll(() => desk.stop());

interface Shown {
  metadata: { name: string };
  status: { verdict?: string };
}

describe('plumb get', () => {
  test('shows the columns of kubectl', async () => {
    const { code, stdout } = await desk.plumb('get', 'devices');
    expect(code).toBe(0);
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^NAME {3,}READY {3,}VERDICT {3,}DIFFERS /);
    expect(rows.map((row) => row.split(/ {3,}/).slice(0, 3))).toEqual([
      ['r00000', 'True', 'InSync'],
      ['r00001', 'False', 'Drifted'],
      ['r00002', 'Unknown', 'Unknown'],
    ]);
  });

  test('gives one of them, or those with a label, as JSON', async () => {
    const one = JSON.parse((await desk.plumb('get', 'device', 'r00001', '-o', 'json')).stdout) as Shown[];
    expect(one).toMatchObject([{ kind: 'Device', metadata: { name: 'r00001' }, status: { verdict: 'Drifted', differences: 1 } }]);
    const cores = JSON.parse((await desk.plumb('get', 'devices', '-l', 'role=core', '-o', 'json')).stdout) as Shown[];
    expect(cores.map(({ metadata }) => metadata.name)).toEqual(['r00000', 'r00001']);
  });

  test.each(['fleets', 'fleet', 'bgpsessions', 'driftreports', 'drift'])('knows %s', async (kind) => {
    const { code, stdout } = await desk.plumb('get', kind);
    expect([code, stdout.split('\n')[0]]).toEqual([0, expect.stringMatching(/^NAME .*AGE$/)]);
  });
});

describe('plumb status', () => {
  test('names what needs a look, and what is Unknown decides the exit code', async () => {
    const { code, stdout } = await desk.plumb('status');
    expect(stdout).toMatch(/^Fleet lab {2}main@sha1:[0-9a-f]{40} is in force$/m);
    expect(stdout).toMatch(/^r00001 .*Drifted/m);
    expect(stdout).toMatch(/^r00002 .*Unreachable/m);
    expect(stdout).not.toContain('r00000');
    expect(code).toBe(2);
  });

  test('says of a site without devices that it has none', async () => {
    const { code, stdout } = await desk.plumb('status', 'nowhere');
    expect([code, stdout]).toEqual([1, expect.stringContaining('site nowhere')]);
  });
});

describe('plumb why, history, events and logs', () => {
  test('tell of a device what differs, where Git says so, and what happened', async () => {
    const why = await desk.plumb('why', 'r00001');
    expect(why.code).toBe(1);
    expect(why.stdout).toMatch(/^r00001 {2}Drifted {2}since /);
    expect(why.stdout).toMatch(/network 198\.18\.0\.0\/24.*\n?.*sites\/site0000\/r00001\.yaml:\d+/);
    const history = await desk.plumb('history', 'r00001');
    expect([history.code, history.stdout]).toEqual([0, expect.stringMatching(/^20\S+ {2}Drifted {2}mona {2}1 line differs/m)]);
    const events = await desk.plumb('events', 'r00001', '-o', 'json');
    expect(JSON.parse(events.stdout)).toMatchObject([{ kind: 'Device', name: 'r00001', type: 'Warning', reason: 'Drifted' }]);
    const logs = await desk.plumb('logs', 'r00001');
    expect([logs.code, logs.stdout]).toEqual([0, expect.stringContaining('"msg":"Device changed its standing"')]);
    expect(logs.stdout).not.toContain('r00002');
  });

  test('tell the exit code of a device that is in sync, and of one that is not known', async () => {
    expect((await desk.plumb('why', 'r00000')).code).toBe(0);
    expect((await desk.plumb('why', 'r00002')).code).toBe(2);
  });

  test('tell no more than was asked', async () => {
    const { code, stderr } = await desk.plumb('history', 'r00000');
    expect([code, stderr]).toEqual([1, expect.stringContaining('r00000: nothing is known of it')]);
    const events = await desk.plumb('events', '--since', '1h');
    expect(events.stdout.trimEnd().split('\n')).toHaveLength(1 + 3); // the Fleet, and two devices
  });
});

describe('plumb reconcile', () => {
  test('waits for the look that it asked for, and says what it came to', async () => {
    const { code, stdout, stderr } = await desk.plumb('reconcile', 'r00000', 'r00001', '--wait');
    expect(stderr).toBe('r00000, r00001: asked to be looked at now\n');
    expect(stdout).toMatch(/^r00000 {2}InSync {2}.*\nr00001 {2}Drifted {2}/);
    expect(code).toBe(1);
  });

  test('fetches when no device is named', async () => {
    const revision = `main@sha1:${desk.repository.commit({ 'notes.md': 'one\n' })}`;
    const { code, stdout } = await desk.plumb('reconcile', '--wait');
    expect([code, stdout]).toEqual([0, `lab  InForce  ${revision} is in force\n`]);
  });

  test('gives up when nobody answers in time', async () => {
    await desk.pause();
    const { code, stderr } = await desk.plumb('reconcile', '--wait', '--wait-seconds', '1');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/NotAnswered/)]);
    await desk.resume();
    await desk.allJudged();
  });
});

describe('a store whose operator has ended', () => {
  beforeAll(() => desk.pause());
  afterAll(async () => {
    await desk.resume();
    await desk.allJudged();
  });
  const says = /^No operator works on \S+: what stands here was found before, and may not be so any more\. Next: plumb up$/m;

  test.each([['status'], ['status', 'site0000']])('is not called in sync: plumb %s %s', async (...argv) => {
    const { code, stdout } = await desk.plumb(...argv);
    expect([code, stdout]).toEqual([2, expect.stringMatching(says)]);
  });

  test('nor is a device of it', async () => {
    expect(await desk.plumb('why', 'r00000')).toMatchObject({ code: 2, stderr: expect.stringMatching(says) });
    expect(await desk.plumb('why', 'r00001')).toMatchObject({ code: 2, stderr: expect.stringMatching(says) });
  });

  test('and nobody is told that it is read while they hold it', async () => {
    const held = await desk.plumb('hold', 'r00000', '--reason', 'case 4711');
    expect(held).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^r00000: held until plumb resume\. No operator works on /) as string,
    });
    expect((await desk.plumb('resume', 'r00000')).code).toBe(0);
  });

  test('which is said beside what a program reads, not in it', async () => {
    const got = await desk.plumb('get', 'devices', '-o', 'json');
    expect([got.code, got.stderr, JSON.parse(got.stdout)]).toEqual([0, expect.stringMatching(says), expect.any(Array)]);
    const status = await desk.plumb('status', '-o', 'json');
    expect([status.code, JSON.parse(status.stdout)]).toEqual([2, expect.objectContaining({ watched: false })]);
  });
});

test('a store that an operator works on says nothing of that', async () => {
  expect((await desk.plumb('get', 'devices')).stderr).toBe('');
  expect(JSON.parse((await desk.plumb('status', '-o', 'json')).stdout)).toMatchObject({ watched: true });
  expect((await desk.plumb('why', 'r00000')).stderr).toBe('');
});

describe('plumb hold, resume and ack', () => {
  test('are seen at once, and say what they did', async () => {
    const held = await desk.plumb('hold', 'r00000', 'r00001', '--reason', 'case 4711', '--for', '2h');
    expect([held.code, held.stderr]).toEqual([0, expect.stringMatching(/^r00000, r00001: held until 20.*still read and reported\n$/)]);
    await desk.deviceReady('r00001', 'Held');
    expect((await desk.plumb('status')).stdout).toMatch(/^r00000 .*case 4711/m);
    const resumed = await desk.plumb('resume', 'r00000', 'r00001');
    expect([resumed.code, resumed.stderr]).toEqual([0, 'r00000, r00001: no longer held\n']);
    await desk.deviceReady('r00001', 'Drifted');

    const ack = await desk.plumb('ack', 'r00001', '--reason', 'moved on Friday', '--for', '3d', '--owner', 'mona');
    expect([ack.code, ack.stderr]).toEqual([0, expect.stringMatching(/^r00001: 1 line acknowledged by mona until 20/)]);
    await desk.until('the acknowledgement', async () => (await desk.drift('r00001'))?.status?.acknowledged);
    expect((await desk.plumb('why', 'r00001')).stdout).toMatch(/seen to by mona: moved on Friday, until 20/);
  }, 120_000);

  test('take a whole site, or everything', async () => {
    const held = await desk.plumb('hold', '-l', 'role=core', '--reason', 'fibre work');
    expect([held.code, held.stderr]).toEqual([0, 'r00000, r00001: held until plumb resume. They are still read and reported\n']);
    expect((await desk.plumb('resume', 'site0000')).stderr).toBe('r00000, r00001: no longer held\n');
    expect((await desk.plumb('hold', 'site0000', '-l', 'role=core', '--reason', 'fibre work')).stderr).toMatch(/^r00000, r00001: held/);
    const resumed = await desk.plumb('resume', '--all');
    expect([resumed.code, resumed.stderr]).toEqual([0, 'r00000, r00001: no longer held\n']);
    expect(await desk.plumb('resume', 'r00002')).toMatchObject({ code: 0, stderr: 'r00002: not held\n' });
  }, 120_000);

  test('say so when there is nothing to acknowledge', async () => {
    const { code, stderr } = await desk.plumb('ack', 'r00000', '--reason', 'why not', '--for', '1h');
    expect([code, stderr]).toEqual([1, expect.stringContaining('r00000: there is nothing to acknowledge')]);
  });
});

describe('what cannot be meant is refused with what would do', () => {
  test.each<{ argv: string[]; says: RegExp }>([
    { argv: ['get', 'routers'], says: /KindUnknown.*devices, .*fleets/s },
    { argv: ['get', 'devices', 'r00009'], says: /Device r00009: there is none/ },
    { argv: ['get', 'devices', '-l', 'role=core=edge'], says: /role=core=edge/ },
    { argv: ['get', 'devices', '-o', 'table'], says: /text, wide, json, yaml/ },
    { argv: ['history', 'r00009'], says: /r00009: nothing is known of it/ },
    { argv: ['history', 'r00001', '--since', 'yesterday'], says: /DurationUnreadable.*yesterday/s },
    { argv: ['reconcile', 'r00000', 'r00009'], says: /^error NotWatched.*r00009/s },
    { argv: ['reconcile', 'r00000', '--release'], says: /--release means nothing together with names of devices/ },
    { argv: ['hold', 'r00000', '--reason', ' '], says: /--reason <text>' argument ' ' is invalid\. write some words/ },
    { argv: ['hold', 'r00000', '--reason', 'x'.repeat(1001), '--for', '2h'], says: /write 1000 letters at most/ },
    { argv: ['hold', 'r00000', '--reason', 'x', '--by', ''], says: /--by <name>' argument '' is invalid\. write some words/ },
    { argv: ['ack', 'r00001', '--reason', ''], says: /--reason <text>' argument '' is invalid/ },
    { argv: ['hold', 'r00000', '--reason', 'x', '--for', '0h'], says: /DurationUnreadable.*0h/s },
    { argv: ['reconcile', 'r00009', '--wait'], says: /NotWatched.*r00009/s },
    { argv: ['hold', 'r00009', '--reason', 'x'], says: /NotWatched.*r00009/s },
    { argv: ['hold', 'r00000'], says: /--reason/ },
    { argv: ['hold', 'r00000', '--reason', 'x', '--for', 'long'], says: /DurationUnreadable.*long/s },
    { argv: ['resume', 'r00009'], says: /NotWatched.*r00009/s },
    { argv: ['resume'], says: /DevicesUnnamed.*-l site=fra.*--all/s },
    { argv: ['resume', '--all', 'r00000'], says: /--all means nothing together with names of devices/ },
    { argv: ['hold', '--all', '-l', 'role=core', '--reason', 'x'], says: /--all means nothing together with --selector/ },
    { argv: ['hold', '-l', 'role=none', '--reason', 'x'], says: /NothingSelected.*role=none/ },
    { argv: ['hold', 'r00002', '-l', 'role=core', '--reason', 'x'], says: /NothingSelected.*none of r00002/ },
    { argv: ['hold', 'r00009', '-l', 'role=core', '--reason', 'x'], says: /NotWatched.*r00009/s },
    { argv: ['hold', '-l', 'role=core=edge', '--reason', 'x'], says: /SelectorUnreadable/ },
    { argv: ['pause', 'plan-none'], says: /PlanUnknown.*plan-none/ },
    { argv: ['stop'], says: /missing required argument 'plan'/ },
    { argv: ['plan', 'show', 'plan-none'], says: /PlanUnknown.*plan-none/ },
    { argv: ['plan', 'show', 'plan-none', '--rev', 'main'], says: /--rev means nothing together with plumb plan show/ },
    { argv: ['plan', 'show', 'plan-none', '-o', 'wide'], says: /text, json, yaml, markdown/ },
    { argv: ['ack', 'r00001', '--reason', 'x', '--for', '-1d'], says: /DurationUnreadable|argument missing/ },
    { argv: ['events', '--since', '1w'], says: /DurationUnreadable.*1w/s },
    { argv: ['status', '--no-such-flag'], says: /unknown option/ },
    { argv: ['suspend', 'lab'], says: /too many arguments/ },
  ])('$argv', async ({ argv, says }) => {
    const { code, stdout, stderr } = await desk.plumb(...argv);
    expect([code, `${stdout}${stderr}`]).toEqual([1, expect.stringMatching(says)]);
  });

  test.each(['get', 'status', 'suspend', 'reconcile', 'resume'])('plumb %s where no operator ever was says so', async (verb) => {
    const argv = verb === 'get' ? ['get', 'fleets'] : verb === 'resume' ? ['resume', '--all'] : [verb];
    const { stdout, stderr } = await desk.plumb(...argv, '--store', `${desk.folder}/empty`);
    expect(`${stdout}${stderr}`).toContain(`${desk.folder}/empty`);
  });
});
